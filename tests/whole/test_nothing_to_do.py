"""The short way says that there is nothing to do only while that is so; whatever changed, the full way looks."""

from __future__ import annotations

import os
import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest

from tests.whole.generated import commit, git
from tests.whole.kit import PYTHON, ROOT, environment, run, write

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.whole.kit import Ended

pytestmark = pytest.mark.slow

LOCAL = {"SUREFOOT_ALLOW_FILE_SUBMODULES": "1"}
ASK = """
import sys
sys.path.insert(0, sys.argv[1])
from installer.fingerprint import nothing_to_do
print(nothing_to_do(sys.argv[2:]))
"""
SAID = "Nothing to do."


def quickstart(cwd: Path, env: dict[str, str] | None = None) -> Ended:
    """A plain start: a language that is asked for by variable has the full way taken."""
    return run("quickstart.py", "-y", cwd=cwd, env=env, through=("env", "-u", "SUREFOOT_LANG"))


def short(project: Path, *words: str, **variables: str) -> str:
    """What the short way says; "None" if it leaves the word to the full one."""
    command = [str(PYTHON), "-I", "-c", ASK, str(ROOT), "-C", str(project), *words]
    plain = {name: value for name, value in environment(variables).items() if name != "SUREFOOT_LANG"}
    done = subprocess.run(command, env=plain, capture_output=True, text=True, check=True)
    return done.stdout.strip()


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project with an environment, which the cases change one after the other."""
    project = tmp_path_factory.mktemp("whole") / "project"
    write(project, {"requirements.txt": "idna==3.6\n", "requirements-dev.txt": "idna==3.6\n"})
    return project


def same_size(project: Path) -> None:
    path = project / "requirements.txt"
    times = path.stat()
    path.write_text("idna==3.7\n")
    os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))


def put_back(project: Path) -> None:
    """The project as it was before anything was installed, or changed by another case."""
    for name in ("uv.lock", "surefoot.toml", ".venv", ".surefoot"):
        path = project / name
        shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)
    (project / "requirements.txt").write_text("idna==3.6\n")


def site(project: Path) -> Path:
    return next((project / ".venv" / "lib").glob("python3*")) / "site-packages"


CHANGES: dict[str, Callable[[Path], object]] = {
    "an input with the same size and its time put back": same_size,
    "an input that is longer": lambda project: (project / "requirements.txt").write_text("idna==3.6\n# more\n"),
    "a new input": lambda project: (project / "uv.lock").write_text("version = 1\n"),
    "a manifest": lambda project: (project / "surefoot.toml").write_text('name = "Sage"\n'),
    "a package installed by hand": lambda project: (site(project) / "more-1.0.dist-info").mkdir(),
    "a package removed by hand": lambda project: shutil.rmtree(site(project) / "idna"),
    "a configuration of the environment that is gone": lambda project: (project / ".venv" / "pyvenv.cfg").unlink(),
    "a deleted interpreter": lambda project: (project / ".venv" / "bin" / "python").unlink(),
    "a deleted environment": lambda project: shutil.rmtree(project / ".venv"),
    "an environment that is no more the one": lambda project: (project / ".venv" / "pyvenv.cfg").write_text(""),
    "a journal that is another": lambda project: (project / ".surefoot/checkpoints/journal.jsonl").write_bytes(b""),
    "a project that moved": lambda project: None,
}


@pytest.mark.parametrize("what", CHANGES)
def test_a_change_is_noticed(installed: Path, what: str) -> None:
    put_back(installed)
    made = quickstart(cwd=installed)
    assert made.status == 0, made.said
    quickstart(cwd=installed)
    assert short(installed) == SAID
    CHANGES[what](installed)
    if what == "a project that moved":
        there = installed.rename(installed.with_name("elsewhere"))
        said = short(there)
        there.rename(installed)
    else:
        said = short(installed)
    assert said == "None"


def test_a_manifest_that_is_edited_in_place_is_noticed(tmp_path: Path) -> None:
    """Unlike one that is new, or written beside and renamed, it leaves the time of its folder alone."""
    project = tmp_path / "project"
    write(project, {"requirements.txt": "idna==3.6\n", "surefoot.toml": 'mode = "standard"\n'})
    for _ in range(2):
        made = quickstart(cwd=project)
        assert made.status == 0, made.said
    assert short(project) == SAID
    with (project / "surefoot.toml").open("a") as stream:
        stream.write('[verification]\nimports = ["not_there"]\n')
    assert short(project) == "None"


@pytest.mark.parametrize("given", ["in", "in/*.txt", "link.txt", "."])
def test_what_a_step_reads_is_noticed_however_it_is_named(tmp_path: Path, given: str) -> None:
    project = tmp_path / "project"
    made = f"""
[[steps]]
title = "Join"
phase = "cleanup"
run = ["sh", "-c", "cat in/*.txt > out.txt"]
inputs = ["{given}"]
outputs = ["out.txt"]
"""
    write(project, {"requirements.txt": "idna==3.6\n", "in/a.txt": "1\n", "surefoot.toml": made})
    (project / "link.txt").symlink_to("in/a.txt")
    for _ in range(3):  # what it made is in a folder that it reads: it is done once more
        assert quickstart(cwd=project).status == 0
    assert short(project) == SAID
    (project / "in" / "a.txt").write_text("2\n")
    assert short(project) == "None"
    assert quickstart(cwd=project).status == 0
    assert (project / "out.txt").read_text() == "2\n"


def named(name: str) -> str:
    """A project's metadata."""
    return f'[project]\nname = "{name}"\nversion = "1"\n'


FOLDERS = {
    "a member": ('[packages]\nmembers = ["libs/*"]\n', "libs/b/pyproject.toml", named("b")),
    "constraints of uv": ("", "uv.toml", 'constraint-dependencies = ["idna<3.6"]\n'),
    "a module": ("", "src/more/__init__.py", ""),
}


@pytest.mark.parametrize("what", FOLDERS)
def test_what_comes_into_a_folder_that_was_looked_at_is_noticed(tmp_path: Path, what: str) -> None:
    project, (manifest, path, text) = tmp_path / "project", FOLDERS[what]
    about = named("project") + 'dependencies = ["idna"]\n'
    there = {"libs/a/pyproject.toml": named("a"), "libs/a/a.py": "", "src/project/__init__.py": ""}
    write(project, {"pyproject.toml": about, "surefoot.toml": manifest, **there})
    (project / path).parent.mkdir(parents=True, exist_ok=True)
    if what == "constraints of uv":
        (project / path).write_text("")
    for _ in range(2):
        made = quickstart(cwd=project)
        assert made.status == 0, made.said
    assert short(project) == SAID
    (project / path).write_text(text)
    assert short(project) == "None"


def test_it_is_said_in_the_language_of_whoever_asks(tmp_path: Path) -> None:
    write(tmp_path, {"requirements.txt": "idna==3.6\n"})
    for _ in range(2):
        assert quickstart(cwd=tmp_path, env={"LC_ALL": "C.UTF-8"}).status == 0
    assert [short(tmp_path, LC_ALL="C.UTF-8"), short(tmp_path, LC_ALL="zh_CN.UTF-8")] == [SAID, "None"]
    assert quickstart(cwd=tmp_path, env={"LC_ALL": "zh_CN.UTF-8"}).said.strip() == "无需操作。"
    assert [short(tmp_path, LC_ALL="C.UTF-8"), short(tmp_path, LC_ALL="zh_CN.UTF-8")] == ["None", "无需操作。"]


def test_a_folder_above_that_was_renamed_is_noticed(tmp_path: Path) -> None:
    project = tmp_path / "above" / "project"
    write(project, {"requirements.txt": "idna==3.6\n"})
    for _ in range(2):
        assert quickstart(cwd=project).status == 0
    assert short(project) == SAID
    (tmp_path / "above").rename(tmp_path / "other")
    assert short(tmp_path / "other" / "project") == "None"
    told = run("manage.py", "verify", cwd=tmp_path / "other" / "project")
    assert (told.status, "the project was moved" in told.said) == (1, True)


def test_what_was_made_in_a_home_says_nothing_of_a_project_below(tmp_path: Path) -> None:
    home = {"HOME": str(tmp_path)}
    write(tmp_path, {"requirements.txt": "", "project/requirements.txt": "idna==3.6\n"})
    for _ in range(2):
        assert quickstart(cwd=tmp_path, env=home).status == 0
    assert [short(tmp_path, **home), short(tmp_path / "project", **home)] == [SAID, "None"]


def test_another_mode_is_another_question(installed: Path) -> None:
    put_back(installed)
    quickstart(cwd=installed)
    quickstart(cwd=installed)
    assert [short(installed), short(installed, "--standard"), short(installed, "--dev")] == [SAID, SAID, "None"]


def test_a_submodule_pointer_that_moved_is_noticed(tmp_path: Path) -> None:
    shared, project = tmp_path / "shared", tmp_path / "project"
    for folder, needs in ((shared, "idna==3.6\n"), (project, "-r shared/requirements.txt\n")):
        folder.mkdir()
        git(folder, "init", "--quiet")
        (folder / "requirements.txt").write_text(needs)
        commit(folder, "first")
    git(project, "submodule", "--quiet", "add", "../shared", "shared")
    commit(project, "with the shared one")
    for _ in range(2):
        made = quickstart(cwd=project, env=LOCAL)
        assert made.status == 0, made.said
    quickstart(cwd=project)
    assert short(project) == SAID
    (shared / "more.txt").write_text("")
    commit(shared, "newer")
    head = git(shared, "rev-parse", "HEAD").strip()
    git(project, "update-index", "--cacheinfo", f"160000,{head},shared")
    assert short(project) == "None"


@pytest.mark.parametrize("state", [".sage", "build/state"])
def test_a_state_folder_of_its_own_has_the_short_way_too(tmp_path: Path, state: str) -> None:
    project = tmp_path / "project"
    manifest = f'name = "SAGE"\nenv-prefix = "SAGE"\nstate-dir = "{state}"  # here\n'
    write(project, {"requirements.txt": "idna==3.6\n", "surefoot.toml": manifest})
    for _ in range(2):
        made = quickstart(cwd=project)
        assert made.status == 0, made.said
    below = project / "deep" / "below"
    below.mkdir(parents=True)
    quickstart(cwd=project)  # the folder is new
    assert [short(project), short(below), short(project, SAGE_RUN_MODE="dev")] == [SAID, SAID, "None"]
    (project / "surefoot.toml").write_text(manifest.replace(state, ".other"))
    assert short(project) == "None"


def test_the_journal_is_the_same_from_wherever_it_is_asked(tmp_path: Path) -> None:
    """A relative SUREFOOT_CHECKPOINT_DIR is relative to the project, for the commands as for the API."""
    project = tmp_path / "project"
    write(project, {"requirements.txt": "", "deep/file": "", "surefoot.toml": 'env-prefix = "SAGE"\n'})
    there = {"SUREFOOT_CHECKPOINT_DIR": "points"}
    begun = run("manage.py", "checkpoint", "init", "--plain", "--", "fetch", cwd=project, env=there)
    assert begun.status == 0, begun.said
    for folder in (project, project / "deep"):
        told = run("manage.py", "status", cwd=folder, env=there)
        assert (told.status, "fetch" in told.said) == (0, True), told.said
    assert sorted(path.name for path in tmp_path.rglob("journal.jsonl")) == ["journal.jsonl"]


@pytest.mark.parametrize("way", ["setuptools by its table", "setup.py that reads a file"])
@pytest.mark.parametrize("folder", ["project", "my project (1)"])
def test_what_only_a_backend_reads_is_followed(tmp_path: Path, way: str, folder: str) -> None:
    """uv's cache goes by three files of a project, and not by what they name."""
    project = tmp_path / folder
    files = {
        "setuptools by its table": {
            "pyproject.toml": """
[build-system]
requires = ["setuptools"]
build-backend = "setuptools.build_meta"
[project]
name = "reader"
version = "1"
dynamic = ["dependencies"]
[tool.setuptools]
py-modules = ["reader"]
[tool.setuptools.dynamic]
dependencies = { file = ["requirements.txt"] }
""",
        },
        "setup.py that reads a file": {
            "setup.py": "from setuptools import setup\n"
            "wanted = open('requirements.txt').read().split()\n"
            "setup(name='reader', version='1', py_modules=['reader'], install_requires=wanted)\n",
        },
    }[way]
    write(project, {**files, "reader.py": "", "requirements.txt": "idna\nsix\n"})
    made = quickstart(cwd=project)
    assert made.status == 0, made.said
    (project / "requirements.txt").write_text("idna\ntoolz\n")
    made = quickstart(cwd=project)
    assert made.status == 0, made.said
    names = {each.name.partition("-")[0] for each in site(project).glob("*.dist-info")}
    assert names == {"idna", "reader", "toolz"}


def test_a_submodule_on_a_branch_that_was_reset_is_noticed(tmp_path: Path) -> None:
    shared, project = tmp_path / "shared", tmp_path / "project"
    for folder, text in ((shared, "1"), (project, "idna==3.6\n")):
        folder.mkdir()
        git(folder, "init", "--quiet", "--initial-branch", "main")
        (folder / "requirements.txt").write_text("idna==3.6\n")
        commit(folder, text)
    (shared / "deep").mkdir()
    for text in ("1", "2"):
        (shared / "deep" / "data").write_text(text)
        commit(shared, text)
    git(project, "submodule", "--quiet", "add", "../shared", "shared")
    commit(project, "with the shared one")
    for _ in range(2):
        made = quickstart(cwd=project, env=LOCAL)
        assert made.status == 0, made.said
    quickstart(cwd=project)  # plainly, which is what the short way stands for
    assert short(project) == SAID
    git(project / "shared", "reset", "--quiet", "--hard", "HEAD~1")
    assert short(project) == "None"


def test_in_a_worktree_a_pointer_that_moved_is_noticed(tmp_path: Path) -> None:
    shared, project, tree = tmp_path / "shared", tmp_path / "project", tmp_path / "tree"
    for folder in (shared, project):
        folder.mkdir()
        git(folder, "init", "--quiet")
        (folder / "requirements.txt").write_text("idna==3.6\n")
        commit(folder, "first")
    git(project, "submodule", "--quiet", "add", "../shared", "shared")
    commit(project, "with the shared one")
    git(project, "worktree", "add", "--quiet", str(tree))
    git(tree, "-c", "protocol.file.allow=always", "submodule", "--quiet", "update", "--init")
    for _ in range(2):
        made = quickstart(cwd=tree, env=LOCAL)
        assert made.status == 0, made.said
    quickstart(cwd=tree)
    assert short(tree) == SAID
    (shared / "more.txt").write_text("")
    commit(shared, "newer")
    head = git(shared, "rev-parse", "HEAD").strip()
    git(tree, "update-index", "--cacheinfo", f"160000,{head},shared")
    assert short(tree) == "None"
