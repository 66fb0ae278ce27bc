"""The open journal of a run with everything that follows from it: the state, the two views, and who is told.

Threads may share it: a record is appended, then told, one at a time.
"""

from __future__ import annotations

from _thread import RLock  # without `threading`, which is not needed for a lock
from contextlib import suppress
from typing import TYPE_CHECKING

from installer import files, guard, identity, progress, script, system
from installer.model import Closed, Opened, RollbackEnded, RollbackStarted, Undone
from installer.rollback import Place
from installer.state import Folding, Run, fold
from installer.store import SCRIPT_NOTE, boot_id

if TYPE_CHECKING:
    from collections.abc import Sequence

    from installer.journal import Journal, Reading
    from installer.model import Event, Observer, Record
    from installer.setting import Setting
    from installer.store import Store


class Logbook:
    """What is known of a run, and the only way to add to it."""

    def __init__(self, store: Store, setting: Setting, order: Sequence[str], observers: Sequence[Observer]) -> None:
        self.store = store
        self.setting = setting
        self.order = order
        self.observers = observers
        self._journal: Journal | None = None
        self._lock = RLock()
        self._folding = Folding()
        self._folded = 0
        self._run = Run()
        self._script = script.Growing()
        self._written: script.Written | None = None
        self._copies = guard.Copies()

    @property
    def is_open(self) -> bool:
        """Is there a run to add to?"""
        return self._journal is not None

    def open_existing(self, known: tuple[Run, Reading] | None = None) -> None:
        """Open the journal of an unfinished run; a finished one only to be rolled back. `known`: what `look` just said.

        Raises `Damaged`, also for a run of another place.
        """
        if self._journal is not None:
            return
        run, reading = known or self.store.look()
        if not self.store.journal.exists():
            return
        if self.store.script_note():
            adopt_script_rollback(self.store)
            run, reading = self.store.look()
        if run.install_id and (not run.outcome or self.setting.kind == "rollback"):
            self.store.check_owner(run)
            self._journal = self.store.open_journal(reading)

    def begin(self, install_id: str) -> None:
        """Put the last run away and open the journal of another."""
        self.store.prepare()
        self.store.archive()
        self._journal = self.store.open_journal()
        facts = {
            "boot_id": boot_id(),
            "root": identity.of(self.store.root),
            "platform": system.name(),
        } | self.setting.facts
        self.record(Opened(install_id=install_id, kind=self.setting.kind, facts=facts))

    def close(self) -> None:
        """Let go of the journal; what was folded from it is forgotten."""
        if self._journal is not None:
            self._journal.close()
            self._journal = None
        self._folding, self._folded, self._run = Folding(), 0, Run()
        self._script, self._written = script.Growing(), None

    def state(self) -> Run:
        """The run as the journal tells it: folded on from where the last look ended."""
        if self._journal is None:
            return Run()
        with self._lock:
            folding = self._caught_up(self._journal)
            if self._run.head is None or folding.last is None or self._run.head.seq != folding.last.seq:
                self._run = folding.run()
            return self._run

    def _caught_up(self, journal: Journal) -> Folding:
        for entry in journal.entries[self._folded :]:
            self._folding.take(entry)
        self._folded = len(journal.entries)
        return self._folding

    # What is asked for before every step is not worth a copy of all that is known of the run.

    @property
    def install_id(self) -> str:
        """The run's id; empty where none is open."""
        if self._journal is None:
            return ""
        with self._lock:
            return self._caught_up(self._journal).base.install_id

    def attempts_at(self, step: str) -> int:
        """How often the step of that id was begun."""
        if self._journal is None:
            return 0
        with self._lock:
            return self._caught_up(self._journal).begun.get(step, 0)

    def place(self) -> Place:
        """Where the steps of the run work, and where their undo is kept."""
        return Place(
            root=self.store.root,
            state=self.store.state,
            install_id=self.install_id,
            skip=frozenset({self.store.folder, *self.setting.skip}),
            copies=self._copies,
        )

    def record(self, record: Record) -> None:
        """Append `record`, durable on return, and tell the observers. Nothing where no run is open."""
        with self._lock:
            if self._journal is None:
                return
            self._journal.append(record)
        self.tell(record)

    def tell(self, event: Event) -> None:
        """Let the observers see `event`."""
        with self._lock:
            for observer in self.observers:
                with suppress(OSError):  # a closed terminal or a full disk for the log must not stop the run
                    observer(event)

    def write_script(self) -> None:
        """Renew rollback.sh."""
        with self._lock:
            folding = self._caught_up(self._journal) if self._journal is not None else Folding()
            text = self._script.render(folding, self.place(), self.store.script)
            self._written = script.replace(self.store.script, text, self._written)

    def write_progress(self) -> None:
        """Renew install_progress.json."""
        with self._lock:
            progress.write(self.store.progress, self._view(self.state()))

    def write_report(self) -> None:
        """Put the report of the closed run beside its lock: the progress record with every step, for people later."""
        run = self.state()
        steps = [
            {"id": each.step.id, "title": each.step.title, "seconds": each.seconds, "result": each.result}
            for each in run.done.values()
        ]
        folder = self.store.runs / run.install_id
        files.make_folder(folder, durable=False)
        progress.write(folder / "report.json", self._view(run) | {"steps": steps})

    def heal_progress(self, run: Run) -> None:
        """The progress file is a view of the journal: one that says anything else is written anew."""
        if run.install_id and run.kind == self.setting.kind and progress.differs(self.store.progress, self._view(run)):
            progress.write(self.store.progress, self._view(run))

    def _view(self, run: Run) -> dict[str, object]:
        return progress.view(run, self.order, dict(self.setting.shown))


def adopt_script_rollback(store: Store) -> None:
    """`rollback.sh` ran to its end: what it took back is noted, so that nobody takes it back again."""
    install_id = store.script_note()
    if not install_id:
        return
    journal = store.open_journal()
    run = fold(journal.entries)
    if run.install_id == install_id and run.outcome != "rolled back":
        journal.append(RollbackStarted(why="rollback.sh"))
        for state in run.undo_order():
            journal.append(Undone(step=state.step.id, attempt=state.attempt))
        journal.append(RollbackEnded())
        journal.append(Closed(outcome="rolled back"))
    journal.close()
    files.remove(store.folder / "checkpoints" / SCRIPT_NOTE, durable=False)
