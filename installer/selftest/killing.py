"""Running one command to its end, or until it stands still at its point: then all of it is killed at once."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from installer.frozen import dataclass
from installer.redact import redact
from installer.selftest import trace

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

_TAIL = 12  # lines of what a command said that are of use to a reader
_DYING = 10.0  # seconds: a dead program that nobody asks about is not waited for longer
_LIMIT = 3600.0  # seconds: a command that takes longer hangs


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """How a command in the copy ended. `stopped`: it was killed at its point; else `status` is its exit code."""

    status: int
    stopped: bool
    seconds: float
    said: tuple[str, ...]
    trace: trace.Trace


def watch(argv: Sequence[str], *, cwd: Path, variables: Mapping[str, str], notes: Path, log: Path) -> Ended:
    """Run `argv` with the environment `variables`; it writes its trace to `notes`. Nothing of it is left at the end.

    What it says goes to `log`. It runs in a session of its own: Ctrl-C is for us, and we end it.
    """
    notes.unlink(missing_ok=True)
    started = time.monotonic()
    with log.open("wb") as stream:
        process = subprocess.Popen(
            argv,
            cwd=cwd,
            env=dict(variables),
            stdin=subprocess.DEVNULL,
            stdout=stream,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        with _ended(process, notes):
            stopped = _wait(process, notes)
    text = log.read_text(encoding="utf-8", errors="replace").splitlines()
    return Ended(
        status=process.returncode,
        stopped=stopped,
        seconds=time.monotonic() - started,
        said=tuple(redact(line) for line in text[-_TAIL:]),
        trace=trace.read(notes),
    )


@contextmanager
def _ended(process: subprocess.Popen[bytes], notes: Path) -> Iterator[None]:
    """Whatever happens in the block (Ctrl-C), nothing of the process lives on; nor does it for ever."""
    limit = threading.Timer(_LIMIT, process.kill)
    limit.daemon = True
    limit.start()
    try:
        yield
    finally:
        limit.cancel()
        if process.returncode is None:
            kill(process.pid, notes)
            process.wait()


def _wait(process: subprocess.Popen[bytes], notes: Path) -> bool:
    """Wait for the end; one that stopped itself is killed with its children. Says whether it did."""
    _, status = os.waitpid(process.pid, os.WUNTRACED)
    stopped = os.WIFSTOPPED(status)
    if stopped:
        kill(process.pid, notes)
        _, status = os.waitpid(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    return stopped


def kill(pid: int, notes: Path) -> None:
    """SIGKILL for a run and every program that it started: first it stands still, so that it starts no other.

    Returns when they are dead: one that is killed still ends the system call that it is in.
    """
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGSTOP)
    groups = [*(child.pid for child in trace.read(notes).living), pid]
    for group in groups:
        _kill_group(group)
    deadline = time.monotonic() + _DYING
    while any(map(_lives, groups)) and time.monotonic() < deadline:
        time.sleep(0.002)


def _kill_group(pid: int) -> None:
    """The group of a child that leads its own session, or the child alone."""
    with suppress(ProcessLookupError, PermissionError):
        if os.getpgid(pid) == pid:
            os.killpg(pid, signal.SIGKILL)
        os.kill(pid, signal.SIGKILL)


def _lives(group: int) -> bool:
    """Is there anybody in the group who still does something?"""
    if sys.platform == "linux":
        return any(_group_of(f"/proc/{name}") == group for name in os.listdir("/proc") if name.isdigit())
    try:
        os.killpg(group, 0)
    except (ProcessLookupError, PermissionError):  # none, or only such as wait to be asked about
        return False
    return True


def _group_of(process: str) -> int:
    """The group of a process that lives (proc_pid_stat(5): after the name come state, parent, group); else 0."""
    try:
        with open(f"{process}/stat", "rb") as stream:
            state, _parent, group, *_ = stream.read().rpartition(b")")[2].split()
    except (OSError, ValueError):
        return 0
    return 0 if state in {b"Z", b"X"} else int(group)
