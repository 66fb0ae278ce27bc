"""Every change of a file goes through files.py and its helpers, or one of the few places named here, and why."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parents[2]
OF_OS = frozenset(
    """write writev pwrite replace rename renames mkdir makedirs unlink remove rmdir removedirs symlink link chmod
    fchmod lchmod chown fchown lchown utime truncate ftruncate fsync fdatasync sync mkfifo mknod sendfile
    copy_file_range posix_fallocate setxattr removexattr""".split()
)
OF_PATHS = frozenset(
    "write_text write_bytes touch unlink rmdir mkdir symlink_to hardlink_to chmod lchmod rename".split()
)
OF_OTHERS = frozenset(
    {
        "shutil.rmtree",
        "shutil.copytree",
        "shutil.move",
        "shutil.copy",
        "shutil.copyfile",
        "tempfile.mkdtemp",
        "tempfile.mkstemp",
    }
)
DOOR = frozenset({"installer/files.py", "installer/pins.py", "installer/felling.py"})
OPENED = frozenset({"O_WRONLY", "O_RDWR", "O_CREAT", "O_TRUNC"})
ELSEWHERE = {
    name: set(calls.split())
    for name, calls in {
        # the tool's own environment: made before there is a project, by modules that any Python 3 must be able to read
        "installer/launcher.py": "os.O_RDWR os.unlink",
        "installer/toolbuild.py": "open os.O_CREAT os.O_RDWR os.chmod os.fsync os.makedirs os.rename os.sync os.unlink "
        "shutil.rmtree tempfile.mkdtemp",
        "installer/toolenv.py": "os.utime",
        # a project's own launcher, which has nothing but itself, and what keeps the wheel that it pins
        "installer/pinned.py": "open os.rename shutil.copyfile shutil.rmtree tempfile.mkdtemp",
        "installer/project_launcher.py": "open shutil.rmtree tempfile.mkdtemp",
        # the journal is opened and cut back to its last whole line here; what is written to it goes through the door
        "installer/journal.py": "os.O_CREAT os.O_WRONLY os.ftruncate",
        # the lock's file, which holds nothing
        "installer/kernel_lock.py": "os.O_CREAT os.O_RDWR",
        # nothing that a recovery needs: logs, a rehearsal in a copy, rights mended on request, output to nowhere
        "installer/ci.py": "open",  # the files that a build server names, outside the project
        "installer/show/logfile.py": "os.O_CREAT os.O_WRONLY",
        "installer/cli/failure.py": "tempfile.mkstemp",
        "installer/cli/main.py": "os.O_WRONLY",
        "installer/cli/checkup.py": ".chmod",
        # the selftest: a copy of the project in a temporary folder, and what counts and ends its runs
        "installer/copying.py": "os.O_CREAT os.O_WRONLY os.chmod os.copy_file_range os.mkdir os.symlink os.utime "
        "os.write",
        "installer/cli/junit.py": ".write_text",
        "installer/cli/verified_junit.py": ".mkdir",  # where the user wants the report
        "installer/cli/victim.py": "os.O_CREAT os.O_WRONLY",
        "installer/selftest/counter.py": "os.O_CREAT os.O_RDWR os.O_TRUNC os.O_WRONLY",
        "installer/selftest/killing.py": ".open .unlink",
        "installer/selftest/trial.py": "os.rename",
        "installer/selftest/workshop.py": ".mkdir os.O_CREAT os.O_RDWR tempfile.mkdtemp",
        "phases/git/standalone.py": ".unlink .write_text shutil.copytree",
        # a parcel is made in a temporary folder and goes to a store that is not of this machine
        "installer/cloud/parcel.py": ".open",
        "installer/cloud/remote.py": ".open os.replace",
        # archives of volumes, also written by the way back when the tool is gone
        "phases/containers/volumes/archives.py": "open os.fsync os.makedirs os.replace os.unlink",
        "phases/containers/volumes/early.py": "os.fsync",  # makes the start of such an archive
        # actions: what they do is covered by their effect, as what a foreign program does
        # an artifact comes in parts that are gone on with; what it holds is written into a folder that nobody uses yet
        "phases/containers/apps/artifacts/fetching.py": "os.O_CREAT os.O_WRONLY os.ftruncate",
        "phases/containers/apps/artifacts/unpacking.py": "os.O_CREAT os.O_WRONLY os.fchmod",
        "phases/containers/apps/container/deeds.py": ".rename",  # a container
        # the shim of an app: its status dies with the machine as the app does, so that nothing of it is synced
        "phases/containers/apps/shim/child.py": "os.O_RDWR os.write",
        "phases/containers/apps/shim/commands.py": "os.O_RDWR os.unlink os.write",
        "phases/containers/apps/shim/keeper.py": "os.O_RDWR os.mkfifo",
        "phases/containers/apps/shim/logs.py": "os.O_CREAT os.O_WRONLY os.replace os.unlink os.write",
        "phases/containers/apps/shim/record.py": "os.O_CREAT os.O_RDWR os.O_TRUNC os.O_WRONLY os.replace os.unlink "
        "os.write",
        "phases/containers/images/bundles.py": ".open",  # in the step's scratch folder
        "phases/git/sync.py": ".mkdir",
        "phases/python/active/transfer.py": ".rmdir",
        "phases/python/active/undoing.py": "os.makedirs os.replace os.rmdir os.sync os.unlink",
        "phases/python/environments/import_probe.py": "os.O_CREAT os.O_WRONLY os.write",
        "phases/python/environments/imports.py": ".write_text",
        "phases/python/local_copies.py": "shutil.copytree shutil.rmtree",
        "phases/python/uv.py": ".unlink",
    }.items()
}


def test_files_are_changed_through_one_module_only() -> None:
    found: dict[str, set[str]] = {}
    for path in sorted((*ROOT.glob("installer/**/*.py"), *ROOT.glob("phases/**/*.py"))):
        name = path.relative_to(ROOT).as_posix()
        if name not in DOOR and (calls := set(_changes(ast.parse(path.read_bytes())))):
            found[name] = calls
    assert found == ELSEWHERE


def _changes(tree: ast.AST) -> Iterator[str]:
    """Calls by which a file may come, change or go."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and node.attr in OPENED:
            yield f"os.{node.attr}"
        if not isinstance(node, ast.Call):
            continue
        if isinstance(node.func, ast.Attribute):
            owner = node.func.value.id if isinstance(node.func.value, ast.Name) else ""
            if owner == "os" and node.func.attr in OF_OS:
                yield f"os.{node.func.attr}"
            elif f"{owner}.{node.func.attr}" in OF_OTHERS:
                yield f"{owner}.{node.func.attr}"
            elif owner not in {"os", "files"} and node.func.attr in OF_PATHS:
                yield f".{node.func.attr}"
            elif node.func.attr == "open" and owner != "os" and _writes(node, position=0):
                yield ".open"
        elif isinstance(node.func, ast.Name) and node.func.id == "open" and _writes(node, position=1):
            yield "open"


def _writes(call: ast.Call, *, position: int) -> bool:
    modes = [*call.args[position : position + 1], *(each.value for each in call.keywords if each.arg == "mode")]
    return any(isinstance(each, ast.Constant) and set(str(each.value)) & set("wax+") for each in modes)
