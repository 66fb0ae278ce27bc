"""Published projects, without a manifest: clone → verified environment → nothing to do → back, byte for byte."""

from __future__ import annotations

import hashlib
import io
import json
import os
import stat
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest
from packaging.specifiers import SpecifierSet

ROOT = Path(__file__).resolve().parents[2]
# In pytest's importlib mode nothing puts the repository on the path, and `tests/corpus` is no package.
if str(ROOT) not in sys.path:
    sys.path.append(str(ROOT))

from tests.corpus.fetch import default_cache, unpack  # noqa: E402 - after the path above
from tests.corpus.projects import Project, git, load, prepare  # noqa: E402 - after the path above

PROJECTS = load()
# A bare CPython, as a user has it: neither the environment that runs the tests nor whatever PATH finds first
# (a pyenv shim would obey the project's own `.python-version`).
PYTHON = Path(sys.base_prefix, "bin", "python3")
SECONDS = 300  # a hang is a failure, not a wait

# What issue 2 asks of the corpus: at least so many projects of each shape.
WANTED = {
    "setuptools": 1, "setuptools-legacy": 2, "setup-py-only": 1, "setup-cfg": 1, "hatchling": 1, "flit": 1,
    "poetry-core": 1, "pdm-backend": 1, "scikit-build-core": 1, "c-extension": 2, "pdm-lock": 1, "uv-lock": 1,
    "requirements-only": 3, "monorepo-with-root": 1, "monorepo-without-root": 1, "another-python": 1,
}  # fmt: skip

PROBE = """
import importlib, importlib.metadata, json, platform, sys
modules, distributions = json.loads(sys.argv[1])
failed = {}
for name in modules:
    try:
        importlib.import_module(name)
    except BaseException as error:
        failed[name] = f"{type(error).__name__}: {error}"
held = {found.metadata["Name"].lower().replace("_", "-"): found.version for found in importlib.metadata.distributions()}
versions = {name: held.get(name) for name in distributions}
print(json.dumps({"python": platform.python_version(), "failed": failed, "locked": versions}))
"""


def test_the_corpus_holds_every_shape_that_was_asked_for() -> None:
    held = {shape: sum(shape in project.shapes for project in PROJECTS) for shape in WANTED}
    without_project_table = [p.name for p in PROJECTS if {"tool-poetry", "poetry-lock"} <= set(p.shapes)]

    missing = [shape for shape, least in WANTED.items() if held[shape] < least]

    assert (missing, len(without_project_table) >= 2, len(PROJECTS) >= 16) == ([], True, True)


def test_an_archive_that_leaves_its_folder_is_refused(tmp_path: Path) -> None:
    archive = tmp_path / "evil.tar.gz"
    with tarfile.open(archive, "w:gz") as tar:
        entry = tarfile.TarInfo("evil-1.0/../../outside")
        entry.size = 4
        tar.addfile(entry, io.BytesIO(b"evil"))

    with pytest.raises(tarfile.OutsideDestinationError):
        unpack(archive, tmp_path / "project")


@pytest.mark.corpus
@pytest.mark.parametrize("project", PROJECTS, ids=lambda project: project.name)
def test_it_is_installed_verified_left_alone_and_taken_back(project: Project, tmp_path: Path) -> None:
    root = prepare(project, tmp_path / "project", default_cache())
    before = snapshot(root)
    home = root / ".venv"

    succeed("quickstart.py", "-y", cwd=root)
    assert probe(home, project) == {"failed": {}, "locked": dict(project.locked)}

    made = identity(home)
    again = succeed("quickstart.py", "-y", cwd=root)
    assert ("nothing to do" in again.lower(), identity(home)) == (True, made), again

    succeed("manage.py", "-C", str(root), "rollback", "--all", "--yes", cwd=tmp_path)
    assert differences(before, snapshot(root)) == []


def succeed(door: str, *arguments: str, cwd: Path) -> str:
    """Run the tool as a user would and return all that it said; anything but exit 0 fails the test, with the text."""
    done = subprocess.run(
        [str(PYTHON), str(ROOT / door), *arguments],
        cwd=cwd, env=user_environment(), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        text=True, timeout=SECONDS, check=False,
    )  # fmt: skip
    assert done.returncode == 0, f"{door} {' '.join(arguments)}: exit {done.returncode}\n{done.stdout}"
    return done.stdout


def user_environment() -> dict[str, str]:
    """The tester's own, less what belongs to the test run; English, so that words can be looked for."""
    ours = ("GIT_", "PYTEST_", "SUREFOOT_", "PYTHONPATH", "VIRTUAL_ENV")
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    return {**inherited, "SUREFOOT_LANG": "en", "NO_COLOR": "1"}


def probe(environment: Path, project: Project) -> dict[str, object]:
    """Which of the wanted modules the environment cannot import, and the locked versions it has.

    Run from elsewhere and isolated, so that nothing comes from the current folder; without writing bytecode,
    which would land beside the project's own sources.
    """
    question = json.dumps([project.imports, list(project.locked)])
    python = environment / "bin" / "python"
    done = subprocess.run(
        [str(python), "-I", "-B", "-c", PROBE, question], cwd="/", capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    answer: dict[str, object] = json.loads(done.stdout.splitlines()[-1])
    assert SpecifierSet(project.python).contains(str(answer.pop("python")))
    return answer


def identity(path: Path) -> tuple[int, int]:
    """The same numbers mean the very same folder, not one like it."""
    found = path.stat()
    return found.st_dev, found.st_ino


def snapshot(root: Path) -> dict[str, tuple[object, ...]]:
    """All that must be as before: each path's type, mode and content, and git's own view of the tree.

    Of `.git`, all but its object store, in which a deed without effect may leave an object behind.
    """
    # git first: it must not matter to what it says, nor to its index, that the tree is being read.
    status = git(root, "status", "--porcelain", "--ignored", "--untracked-files=all")
    tree: dict[str, tuple[object, ...]] = {"git status": (status,)}
    for folder, folders, files in os.walk(root):
        if folder == str(root / ".git"):
            folders.remove("objects")
        for name in (*folders, *files):
            path = Path(folder, name)
            tree[path.relative_to(root).as_posix()] = _entry(path)
    return tree


def _entry(path: Path) -> tuple[object, ...]:
    mode = path.lstat().st_mode
    if stat.S_ISLNK(mode):
        return "link", str(path.readlink())
    if stat.S_ISREG(mode):
        return "file", oct(mode), hashlib.sha256(path.read_bytes()).hexdigest()
    return "folder" if stat.S_ISDIR(mode) else "special", oct(mode)


def differences(before: dict[str, tuple[object, ...]], after: dict[str, tuple[object, ...]]) -> list[str]:
    """One line for each path that came, went or changed."""
    changed = [f"changed: {name}" for name in sorted(before.keys() & after.keys()) if before[name] != after[name]]
    came = [f"came: {name}" for name in sorted(after.keys() - before.keys())]
    return changed + came + [f"went: {name}" for name in sorted(before.keys() - after.keys())]
