"""Two ways to do the same, by turns; and what a whole process takes: seconds, processor time, memory."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from typing import TYPE_CHECKING, NamedTuple

from installer.environment import child_environment

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

_OURS = ("SUREFOOT_", "PYTHON", "VIRTUAL_ENV")  # what would change a run of ours, or make Python slow


class Took(NamedTuple):
    """The seconds that something took, and its processor time, children included."""

    seconds: float
    cpu: float = 0.0


class Turns(NamedTuple):
    """What was measured by turns: one of each a pair."""

    ours: tuple[Took, ...]
    theirs: tuple[Took, ...]


class Peak(NamedTuple):
    """What a command took, and the most memory, in MiB, that the process itself held (not its children)."""

    seconds: float
    cpu: float
    mib: float


class Failed(SystemExit):
    """A command that should have succeeded did not; where nobody expects that, its words end the benchmark."""


def by_turns(pairs: int, ours: Callable[[], Took], theirs: Callable[[], Took], *, warm: bool = True) -> Turns:
    """Run A B A B …, after one pair that is not counted (`warm`).

    Every call returns what it took itself, so that preparations are not counted.
    """
    if warm:
        ours(), theirs()
    measured = [(ours(), theirs()) for _ in range(pairs)]
    return Turns(tuple(one for one, _ in measured), tuple(other for _, other in measured))


def run(command: Sequence[str], folder: Path, *, extra: Mapping[str, str] | None = None) -> Took:
    """What a command takes from start to end, in an allow-listed environment; it must succeed."""
    spent = _children()
    started = time.perf_counter()
    done = subprocess.run(command, cwd=folder, env=environment(extra), capture_output=True, check=False)
    seconds = time.perf_counter() - started
    if done.returncode:
        said = (done.stdout + done.stderr).decode(errors="replace")[-2000:]
        raise Failed(f"{' '.join(command)} exited {done.returncode} in {folder}: {said}")
    return Took(seconds, _children() - spent)


def call(work: Callable[[], object]) -> Took:
    """What a call in this process takes."""
    spent, started = time.process_time(), time.perf_counter()
    work()
    return Took(time.perf_counter() - started, time.process_time() - spent)


def peak(command: Sequence[str], folder: Path, *, extra: Mapping[str, str] | None = None) -> Peak:
    """Time and memory of a command; it must succeed. Memory is looked at every 2 ms, on Linux; elsewhere it is 0."""
    spent, started = _children(), time.perf_counter()
    with subprocess.Popen(
        command, cwd=folder, env=environment(extra), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as process:
        most = 0
        while process.poll() is None:
            most = max(most, resident(process.pid))
            time.sleep(0.002)
    if process.returncode:
        sys.exit(f"{' '.join(command)} exited {process.returncode} in {folder}")
    return Peak(time.perf_counter() - started, _children() - spent, most / 1024)


def environment(extra: Mapping[str, str] | None = None) -> dict[str, str]:
    """What both sides are started with: the user's index, proxy, cache and certificates, nothing that diverts."""
    passed = {name: value for name, value in child_environment().items() if name in os.environ}
    return {name: value for name, value in passed.items() if not name.startswith(_OURS)} | dict(extra or {})


def _children() -> float:
    """The processor time of all children that have ended; `resource` counts finer, but Windows has none."""
    try:
        import resource
    except ImportError:
        times = os.times()
        return times.children_user + times.children_system
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def resident(pid: int | str) -> int:
    """The most memory, in KiB, that a living process held so far; 0 where that cannot be known."""
    try:
        with open(f"/proc/{pid}/status", encoding="ascii", errors="replace") as stream:
            return next((int(line.split()[1]) for line in stream if line.startswith("VmHWM:")), 0)
    except OSError:
        return 0
