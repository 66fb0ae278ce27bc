"""The library that counts the changes of a whole tree of processes and lets a fault happen at one of them.

`preload.c` says how; the layout of the mapped file is the same here and there.
"""

from __future__ import annotations

import errno
import os
import struct
import subprocess
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

SOURCE = Path(__file__).with_name("preload.c")
MODES = ("count", "tree", "self", "tool", "errno")
KINDS = {
    "open": 1,
    "write": 2,
    "name": 4,
    "make": 8,
    "remove": 16,
    "mode": 32,
    "size": 64,
    "time": 128,
    "sync": 256,
}
CHANGES = sum(KINDS.values()) - KINDS["sync"]  # a sync changes nothing that the living could see
FOR_EVER = 2**64 - 1
VARIABLES = ("LD_PRELOAD", "FAULT_MAP")

_HEAD = struct.Struct("=4I2Q512s64s256s")
_COUNTERS = struct.Struct("=2Q2IiI")
_CALL = struct.Struct("=2I16s16s216s")
_PROCESS = struct.Struct("=2iQ")
_PROCESSES, _CALLS = 32768, 65536
_PAGE = 4096
_AT_PROCESSES = 2 * _PAGE
_AT_CALLS = _AT_PROCESSES + _PROCESSES * _PROCESS.size
_SIZE = _AT_CALLS + _CALLS * _CALL.size


@dataclass(frozen=True)
class Fault:
    """What is to happen at the `at`-th call (up to the `until`-th) of those that are meant.

    `mode`: nothing ("count"), kill everything ("tree"), the caller ("self") or the tool, or fail with `error`.
    Meant are calls of the kinds `classes` by `program` ("" any) on paths below the root that have `part` in them.
    `torn`: a write that is killed is half done.
    """

    mode: str = "count"
    at: int = 0
    until: int = 0
    error: int = 0
    classes: int = CHANGES
    program: str = ""
    part: str = ""
    torn: bool = False

    def __str__(self) -> str:
        where = "/".join(filter(None, (self.program, self.part)))
        name = errno.errorcode[self.error] + ("+@" if self.until == FOR_EVER else "@") if self.error else ""
        return f"{name}{where}{':' if where else ''}{self.at}"


@dataclass(frozen=True)
class Call:
    """One change: which process, of which program, called what on which path below the root."""

    process: int
    kind: str
    program: str
    name: str
    path: str

    def __str__(self) -> str:
        return f"{self.program}[{self.process}] {self.name} {self.path}"


class Interposer:
    """The compiled library and one map file below `folder`, for the changes below `root`."""

    def __init__(self, folder: Path, root: Path) -> None:
        """Compile the library if it is not there."""
        self.library = folder / "preload.so"
        self.map = folder / "map"
        self._root = root
        if not self.library.exists():
            words = ["gcc", "-O2", "-Wall", "-Wextra", "-Werror", "-shared", "-fPIC", "-o", str(self.library)]
            subprocess.run([*words, str(SOURCE), "-ldl"], check=True)

    def set(self, fault: Fault) -> dict[str, str]:
        """Start from nothing, with `fault`; the variables that a command needs."""
        head = _HEAD.pack(
            MODES.index(fault.mode),
            fault.classes,
            fault.error,
            fault.torn,
            fault.at,
            max(fault.at, fault.until),
            os.fsencode(self._root),
            fault.program.encode(),
            os.fsencode(fault.part),
        )
        self.map.unlink(missing_ok=True)
        with self.map.open("wb") as stream:
            stream.write(head)
            stream.truncate(_SIZE)
        return {
            "LD_PRELOAD": str(self.library),
            "FAULT_MAP": str(self.map),
            "SUREFOOT_PASS_ENV": ",".join(VARIABLES),
            "SUREFOOT_NO_CACHE": "1",  # every run makes the same calls, the first one, too
        }

    def hit(self) -> Call | None:
        """The first call at which the fault happened."""
        with self.map.open("rb") as stream:
            stream.seek(_PAGE)
            fired = _COUNTERS.unpack(stream.read(_COUNTERS.size))[-1]
            return _call(stream.read(_CALL.size)) if fired else None

    def count(self) -> int:
        """How many calls there were."""
        with self.map.open("rb") as stream:
            stream.seek(_PAGE)
            return int(_COUNTERS.unpack(stream.read(_COUNTERS.size))[0])

    def calls(self) -> list[Call]:
        """All of them, in the order in which they were made."""
        with self.map.open("rb") as stream:
            stream.seek(_AT_CALLS)
            data = stream.read(min(self.count(), _CALLS) * _CALL.size)
        return [_call(data[start : start + _CALL.size]) for start in range(0, len(data), _CALL.size)]

    def living(self) -> list[int]:
        """The processes that took part and are still there (a dead one that nobody waited for is not)."""
        return [process for process, start in self._processes() if start and _start_of(process) == start]

    def quiet(self, seconds: float = 60) -> None:
        """Return when none of them is left; `TimeoutError` if that takes too long."""
        deadline = time.monotonic() + seconds
        while living := self.living():
            if time.monotonic() > deadline:
                raise TimeoutError(f"still there: {living}")
            time.sleep(0.002)

    def _processes(self) -> Iterator[tuple[int, int]]:
        with self.map.open("rb") as stream:
            stream.seek(_PAGE)
            count = _COUNTERS.unpack(stream.read(_COUNTERS.size))[3]
            stream.seek(_AT_PROCESSES)
            data = stream.read(min(count, _PROCESSES) * _PROCESS.size)
        for process, _, start in _PROCESS.iter_unpack(data):
            yield process, start


def by_program(calls: list[Call]) -> Mapping[str, int]:
    """How many changes each program made, most first."""
    return dict(Counter(call.program for call in calls if call.kind != "sync").most_common())


def _call(data: bytes) -> Call:
    process, kind, *texts = _CALL.unpack(data)
    program, name, path = (os.fsdecode(text.split(b"\0", 1)[0]) for text in texts)
    names = {number: word for word, number in KINDS.items()}
    return Call(process, names[kind] if kind else "", program, name, path)


def _start_of(process: int) -> int:
    """When it started, in clock ticks since the machine did; 0 for one that is gone or only waits to be reaped."""
    try:
        fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0
    return 0 if fields[0] in {"Z", "X"} else int(fields[19])
