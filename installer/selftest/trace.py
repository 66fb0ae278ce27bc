"""What an undisturbed run noted: its changes of the disk by number, and the programs it started with their times."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from installer.frozen import dataclass

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One change of the disk by the tool itself."""

    number: int
    phase: str
    step: str
    what: str
    path: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Child:
    """One program that the tool started; `seconds` is how long it lived, -1 while it does."""

    name: str
    phase: str
    program: str
    pid: int
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Trace:
    """All of a run. `changes` has only the last of them when the run was to be stopped at one."""

    changes: tuple[Change, ...] = ()
    children: tuple[Child, ...] = ()

    @property
    def living(self) -> tuple[Child, ...]:
        """The programs that had not ended."""
        return tuple(each for each in self.children if each.seconds < 0)


def read(path: Path) -> Trace:
    """The notes at `path`; a torn last line is passed over, and no file is an empty trace."""
    changes: list[Change] = []
    children: dict[int, tuple[Child, float]] = {}
    ended: list[Child] = []
    for line in path.read_text(encoding="utf-8").splitlines() if path.exists() else ():
        try:
            facts = json.loads(line)
        except ValueError:
            continue
        if "number" in facts:
            changes.append(Change(**facts))
        elif "child" in facts:
            child = Child(
                name=facts["child"], phase=facts["phase"], program=facts["program"], pid=facts["pid"], seconds=-1
            )
            children[facts["pid"]] = child, facts["at"]
        elif facts.get("ended") in children:
            child, began = children.pop(facts["ended"])
            seconds = facts["at"] - began
            ended.append(
                Child(name=child.name, phase=child.phase, program=child.program, pid=child.pid, seconds=seconds)
            )
    return Trace(changes=tuple(changes), children=(*ended, *(child for child, _ in children.values())))
