"""A rollback on a copy of the project, with the hashes before, now and after: nothing is believed."""

from __future__ import annotations

import os
import shutil
import stat
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from installer import files
from installer.cli.output import table
from installer.engine import Engine, Setting
from installer.errors import Precondition
from installer.i18n import tr
from installer.model import Command, Delete, Json, Move, Planned, Restore, Undo
from installer.show.words import clean, marks
from installer.store import Store

if TYPE_CHECKING:
    from installer.state import Run


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One path: as it was before the run, as it is now, as the rehearsal left it."""

    path: str
    before: str
    now: str
    after: str

    @property
    def well(self) -> bool:
        """Did the rollback bring back what was there before?"""
        return self.before == self.after


@dataclass(frozen=True, slots=True, kw_only=True)
class Rehearsal:
    """What the rollback of a copy came to. `outside`: steps whose effect lies elsewhere, and was not rehearsed."""

    install_id: str
    rows: tuple[Row, ...]
    problems: tuple[str, ...]
    conflicts: tuple[str, ...]
    outside: tuple[str, ...] = ()

    @property
    def well(self) -> bool:
        """Would a rollback leave everything as it was?"""
        return not self.problems and all(row.well for row in self.rows)

    def as_json(self) -> Json:
        """The facts for scripts."""
        paths = [{"path": row.path, "before": row.before, "now": row.now, "after": row.after} for row in self.rows]
        return {
            "install_id": self.install_id,
            "well": self.well,
            "paths": paths,
            "problems": list(self.problems),
            "conflicts": list(self.conflicts),
            "outside": list(self.outside),
        }

    def lines(self) -> list[str]:
        """The same for people."""
        mark = marks(sys.stdout)
        head = ("", tr("path"), tr("before the run"), tr("now"), tr("after the rollback"))
        rows = [
            (
                mark["done" if row.well else "failed"],
                clean(row.path),
                _short(row.before),
                _short(row.now),
                _short(row.after),
            )
            for row in self.rows
            if not row.before == row.now == row.after  # what came and went within the run is of no interest
        ]
        last = (
            tr("A rollback brings everything back.") if self.well else tr("A rollback would not bring everything back.")
        )
        outside = [
            tr("what lies outside of the project was not rehearsed: {title}", title=clean(each))
            for each in self.outside
        ]
        return [
            *table([head, *rows]),
            *outside,
            *(f"{mark['failed']} {clean(each)}" for each in self.problems),
            "",
            last,
        ]


def rehearse(store: Store, environment: str) -> Rehearsal:
    """Copy the project, roll the copy back, compare. Raises `Precondition` where there is nothing to roll back."""
    run = store.current()
    if not run.standing:
        raise Precondition("rollback.nothing", tr("there is nothing to take back"))
    expected = _before(run)
    now = {path: files.digest(store.root / path) for path in expected}
    with tempfile.TemporaryDirectory(prefix="surefoot-rehearsal-") as folder:
        copy = Path(folder) / "project"
        _copy(store.root, copy)
        if store.elsewhere:
            _copy(store.elsewhere, Path(folder) / "checkpoints")
        elsewhere = Path(folder) / "checkpoints" if store.elsewhere else None
        there = Store(copy, store.state, elsewhere, copy_of=store.root)
        skip = () if environment == "active" else (copy / environment,)
        engine = Engine(
            there,
            order=(),
            actions={},
            plan=_nothing,
            setting=Setting(kind="rollback", skip=skip, rehearsal=True),  # what lies outside of the copy is real
        )
        outcome = engine.rollback(why="rehearsal")
        after = {path: files.digest(copy / path) for path in expected}
    outside = tuple(each.step.title for each in run.standing if any(isinstance(undo, Command) for undo in each.undo))
    rows = (Row(path=path, before=expected[path], now=now[path], after=after[path]) for path in sorted(expected))
    return Rehearsal(
        install_id=run.install_id,
        rows=tuple(rows),
        problems=outcome.problems,
        conflicts=outcome.conflicts,
        outside=outside,
    )


def _nothing(_phase: str, _facts: object) -> Planned:
    yield from ()


def _before(run: Run) -> dict[str, str]:
    """What the journal says of each path before the run: the oldest note counts."""
    found: dict[str, str] = {}
    for attempt in run.undo_order():
        for undo in attempt.undo:
            if (noted := _noted(undo)) is not None:
                found[noted[0]] = noted[1]
    return found


def _noted(undo: Undo) -> tuple[str, str] | None:
    match undo:
        case Delete(path=path):
            return path, "absent"
        case Restore(path=path, kind="file"):
            return path, f"sha256:{undo.sha256}"
        case Restore(path=path, kind="link"):
            return path, f"link:{undo.target}"
        case Restore(path=path):
            return path, "folder"
        case Move(path=path):
            return path, "absent"
        case _:
            return None


def _copy(source: Path, target: Path) -> None:
    """Copy a tree with its links and modes; sockets, pipes and devices stay where they are."""
    shutil.copytree(source, target, symlinks=True, ignore=_special)


def _special(folder: str, names: list[str]) -> set[str]:
    return {name for name in names if _is_special(os.path.join(folder, name))}


def _is_special(path: str) -> bool:
    mode = os.lstat(path).st_mode
    return not (stat.S_ISREG(mode) or stat.S_ISDIR(mode) or stat.S_ISLNK(mode))


def _short(digest: str) -> str:
    """A hash that can be compared by eye."""
    return clean(digest[:19] if digest.startswith("sha256:") else digest)
