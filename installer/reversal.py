"""Backwards: take steps back, newest first, and note it, so that a reversal that is cut short goes on."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from installer import rollback
from installer.errors import Conflict, InstallerError, RollbackIncomplete, UsageError
from installer.frozen import replace
from installer.i18n import tr
from installer.model import Closed, RollbackEnded, RollbackStarted, Undone
from installer.outcome import Outcome
from installer.rollback import Undoing

if TYPE_CHECKING:
    from collections.abc import Iterable

    from installer.logbook import Logbook
    from installer.state import StepState
    from installer.workbench import Workbench


class Reversal:
    """Takes back what a logbook tells of."""

    def __init__(self, logbook: Logbook, workbench: Workbench) -> None:
        self.logbook = logbook
        self.workbench = workbench

    def take_back(self, states: Iterable[StepState]) -> Undoing:
        """Take back attempts in the order given. What could not be done is in the journal, and returned."""
        total = Undoing()
        for state in states:
            total = _merge(total, self._one(state))
        return total

    def unfinished(self) -> None:
        """Take back steps that were cut short, unless they may simply be run again."""
        self.take_back(each for each in self.logbook.state().unfinished if not each.step.effect.repeatable)

    def to(self, checkpoint: str, *, why: str) -> Outcome:
        """Take back the run down to `checkpoint` ("": all of it). Raises `UsageError` for one that is not there."""
        run = self.logbook.state()
        try:
            order = run.undo_order(checkpoint)
        except KeyError:
            known = ", ".join(each.name for each in run.checkpoints)
            raise UsageError(
                "checkpoint.unknown",
                tr("there is no checkpoint `{name}`", name=checkpoint),
                hint=tr("there are: {names}", names=known),
            ) from None
        if run.rolling_back != checkpoint:
            self.logbook.record(RollbackStarted(to=checkpoint, why=why))
        with suppress(OSError):  # the one that is there may be of a later run, that is taken back already
            self.logbook.write_script()
        undoing = self.take_back(order)
        self.logbook.record(RollbackEnded(to=checkpoint))
        state = "rollback incomplete" if undoing.problems else "rolled back"
        if not checkpoint or undoing.problems:
            self.logbook.record(Closed(outcome=state))
        self.renew_views()
        return Outcome(
            state=state,
            install_id=run.install_id,
            problems=undoing.problems,
            conflicts=undoing.conflicts,
            kept=undoing.kept,
            undone=len(order),
            error=_error(undoing),
        )

    def after_failure(self, error: InstallerError) -> Outcome:
        """Take back the failed phase, or what the setting says, and tell what is kept."""
        run, wish = self.logbook.state(), self.logbook.setting.on_failure
        if wish == "run":
            return replace(self.to("", why=error.code), error=error)
        floor = run.checkpoint_seqs[-1] if run.checkpoint_seqs else 0
        undoing = self.take_back(
            each for each in run.undo_order() if (each.seq > floor if wish == "phase" else each.status != "done")
        )
        self.renew_views()
        run = self.logbook.state()
        return Outcome(
            state="failed",
            install_id=run.install_id,
            error=error,
            problems=undoing.problems,
            conflicts=undoing.conflicts,
            kept=undoing.kept,
            warnings=run.warnings,
            completed=tuple(name for name, phase in run.phases.items() if phase.status == "completed"),
        )

    def renew_views(self) -> None:
        """Write script and progress; on a full disk the script that is there takes back what is left, too."""
        with suppress(OSError):
            self.logbook.write_script()
            self.logbook.write_progress()

    def _one(self, state: StepState) -> Undoing:
        self.workbench.clear(state.step)
        place, undoing = self.logbook.place(), Undoing()
        for each in state.undo:
            done = rollback.perform(each, state.digests, state.step.effect, place, self.workbench.command)
            undoing = _merge(undoing, done)
        self.logbook.record(
            Undone(
                step=state.step.id,
                attempt=state.attempt,
                problems=undoing.problems,
                kept=undoing.kept,
                conflicts=undoing.conflicts,
            )
        )
        return undoing


def _error(undoing: Undoing) -> InstallerError | None:
    if undoing.problems:
        return RollbackIncomplete(
            "rollback.incomplete", tr("not everything could be taken back"), details=undoing.problems
        )
    if undoing.conflicts:
        return Conflict(
            "rollback.conflict", tr("files that you changed since were left alone"), details=undoing.conflicts
        )
    return None


def _merge(one: Undoing, other: Undoing) -> Undoing:
    return Undoing(
        problems=one.problems + other.problems, conflicts=one.conflicts + other.conflicts, kept=one.kept + other.kept
    )
