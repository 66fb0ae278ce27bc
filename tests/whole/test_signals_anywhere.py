"""Signals at random moments, twice, on a terminal, in a rollback; and nobody who listens (rows 63 to 68)."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import termios
import time
from typing import TYPE_CHECKING

import pexpect
import pytest

from tests.whole.kit import PYTHON, ROOT, differences, environment, kill, picture, run, start, versions
from tests.whole.processes import Marked, until

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.slow

SEED = int(os.environ.get("SUREFOOT_SEED", "20261122"))
SAMPLES = 12
STATUS = {signal.SIGINT: 130, signal.SIGTERM: 143, signal.SIGHUP: 129}
EVENTS = 30  # of a whole run, about
WAITING = """\
import os, pathlib, signal, sys, time
signal.signal(signal.SIGTERM, lambda *_: pathlib.Path("asked").touch())
if sys.argv[1:]:
    pathlib.Path(sys.argv[1]).touch()
else:
    pathlib.Path("config.txt").write_text("ours")
    pathlib.Path("pid").write_text(str(os.getpid()))
while not pathlib.Path("go").exists():
    time.sleep(0.01)
"""
STEP = """
[[steps]]
phase = "python_deps"
after = "start"
title = "Wait for the test"
run = ["python", "wait.py"]
outputs = ["config.txt", "pid"]
"""
SLOW_BACK = """
undo = ["python", "wait.py", "undoing"]
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project whose run changes a file of the user's and waits until it may go on."""
    root = tmp_path / "project"
    root.mkdir()
    (root / "requirements.txt").write_text("idna==3.7\n")
    (root / "surefoot.toml").write_text(STEP)
    (root / "config.txt").write_text("the user's")
    (root / "wait.py").write_text(WAITING)
    return root


@pytest.fixture
def marked() -> Iterator[Marked]:
    yield (made := Marked())
    assert made.left() == []


def test_a_signal_at_any_moment_stops_all_of_it_and_it_resumes_or_reverts(project: Path, marked: Marked) -> None:
    print("seed", SEED)  # noqa: T201 -- a failure is found again by it
    chance = random.Random(SEED)  # noqa: S311 -- a sample, no secret
    (project / "go").touch()
    before = picture(project)
    stopped = 0
    for number in range(SAMPLES):
        sent = chance.choice(list(STATUS))
        moment, to_group = chance.randint(0, EVENTS), chance.choice([True, False])
        with start("quickstart.py", "-y", "--json", cwd=project, env=marked.env) as process:
            _listen(process, moment)
            time.sleep(chance.random() / 10)  # between two events, too
            if process.poll() is None:
                (os.killpg if to_group else os.kill)(process.pid, sent)
            assert process.stdout is not None
            said = process.stdout.read()
        told = f"{number}: {sent.name} after {moment} events, to the {'group' if to_group else 'process'}: {said!r}"
        assert process.returncode in {0, STATUS[sent]}, told
        stopped += process.returncode != 0
        assert marked.left() == [], told
        if number % 2:
            again = run("quickstart.py", "-y", cwd=project, env=marked.env)
            assert again.status == 0, told + again.said
            deep = run("manage.py", "verify", "--deep", cwd=project)
            assert deep.status == 0, told + deep.said
            assert versions(project / ".venv")["idna"] == "3.7"
        back = run("manage.py", "rollback", "--all", "--yes", cwd=project)
        assert back.status == 0, told + back.said
        assert differences(before, picture(project, without=(".surefoot",))) == [], told
    assert stopped > SAMPLES // 2


def test_a_second_interrupt_ends_it_at_once_and_the_same_command_goes_on(project: Path, marked: Marked) -> None:
    before = picture(project)
    with start("quickstart.py", "-y", "--json", cwd=project, env=marked.env) as process:
        _until_there(project / "pid", process)
        os.kill(process.pid, signal.SIGINT)
        _until_there(project / "asked", process)  # the child was asked to end, and does not
        os.kill(process.pid, signal.SIGINT)
        assert process.stdout is not None
        said = process.stdout.read()
    assert process.returncode == 130, said
    assert b"Traceback" not in said
    assert marked.left() == []
    (project / "asked").unlink()
    (project / "go").touch()
    assert run("quickstart.py", "-y", cwd=project).status == 0
    assert run("manage.py", "rollback", "--all", "--yes", cwd=project).status == 0
    (project / "go").unlink()
    assert differences(before, picture(project, without=(".surefoot",))) == []


def test_interrupts_in_a_rollback_do_not_leave_it_half_done(project: Path, marked: Marked) -> None:
    before = picture(project)
    (project / "go").touch()
    (project / "surefoot.toml").write_text(STEP + SLOW_BACK)
    assert run("quickstart.py", "-y", cwd=project).status == 0
    (project / "go").unlink()
    with start("manage.py", "rollback", "--yes", "--json", cwd=project, env=marked.env) as process:
        _until_there(project / "undoing", process)  # the undo of the step waits
        os.kill(process.pid, signal.SIGINT)
        _until_there(project / "asked", process)
        os.kill(process.pid, signal.SIGINT)
        assert process.stdout is not None
        said = process.stdout.read()
    assert process.returncode == 130, said
    assert b"Traceback" not in said
    assert marked.left() == []
    (project / "asked").unlink()
    (project / "go").touch()
    back = run("manage.py", "rollback", "--yes", cwd=project)
    (project / "go").unlink()
    (project / "undoing").unlink()
    (project / "surefoot.toml").write_text(STEP)
    assert back.status == 0, back.said
    assert differences(before, picture(project, without=(".surefoot",))) == []


@pytest.mark.parametrize("to_group", [True, False])
def test_stopped_and_continued_it_keeps_the_lock_and_completes(
    project: Path, marked: Marked, *, to_group: bool
) -> None:
    process = subprocess.Popen(
        [str(PYTHON), str(ROOT / "quickstart.py"), "-y", "--json"],
        cwd=project,
        env=environment(marked.env),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        process_group=0,  # of the tester's session: in a session of its own SIGTSTP would do nothing
    )
    try:
        _until_there(project / "pid", process)
        (os.killpg if to_group else os.kill)(process.pid, signal.SIGTSTP)
        until(process.pid, "T")
        refused = run("quickstart.py", "-y", "--no-wait", cwd=project)
        assert refused.status == 3, refused.said
        (project / "go").touch()
        os.kill(process.pid, signal.SIGCONT)
        said = process.communicate()[0]
        assert process.returncode == 0, said
    finally:
        kill(process)
    assert run("manage.py", "verify", "--deep", cwd=project).status == 0


@pytest.mark.parametrize("number", list(STATUS))
@pytest.mark.parametrize("way", ["quickstart.py", "manage.py"])
def test_the_terminal_is_as_it_was(project: Path, marked: Marked, number: signal.Signals, way: str) -> None:
    words = ["-y"] if way == "quickstart.py" else ["rollback", "--yes"]
    if way == "manage.py":
        (project / "go").touch()
        (project / "surefoot.toml").write_text(STEP + SLOW_BACK)
        assert run("quickstart.py", "-y", cwd=project).status == 0
        (project / "go").unlink()
    child = pexpect.spawn(
        str(PYTHON),
        [str(ROOT / way), *words],
        cwd=str(project),
        env=environment(marked.env) | {"TERM": "xterm-256color"},
        dimensions=(30, 100),
        encoding="utf-8",
        timeout=60,
    )
    try:
        before = termios.tcgetattr(child.child_fd)
        child.expect("Wait for the test" if way == "quickstart.py" else "steps taken back")
        while not (project / ("pid" if way == "quickstart.py" else "undoing")).exists():
            child.expect([".", pexpect.TIMEOUT], timeout=0.1)
        child.sendintr() if number == signal.SIGINT else child.kill(number)
        child.expect(pexpect.EOF)
        said = child.before or ""
        after = termios.tcgetattr(child.child_fd)
    finally:
        child.close(force=True)
    assert child.exitstatus == STATUS[number], said
    assert after == before
    assert said.rfind("\x1b[?25h") >= said.rfind("\x1b[?25l"), "the cursor is shown"
    assert "Traceback" not in said


@pytest.mark.parametrize("stream", ["stdout", "stderr"])
def test_a_reader_that_goes_away_does_not_harm_the_run(project: Path, marked: Marked, stream: str) -> None:
    """Row 68: `quickstart.py | head -1`."""
    read, write = os.pipe()
    words = ["-y", "--json"] if stream == "stdout" else ["-y"]
    outputs = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, stream: write}
    process = subprocess.Popen(
        [str(PYTHON), str(ROOT / "quickstart.py"), *words],
        cwd=project,
        env=environment(marked.env),
        stdin=subprocess.DEVNULL,
        start_new_session=True,
        stdout=outputs["stdout"],
        stderr=outputs["stderr"],
    )
    os.close(write)
    try:
        os.read(read, 1)
        os.close(read)
        (project / "go").touch()
        assert process.wait(60) in {0, 141}
        assert (project / ".venv").exists(), "it went on to the end"
    finally:
        kill(process)
    again = run("quickstart.py", "-y", cwd=project)
    assert again.status == 0, again.said
    assert run("manage.py", "verify", "--deep", cwd=project).status == 0


@pytest.mark.parametrize("closed", ["<&-", ">&-", "2>&-", "<&- >&- 2>&-"])
def test_streams_that_were_never_open_do_not_harm_the_run(project: Path, marked: Marked, closed: str) -> None:
    (project / "go").touch()
    done = run("quickstart.py", "-y", cwd=project, env=marked.env, through=("sh", "-c", f'exec "$@" {closed}', "sh"))
    assert done.status == 0, done.said
    assert run("manage.py", "verify", "--deep", cwd=project).status == 0


def test_a_terminal_that_vanishes_does_not_harm_a_run_that_was_told_to_ignore_it(project: Path, marked: Marked) -> None:
    """`nohup`, and then every write to the terminal fails (EIO)."""
    child = pexpect.spawn(
        "sh",
        ["-c", 'trap "" HUP; exec "$@"', "sh", str(PYTHON), str(ROOT / "quickstart.py"), "-y"],
        cwd=str(project),
        env=environment(marked.env) | {"TERM": "xterm-256color"},
        ignore_sighup=True,
        timeout=60,
    )
    while not (project / "pid").exists():
        child.expect([".", pexpect.TIMEOUT], timeout=0.1)
    os.close(child.child_fd)
    child.child_fd = -1
    child.closed = True
    (project / "go").touch()
    assert child.pid is not None
    assert os.waitstatus_to_exitcode(os.waitpid(child.pid, 0)[1]) in {0, 141}
    assert (project / ".venv").exists(), "it went on to the end"
    child.terminated = True
    assert run("manage.py", "verify", "--deep", cwd=project).status == 0


def _listen(process: subprocess.Popen[bytes], count: int) -> None:
    """Read so many events, or to the end."""
    assert process.stdout is not None
    for _ in range(count):
        raw = process.stdout.readline()
        if not raw:
            return
        json.loads(raw)


def _until_there(path: Path, process: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + 60
    while not path.exists():
        assert process.poll() is None, process.stdout and process.stdout.read()
        assert time.monotonic() < end, path
        os.sched_yield()


assert sys.platform == "linux", "processes are looked for in /proc"
