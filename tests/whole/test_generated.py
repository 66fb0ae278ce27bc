"""A generated repository with submodules, a private one that fails, and four packages of which one compiles."""

from __future__ import annotations

import json
import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest

from tests.whole import generated
from tests.whole.kit import differences, kill, picture, run, start, versions

pytestmark = pytest.mark.slow

if TYPE_CHECKING:
    from pathlib import Path

LOCAL = {"SUREFOOT_ALLOW_FILE_SUBMODULES": "1"}  # its remotes are folders beside it
STATE = (".surefoot",)


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The repository, made once; each test works on a copy."""
    return generated.make(tmp_path_factory.mktemp("generated"))


@pytest.fixture
def project(original: Path) -> Path:
    """A copy beside the remotes, so that relative URLs lead somewhere."""
    target = original.parent / "work"
    if target.exists():
        shutil.rmtree(target)
    shutil.copytree(original, target, symlinks=True)
    return target


def _answers(project: Path) -> None:
    """The environment works: all four packages, the compiled one through the others, and the entry point."""
    python = project / ".venv" / "bin" / "python"
    done = subprocess.run(
        [python, "-I", "-B", "-c", "import top, base; print(top.answer(), base.base())"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == "42 1\n"
    assert (project / ".venv" / "bin" / "top-run").exists()
    assert (project / "vendor" / "nested" / "vendor" / "leaf" / "data.txt").read_text() == "leaf\n"


def test_it_is_installed_left_alone_and_taken_back(project: Path) -> None:
    before = picture(project)
    first = run("quickstart.py", "-y", cwd=project, env=LOCAL)
    assert first.status == 0, first.said
    assert "vendor/private" in first.said
    _answers(project)
    inode = (project / ".venv").stat().st_ino
    again = run("quickstart.py", "-y", cwd=project / "packages" / "top", env=LOCAL)
    assert again.status == 0, again.said
    assert "nothing to do" in again.said.lower()
    assert (project / ".venv").stat().st_ino == inode
    back = run("manage.py", "rollback", "--all", "--yes", cwd=project)
    assert back.status == 0, back.said
    assert differences(before, picture(project)) == []


@pytest.mark.parametrize(
    "phase", ["environment_setup", "submodule_sync", "python_deps", "packages", "verification", "cleanup"]
)
def test_killed_in_any_phase_the_same_command_ends_well(project: Path, phase: str) -> None:
    before = picture(project)
    _kill_in(project, phase)
    resumed = run("quickstart.py", "-y", cwd=project, env=LOCAL)
    assert resumed.status == 0, resumed.said
    _answers(project)
    assert versions(project / ".venv").keys() == {"idna", "base", "fast", "middle", "top"}
    back = run("manage.py", "rollback", "--all", "--yes", cwd=project)
    assert back.status == 0, back.said
    assert differences(before, picture(project, without=(".surefoot",))) == []


@pytest.mark.parametrize("phase", ["submodule_sync", "python_deps", "packages", "verification"])
def test_killed_in_any_phase_the_script_takes_it_back(project: Path, phase: str) -> None:
    before = picture(project)
    _kill_in(project, phase)
    script = project / ".surefoot" / "checkpoints" / "rollback.sh"
    done = subprocess.run(
        ["sh", script.name],
        cwd=script.parent,
        env={"PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, ""), done.stdout
    assert differences(before, picture(project, without=STATE)) == []


def _kill_in(project: Path, phase: str) -> None:
    """Kill the whole group as soon as the phase has begun its first step."""
    seen = []
    with start("quickstart.py", "-y", "--json", cwd=project, env=LOCAL) as process:
        assert process.stdout is not None
        for raw in process.stdout:
            seen.append(raw.decode())
            event = json.loads(raw)
            if event["event"] == "step_started" and event["phase"] == phase:
                kill(process)
                return
    pytest.fail(f"{phase} never began:\n" + "".join(seen))
