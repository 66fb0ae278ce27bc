"""One look at a project's journal by the checkpoint API: locked, opened, appended to, its views renewed.

Each call of the API is a whole one: it takes the lock, reads the journal, appends, and lets go, so that a shell script
may use a process for every call and several may call at once.
"""

from __future__ import annotations

import os
import time
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from installer import __version__, brand, files, identity, pins, progress, script, summary, system
from installer.errors import Locked
from installer.frozen import dataclass
from installer.guard import Copies
from installer.logbook import adopt_script_rollback
from installer.model import Checkpoint, Closed, Json, Opened, Resumed
from installer.project import find_root
from installer.rollback import Place
from installer.state import Folding, Run
from installer.store import Store, boot_id

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from installer.brand import Brand
    from installer.journal import Journal
    from installer.model import Record
    from installer.state import StepState

KIND = "script"  # what `history` calls a run of somebody else's installer
PHASES = ("environment_setup", "submodule_sync", "python_deps", "packages", "verification", "cleanup")
START = "start"  # the rollback point that every run begins with
_PATIENCE = 30.0  # seconds; another call is done within milliseconds, an installation of ours is not
_POLL = 0.01


@dataclass(frozen=True, slots=True, kw_only=True)
class Project:
    """A project as the API sees it."""

    root: Path
    brand: Brand
    store: Store

    @property
    def disabled(self) -> bool:
        """Did the user switch the checkpoint system off (`SUREFOOT_DISABLE_CHECKPOINT=1`)?"""
        return self.brand.switch("DISABLE_CHECKPOINT")

    def own_name(self, phase: str) -> str:
        """The own name of the phase that the project calls `phase`."""
        return {shown: own for own, shown in self.brand.phase_names.items()}.get(phase, phase)

    def shown(self, phase: str) -> str:
        """The name that the project gives the phase."""
        return self.brand.phase_names.get(phase, phase)


def project(root: str | os.PathLike[str] | None) -> Project:
    """The project at `root`; without one, the one that the current folder lies in."""
    found = Path(os.path.realpath(root)) if root is not None else find_root(Path.cwd())
    names = brand.read(found)
    elsewhere = names.variable("CHECKPOINT_DIR")
    return Project(root=found, brand=names, store=Store(found, names.state, found / elsewhere if elsewhere else None))


def step_id(checkpoint: str) -> str:
    """The id of the step that keeps the configuration as it was at `checkpoint`."""
    return f"checkpoint.{checkpoint}.backup"


def kept_steps(run: Run) -> dict[str, StepState]:
    """The last attempt at every step of ours, taken back or not, by its id."""
    return {each.step.id: each for each in run.attempts if each.step.phase == "checkpoint"}


def phases_of(run: Run) -> tuple[str, ...]:
    """The phases that the script announced, last announcement first to count."""
    start = kept_steps(run).get(step_id(START))
    named = start.result.get("phases") if start else None
    return tuple(named or run.facts.get("phases") or PHASES)


def view(of: Project, run: Run) -> dict[str, object]:
    """The progress record of `run`."""
    order = phases_of(run) if run.kind == KIND else PHASES
    return progress.view(run, order, dict(of.brand.phase_names))


@dataclass(frozen=True, slots=True, kw_only=True)
class Glance:
    """A project's run as it is now, only read: nothing is locked, made or mended."""

    project: Project
    run: Run

    @property
    def is_open(self) -> bool:
        """Is there a run that has not ended?"""
        return bool(self.run.install_id) and not self.run.outcome


class Ledger:
    """The journal of a project, held under its lock."""

    def __init__(self, of: Project, journal: Journal, lock: int) -> None:
        self.project = of
        self.journal = journal
        self.lock = lock
        self._folding, self._taken, self._run = Folding(), 0, Run()

    @property
    def run(self) -> Run:
        """The run as its records tell it."""
        entries = self.journal.entries
        if self._taken < len(entries):
            for entry in entries[self._taken :]:
                self._folding.take(entry)
            self._taken, self._run = len(entries), self._folding.run()
        return self._run

    @property
    def is_open(self) -> bool:
        """Is there a run that has not ended?"""
        return bool(self.run.install_id) and not self.run.outcome

    @property
    def place(self) -> Place:
        """Where steps of the run work and keep their backups."""
        store = self.project.store
        return Place(
            root=store.root,
            state=store.state,
            install_id=self.run.install_id,
            skip=frozenset({store.folder, store.root / self.project.brand.environment}),
            copies=Copies(),
        )

    def record(self, record: Record) -> None:
        """Append `record`; it is durable on return."""
        self.journal.append(record)

    def reopen(self) -> None:
        """Read the journal anew: another hand wrote to it under the same lock."""
        self.journal = self.project.store.open_journal()
        self._folding, self._taken, self._run = Folding(), 0, Run()

    def open_run(self, *, phases: Sequence[str], mode: str, environment: str) -> None:
        """Put an ended run away and begin another."""
        store = self.project.store
        install_id = store.new_id()
        self.journal.close()
        store.archive()
        self.reopen()
        facts: Json = {
            "boot_id": boot_id(),
            "root": identity.of(store.root),
            "platform": system.name(),
            "tool_version": __version__,
            "mode": mode,
            "environment": environment,
            "phases": list(phases),
        }
        self.record(Opened(install_id=install_id, kind=KIND, facts=facts))

    def note_resumed(self) -> None:
        """The run goes on; noted only when the machine was started anew since."""
        if self.run.boot_id != boot_id():
            self.record(Resumed(boot_id=boot_id(), tool_version=__version__))

    def completed_checkpoint(self, name: str, *, note: str) -> None:
        """Note that a phase ended well, and how long it took."""
        self.record(Checkpoint(name=name, seconds=self._seconds(name), note=note))

    def renew_views(self) -> None:
        """Write `rollback.sh` and `install_progress.json` as the journal has it."""
        store = self.project.store
        text = script.render(self.run, self.place, store.script)
        if not store.script.is_file() or store.script.read_bytes() != text:  # most updates change nothing of it
            files.replace(store.script, text, mode=0o700)
        progress.write(store.progress, view(self.project, self.run))
        with suppress(OSError):  # without it the journal is read
            from installer import brief

            summary.write(store, self.run, brief.noted(self.project, self.run))

    def close_run(self, outcome: str) -> None:
        """The run is over."""
        self.record(Closed(outcome=outcome))

    def _seconds(self, phase: str) -> float:
        """Time since the phase was last started; 0 if it never was."""
        from datetime import datetime

        from installer.model import PhaseStarted

        for entry in reversed(self.journal.entries):
            if isinstance(entry.record, PhaseStarted) and entry.record.phase == phase:
                passed = datetime.now().astimezone() - datetime.fromisoformat(entry.time)
                return round(max(0.0, passed.total_seconds()), 3)
        return 0.0


@contextmanager
def held(of: Project) -> Iterator[Ledger]:
    """The project's ledger, for one call. Raises `Locked`, `Damaged`, `Precondition`."""
    with pins.pinned(of.root), _held(of) as ledger:
        yield ledger


@contextmanager
def _held(of: Project) -> Iterator[Ledger]:
    with locked(of) as descriptor:
        run, reading = of.store.look()
        if not run.outcome:
            of.store.check_owner(run)
        if of.store.script_note():
            adopt_script_rollback(of.store)
            run, reading = of.store.look()
        ledger = Ledger(of, of.store.open_journal(reading), descriptor)
        try:
            yield ledger
        finally:
            ledger.journal.close()


@contextmanager
def locked(of: Project) -> Iterator[int]:
    """The project's lock, waited for as long as other calls of this kind may take. Raises `Locked`, `Precondition`."""
    of.store.prepare()
    files.make_folder(of.store.folder / "checkpoints")  # rollback.sh leaves its note there, wherever the rest is
    deadline = time.monotonic() + _PATIENCE
    with ExitStack() as stack:
        while True:
            try:
                descriptor = stack.enter_context(of.store.lock(wait=False, waiting=lambda _: None))
                break
            except Locked:
                if time.monotonic() > deadline:
                    raise
                time.sleep(_POLL)
        yield descriptor
