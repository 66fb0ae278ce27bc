"""A plain rollback needs the standard library and nothing else: no package, no phase, no environment of the tool."""

from __future__ import annotations

import fcntl
import subprocess
from typing import TYPE_CHECKING

import pytest

from tests.whole.kit import PYTHON, ROOT, differences, environment, picture, run, write

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.slow

NEEDLESS = ("click", "dataclasses", "filelock", "pydantic", "rich", "phases.")


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
    command = [str(PYTHON), "-I", "-S", "-X", "importtime", str(ROOT / "manage.py"), "rollback", "-q"]
    done = subprocess.run(command, cwd=project, env=environment(), capture_output=True, text=True, check=True)
    names = {line.rpartition("|")[2].strip() for line in done.stderr.splitlines() if line.startswith("import time:")}
    assert sorted(name for name in names if name.startswith(NEEDLESS)) == []


def test_both_ways_say_and_do_the_same(project: Path) -> None:
    """`--json` is for the full command line."""
    told = run("manage.py", "rollback", "-y", "--json", cwd=project)
    again = run("quickstart.py", "-y", cwd=project)
    assert (told.status, again.status) == (0, 0), told.said + again.said
    back = run("manage.py", "rollback", "--yes", cwd=project)
    assert (back.status, (project / ".venv").exists()) == (0, False), back.said
    assert run("manage.py", "rollback", "-y", cwd=project).said.endswith("Nothing to do.\n")


def test_with_a_manifest_it_is_the_full_command_lines(project: Path) -> None:
    (project / "surefoot.toml").write_text("name = 3\n")
    wrong = run("manage.py", "rollback", "-y", cwd=project)
    assert (wrong.status, "surefoot.toml" in wrong.said) == (2, True), wrong.said


def test_a_run_that_holds_the_project_is_respected(project: Path) -> None:
    """The door's handling of errors is that of all commands."""
    with (project / ".surefoot" / "lock").open("rb") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        refused = run("manage.py", "rollback", "-y", cwd=project, env={"SUREFOOT_NO_WAIT": "1"})
    assert (refused.status, "another run holds this project" in refused.said) == (3, True), refused.said
