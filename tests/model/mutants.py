"""Engines that are broken on purpose, each in one way; the model must notice every one."""

from __future__ import annotations

import gzip
import os
from collections.abc import Callable
from dataclasses import replace as changed
from typing import TYPE_CHECKING, Any

from installer import files, rollback, script
from installer.engine import Engine
from installer.guard import undo as guard_undo
from installer.journal import Journal
from installer.model import Done, Intent, Undone
from installer.reversal import Reversal
from installer.store import Store
from installer.workbench import Workbench
from tests.model import toys

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    import pytest

    from installer.model import Step, Undo
    from installer.rollback import Place, Undoing
    from installer.state import Folding, StepState

Mutant = Callable[["pytest.MonkeyPatch"], None]


def intent_after_the_action(patch: pytest.MonkeyPatch) -> None:
    """What is done first and written down then is unknown after a cut between the two."""

    def do(self: Engine, step: Step) -> None:
        book, attempt = self._logbook, _attempt(self, step)
        undo = rollback.capture(step, attempt, book.place())
        result = self.actions[step.action](step.args, self._workbench.context(step))
        book.record(Intent(step=step, attempt=attempt, undo=undo))
        book.write_script()
        digests = rollback.left(step, attempt, undo, book.place())
        self._workbench.clear(step)
        book.record(Done(step=step.id, seconds=0, digests=digests, result=dict(result or {})))

    patch.setattr(Engine, "_do", do)


def done_before_the_action(patch: pytest.MonkeyPatch) -> None:
    """A step that is said to be done before it is."""

    def do(self: Engine, step: Step) -> None:
        book, attempt = self._logbook, _attempt(self, step)
        undo = rollback.capture(step, attempt, book.place())
        book.record(Intent(step=step, attempt=attempt, undo=undo))
        book.write_script()
        book.record(Done(step=step.id, seconds=0))
        self.actions[step.action](step.args, self._workbench.context(step))
        self._workbench.clear(step)

    patch.setattr(Engine, "_do", do)


def script_after_the_action(patch: pytest.MonkeyPatch) -> None:
    """rollback.sh that does not know the step which runs."""
    real = script.render

    def render(_growing: script.Growing, folding: Folding, place: Place, path: Path) -> bytes:
        run = folding.run()
        known_to_it = tuple(each for each in run.attempts if each.status != "open")
        return real(changed(run, attempts=known_to_it), place, path)

    patch.setattr(script.Growing, "render", render)


def no_sync_of_folders(patch: pytest.MonkeyPatch) -> None:
    """A rename is atomic, and it is not durable by itself."""
    patch.setattr(files, "sync_folder", lambda _: None)


def no_sync_of_files(patch: pytest.MonkeyPatch) -> None:
    """A name may be durable before the bytes are."""
    patch.setattr(files, "sync", lambda _: None)


def written_in_place(patch: pytest.MonkeyPatch) -> None:
    """A file that is cut off and written anew is neither the old nor the new one in between."""

    def replace(path: Path, data: bytes | Iterable[bytes], *, mode: int = 0o600, lasting: str = "name") -> None:
        if path.is_symlink():
            path.unlink()
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode)
        for block in (data,) if isinstance(data, bytes) else data:
            files.write_all(descriptor, block)
        os.fchmod(descriptor, mode)
        files.sync(descriptor)
        os.close(descriptor)
        files.sync_folder(path.parent)

    patch.setattr(files, "replace", replace)


def renamed_before_the_bytes_are_there(patch: pytest.MonkeyPatch) -> None:
    """The classical mistake: temporary file and rename, without an fsync in between."""
    real = files.replace

    def replace(path: Path, data: bytes | Iterable[bytes], *, mode: int = 0o600, lasting: str = "name") -> None:
        real(path, data, mode=mode, lasting="nothing")
        files.sync_folder(path.parent)

    patch.setattr(files, "replace", replace)


def undo_that_cannot_be_repeated(patch: pytest.MonkeyPatch) -> None:
    """A backup that is moved back, not copied, is gone when the undo is cut short after it."""

    def put_back(undo: Any, path: Path, place: Place, *, over: bool) -> None:
        if over and undo.kind == "file":
            os.rename(place.root / undo.backup, path)
            files.change_mode(path, undo.mode)
            files.sync_folder(path.parent)
        elif undo.kind == "link":
            files.link(undo.target, path)

    patch.setattr(rollback, "_put_back", put_back)


def undo_in_the_order_of_the_steps(patch: pytest.MonkeyPatch) -> None:
    """Oldest first: what a later step needs is taken from under it."""
    real = Reversal.take_back
    patch.setattr(Reversal, "take_back", lambda self, states: real(self, reversed(tuple(states))))


def scratch_outside_of_the_footprint(patch: pytest.MonkeyPatch) -> None:
    """A file beside the project's own that no effect tells of."""
    real = Workbench.context

    def context(self: Workbench, step: Step) -> Any:
        toys.put(self.store.root / "scratch.tmp", "by the step")
        made = real(self, step)
        files.remove(self.store.root / "scratch.tmp")
        return made

    patch.setattr(Workbench, "context", context)


def trusting_what_was_said(patch: pytest.MonkeyPatch) -> None:
    """An exit status, a record: no proof that it is on the disk after the power was gone."""
    patch.setattr(rollback, "holds", lambda *_: True)
    patch.setattr(rollback, "_settle", lambda *_: None)
    patch.setattr(Engine, "_already", _already_said)


def _already_said(self: Engine, step: Step, run: Any) -> bool:
    state = run.done.get(step.id)
    return state is not None and not run.outcome and state.step.same_as(step)


def third_parties_are_not_synced(patch: pytest.MonkeyPatch) -> None:
    """`Done` before what a foreign program wrote is durable."""
    patch.setattr(rollback, "_settle", lambda *_: None)


def backups_deleted_before_the_end_is_marked(patch: pytest.MonkeyPatch) -> None:
    """What recovery needs goes before it is on the disk that nothing needs it any more."""

    def perform(undo: Undo, *rest: Any) -> Undoing:
        done = _perform(undo, *rest)
        place = rest[2]
        files.remove_tree(place.root / place.stash)
        return done

    _perform = rollback.perform
    patch.setattr(rollback, "perform", perform)


def undone_before_it_is(patch: pytest.MonkeyPatch) -> None:
    """The note that a step was taken back comes first."""
    real = Reversal._one  # noqa: SLF001 -- the mutant's own part of it

    def one(self: Reversal, state: StepState) -> Undoing:
        self.logbook.record(Undone(step=state.step.id, attempt=state.attempt))
        return real(self, state)

    patch.setattr(Reversal, "_one", one)


def no_undo_of_open_steps(patch: pytest.MonkeyPatch) -> None:
    """What was cut short is simply done again."""
    patch.setattr(Reversal, "unfinished", lambda *_: None)


def archived_after_it_was_removed(patch: pytest.MonkeyPatch) -> None:
    """The journal is removed before its copy is durable."""

    def archive(self: Store) -> None:
        run = self.current()
        if not run.install_id:
            files.remove(self.journal)
            return
        data = gzip.compress(self.journal.read_bytes(), mtime=0)
        files.remove(self.journal)
        files.make_folder(self.runs / run.install_id)
        files.replace(self.runs / run.install_id / "journal.jsonl.gz", data)

    patch.setattr(Store, "archive", archive)


def a_journal_that_is_not_cut_back(patch: pytest.MonkeyPatch) -> None:
    """A record behind half a line is lost with it."""
    patch.setattr(Journal, "_cut_back", lambda _: None)


def guards_that_trust_size_and_time(patch: pytest.MonkeyPatch) -> None:
    """Bytes may have come through where the new time of the file did not."""
    patch.setattr(guard_undo, "_doubted", lambda found, _: found)


def _attempt(engine: Engine, step: Step) -> int:
    return sum(each.step.id == step.id for each in engine._logbook.state().attempts) + 1  # noqa: SLF001


MUTANTS = (
    intent_after_the_action,
    done_before_the_action,
    script_after_the_action,
    no_sync_of_folders,
    no_sync_of_files,
    written_in_place,
    renamed_before_the_bytes_are_there,
    undo_that_cannot_be_repeated,
    undo_in_the_order_of_the_steps,
    scratch_outside_of_the_footprint,
    trusting_what_was_said,
    third_parties_are_not_synced,
    backups_deleted_before_the_end_is_marked,
    undone_before_it_is,
    no_undo_of_open_steps,
    archived_after_it_was_removed,
    a_journal_that_is_not_cut_back,
    guards_that_trust_size_and_time,
)
