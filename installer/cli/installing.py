"""Install, or go on with what was begun. No parser in here: a plain `quickstart.py` is to start at once."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from installer.cli import plans, prompts, remember, verified
from installer.cli.outcome import finish
from installer.cli.output import emit, say
from installer.cli.session import Session, open_session
from installer.errors import Precondition
from installer.i18n import tr

if TYPE_CHECKING:
    from installer.cli.asked import Asked
    from installer.cli.junit import Case
    from installer.engine import Outcome
    from installer.state import Run


def quickstart(asked: Asked, unfinished: str = "", junit: str = "", *, no_state: bool = False) -> int:
    """Install the project; returns the exit code. The arguments are those of the command line."""
    if not junit or asked.dry_run:
        return _quickstart(asked, unfinished, None, no_state=no_state)
    from installer.cli import verified_junit as report

    with report.reporting(junit) as cases:
        return _quickstart(asked, unfinished, cases, no_state=no_state)


def _quickstart(asked: Asked, unfinished: str, cases: list[Case] | None, *, no_state: bool) -> int:
    session = open_session(asked)
    if no_state:
        from installer.cli import layer

        layer.check(session)
    if asked.dry_run:
        return preview(session)
    with session.locked():  # before the state is looked at: what another run is doing is not unfinished
        code = _begin(session, unfinished, no_state=no_state)
        if cases is not None:
            from installer.cli import verified_junit as report

            cases.extend(report.of_session(session, well=code == 0))
        if no_state and code == 0:
            layer.leave_nothing_else(session)
        return code


def _begin(session: Session, unfinished: str, *, no_state: bool) -> int:
    """Install, or go on with what was begun and left."""
    run = _at_hand(session)
    if unfinished != "restart":
        session = session.going_on(run)
    if session.settings.on("disable_checkpoint"):
        unfinished = "restart"  # nothing is gone on with; the journal is kept all the same, as the way back
    choice = unfinished or _choose(session, run)
    if choice == "quit":
        say(tr("Left as it is."))
        return 0
    if choice in {"restart", "rollback"} and plans.is_open(run):
        outcome, seconds = _roll_back(session)
        if choice == "rollback" or outcome.error is not None:
            return finish(session, outcome, seconds=seconds)
    elif plans.is_open(run) and run.kind != "install":
        code = _go_on(session, run)  # a build that could not be begun is in the way of nothing
        if code and (run.kind != "build" or plans.is_open(session.store.current())):
            return code
    return install(session, plans.install(session, no_state=no_state))


def _at_hand(session: Session) -> Run:
    """The last run. Raises `Damaged` where an unfinished one is another place's, before anybody is asked about it.

    On a build server that one came with a cache, and its project is gone: its journal is put aside.
    """
    run = session.store.current()
    if run.outcome or not run.install_id:
        return run
    if not prompts.in_ci() or session.store.owns(run):
        session.store.check_owner(run)
        return run
    session.store.set_aside_journal()
    text = tr("the unfinished run {run} is of another place: its journal is put aside", run=run.install_id)
    if session.asked.as_json:
        emit("note", level="warning", text=text)
    elif session.asked.volume != "quiet":
        say(text)
    return session.store.current()


def resume(asked: Asked) -> int:
    """Go on with the unfinished run; returns the exit code."""
    session = open_session(asked)
    with session.locked():
        return _resume(session)


def _resume(session: Session) -> int:
    asked, run = session.asked, session.store.current()
    if not plans.is_open(run):
        if asked.as_json or asked.dry_run:
            raise Precondition(
                "resume.nothing", tr("there is no unfinished run"), hint=tr("`quickstart.py` begins one")
            )
        say(tr("There is no unfinished run."))
        return 0
    session.store.check_owner(run)
    session = session.going_on(run)
    if run.kind != "install":
        return _go_on(session, run)
    return preview(session) if asked.dry_run else install(session)


def _go_on(session: Session, run: Run) -> int:
    """Go on with an unfinished run of another kind: a `restore`, a `clean-env`, a `pull`, a `build`."""
    if run.kind == "pull":
        from installer.cli import cloud

        return cloud.go_on(session, run)
    if run.kind == "build":
        from installer.cli import builds

        return builds.go_on(session, run)
    started = time.monotonic()
    with session.engine(plans.of(session, run)) as engine:
        outcome = engine.preview() if session.asked.dry_run else engine.run()
    return finish(session, outcome, seconds=time.monotonic() - started)


def install(session: Session, plan: plans.Plan | None = None) -> int:
    """Run the phases and say how it ended; after a failure on a terminal, offer to take the whole run back."""
    started = time.monotonic()
    with session.engine(plan or plans.install(session)) as engine:
        outcome = engine.run()
        if outcome.state in {"done", "nothing"}:
            remember.note(session, engine)
    done = verified.sentence(session)
    hint = verified.next_step(session) if outcome.error is None else ""
    code = finish(session, outcome, seconds=time.monotonic() - started, done=done, hint=hint)
    if _worth_asking(session, outcome) and prompts.confirm(tr("Take back the whole run as well? [y/N]"), default=False):
        taken_back, seconds = _roll_back(session)
        finish(session, taken_back, seconds=seconds)
    return code


def _choose(session: Session, run: Run) -> str:
    """What to do about an unfinished run: asked of a person, else to go on."""
    if not plans.is_open(run):
        return "resume"
    if not session.asked.as_json and session.asked.volume != "quiet":
        completed = [session.phase_name(name) for name in session.completed(run)]
        if run.rolling_back is not None:
            prompts.half_way_back(run.install_id)
        else:
            prompts.unfinished(run.install_id, session.phase_name(run.current_phase), completed)
    sure = session.agreed or session.settings.on("auto_resume") or prompts.in_ci() or session.asked.as_json
    if sure or not prompts.interactive():
        return "resume"
    return prompts.ask_resume() if run.rolling_back is None else prompts.ask_way_back()


def preview(session: Session, plan: plans.Plan | None = None, note: str = "", *, nothing: str = "") -> int:
    """Show what an installation would do now, with a `note` at the end; `nothing` is said where that is nothing."""
    with session.engine(plan or plans.install(session)) as engine:
        outcome = engine.preview()
    return finish(session, outcome, done=note, nothing=nothing)


def _roll_back(session: Session) -> tuple[Outcome, float]:
    started = time.monotonic()
    with session.engine(plans.back(session)) as engine:
        outcome = engine.rollback(why="asked")
    return outcome, time.monotonic() - started


def _worth_asking(session: Session, outcome: Outcome) -> bool:
    failed = outcome.state == "failed" and bool(outcome.completed)
    asking = not session.agreed and not session.asked.as_json and not prompts.in_ci()
    return failed and asking and prompts.interactive()
