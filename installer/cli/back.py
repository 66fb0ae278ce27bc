"""Taking runs back, and going back to an earlier environment. No parser in here: it is to start at once."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from installer.cli import plans
from installer.cli.outcome import finish
from installer.cli.session import open_session
from installer.errors import Conflict, InstallerError, RollbackIncomplete, UsageError
from installer.frozen import replace
from installer.i18n import tr
from installer.show.words import clean

if TYPE_CHECKING:
    from installer.cli.asked import Asked
    from installer.cli.session import Session
    from installer.engine import Engine, Outcome
    from installer.journal import Reading
    from installer.state import Run


def roll_back(asked: Asked, to: str = "", *, everything: bool = False) -> int:
    """Take back the newest run that stands, down to the checkpoint `to`, or all of them; returns the exit code."""
    session = _opened(asked)
    with session.locked():
        return _rollback(session, session.own_phase(to), everything=everything)


def _opened(asked: Asked) -> Session:
    """The session. A manifest that cannot be used is in nobody's way back: the journal knows what was done."""
    try:
        return open_session(asked)
    except UsageError as error:
        if not error.code.startswith("manifest."):
            raise
        from installer.cli import unusable

        return unusable.without(asked, error)


def restore(asked: Asked, target: str) -> int:
    """Go back to the environment of the run `target`; returns the exit code."""
    session = open_session(asked)
    current = session.store.current()
    if not (plans.is_open(current) and current.kind == "restore"):
        plans.refuse_while_open(current)
    done = tr("Done: the environment of {run} is in use", run=target)
    return carry_out(session, plans.restore(session, target), done)


def carry_out(session: Session, plan: plans.Plan, done: str) -> int:
    """Run a plan, or show it; returns the exit code. `done` is the sentence for success."""
    started = time.monotonic()
    with session.engine(plan) as engine:
        outcome = engine.preview() if session.asked.dry_run else engine.run()
    return finish(session, outcome, seconds=time.monotonic() - started, done="" if session.asked.dry_run else done)


def _rollback(session: Session, to: str, *, everything: bool) -> int:
    """Take back the newest run that stands, or all of them."""
    asked = session.asked
    known = session.store.look()
    runs = _standing(session, known[0], everything=everything)
    for run in runs:
        session.store.check_owner(run)  # before the first of them is taken back
    gone = everything and bool(known[0].install_id or session.store.run_ids())
    if asked.dry_run:
        return _preview(session, runs, to, nothing=_would_forget(session) if gone else "")
    if everything and len(runs) > 1:
        session.must_agree(tr("Take back {count} runs, to before the first? [y/N]", count=len(runs)))
    started = time.monotonic()
    with session.engine(plans.back(session), known[0]) as engine:
        outcome = _take_back(session, engine, runs, to, known)
        if everything and outcome.error is None:
            outcome = replace(outcome, kept=outcome.kept + dissolve(session))
    return finish(session, outcome, seconds=time.monotonic() - started, nothing=_forgot(session) if gone else "")


def _forgot(session: Session) -> str:
    return tr("No run was left to take back; the history and logs in `{folder}` are deleted.", folder=_folder(session))


def _would_forget(session: Session) -> str:
    return tr(
        "A dry run: nothing was changed. No run is left to take back; the history and logs in `{folder}` would be "
        "deleted.",
        folder=_folder(session),
    )


def _folder(session: Session) -> str:
    return clean(str(session.manifest.state_dir))


def dissolve(session: Session) -> tuple[str, ...]:
    """Remove the state folder; returns what stays: the user's environments, and what they put into ours."""
    from phases.python.environments import removal

    kept, environment = session.store.folder / "kept", session.manifest.environment
    stays = []
    for name in kept_environments(session):
        target = kept / name / environment
        stays += [target / path for path in removal.set_aside(session.store.folder / "generations" / name, target)]
    session.store.dissolve()
    left = kept / "generations"
    stays += sorted(left.iterdir()) if left.is_dir() else []
    return tuple(str(each.relative_to(session.root)) for each in stays)


def _standing(session: Session, now: Run, *, everything: bool) -> list[Run]:
    """The newest run that can be taken back, or all of them, newest first; `now` is the current one.

    The pull of a run from elsewhere comes after that run. An unfinished one is among them, though it changed nothing
    yet: whoever takes that back means no other. Earlier runs are read only where the newest does not decide.
    """
    found = (each for each in session.store.history(now) if _stands(each))
    newest = next(found, None)
    if newest is None or (not everything and "pulled" not in newest.facts):
        return [newest] if newest else []
    runs = [newest, *found]
    for pull in [run for run in runs if "pulled" in run.facts]:
        behind = [number for number, run in enumerate(runs) if run.install_id == pull.facts["pulled"]]
        if behind and behind[0] > runs.index(pull):
            runs.remove(pull)
            runs.insert(behind[0], pull)
    return runs if everything else runs[:1]


def _stands(run: Run) -> bool:
    return run.outcome != "rolled back" and bool(run.standing or not run.outcome)


def _preview(session: Session, runs: list[Run], to: str, *, nothing: str) -> int:
    """What would be taken back, newest first; `nothing` is said where that is nothing."""
    from installer.engine import Outcome

    try:
        steps = tuple(each.step for run in runs for each in run.undo_order(to))
    except KeyError:
        raise _no_checkpoint(session, to, runs[0]) from None
    outcome = Outcome(state="dry-run", install_id=runs[0].install_id if runs else "", steps=steps)
    done = tr("A dry run: nothing was changed. These steps would be taken back, in this order.")
    return finish(session, outcome, done=done, nothing=nothing)


def _take_back(session: Session, engine: Engine, runs: list[Run], to: str, known: tuple[Run, Reading]) -> Outcome:
    """Take back `runs`, newest first; stop at one that cannot be taken back whole. `known`: the current one."""
    from installer.engine import Outcome

    total = Outcome(state="nothing")
    current: tuple[Run, Reading] | None = known
    for run in runs:
        if to and to not in {point.name for point in run.checkpoints}:
            raise _no_checkpoint(session, to, run)
        if current is None or current[0].install_id != run.install_id:
            session.store.archive()
            session.store.unarchive(run.install_id)
            current = None
        total = _sum(total, engine.rollback(to, why="asked", known=current))
        current = None
        if total.problems:
            break
    return total


def _sum(one: Outcome, other: Outcome) -> Outcome:
    """Two outcomes as one; what went wrong in either is in it."""
    problems, conflicts = one.problems + other.problems, one.conflicts + other.conflicts
    error: InstallerError | None = None
    if problems:
        error = RollbackIncomplete("rollback.incomplete", tr("not everything could be taken back"))
    elif conflicts:
        error = Conflict("rollback.conflict", tr("files that you changed since were left alone"))
    return replace(
        other,
        problems=problems,
        conflicts=conflicts,
        kept=one.kept + other.kept,
        undone=one.undone + other.undone,
        error=error,
    )


def _no_checkpoint(session: Session, name: str, run: Run) -> UsageError:
    known = ", ".join(session.phase_name(point.name) for point in run.checkpoints) or "-"
    return UsageError(
        "checkpoint.unknown",
        tr("there is no checkpoint `{name}`", name=name),
        hint=tr("there are: {names}", names=known),
    )


def kept_environments(session: Session) -> list[str]:
    """The runs whose environments can be restored, oldest first."""
    from installer.model import Facts, Options
    from phases import restore as phase

    facts = Facts(root=session.root, state=session.store.state, install_id="", options=Options())
    return phase.generations(session.manifest, facts)
