"""Taking an upgrade back, going back to an earlier environment; and whether the size of the environment matters."""

from __future__ import annotations

from typing import TYPE_CHECKING

from benchmarks import ballast, subject
from benchmarks.figures import Curve, Goal, Point, Row
from benchmarks.timing import Took, run

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from benchmarks.room import Room
    from benchmarks.subject import Subject

_SIZES = (10, 100, 1_000)  # MB
_TO_OLD = "`uv sync --frozen` to the old lock"


def rollback(room: Room) -> Iterator[Row]:
    """An upgrade is taken back: from the newer state of the project to the older one."""
    made = room.subject("application")
    yield _Upgrade(room, made, "back").row(f"an upgrade taken back, {made.packages} packages")


def flat(room: Room) -> Iterator[Curve]:
    """The same with ever more data in the environment, in files of 1 MB of a wheel that is not upgraded."""
    points = []
    for size in _SIZES[:1] if room.quick else _SIZES:
        folder = room.clean(f"flat-{size}")
        wheel = ballast.wheel(folder, size)
        extra = f'\n[tool.uv.sources]\nballast = {{ path = "{wheel.as_posix()}" }}\n'
        made = subject.make(folder / "subject", room.uv, ("idna <3.7", "ballast "), extra=extra)
        cache = {"UV_CACHE_DIR": str(room.clean(f"flat-{size}-cache"))}  # where it can be linked from, and goes again
        row = _Upgrade(room, made, f"flat-{size}-project", cache).row(f"{size} MB")
        points.append(Point(size=size, seconds=_median(row.ours), theirs=_median(row.theirs)))
        room.clean(f"flat-{size}"), room.clean(f"flat-{size}-cache")
    what = "an upgrade taken back, by the size of the environment"
    yield Curve(what=what, axis="MB in the environment", points=tuple(points), against=_TO_OLD)


def restore(room: Room) -> Iterator[Row]:
    """From one of two kept environments to the other, and back."""
    made = room.subject("application")
    project = made.put(made.old, room.clean("restore-ours"))
    theirs = made.put(made.old, room.clean("restore-theirs"))
    run(room.ours("quickstart", "-y"), project)
    made.put(made.new, project)
    run(room.ours("quickstart", "-y"), project)

    def sync() -> Took:
        made.put(made.new, theirs)
        run(room.sync, theirs)
        made.put(made.old, theirs)
        return run(room.sync, theirs)

    what = f"an earlier environment again, {made.packages} packages"
    yield room.compare(what, lambda: run(_restore(room, project), project), _TO_OLD, sync, Goal(0.3))


def _restore(room: Room, project: Path) -> list[str]:
    """The command that goes to the one kept environment that is not in use."""
    (other,) = (project / ".surefoot" / "generations").iterdir()
    return room.ours("manage", "restore", other.name, "-y")


class _Upgrade:
    """A project on either side that is upgraded, and brought back."""

    def __init__(self, room: Room, made: Subject, name: str, extra: dict[str, str] | None = None) -> None:
        self.room = room
        self.made = made
        self.extra = extra
        self.ours = made.put(made.old, room.clean(f"{name}-ours"))
        self.theirs = made.put(made.old, room.clean(f"{name}-theirs"))
        self._install()

    def row(self, what: str) -> Row:
        """The way back, by turns."""
        row = self.room.compare(what, self._rollback, _TO_OLD, self._sync_back, Goal(0.3))
        self.room.clean(self.ours.name), self.room.clean(self.theirs.name)
        return row

    def _install(self) -> None:
        run(self.room.ours("quickstart", "-y"), self.ours, extra=self.extra)

    def _rollback(self) -> Took:
        self.made.put(self.made.new, self.ours)
        self._install()
        took = run(self.room.ours("manage", "rollback", "-y"), self.ours, extra=self.extra)
        self.made.put(self.made.old, self.ours)
        return took

    def _sync_back(self) -> Took:
        self.made.put(self.made.new, self.theirs)
        run(self.room.sync, self.theirs, extra=self.extra)
        self.made.put(self.made.old, self.theirs)
        return run(self.room.sync, self.theirs, extra=self.extra)


def _median(values: tuple[float, ...]) -> float:
    return sorted(values)[len(values) // 2]
