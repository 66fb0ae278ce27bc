"""The way back: `rollback`, `restore`, `clean-env`, `verify-rollback`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from installer.cli import back, plans
from installer.cli.options import Asked, verb
from installer.cli.outcome import finish
from installer.cli.output import emit, say, table
from installer.cli.session import Session, open_session
from installer.errors import Damaged, RollbackIncomplete, UsageError
from installer.i18n import tr
from installer.show.words import moment
from installer.state import Run

if TYPE_CHECKING:
    from installer.model import Json


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
    return back.roll_back(asked, to, everything=everything)


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
    return back.restore(asked, run) if run else _list_kept(open_session(asked))


def _list_kept(session: Session) -> int:
    names = back.kept_environments(session)
    found = _told(session, names)
    if session.asked.as_json:
        emit("environments", kept=names, environments=found)
    elif not names:
        say(tr("No earlier environments are kept."))
    else:
        rows = [
            (each["install_id"], each["mode"], each["start_time"][:16], tr("in use") if each["in_use"] else "")
            for each in found
        ]
        say(*table([(tr("Install ID"), tr("Mode"), tr("Begun"), ""), *rows]))
    return 0


def _told(session: Session, names: list[str]) -> list[Json]:
    """The environments that are kept, oldest first, then the one in use: what the run that made each notes of it."""
    from phases.python.environments import places

    marker = places.current(session.root, session.manifest.environment)
    used = marker.install_id if marker else ""
    try:
        runs = {run.install_id: run for run in session.store.history()}
    except Damaged:  # what is kept is there all the same
        runs = {}
    return [
        {
            "install_id": name,
            "mode": str(runs[name].facts.get("mode", "")) if name in runs else "",
            "start_time": moment(runs[name].started) if name in runs else "",
            "in_use": name == used,
        }
        for name in dict.fromkeys((*names, *([used] if used else ())))
    ]


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
    code = back.carry_out(session, plans.clean_env(session, everything=everything), done)
    if everything and not code and not asked.dry_run:
        with session.locked():
            kept = back.dissolve(session)  # what was set aside for the user stays
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
