"""Going back to a checkpoint, by the engine; and finishing a return that was cut short before anything else is done."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from installer import points
from installer.ledger import held, phases_of
from installer.model import Closed, Failed, PhaseStarted

if TYPE_CHECKING:
    from collections.abc import Iterator

    from installer.engine import Outcome
    from installer.ledger import Ledger, Project


@contextmanager
def ready(of: Project) -> Iterator[Ledger]:
    """The project's ledger, as `held` gives it, with no return half done."""
    with held(of) as ledger:
        if ledger.run.rolling_back is not None:
            return_to(ledger, ledger.run.rolling_back)
        elif ledger.is_open and (there := points.whole(ledger.run)):
            points.rearm(ledger, there[-1].name)  # a return may have been cut short just before that
        yield ledger


def return_to(ledger: Ledger, checkpoint: str) -> Outcome:
    """Take back everything down to `checkpoint` ("": the whole run). A point can be returned to again afterwards."""
    from installer.engine import Engine, Setting  # not on the path of an update

    project = ledger.project
    project.store.check_owner(ledger.run)
    ended = _ended(ledger, checkpoint)
    if checkpoint:
        points.rearm(ledger, checkpoint)
    points.set_aside(ledger, ledger.run.undo_order(checkpoint))
    ledger.journal.close()
    engine = Engine(
        project.store,
        order=phases_of(ledger.run),
        actions={},
        plan=lambda _phase, _facts: iter(()),
        setting=Setting(
            kind="rollback",
            skip=tuple(ledger.place.skip),
            shown=project.brand.phase_names,
            lock=ledger.lock,
        ),
    )
    outcome = engine.rollback(checkpoint, why="execute_rollback")
    ledger.reopen()
    if checkpoint and ledger.is_open:
        points.rearm(ledger, checkpoint)
        if ended:
            ledger.close_run(ended)
        ledger.renew_views()
    return outcome


def reach(ledger: Ledger) -> None:
    """While the current run is one that was taken back, make the one before it the current one."""
    store = ledger.project.store
    while ledger.run.outcome == "rolled back":
        known = store.run_ids()
        now = ledger.run.install_id
        older = known[: known.index(now)] if now in known else known
        if not older:
            return
        ledger.journal.close()
        store.archive()
        store.unarchive(older[-1])
        ledger.reopen()


def _ended(ledger: Ledger, checkpoint: str) -> str:
    """How the run had ended, if it will still have after the return: no phase was completed since `checkpoint`."""
    run = ledger.run
    places = tuple(zip(run.checkpoints, run.checkpoint_seqs, strict=True))
    floor = max((seq for each, seq in places if each.name == checkpoint), default=0)
    if any(seq > floor and not each.point for each, seq in places):
        return ""
    for entry in reversed(ledger.journal.entries):
        match entry.record:
            case Closed(outcome=("done" | "degraded") as outcome):
                return outcome
            case PhaseStarted() | Failed():
                return ""
    return ""
