"""Running the tool in the copy, stopping it at a point, killing all of it, and looking at what comes of it."""

from __future__ import annotations

import json
import os
import sys
import time
from dataclasses import asdict
from typing import TYPE_CHECKING

from installer import files
from installer.frozen import dataclass, field
from installer.i18n import tr
from installer.selftest.killing import Ended, watch
from installer.selftest.pictures import Camera, Difference, Picture, differences

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

    from installer.selftest.counter import Target
    from installer.selftest.points import Point


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """One way out of a wreck, and whether it led where it should. `wreck`: where what it left is kept, if it failed."""

    name: str
    reached: bool = True
    problems: tuple[str, ...] = ()
    differences: tuple[Difference, ...] = ()
    said: tuple[str, ...] = ()
    seconds: float = 0.0
    wreck: str = ""

    @property
    def well(self) -> bool:
        """Did it hold?"""
        return not self.problems and not self.differences


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where the trials happen.

    root     the copy; at the same path in every trial, so that what holds a path is the same
    notes    where a run's trace goes
    words    the options that every run is started with
    variables the environment of every command
    state    the state folder, relative; elsewhere: that of SUREFOOT_CHECKPOINT_DIR, if it is set
    program  what the command calls itself, for its hints
    """

    root: Path
    notes: Path
    log: Path
    state: str
    victim: Path
    words: tuple[str, ...] = ()
    variables: Mapping[str, str] = field(default_factory=dict)
    elsewhere: Path | None = None
    program: str = "quickstart.py"

    def wreck(self, name: str) -> Path:
        """Where the copy goes when a trial failed."""
        return self.notes.with_name("wrecks") / name

    @property
    def script(self) -> Path:
        """The rollback script."""
        return (self.elsewhere or self.root / self.state / "checkpoints") / "rollback.sh"


class Trials:
    """Kills runs in the copy, which `copy` makes anew for each, and looks what becomes of them.

    An installer that has built from these very files before does less: in a fresh copy every run does the same.
    """

    def __init__(
        self,
        place: Place,
        camera: Camera,
        copy: Callable[[Path], None],
    ) -> None:
        self.place = place
        self._camera = camera
        self._copy = copy
        self.before: Picture = {}
        self.reference: Picture = {}
        self.variable: frozenset[str] = frozenset()

    # -- commands ---------------------------------------------------------------------------------------------------

    def install(self, target: Target | None = None, *, noted: bool = False) -> Ended:
        """Run the installation; stop it at `target`, if there is one."""
        return self._run("quickstart", ["-y", *self.place.words], target=target, noted=noted)

    def verify(self) -> Ended:
        """Compare every file of every package with its RECORD."""
        return self._run("manage", ["verify", "--deep"])

    def roll_back(self) -> Ended:
        """Take back every run."""
        return self._run("manage", ["rollback", "--all", "-y"])

    def picture(self) -> Picture:
        """The copy as it is now."""
        return self._camera.take()

    # -- trials -----------------------------------------------------------------------------------------------------

    def way(self, name: str, point: Point) -> Way:
        """Kill a run at `point`, then go the way `name`: resume, rollback, or script."""
        started = time.monotonic()
        self.renew()
        killed = self.install(point.target, noted=True)
        problems: list[str] = []
        found: tuple[Difference, ...] = ()
        said: tuple[str, ...] = ()
        for check in {"resume": self._resumed, "rollback": self._reverted, "script": self._scripted}[name]():
            ended, found = check
            if ended is not None and ended.status != 0:
                problems.append(tr("the command ended with exit code {status}", status=ended.status))
            if problems or found:
                said = ended.said if ended else ()
                break
        return Way(
            name=name,
            reached=killed.stopped,
            problems=tuple(problems),
            differences=found,
            said=said,
            seconds=time.monotonic() - started,
            wreck=self.set_aside(f"{point.name}-{name}") if problems or found else "",
        )

    def _resumed(self) -> Iterator[tuple[Ended | None, tuple[Difference, ...]]]:
        ended = self.install()
        yield ended, differences(self.reference, self.picture(), self.variable)
        yield self.verify(), ()
        yield from self._reverted()

    def _reverted(self) -> Iterator[tuple[Ended | None, tuple[Difference, ...]]]:
        ended = self.roll_back()
        yield ended, differences(self.before, self.picture())

    def _scripted(self) -> Iterator[tuple[Ended | None, tuple[Difference, ...]]]:
        ended = self._run_script() if self.place.script.exists() else None  # killed before there was anything to undo
        yield ended, differences(self.before, self.picture())
        yield from self._reverted()

    def set_aside(self, name: str) -> str:
        """Keep what a trial left, with its checkpoints; returns where."""
        wreck = self.place.wreck(name.replace("/", "_"))
        files.make_folder(wreck.parent)
        if self.place.elsewhere is not None and self.place.elsewhere.exists():
            os.rename(self.place.elsewhere, wreck.with_name(f"{wreck.name}.checkpoints"))
        os.rename(self.place.root, wreck)
        return str(wreck)

    def renew(self) -> None:
        """Make the copy, and take the picture that every way back must lead to."""
        files.remove_tree(self.place.root)
        if self.place.elsewhere is not None:
            files.remove_tree(self.place.elsewhere)
        files.make_folder(self.place.root.parent)
        self._copy(self.place.root)
        self.before = self.picture()

    # -- processes --------------------------------------------------------------------------------------------------

    def _run(self, door: str, words: Sequence[str], *, target: Target | None = None, noted: bool = False) -> Ended:
        asked = {
            "door": door,
            "root": str(self.place.root),
            "parent": os.getpid(),
            "program": self.place.program,
            **({"notes": str(self.place.notes)} if noted else {}),
            **({"target": asdict(target)} if target else {}),
        }
        return self._watch([sys.executable, "-I", str(self.place.victim), json.dumps(asked), *words])

    def _run_script(self) -> Ended:
        return self._watch(["sh", str(self.place.script)])

    def _watch(self, argv: Sequence[str]) -> Ended:
        place = self.place
        return watch(argv, cwd=place.root, variables=place.variables, notes=place.notes, log=place.log)
