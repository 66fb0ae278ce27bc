"""`fold`: the journal's records to the state of a run. The only memory there is; everything else is a view of it."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Literal

from installer import renames
from installer.errors import Damaged
from installer.frozen import dataclass, field, replace
from installer.model import (
    Checkpoint,
    Closed,
    Done,
    Failed,
    Intent,
    Json,
    Opened,
    PhaseStarted,
    Resumed,
    RollbackEnded,
    RollbackStarted,
    Step,
    Undo,
    Undone,
)
from installer.witness import Mark

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from installer.journal import Entry

StepStatus = Literal["open", "done", "failed", "undone"]
PhaseStatus = Literal["running", "completed", "failed"]


@dataclass(frozen=True, slots=True, kw_only=True)
class StepState:
    """One attempt at a step, and how it stands."""

    step: Step
    attempt: int
    undo: tuple[Undo, ...]
    status: StepStatus
    seq: int
    digests: Mapping[str, str] = field(default_factory=dict)
    result: Json = field(default_factory=dict)
    seconds: float = 0.0
    problems: tuple[str, ...] = ()
    conflicts: tuple[str, ...] = ()
    kept: tuple[str, ...] = ()
    boot_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PhaseState:
    """How a phase stands."""

    name: str
    status: PhaseStatus
    seconds: float = 0.0
    error: Json = field(default_factory=dict)
    message: str = ""


@dataclass(frozen=True, kw_only=True)
class Run:
    """One installation as its journal tells it.

    attempts    every attempt at every step, in the order of their intents
    checkpoints (name, seq, is it a rollback point, its note), oldest first
    rolling_back the checkpoint a rollback goes down to ("" = all); None when none is under way
    outcome     "" while the run is open
    head        the last record; `anchor` the last one that changes what must be taken back (see `witness`)
    """

    install_id: str = ""
    kind: str = ""
    facts: Json = field(default_factory=dict)
    started: str = ""
    updated: str = ""
    boot_id: str = ""
    attempts: tuple[StepState, ...] = ()
    phases: Mapping[str, PhaseState] = field(default_factory=dict)
    checkpoints: tuple[Checkpoint, ...] = ()
    checkpoint_seqs: tuple[int, ...] = ()
    rolling_back: str | None = None
    outcome: str = ""
    warnings: tuple[Json, ...] = ()
    head: Mark | None = None
    anchor: Mark | None = None

    @property
    def current_phase(self) -> str:
        """The phase that runs, or failed; else the last completed one."""
        for name, phase in self.phases.items():
            if phase.status != "completed":
                return name
        return list(self.phases)[-1] if self.phases else ""

    @cached_property
    def standing(self) -> tuple[StepState, ...]:
        """Attempts that are not taken back, in the order of their intents."""
        return tuple(each for each in self.attempts if each.status != "undone")

    @cached_property
    def done(self) -> Mapping[str, StepState]:
        """The last attempt of every step that is done and stands, by step id."""
        latest = {each.step.id: each for each in self.standing}
        return {name: each for name, each in latest.items() if each.status == "done"}

    @cached_property
    def shifting(self) -> tuple[StepState, ...]:
        """Done steps that gave things other names, or took something away in a guarded tree, in their order."""
        return tuple(each for each in self.standing if each.status == "done" and _shifts(each))

    @property
    def unfinished(self) -> tuple[StepState, ...]:
        """Steps whose last attempt was cut short or failed and is not taken back yet, newest first."""
        latest = {each.step.id: each for each in self.standing}
        return tuple(sorted((each for each in latest.values() if each.status != "done"), key=lambda each: -each.seq))

    @property
    def results(self) -> dict[str, Json]:
        """What the steps that stand returned, by step id."""
        return {name: dict(each.result) for name, each in self.done.items()}

    def taken_back(self) -> Run:
        """The same run with every attempt taken back."""
        undone = tuple(replace(each, status="undone") for each in self.attempts)
        return replace(self, attempts=undone, phases={}, rolling_back=None, outcome="rolled back")

    def undo_order(self, to: str = "") -> tuple[StepState, ...]:
        """What a rollback to the checkpoint `to` takes back ("" = everything), newest first.

        Raises `KeyError` for a checkpoint that is not there.
        """
        floor = self._seq_of(to) if to else 0
        return tuple(each for each in reversed(self.standing) if each.seq > floor)

    def _seq_of(self, name: str) -> int:
        for checkpoint, seq in zip(reversed(self.checkpoints), reversed(self.checkpoint_seqs), strict=True):
            if checkpoint.name == name:
                return seq
        raise KeyError(name)


def _shifts(state: StepState) -> bool:
    return bool(renames.of(state.step.effect)) or any(left.startswith("guard:") for left in state.digests.values())


def fold(entries: Iterable[Entry]) -> Run:
    """The state of the run that `entries` tell of. Raises `Damaged` for records that cannot follow each other."""
    folding = Folding()
    for entry in entries:
        folding.take(entry)
    return folding.run()


class Folding:
    """A fold that can go on: `take` an entry, ask for the `run`. Linear in the number of records.

    `begun` counts the attempts at each step; `changed` has the places of attempts that are new or stand otherwise than
    when it was emptied last.
    """

    def __init__(self) -> None:
        self.base = Run()
        self.last: Entry | None = None
        self.anchor: Entry | None = None
        self.attempts: list[StepState] = []
        self.changed: set[int] = set()
        self.begun: dict[str, int] = {}
        self.latest: dict[str, int] = {}
        self.numbered: dict[tuple[str, int], int] = {}
        self.phases: dict[str, PhaseState] = {}
        self.checkpoints: list[tuple[Checkpoint, int]] = []
        self.warnings: list[Json] = []

    def take(self, entry: Entry) -> None:  # noqa: C901 -- one arm a record kind; a table would hide the order
        """Let the state follow one more entry."""
        record = entry.record
        self._note(entry)
        match record:
            case Opened():
                self.base = Run(
                    install_id=record.install_id,
                    kind=record.kind,
                    facts=record.facts,
                    started=entry.time,
                    boot_id=str(record.facts.get("boot_id", "")),
                )
            case Resumed():
                facts = self.base.facts | ({"root": record.root} if record.root else {})
                self.base = replace(self.base, boot_id=record.boot_id, facts=facts)
            case PhaseStarted():
                self.phases.pop(record.phase, None)  # it goes on: again the last one
                self.phases[record.phase] = PhaseState(name=record.phase, status="running")
            case Intent():
                self.latest[record.step.id] = self.numbered[record.step.id, record.attempt] = len(self.attempts)
                self.begun[record.step.id] = self.begun.get(record.step.id, 0) + 1
                self.changed.add(len(self.attempts))
                self.attempts.append(
                    StepState(step=record.step, attempt=record.attempt, undo=record.undo, status="open", seq=entry.seq)
                )
            case Done():
                self._forget_warning(record.step)
                self._amend(
                    record.step,
                    status="done",
                    digests=record.digests,
                    result=record.result,
                    seconds=record.seconds,
                    boot_id=self.base.boot_id,
                )
            case Failed():
                self._failed(record)
            case Undone():
                self._undone(record)
            case Checkpoint():
                self.checkpoints.append((record, entry.seq))
                if not record.point:
                    self.phases[record.name] = PhaseState(
                        name=record.name, status="completed", seconds=record.seconds, message=record.note
                    )
            case RollbackStarted():
                self.base = replace(self.base, rolling_back=record.to, outcome="")
            case RollbackEnded():
                self._forget_after(record.to)
            case Closed():
                self.base = replace(self.base, outcome=record.outcome, rolling_back=None)

    def _note(self, entry: Entry) -> None:
        """Note how far we are, if this can come now: a checksum is no proof of sense, as anybody can compute one."""
        record = entry.record
        if isinstance(record, Opened) != (not self.base.install_id):
            raise _impossible(entry, "a run is opened by its first record, once")
        if isinstance(record, Done) and record.step not in self.latest:
            raise _impossible(entry, f"the step {record.step} was never begun")
        self.last = entry
        if isinstance(record, Opened | RollbackStarted) or (isinstance(record, Intent) and record.undo):
            self.anchor = entry

    def _amend(self, step: str, **changes: object) -> None:
        index = self.latest[step]
        self.changed.add(index)
        self.attempts[index] = replace(self.attempts[index], **changes)  # type: ignore[arg-type]  # fields by name

    def _failed(self, record: Failed) -> None:
        if record.step in self.latest and self.attempts[self.latest[record.step]].status == "open":
            self._amend(record.step, status="failed", digests=record.digests)
        if record.phase_back:
            self._doubt_since_the_last_checkpoint()
        if record.on_failure == "stop":
            self.phases[record.phase] = PhaseState(name=record.phase, status="failed", error=record.error)
        else:
            self._forget_warning(record.step)
            self.warnings.append({"step": record.step, "on_failure": record.on_failure} | record.error)

    def _forget_warning(self, step: str) -> None:
        """What is said of a step is what its last attempt came to."""
        self.warnings = [each for each in self.warnings if each["step"] != step]

    def _doubt_since_the_last_checkpoint(self) -> None:
        """What was done since is being taken back: cut short in that, nobody may take it for done."""
        floor = max((seq for _, seq in self.checkpoints), default=0)
        for index, each in enumerate(self.attempts):
            if each.seq > floor and each.status == "done":
                self.changed.add(index)
                self.attempts[index] = replace(each, status="failed")

    def _undone(self, record: Undone) -> None:
        """The attempt that was taken back; where the record names none, the newest that stands."""
        index = self.numbered.get((record.step, record.attempt)) if record.attempt else self.latest.get(record.step)
        if index is None or self.attempts[index].status == "undone":
            index = self._newest_standing(record)
        if index is not None:
            self.changed.add(index)
            self.attempts[index] = replace(
                self.attempts[index],
                status="failed" if record.problems else "undone",
                problems=record.problems,
                conflicts=record.conflicts,
                kept=record.kept,
            )

    def _newest_standing(self, record: Undone) -> int | None:
        """Looked for one by one: only where the same attempt is taken back twice."""
        for index in range(len(self.attempts) - 1, -1, -1):
            each = self.attempts[index]
            if each.step.id == record.step and each.status != "undone" and record.attempt in {0, each.attempt}:
                return index
        return None

    def _forget_after(self, to: str) -> None:
        """What was rolled back is no longer completed, and its checkpoints are gone."""
        floor = max((seq for checkpoint, seq in self.checkpoints if checkpoint.name == to), default=0)
        gone = {checkpoint.name for checkpoint, seq in self.checkpoints if seq > floor}
        self.checkpoints = [each for each in self.checkpoints if each[1] <= floor]
        self.phases = {
            name: phase
            for name, phase in self.phases.items()
            if name not in gone and (to or phase.status == "failed") and phase.status != "running"
        }
        self.base = replace(self.base, rolling_back=None)

    def run(self) -> Run:
        """The state after all entries so far."""
        return replace(
            self.base,
            updated=self.last.time if self.last else "",
            head=self._mark(self.last),
            anchor=self.mark,
            attempts=tuple(self.attempts),
            phases=dict(self.phases),
            checkpoints=tuple(checkpoint for checkpoint, _ in self.checkpoints),
            checkpoint_seqs=tuple(seq for _, seq in self.checkpoints),
            warnings=tuple(self.warnings),
        )

    @property
    def mark(self) -> Mark | None:
        """The last record that changes what must be taken back."""
        return self._mark(self.anchor)

    def _mark(self, entry: Entry | None) -> Mark | None:
        return Mark(self.base.install_id, entry.seq, entry.checksum) if entry else None


def _impossible(entry: Entry, what: str) -> Damaged:
    return Damaged("journal.record", f"the journal cannot be trusted: record {entry.seq}: {what}")
