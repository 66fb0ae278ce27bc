"""Signals to a real run: the exit codes, no child left, and the same command goes on."""

from __future__ import annotations

import json
import os
import signal
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.whole.kit import run, start

if TYPE_CHECKING:
    import subprocess

pytestmark = pytest.mark.slow

MANIFEST = """\
[[steps]]
phase = "packages"
title = "Wait for the test"
run = ["python", "-c", "import os, sys, time; open('pid', 'w').write(str(os.getpid())); {}"]
outputs = ["pid"]
"""
WAIT = "os.path.exists('go') or time.sleep(600)"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project whose packages phase waits until it is told to go on."""
    root = tmp_path / "project"
    root.mkdir()
    (root / "requirements.txt").write_text("idna\n")
    (root / "surefoot.toml").write_text(MANIFEST.replace("{}", WAIT))
    return root


@pytest.mark.parametrize(("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 129)])
@pytest.mark.parametrize("target", ["the group", "the process"])
def test_a_signal_stops_the_run_and_the_same_command_goes_on(
    project: Path, number: signal.Signals, status: int, target: str
) -> None:
    with start("quickstart.py", "-y", "--json", cwd=project) as process:
        _until_it_waits(process)
        os.killpg(process.pid, number) if target == "the group" else os.kill(process.pid, number)
        assert process.stdout is not None
        said = process.stdout.read()
    assert process.returncode == status, said
    child = int((project / "pid").read_text())
    assert not _lives(child)
    (project / "go").touch()
    again = run("quickstart.py", "-y", cwd=project)
    assert again.status == 0, again.said
    assert run("manage.py", "rollback", "--all", "--yes", cwd=project).status == 0
    left = sorted(path.name for path in project.rglob("*") if path.is_file())
    assert left == [".gitignore", "go", "pid", "requirements.txt", "surefoot.toml"]
    assert not (project / "pid").exists(), "what a step that was cut short had written is set aside, in .surefoot/kept"


def test_a_second_run_waits_and_says_for_whom_or_refuses(project: Path) -> None:
    with start("quickstart.py", "-y", "--json", cwd=project) as process:
        _until_it_waits(process)
        refused = run("quickstart.py", "-y", "--no-wait", cwd=project)
        assert refused.status == 3, refused.said
        assert str(process.pid) in refused.said
        with start("quickstart.py", "-y", cwd=project) as second:
            assert second.stdout is not None
            assert str(process.pid) in second.stdout.readline().decode(), "it says at once for whom it waits"
            os.killpg(process.pid, signal.SIGKILL)
            (project / "go").touch()
            said = second.stdout.read().decode()
        assert second.returncode == 0, said


def _until_it_waits(process: subprocess.Popen[bytes]) -> None:
    """Return when the step runs and its child has told its pid."""
    assert process.stdout is not None
    for raw in process.stdout:
        event = json.loads(raw)
        if event["event"] == "step_started" and event["title"] == "Wait for the test":
            break
    pid = Path(f"/proc/{process.pid}/cwd").resolve() / "pid"
    while not (pid.exists() and pid.read_text()):
        os.sched_yield()


def _lives(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False
