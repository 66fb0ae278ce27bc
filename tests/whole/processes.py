"""Finding the processes that a command started, whatever session they are in, by a variable that they inherit."""

from __future__ import annotations

import os
import time
import uuid
from pathlib import Path

SECONDS = 20


class Marked:
    """The variables that mark a command and all it starts, and who of them lives."""

    def __init__(self) -> None:
        self.mark = uuid.uuid4().hex
        self.env = {"SUREFOOT_PASS_ENV": "OF_THE_TEST", "OF_THE_TEST": self.mark}

    def living(self) -> list[str]:
        """Those that are there now, by their command lines."""
        return [_words(pid) for pid in os.listdir("/proc") if pid.isdecimal() and self._is_ours(pid)]

    def left(self) -> list[str]:
        """Those that do not go: one that was killed may need a moment."""
        end = time.monotonic() + SECONDS
        while (living := self.living()) and time.monotonic() < end:
            os.sched_yield()
        return living

    def _is_ours(self, pid: str) -> bool:
        try:
            return self.mark.encode() in Path(f"/proc/{pid}/environ").read_bytes() and state(int(pid)) != "Z"
        except OSError:
            return False


def state(pid: int) -> str:
    """R, S, T (stopped), Z (ended, nobody asked yet) …; empty if there is no such process."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except FileNotFoundError:
        return ""


def until(pid: int, wanted: str) -> None:
    """Return when the process is in one of the states `wanted`."""
    end = time.monotonic() + SECONDS
    while state(pid) not in wanted:
        assert time.monotonic() < end, f"{pid} is {state(pid)}, not {wanted}"
        os.sched_yield()


def _words(pid: str) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
    except OSError:
        return pid
