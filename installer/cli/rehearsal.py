"""A rollback on copies of the project, with the hashes before, now and after: nothing is believed.

It is rehearsed twice, each time in a fresh copy: by the engine, and by `rollback.sh`.
"""

from __future__ import annotations

import sys
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from installer import files, guard, process, script
from installer.cli.output import table
from installer.copying import copy_tree
from installer.engine import Engine, Setting
from installer.errors import Conflict, Precondition
from installer.frozen import dataclass, replace
from installer.i18n import tr
from installer.model import Command, Delete, Json, Move, Planned, Restore, Undo
from installer.rollback import Place
from installer.show.words import clean, marks
from installer.store import Store

if TYPE_CHECKING:
    from collections.abc import Iterator

    from installer.state import Run


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One path: as it was before the run, as it is now, as the rehearsals left it."""

    path: str
    before: str
    now: str
    after: str
    script: str

    @property
    def well(self) -> bool:
        """Did the rollback, and the script, bring back what was there before?"""
        return self.before == self.after == self.script


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
        paths = [
            {"path": row.path, "before": row.before, "now": row.now, "after": row.after, "script": row.script}
            for row in self.rows
        ]
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
        head = ("", tr("path"), tr("before the run"), tr("now"), tr("after the rollback"), tr("after the script"))
        rows = [
            (
                mark["done" if row.well else "failed"],
                clean(row.path),
                _short(row.before),
                _short(row.now),
                _short(row.after),
                _short(row.script),
            )
            for row in self.rows
            if not row.before
            == row.now
            == row.after
            == row.script  # what came and went within the run is of no interest
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
    skip = frozenset() if environment == "active" else frozenset({environment})
    with _copied(store) as there:
        engine = Engine(
            there,
            order=(),
            actions={},
            plan=_nothing,
            setting=Setting(  # what lies outside of the copy is real
                kind="rollback", skip=tuple(there.root / each for each in skip), rehearsal=True
            ),
        )
        outcome = engine.rollback(why="rehearsal")
        after = {path: files.digest(there.root / path) for path in expected}
    with _copied(store) as there:
        problems = _by_script(there, skip)
        script_after = {path: files.digest(there.root / path) for path in expected}
    outside = tuple(each.step.title for each in run.standing if any(isinstance(undo, Command) for undo in each.undo))
    rows = (
        Row(path=path, before=expected[path], now=now[path], after=after[path], script=script_after[path])
        for path in sorted(expected)
    )
    return Rehearsal(
        install_id=run.install_id,
        rows=tuple(rows),
        problems=outcome.problems + problems,
        conflicts=outcome.conflicts,
        outside=outside,
    )


@contextmanager
def _copied(store: Store) -> Iterator[Store]:
    """The store of a fresh copy of the project, which is gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="surefoot-rehearsal-") as folder:
        copy, checkpoints = Path(folder) / "project", Path(folder) / "checkpoints"
        copy_tree(store.root, copy, inwards=False)  # what a link says is part of what is compared
        if store.elsewhere:
            copy_tree(store.elsewhere, checkpoints, inwards=False)
        yield Store(copy, store.state, checkpoints if store.elsewhere else None, copy_of=store.root)


def _by_script(store: Store, skip: frozenset[str]) -> tuple[str, ...]:
    """Take back by a `rollback.sh` without the commands that would undo what lies outside; returns its complaints."""
    run = store.current()
    attempts = tuple(
        replace(each, undo=tuple(undo for undo in each.undo if not isinstance(undo, Command))) for each in run.attempts
    )
    place = Place(
        root=store.root,
        state=store.state,
        install_id=run.install_id,
        skip=frozenset({store.folder, *(store.root / each for each in skip)}),
        copies=guard.Copies(),
    )
    script.write(replace(run, attempts=attempts), place, store.script)
    finished = process.run(["sh", str(store.script)], cwd=store.root, check=False)
    lines = [line for line in finished.stderr.splitlines() if line]
    return tuple(lines or [finished.argv[-1]]) if finished.status not in {0, Conflict.exit_code} else ()


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


def _short(digest: str) -> str:
    """A hash that can be compared by eye, or what is there instead."""
    if digest in {"absent", "folder"}:
        return tr("absent") if digest == "absent" else tr("folder")
    return clean(digest[:19] if digest.startswith("sha256:") else digest)
