"""Where one benchmark works: a folder of its own, the two programs, and how often."""

from __future__ import annotations

import os
import shutil
import sys
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks import subject
from benchmarks.figures import Goal, Row
from benchmarks.timing import Took, by_turns
from installer import toolenv

if TYPE_CHECKING:
    from collections.abc import Callable

    from benchmarks.subject import Subject

ROOT = Path(__file__).resolve().parents[1]


@dataclass(frozen=True)
class Room:
    """`quick`: one pair of the smallest size, to see that it runs."""

    folder: Path
    pairs: int
    quick: bool = False

    @cached_property
    def python(self) -> str:
        """A plain interpreter, no environment's and no version manager's shim: both sides are started with it."""
        return toolenv.base_interpreter()

    @cached_property
    def uv(self) -> str:
        """The very uv that Surefoot installs with."""
        beside = Path(sys.executable).with_name("uv.exe" if os.name == "nt" else "uv")
        return str(beside if beside.exists() else Path(toolenv.tool_python(str(ROOT))).with_name(beside.name))

    @cached_property
    def sync(self) -> list[str]:
        """What most is compared with."""
        return [self.uv, "sync", "--frozen", "--python", self.python]

    def ours(self, door: str, *words: str) -> list[str]:
        """Our command as a plain interpreter starts it."""
        return [self.python, str(ROOT / f"{door}.py"), *words]

    def subject(self, name: str) -> Subject:
        """A project to measure with; resolved once, which needs the package index. Quick: the smallest, always."""
        chosen = "small" if self.quick else name
        if chosen not in self._subjects:
            folder = self.folder / "subjects" / chosen
            self._subjects[chosen] = subject.make(folder, self.uv, subject.SETS[chosen])
        return self._subjects[chosen]

    @cached_property
    def _subjects(self) -> dict[str, Subject]:
        return {}

    def clean(self, name: str) -> Path:
        """An empty folder of that name."""
        folder = self.folder / name
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        return folder

    def compare(
        self,
        what: str,
        ours: Callable[[], Took],
        against: str,
        theirs: Callable[[], Took],
        goal: Goal | None = None,
    ) -> Row:
        """By turns, as a row."""
        turns = by_turns(self.pairs, ours, theirs, warm=not self.quick)
        return Row(
            what=what,
            ours=tuple(each.seconds for each in turns.ours),
            against=against,
            theirs=tuple(each.seconds for each in turns.theirs),
            cpu=tuple(each.cpu for each in turns.ours),
            their_cpu=tuple(each.cpu for each in turns.theirs),
            goal=goal,
        )
