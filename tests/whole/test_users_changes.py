"""What the user did between two commands stays as the user left it, and is named where it was in the way."""

from __future__ import annotations

import subprocess
from textwrap import dedent
from typing import TYPE_CHECKING

import pytest

from tests.whole.kit import PYTHON, differences, picture, run, version, write

pytestmark = pytest.mark.slow

if TYPE_CHECKING:
    from pathlib import Path

STATE = (".surefoot",)
OURS, MINE, BEFORE = "written by the step\n", "edited by the user\n", "from before the install\n"
FAILING = '[verification]\ncommands = [["python", "-c", "raise SystemExit(3)"]]\n'
STEPS = dedent(
    """\
    [[steps]]
    phase = "packages"
    title = "Write what the application needs"
    run = ["python", "-c", "open('old.cfg', 'w').write('{ours}'); open('new.cfg', 'w').write('{ours}')"]
    outputs = ["old.cfg", "new.cfg"]
    """
).format(ours=OURS.replace("\n", "\\\\n"))
PACKAGE = {
    "pyproject.toml": (
        '[project]\nname = "x"\nversion = "1"\n[build-system]\nrequires = ["setuptools"]\n'
        'build-backend = "setuptools.build_meta"\n'
    ),
    "src/x/__init__.py": "",
}


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """An application with a file from before the install."""
    root = tmp_path / "project"
    write(root, {"requirements.txt": "idna==3.6\n", "old.cfg": BEFORE})
    return root


def _rolled_back(project: Path) -> str:
    """Take everything back; what was said."""
    ended = run("manage.py", "rollback", "--all", "--yes", cwd=project)
    assert ended.status == 0, ended.said
    return ended.said


def test_requirements_edited_after_a_failure_stay_edited(project: Path) -> None:
    write(project, {"surefoot.toml": FAILING})
    assert run("quickstart.py", "-y", cwd=project).status == 1
    write(project, {"requirements.txt": "idna==3.7\n", "later.txt": MINE})
    before = picture(project, without=STATE)
    _rolled_back(project)
    assert differences(before, picture(project)) == []


def test_requirements_edited_after_a_failure_are_what_the_same_command_goes_on_with(project: Path) -> None:
    write(project, {"surefoot.toml": FAILING})
    assert run("quickstart.py", "-y", cwd=project).status == 1
    write(project, {"requirements.txt": "idna==3.7\n", "surefoot.toml": ""})
    ended = run("quickstart.py", "-y", cwd=project)
    assert ended.status == 0, ended.said
    assert version(project) == "3.7"


@pytest.mark.parametrize("failed", [False, True], ids=["after success", "after failure"])
def test_a_file_of_a_steps_that_the_user_edited_stays_and_is_listed(project: Path, *, failed: bool) -> None:
    write(project, {"surefoot.toml": STEPS + (FAILING if failed else "")})
    before = picture(project)
    first = run("quickstart.py", "-y", cwd=project)
    assert first.status == int(failed), first.said
    assert (project / "old.cfg").read_text() == OURS
    write(project, {"old.cfg": MINE, "new.cfg": MINE})
    back = run("manage.py", "rollback", "--yes", cwd=project)
    assert back.status == 10, back.said
    for name in ("old.cfg", "new.cfg"):
        assert f"{name} was changed since; it stays as you left it" in back.said
    (beside,) = project.glob("old.cfg.before-*")
    assert [(project / name).read_text() for name in ("old.cfg", "new.cfg", beside.name)] == [MINE, MINE, BEFORE]
    for name in ("old.cfg", "new.cfg", beside.name):
        (project / name).unlink()
    write(project, {"old.cfg": BEFORE})
    assert differences(before, picture(project, without=STATE)) == [], "all the rest was taken back"
    again = run("quickstart.py", "-y", cwd=project)
    assert again.status == int(failed), again.said


def test_the_script_leaves_the_users_edits_too(project: Path) -> None:
    write(project, {"surefoot.toml": STEPS})
    before = picture(project)
    assert run("quickstart.py", "-y", cwd=project).status == 0
    write(project, {"old.cfg": MINE, "new.cfg": MINE, ".venv/mine.txt": MINE})
    back = subprocess.run(
        ["env", "-i", "PATH=/usr/bin:/bin", "sh", "rollback.sh"],
        cwd=project / ".surefoot" / "checkpoints",
        capture_output=True,
        text=True,
        check=False,
    )
    assert back.returncode in {0, 10}, back.stderr
    texts = [path.read_text() for path in project.rglob("*") if path.name in {"old.cfg", "new.cfg", "mine.txt"}]
    assert texts.count(MINE) == 3, "edits stay, or are set aside"
    assert BEFORE in [path.read_text() for path in project.glob("old.cfg*")]
    assert not (project / ".venv").exists()
    left = picture(project, without=STATE)
    changed = {line.partition(":")[0] for line in differences(before, left)}
    assert {name.partition(".before-")[0] for name in changed} <= {"old.cfg", "new.cfg"}


def test_files_that_the_user_put_into_our_environment_are_set_aside(project: Path) -> None:
    before = picture(project)
    assert run("quickstart.py", "-y", cwd=project).status == 0
    write(project, {".venv/mine.txt": MINE, ".venv/lib/mine/deep.txt": MINE})
    said = _rolled_back(project)
    assert differences(before, picture(project, without=STATE)) == []
    assert "set aside for you" in said
    assert sorted(path.read_text() for path in project.rglob("*.txt") if path.name in {"mine.txt", "deep.txt"}) == [
        MINE,
        MINE,
    ]


def test_what_the_user_edited_deep_in_our_environment_is_set_aside_before_it_is_deleted(project: Path) -> None:
    before = picture(project)
    assert run("quickstart.py", "-y", cwd=project).status == 0
    (site,) = (project / ".venv" / "lib").glob("python*/site-packages")
    edited = (site / "idna" / "core.py").read_text() + "# mine\n"
    write(site, {"idna/core.py": edited, "idna/mine/new.py": MINE, "idna/__pycache__/x.pyc": "", "idna/mine.txt": MINE})
    activate = (project / ".venv" / "bin" / "activate").read_text() + "# mine too\n"
    write(project, {".venv/bin/activate": activate})
    said = _rolled_back(project)
    assert differences(before, picture(project, without=STATE)) == []
    kept = project / ".surefoot" / "kept"
    found = {path.name: path.read_text() for path in kept.rglob("*") if path.is_file()}
    assert found == {"core.py": edited, "new.py": MINE, "mine.txt": MINE, "activate": activate}, (
        "that, and nothing else"
    )
    assert "idna/core.py" in said


def test_what_was_installed_by_hand_is_named_when_the_environment_is_replaced(project: Path) -> None:
    assert run("quickstart.py", "-y", cwd=project).status == 0
    (site,) = (project / ".venv" / "lib").glob("python*/site-packages")
    write(site, {"tool-1.0.dist-info/METADATA": "Metadata-Version: 2.1\nName: tool\nVersion: 1.0\n", "tool.py": MINE})
    ended = run("quickstart.py", "-y", cwd=project)
    assert ended.status == 0, ended.said
    assert "the package tool 1.0 was added by hand" in ended.said
    assert "nothing declares these packages" in ended.said
    _rolled_back(project)
    assert MINE in [path.read_text() for path in project.rglob("tool.py")]


def test_an_environment_that_the_user_made_comes_back_as_it_was(project: Path) -> None:
    subprocess.run([str(PYTHON), "-m", "venv", "--without-pip", ".venv"], cwd=project, check=True)
    write(project, {".venv/mine.txt": MINE})
    before = picture(project)
    assert run("quickstart.py", "-y", cwd=project).status == 0
    assert not (project / ".venv" / "mine.txt").exists()
    _rolled_back(project)
    assert differences(before, picture(project)) == []


def test_a_build_leaves_nothing_and_the_users_files_beside_it_stay(project: Path) -> None:
    write(project, PACKAGE | {"setup.py": "from setuptools import setup\nopen('dropped.txt', 'w').close()\nsetup()\n"})
    before = picture(project)
    ended = run("quickstart.py", "-y", cwd=project)
    assert ended.status == 0, ended.said
    write(project, {"src/x/later.py": MINE, "src/x.egg-info/mine.txt": MINE, "src/x/__init__.py": MINE})
    back = run("manage.py", "rollback", "--all", "--yes", cwd=project)
    assert back.status == 0, back.said
    after = picture(project, without=STATE)
    changed = {line.partition(":")[0] for line in differences(before, after)}
    assert changed <= {"src/x/later.py", "src/x/__init__.py", "src/x.egg-info", "src/x.egg-info/mine.txt"}, changed
    assert [(project / name).read_text() for name in ("src/x/later.py", "src/x/__init__.py")] == [MINE, MINE]
    assert [path.read_text() for path in project.rglob("mine.txt")] == [MINE], "in its place, or set aside"
