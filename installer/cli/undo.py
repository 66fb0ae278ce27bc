"""The way back: `rollback`, `restore`, `clean-env`, `verify-rollback`."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import TYPE_CHECKING

import click

from installer.cli import plans
from installer.cli.options import Asked, verb
from installer.cli.outcome import finish
from installer.cli.output import emit, say
from installer.cli.session import Session, open_session
from installer.errors import Conflict, Damaged, InstallerError, RollbackIncomplete, UsageError
from installer.i18n import tr
from installer.model import Options
from installer.state import Run

if TYPE_CHECKING:
    from installer.engine import Engine, Outcome


@verb(
    tr(
        "Take back the unfinished run, or else the last finished one: every file as it was, byte for byte.\n\n"
        "What you changed since is left alone and named (exit 10)."
    ),
    example="manage.py rollback --to python_deps",
    changing=True,
)
@click.option("--to", metavar="NAME", default="", help=tr("Stop at this checkpoint (`manage.py checkpoint list`)."))
@click.option("--all", "everything", is_flag=True, help=tr("Take back every run, to before the first."))
def rollback(asked: Asked, *, to: str, everything: bool) -> int:
    """Take back a run."""
    if to and everything:
        raise UsageError("usage", tr("--to and --all exclude each other"))
    session = open_session(asked)
    with session.locked():
        return _rollback(session, session.own_phase(to), everything=everything)


def _rollback(session: Session, to: str, *, everything: bool) -> int:
    """Take back the newest run that stands, or all of them."""
    asked = session.asked
    runs = _standing(session)
    runs = runs if everything else runs[:1]
    for run in runs:
        session.store.check_owner(run)  # before the first of them is taken back
    if asked.dry_run:
        return _preview(session, runs, to)
    if everything and len(runs) > 1:
        session.must_agree(tr("Take back {count} runs, to before the first? [y/N]", count=len(runs)))
    started = time.monotonic()
    with session.engine(plans.back(session)) as engine:
        outcome = _take_back(session, engine, runs, to)
        if everything and outcome.error is None:
            outcome = replace(outcome, kept=outcome.kept + _dissolve(session))
    return finish(session, outcome, seconds=time.monotonic() - started)


def _dissolve(session: Session) -> tuple[str, ...]:
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


def _standing(session: Session) -> list[Run]:
    """The runs that can be taken back, newest first. The pull of a run from elsewhere comes after that run.

    An unfinished one is among them, though it changed nothing yet: whoever takes that back means no other.
    """
    runs = [each for each in session.store.history() if each.outcome != "rolled back"]
    runs = [each for each in runs if each.standing or not each.outcome]
    for pull in [run for run in runs if "pulled" in run.facts]:
        behind = [number for number, run in enumerate(runs) if run.install_id == pull.facts["pulled"]]
        if behind and behind[0] > runs.index(pull):
            runs.remove(pull)
            runs.insert(behind[0], pull)
    return runs


def _preview(session: Session, runs: list[Run], to: str) -> int:
    """What would be taken back, newest first."""
    from installer.engine import Outcome

    try:
        steps = tuple(each.step for run in runs for each in run.undo_order(to))
    except KeyError:
        raise _no_checkpoint(session, to, runs[0]) from None
    outcome = Outcome(state="dry-run", install_id=runs[0].install_id if runs else "", steps=steps)
    return finish(
        session, outcome, done=tr("A dry run: nothing was changed. These steps would be taken back, in this order.")
    )


def _take_back(session: Session, engine: Engine, runs: list[Run], to: str) -> Outcome:
    """Take back `runs`, newest first; stop at one that cannot be taken back whole."""
    from installer.engine import Outcome

    total = Outcome(state="nothing")
    for run in runs:
        if to and to not in {point.name for point in run.checkpoints}:
            raise _no_checkpoint(session, to, run)
        if session.store.current().install_id != run.install_id:
            session.store.archive()
            session.store.unarchive(run.install_id)
        total = _sum(total, engine.rollback(to, why="asked"))
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


@verb(
    tr(
        "Go back to the environment of an earlier run: a rename, whatever its size.\n\n"
        "Without RUN, the environments that are kept are listed."
    ),
    example="manage.py restore 20251115_143000",
    changing=True,
)
@click.argument("run", default="")
def restore(asked: Asked, run: str) -> int:
    """Switch to a kept environment."""
    session = open_session(asked)
    if not run:
        return _list_kept(session)
    current = session.store.current()
    if not (plans.is_open(current) and current.kind == "restore"):
        plans.refuse_while_open(current)
    return _carry_out(session, plans.restore(session, run), tr("Done: the environment of {run} is in use", run=run))


def _list_kept(session: Session) -> int:
    names = kept_environments(session)
    if session.asked.as_json:
        emit("environments", kept=names)
    else:
        say(*(names or [tr("No earlier environments are kept.")]))
    return 0


def kept_environments(session: Session) -> list[str]:
    """The runs whose environments can be restored, oldest first."""
    from installer.model import Facts
    from phases import restore as phase

    facts = Facts(root=session.root, state=session.store.state, install_id="", options=Options())
    return phase.generations(session.manifest, facts)


@verb(
    tr(
        "Take the environment out of use; it is kept, and `restore` or `rollback` brings it back.\n\n"
        "--all deletes it for good, with all earlier ones and all checkpoints, backups and logs; what of yours was set "
        "aside stays."
    ),
    example="manage.py clean-env --all --yes",
    changing=True,
)
@click.option("--all", "everything", is_flag=True, help=tr("Delete all that was ever kept, for good."))
def clean_env(asked: Asked, *, everything: bool) -> int:
    """Take the environment out of use, or delete everything."""
    session = open_session(asked)
    if everything:
        session.must_agree(tr("Delete all environments, checkpoints, backups and logs for good? [y/N]"))
    damaged = _set_aside_if_unusable(session)
    current = Run() if damaged else session.store.current()
    if plans.is_open(current) and current.kind != "clean-env" and not asked.dry_run:
        with session.engine(plans.back(session)) as engine:
            outcome = engine.rollback(why="clean-env")
        if outcome.error is not None:
            return finish(session, outcome)
    done = tr("Done: all that was kept is deleted") if everything else tr("Done: the environment is out of use")
    code = _carry_out(session, plans.clean_env(session, everything=everything), done)
    if everything and not code and not asked.dry_run:
        with session.locked():
            kept = _dissolve(session)  # what was set aside for the user stays
        if kept and not asked.as_json:
            say(*(tr("set aside for you: {path}", path=path) for path in kept))
    return code


def _set_aside_if_unusable(session: Session) -> bool:
    """A journal that cannot be read, or is of another place, keeps nobody from a fresh start: it is put aside."""
    try:
        run = session.store.current()
        if plans.is_open(run):
            session.store.check_owner(run)
    except Damaged:
        if not session.asked.dry_run:
            with session.locked():
                session.store.set_aside_journal()
        return True
    return False


def _carry_out(session: Session, plan: plans.Plan, done: str) -> int:
    """Run a plan, or show it."""
    started = time.monotonic()
    with session.engine(plan) as engine:
        outcome = engine.preview() if session.asked.dry_run else engine.run()
    return finish(session, outcome, seconds=time.monotonic() - started, done="" if session.asked.dry_run else done)


@verb(
    tr(
        "Prove that the last run can be taken back: roll back a copy of the project and compare hashes.\n\n"
        "The project itself is only read; commands that would undo what lies outside of it are not run."
    ),
    example="manage.py verify-rollback --json",
)
def verify_rollback(asked: Asked) -> int:
    """Rehearse a rollback in a copy; exit 5 if it would leave something behind."""
    from installer.cli.rehearsal import rehearse

    session = open_session(asked)
    with session.locked():
        result = rehearse(session.store, session.manifest.environment)
    if asked.as_json:
        emit("rehearsal", **result.as_json())
    else:
        say(*result.lines())
    return 0 if result.well else RollbackIncomplete.exit_code
