"""Runs, their order, and putting them away."""

from __future__ import annotations

import gzip
import shutil
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from installer import clock
from installer import store as module
from installer.engine import Engine, Setting
from installer.errors import Damaged
from installer.model import RelPath
from tests.engine.toys import TOYS, Picture, picture

if TYPE_CHECKING:
    from pathlib import Path

Make = Callable[..., Engine]
BACK = Setting(kind="rollback")


def test_ids_never_go_backwards_whatever_the_clock_does(engine_of: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    """Runs are taken back in the order of their ids; every autumn has an hour twice."""
    ids = []
    for day in ("20251115", "20010101", "20251114", "20251116"):
        monkeypatch.setattr(clock, "second", lambda day=day: f"{day}_000000")
        ids.append(engine_of().run().install_id)
        engine_of(setting=BACK).rollback()
    assert ids == ["20251115_000000", "20251115_000000_2", "20251115_000000_3", "20251116_000000"]
    assert [run.install_id for run in engine_of().store.history()] == ids[::-1]


def test_a_damaged_archive_is_said_to_be_damaged(engine_of: Make, project: Path) -> None:
    for _ in range(2):
        install_id = engine_of().run().install_id
        engine_of(setting=BACK).rollback()
    store = engine_of().store
    (first,) = set(store.run_ids()) - {install_id}
    path = store.runs / first / "journal.jsonl.gz"
    for data in (path.read_bytes()[:-9], b"", b"no archive", gzip.compress(b"")):
        path.write_bytes(data)
        before = store.journal.read_bytes()
        with pytest.raises(Damaged):
            store.unarchive(first)
        assert store.journal.read_bytes() == before


def test_an_earlier_run_is_taken_back_after_a_later_one(engine_of: Make, project: Path, before: Picture) -> None:
    first = engine_of().run().install_id
    engine_of().store.archive()
    (project / "config.ini").write_text("between")
    between = picture(project)
    store = engine_of().store
    store.unarchive(first)
    assert engine_of(setting=BACK).rollback().conflicts == ("config.ini was changed since; it stays as you left it",)
    assert picture(project) != between


def test_a_moved_project_can_still_be_taken_back(engine_of: Make, project: Path, before: Picture) -> None:
    engine_of().run()
    moved = project.rename(project.with_name("moved"))
    store = module.Store(moved, RelPath(".surefoot"))
    outcome = Engine(store, order=(), actions=TOYS, plan=lambda *_: iter(()), setting=BACK).rollback()
    assert (outcome.problems, outcome.conflicts, picture(moved)) == ((), (), before)


def test_dissolving_leaves_nothing_but_what_was_set_aside(engine_of: Make, project: Path, before: Picture) -> None:
    engine_of().run()
    engine_of(setting=BACK).rollback()
    store = engine_of().store
    (store.folder / "notes.txt").write_text("of the user")
    assert store.dissolve()
    assert (store.folder / "kept" / "state" / "notes.txt").read_text() == "of the user"
    (store.folder / "kept" / "state" / "notes.txt").unlink()
    assert {path.name for path in store.folder.iterdir()} == {".gitignore", "kept"}
    assert [path.name for path in (store.folder / "kept").rglob("*") if path.is_file()] == ["generated.txt"]
    shutil.rmtree(store.folder / "kept")
    assert not store.dissolve()
    assert picture(project, without=()) == before
