"""A plain way back needs the standard library and nothing else: no package, no environment of the tool."""

from __future__ import annotations

import fcntl
import subprocess
from typing import TYPE_CHECKING

import pytest

from tests.whole.kit import PYTHON, ROOT, differences, environment, picture, run, write

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.slow

OF_NO_USE = ("click", "dataclasses", "datetime", "filelock", "hashlib", "pydantic", "rich", "subprocess", "threading")
PHASES = ("phases.environment_setup", "phases.git", "phases.python_deps", "phases.packages", "phases.verification")


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """One in which an environment was made."""
    folder = tmp_path / "project"
    write(folder, {"requirements.txt": "idna==3.6\n"})
    made = run("quickstart.py", "-y", cwd=folder)
    assert made.status == 0, made.said
    return folder


def test_it_works_where_the_tools_are_gone(project: Path, tmp_path: Path) -> None:
    before = {"requirements.txt": picture(project)["requirements.txt"]}
    cache = tmp_path / "cache"
    back = run("manage.py", "rollback", "-y", cwd=project, env={"SUREFOOT_CACHE_DIR": str(cache)})
    assert back.status == 0, back.said
    assert "Steps taken back" in back.said
    assert differences(before, picture(project, without=(".surefoot",))) == []
    assert not cache.exists()


def test_it_imports_what_it_needs(project: Path) -> None:
    names = imports("rollback", "-q", cwd=project)
    assert sorted(name for name in names if name.startswith((*OF_NO_USE, "installer.process", "phases."))) == []


def test_an_earlier_environment_comes_back_where_the_tools_are_gone(project: Path, tmp_path: Path) -> None:
    earlier = generation(project)
    write(project, {"requirements.txt": "idna==3.7\n"})
    made = run("quickstart.py", "-y", cwd=project)
    assert made.status == 0, made.said
    later = generation(project)
    cache = tmp_path / "cache"
    back = run("manage.py", "restore", earlier, cwd=project, env={"SUREFOOT_CACHE_DIR": str(cache)})
    assert (back.status, generation(project)) == (0, earlier), back.said
    assert f"the environment of {earlier} is in use" in back.said
    assert not cache.exists()
    names = imports("restore", "-y", later, cwd=project)
    assert generation(project) == later
    assert sorted(name for name in names if name.startswith((*OF_NO_USE, *PHASES))) == []
    unknown = run("manage.py", "restore", "20010101_000000", cwd=project, env={"SUREFOOT_CACHE_DIR": str(cache)})
    assert (unknown.status, f"there are: {earlier}" in unknown.said) == (6, True), unknown.said


def imports(*words: str, cwd: Path) -> set[str]:
    """The modules that a plain call of `manage.py` imports."""
    command = [str(PYTHON), "-I", "-S", "-X", "importtime", str(ROOT / "manage.py"), *words]
    done = subprocess.run(command, cwd=cwd, env=environment(), capture_output=True, text=True, check=True)
    return {line.rpartition("|")[2].strip() for line in done.stderr.splitlines() if line.startswith("import time:")}


def generation(project: Path) -> str:
    """The run whose environment is in use."""
    return (project / ".venv" / "surefoot-generation").read_text().splitlines()[0]


def test_both_ways_say_and_do_the_same(project: Path) -> None:
    """`--json` is for the full command line."""
    told = run("manage.py", "rollback", "-y", "--json", cwd=project)
    again = run("quickstart.py", "-y", cwd=project)
    assert (told.status, again.status) == (0, 0), told.said + again.said
    back = run("manage.py", "rollback", "--yes", cwd=project)
    assert (back.status, (project / ".venv").exists()) == (0, False), back.said
    assert run("manage.py", "rollback", "-y", cwd=project).said.endswith("Nothing to do.\n")


def test_with_a_manifest_it_is_the_full_command_lines(project: Path) -> None:
    """Only that one checks it, says that it is no good, and goes by the journal."""
    (project / "surefoot.toml").write_text("name = 3\n")
    back = run("manage.py", "rollback", "-y", cwd=project)
    assert (back.status, "`surefoot.toml` cannot be used" in back.said) == (0, True), back.said


def test_a_run_that_holds_the_project_is_respected(project: Path) -> None:
    """The door's handling of errors is that of all commands."""
    with (project / ".surefoot" / "lock").open("rb") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        refused = run("manage.py", "rollback", "-y", cwd=project, env={"SUREFOOT_NO_WAIT": "1"})
    assert (refused.status, "another run holds this project" in refused.said) == (3, True), refused.said
