"""Two ways to do the same, by turns, and how they compare."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """What was measured, in seconds, one of each a pair."""

    what: str
    against: str
    goal: str
    ours: tuple[float, ...]
    theirs: tuple[float, ...]

    @property
    def ratio(self) -> float:
        """The median of the pairs' ratios: what slows the machine down for a while slows both of a pair."""
        return statistics.median(one / other for one, other in zip(self.ours, self.theirs, strict=True))

    def row(self) -> str:
        """A line of a Markdown table."""
        ours, theirs = statistics.median(self.ours), statistics.median(self.theirs)
        ratios = sorted(one / other for one, other in zip(self.ours, self.theirs, strict=True))
        spread = f"{ratios[0]:.2f} … {ratios[-1]:.2f}"
        ratio = f"**{self.ratio:.2f}** ({spread})"
        return f"| {self.what} | {shown(ours)} | {self.against} | {shown(theirs)} | {ratio} | {self.goal} |"


def by_turns(
    pairs: int, ours: Callable[[], float], theirs: Callable[[], float]
) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Run A B A B …; every call returns its own seconds, so that preparations are not counted."""
    measured = [(ours(), theirs()) for _ in range(pairs)]
    return tuple(one for one, _ in measured), tuple(other for _, other in measured)


def run(command: Sequence[str], folder: Path) -> float:
    """The seconds that a command takes from start to end; it must succeed."""
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith(("SUREFOOT_", "VIRTUAL_ENV"))
    }
    started = time.perf_counter()
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, check=False)
    seconds = time.perf_counter() - started
    if done.returncode:
        sys.exit(f"{command[0]} exited {done.returncode}: {done.stderr.decode(errors='replace')[-2000:]}")
    return seconds


def peak(command: Sequence[str], folder: Path) -> float:
    """The most memory, in MiB, that the process itself (not its children) held; Linux only, looked at every 2 ms."""
    with subprocess.Popen(command, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        most = 0
        while process.poll() is None:
            most = max(most, _resident(process.pid))
            time.sleep(0.002)
    return most / 1024


def _resident(pid: int) -> int:
    try:
        with open(f"/proc/{pid}/status", encoding="ascii", errors="replace") as stream:
            return next((int(line.split()[1]) for line in stream if line.startswith("VmHWM:")), 0)
    except OSError:
        return 0


def shown(seconds: float) -> str:
    """Seconds as people write them."""
    if seconds >= 1:
        return f"{seconds:.2f} s"
    return f"{seconds * 1e3:.{0 if seconds * 100 >= 1 else 2}f} ms"
