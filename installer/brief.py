"""An update that begins or fails a phase, in the same time however much was recorded before: the journal is not read.

Such an update changes nothing of what must be taken back. So what it needs to know is little, and is noted in the
summary beside the journal; it is believed of the very journal, script and progress file that it was noted of (same
files, same size, same times). Wherever it is not, the journal is read, which is the truth.
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from installer import pins, progress, script_phases, summary
from installer.journal import Journal, Reading
from installer.ledger import KIND, START, Glance, kept_steps, locked, step_id, view
from installer.model import Step
from installer.state import Folding, PhaseState, Run, StepState
from installer.witness import Mark

if TYPE_CHECKING:
    from collections.abc import Callable

    from installer.ledger import Project
    from installer.model import Failed, Json, PhaseStarted


_VIEWS = ("script", "progress")


def noted(of: Project, run: Run) -> Json:
    """What the next update must know of `run`; nothing if it has to read the journal."""
    kept = kept_steps(run)
    start = kept.get(step_id(START))
    points = [kept[step_id(each.name)] for each in run.checkpoints if step_id(each.name) in kept]
    ours = run.kind == KIND and not run.outcome and run.rolling_back is None
    if not ours or start is None or start.status != "done" or points[-1].status == "undone":
        return {}
    told = _noted(of, run, start)
    known = _known(run.install_id, told).run()
    journal = {"last_update": "", "journal": ""}  # no view of the records, but what the last of them was
    return told if view(of, known) | journal == view(of, run) | journal else {}


def _noted(of: Project, run: Run, start: StepState) -> Json:
    return {
        "facts": run.facts,
        "started": run.started,
        "boot_id": run.boot_id,
        "phases": [[each.name, each.status, each.seconds, each.error, each.message] for each in run.phases.values()],
        "warnings": [dict(each) for each in run.warnings],
        "result": dict(start.result),
    } | {each: summary.identity(getattr(of.store, each)) for each in _VIEWS}


def update(of: Project, phase: str, record: Callable[[str], PhaseStarted | Failed]) -> bool:
    """Append the record that `record` makes of the own name of `phase`, and renew the views. Raises as `known` does.

    False, nothing done, if the journal has to be read for it.
    """
    with pins.pinned(of.root), locked(of):
        at, told = of.store, summary.believed(of.store) or {}
        try:
            (size, total, seq, checksum), noted_then = told["seal"], told["brief"]
            if [noted_then[each] for each in _VIEWS] != [summary.identity(getattr(at, each)) for each in _VIEWS]:
                return False
            folding, head = _known(told["run"], noted_then), Mark(told["run"], seq, checksum)
        except (OSError, ValueError, KeyError, TypeError):
            return False
        at.check_owner(folding.base)
        name = script_phases.known(Glance(project=of, run=folding.run()), phase)
        journal = Journal(at.journal, Reading(entries=(), size=size, torn=False, after=head))
        try:
            folding.take(journal.append(record(name)))
        finally:
            journal.close()
        run = folding.run()
        progress.write(at.progress, view(of, run))
        with suppress(OSError):  # without it the journal is read
            summary.write(at, run, _noted(of, run, folding.attempts[0]), (size, total))
        return True


def _known(install_id: str, told: Json) -> Folding:
    """The run as far as the views tell of it: with the one step that they ask for."""
    step = Step(id=step_id(START), phase="checkpoint", title="", action="")
    folding = Folding()
    folding.base = Run(
        install_id=install_id, kind=KIND, facts=told["facts"], started=told["started"], boot_id=told["boot_id"]
    )
    folding.attempts = [StepState(step=step, attempt=1, undo=(), status="done", seq=0, result=told["result"])]
    folding.phases = {
        name: PhaseState(name=name, status=status, seconds=seconds, error=error, message=message)
        for name, status, seconds, error, message in told["phases"]
    }
    folding.warnings = told["warnings"]
    return folding
