"""The process door: real children, real signals."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import Any

import pytest

from installer import bounds, process
from installer.environment import child_environment
from installer.errors import Precondition, Refused, StepFailed, Unavailable, UsageError
from installer.redact import redact

PYTHON = sys.executable


def test_output_is_streamed_and_returned(tmp_path: Path) -> None:
    lines: list[str] = []
    code = "import sys; print('one'); print('two', file=sys.stderr)"
    finished = process.run([PYTHON, "-c", code], cwd=tmp_path, on_line=lines.append)
    assert (finished.status, finished.stdout, finished.stderr) == (0, "one\n", "two\n")
    assert sorted(lines) == ["one", "two"]


def test_a_failing_command_raises_with_the_end_of_what_it_said(tmp_path: Path) -> None:
    with pytest.raises(StepFailed, match="status 3") as caught:
        process.run([PYTHON, "-c", "print('reason'); raise SystemExit(3)"], cwd=tmp_path)
    assert caught.value.details == ("reason",)


def test_a_killed_child_is_named_by_its_signal(tmp_path: Path) -> None:
    with pytest.raises(StepFailed, match="SIGKILL; the system may have run out of memory"):
        process.run([PYTHON, "-c", "import os; os.kill(os.getpid(), 9)"], cwd=tmp_path)


def test_a_missing_program_is_a_precondition(tmp_path: Path) -> None:
    with pytest.raises(Precondition, match="no-such-program"):
        process.run(["no-such-program"], cwd=tmp_path)


def test_a_child_that_takes_too_long_ends_with_its_group(tmp_path: Path) -> None:
    code = (
        "import subprocess, sys; print(subprocess.Popen(['sleep', '600']).pid, flush=True); sys.stdin.close(); "
        "import time; time.sleep(600)"
    )
    pids: list[str] = []
    with pytest.raises(StepFailed, match="did not end"):
        process.run([PYTHON, "-c", code], cwd=tmp_path, timeout=1.0, on_line=pids.append)
    _wait_until_gone(int(pids[0]))


def test_a_child_that_fills_the_disk_is_ended_with_its_group(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(bounds.MEGABYTES, "64")
    pids: list[str] = []
    code = (
        "import os, subprocess, time; print(subprocess.Popen(['sleep', '600']).pid, flush=True)\n"
        "with open('bomb', 'wb') as file:\n"
        "    for _ in range(256): file.write(bytes(1 << 20)); file.flush(); os.fsync(file.fileno())\n"
        "time.sleep(600)"
    )
    with pytest.raises(Refused, match="64 are allowed") as caught:
        process.run([PYTHON, "-c", code], cwd=tmp_path, check=False, on_line=pids.append)
    assert bounds.MEGABYTES in caught.value.hint
    _wait_until_gone(int(pids[0]))


def test_a_child_that_never_ends_is_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(bounds.SECONDS, "1")
    with pytest.raises(Unavailable, match="did not end within 1 seconds"):
        process.run([PYTHON, "-c", "import time; time.sleep(600)"], cwd=tmp_path)


@pytest.mark.parametrize("value", ["many", "-1", "1.5"])
def test_a_bound_that_is_no_number_is_a_mistake(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv(bounds.MEGABYTES, value)
    with pytest.raises(UsageError, match=bounds.MEGABYTES):
        process.run([PYTHON, "-c", ""], cwd=tmp_path)


def test_a_child_dies_with_its_parent(tmp_path: Path) -> None:
    """The parent is killed outright; its child must not go on writing beside the next run."""
    code = textwrap.dedent(
        """
        import sys
        from pathlib import Path
        from installer import process
        process.run(["sleep", "600"], cwd=Path(), on_line=print) if len(sys.argv) > 1 else None
        """
    )
    root = Path(__file__).resolve().parents[2]
    parent = subprocess.Popen([PYTHON, "-c", code, "go"], cwd=root, stdout=subprocess.PIPE)
    children = _children(parent.pid)
    parent.send_signal(signal.SIGKILL)
    parent.communicate()
    for child in children:
        _wait_until_gone(child)
    assert children


def test_a_signal_while_a_child_is_started_comes_afterwards_and_ends_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    started: list[subprocess.Popen[bytes]] = []
    real = subprocess.Popen

    def interrupted(*args: Any, **named: Any) -> subprocess.Popen[bytes]:
        signal.raise_signal(signal.SIGINT)  # in a hook around the fork an exception would be swallowed
        started.append(real(*args, **named))
        return started[0]

    monkeypatch.setattr(subprocess, "Popen", interrupted)
    before = signal.getsignal(signal.SIGINT)
    with pytest.raises(KeyboardInterrupt):
        process.run([PYTHON, "-c", "import time; time.sleep(60)"], cwd=tmp_path)
    assert started[0].poll() is not None
    assert signal.getsignal(signal.SIGINT) is before


def test_what_diverts_an_installation_is_not_passed_on(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("PIP_TARGET", "PYTHONPATH", "GIT_DIR", "LD_PRELOAD", "BASH_ENV", "UV_PROJECT_ENVIRONMENT"):
        monkeypatch.setenv(name, "x")
    for name in ("PIP_INDEX_URL", "UV_DEFAULT_INDEX", "HTTPS_PROXY", "SSH_AUTH_SOCK", "LC_ALL"):
        monkeypatch.setenv(name, "x")
    passed = child_environment({"MINE": "1"})
    assert not {"PIP_TARGET", "PYTHONPATH", "GIT_DIR", "LD_PRELOAD", "BASH_ENV", "UV_PROJECT_ENVIRONMENT"} & set(passed)
    assert {"PIP_INDEX_URL", "UV_DEFAULT_INDEX", "HTTPS_PROXY", "SSH_AUTH_SOCK", "LC_ALL", "MINE"} <= set(passed)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("get https://user:pa55word@host/simple", "get https://****@host/simple"),
        ("get https://token:@host/simple", "get https://****@host/simple"),
        ("use ghp_" + "a1" * 15, "use ****"),
        ("Authorization: Bearer abc.def", "Authorization: ****"),
        *(
            (f"a {mark}{'Z1' * 15} b", "a **** b")
            for mark in ("gho_", "github_pat_", "glpat-", "pypi-", "xoxb-", "sk-")
        ),
        ("name = flask-a\n" * 3 + "key sk-" + "a1" * 15 + "\nend", "name = flask-a\n" * 3 + "key ****\nend"),
        ("id AKIA" + "A1" * 8, "id ****"),
        ("PRIVATE-TO\N{KELVIN SIGN}EN:\n abc", "PRIVATE-TO\N{KELVIN SIGN}EN:\n ****"),
        ("nothing secret", "nothing secret"),
    ],
)
def test_secrets_do_not_pass(text: str, shown: str) -> None:
    assert redact(text) == shown


def _children(pid: int) -> list[int]:
    """The children of `pid`, once there are any."""
    path = Path(f"/proc/{pid}/task/{pid}/children")
    while not (found := path.read_text().split()):
        os.sched_yield()
    return [int(each) for each in found]


def _wait_until_gone(pid: int) -> None:
    """Return when `pid` is no living process (a zombie whose parent is slow to look is none)."""
    while True:
        try:
            if Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] == "Z":
                return
        except (FileNotFoundError, ProcessLookupError):
            return
        os.sched_yield()


def test_what_is_to_be_done_while_waiting_is_done_once_while_the_child_runs(tmp_path: Path) -> None:
    told: list[str] = []
    script = f"import pathlib, time\nwhile not pathlib.Path({str(tmp_path / 'go')!r}).exists(): time.sleep(0.01)"

    def work() -> None:
        told.append("done")
        (tmp_path / "go").touch()

    process.while_waiting(work)
    for _ in range(2):
        assert process.run([sys.executable, "-c", script], cwd=tmp_path, timeout=60).status == 0
    assert told == ["done"]
