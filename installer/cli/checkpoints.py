"""`checkpoint`: the named places in the journal, for people and for install scripts of their own."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

from installer import checkpoint as api
from installer import foresight
from installer.cli.cloud import pull, push
from installer.cli.mending import archive, prune, repair
from installer.cli.options import Asked, group, verb
from installer.cli.output import emit, foretell, say, table
from installer.cli.session import Session, open_session
from installer.i18n import tr
from installer.ledger import project
from installer.show.words import clean, duration, marks

if TYPE_CHECKING:
    from collections.abc import Iterator

_ABSENT = 1  # exit code of `check-resume` when there is nothing to resume; of `verify` when a backup is damaged


@verb(
    tr("Make what is needed and begin a run of your own script, or go on with it."),
    example="manage.py checkpoint init --phase fetch --phase build",
    changing=True,
)
@click.option("--phase", "phases", multiple=True, metavar="NAME", help=tr("A phase of the script, in order; repeated."))
@click.option("--file", "files", multiple=True, metavar="PATH", help=tr("A file to keep besides the configuration."))
@click.option("--as", "purpose", default="", metavar="NAME", help=tr("What the script installs, for the record."))
@click.option("--restart", is_flag=True, help=tr("Take an unfinished run back and begin anew."))
def init(asked: Asked, *, phases: tuple[str, ...], files: tuple[str, ...], purpose: str, restart: bool) -> int:
    """Begin a run of a script."""
    session = open_session(asked)
    if asked.dry_run:
        wishes = foresight.init(project(session.root), phases=phases or None, files=files, restart=restart)
        return foretell(asked, "checkpoint", "init", wishes)
    with _alone(session):
        made = api.init_checkpoint_system(
            session.root, phases=phases or None, mode=purpose, files=files, restart=restart
        )
    if asked.as_json:
        emit("checkpoint", action="init", install_id=made)
    elif asked.volume == "verbose":
        say(made)
    return 0


@verb(
    tr("Keep the configuration as it is now, and FILES, under a new rollback point."),
    example='manage.py checkpoint create "Before installing vLLM" config.ini',
    changing=True,
)
@click.argument("description", default="")
@click.argument("files", nargs=-1)
def create(asked: Asked, description: str, files: tuple[str, ...]) -> int:
    """Make a rollback point."""
    session = open_session(asked)
    if asked.dry_run:
        return foretell(asked, "checkpoint", "create", foresight.create(project(session.root), files))
    with _alone(session):
        name = api.create_rollback_point(description, files, root=session.root)
    if asked.as_json:
        emit("checkpoint", action="create", name=name)
    elif name and asked.volume != "quiet":
        say(tr("rollback point {name}: {note}", name=name, note=clean(description)))
    return 0


@verb(tr("List the checkpoints of the current run."), example="manage.py checkpoint list")
def list_(asked: Asked) -> int:
    """List the checkpoints."""
    session = open_session(asked)
    run = session.store.current()
    if asked.as_json:
        points = [
            {"name": session.phase_name(each.name), "point": each.point, "note": each.note, "seconds": each.seconds}
            for each in run.checkpoints
        ]
        emit("checkpoints", install_id=run.install_id, points=points)
    elif not run.checkpoints:
        say(tr("There are no checkpoints yet."))
    else:
        rows = [
            (
                session.phase_name(each.name),
                tr("rollback point") if each.point else duration(each.seconds),
                clean(each.note),
            )
            for each in run.checkpoints
        ]
        say(*table(rows))
    return 0


@verb(
    tr("Note that a phase of your script was started, completed or failed. DATA is a sentence or a JSON object."),
    example='manage.py checkpoint update python_deps failed "Package installation failed"',
    changing=True,
)
@click.argument("phase")
@click.argument("status")
@click.argument("data", default="")
def update(asked: Asked, phase: str, status: str, data: str) -> int:
    """Note how a phase stands."""
    session = open_session(asked)
    if asked.dry_run:
        planned = foresight.update(project(session.root), phase, status, data or None)
        return foretell(asked, "checkpoint", "update", planned)
    with _alone(session):
        api.update_checkpoint(phase, status, data or None, root=session.root)
    if asked.as_json:
        emit("checkpoint", action="update", phase=phase, status=status)
    return 0


@verb(
    tr("Is there an unfinished run? Exit 0: yes; 1: no. What is completed is printed, a phase a line."),
    example="if manage.py checkpoint check-resume; then …",
)
def check_resume(asked: Asked) -> int:
    """Tell whether there is an unfinished run."""
    session = open_session(asked)
    unfinished = api.check_resume_install(session.root)
    state = api.resume_state(session.root) if unfinished else api.Progress()
    if asked.as_json:
        emit(
            "checkpoint",
            action="check-resume",
            unfinished=unfinished,
            install_id=state.install_id,
            current_phase=state.current_phase,
            completed=list(state.completed),
        )
    elif asked.volume != "quiet":
        say(*state.completed)
    return 0 if unfinished else _ABSENT


@verb(
    tr("List the completed phases of the unfinished run; with PHASE: exit 0 if it is completed, else 1."),
    example="manage.py checkpoint completed python_deps",
)
@click.argument("phase", default="")
def completed(asked: Asked, phase: str) -> int:
    """List what is completed, or tell of one phase."""
    done = api.completed_phases(open_session(asked).root)
    if asked.as_json:
        emit("checkpoint", action="completed", completed=list(done))
    elif not phase:
        say(*done)
    return 0 if not phase or phase in done else _ABSENT


@verb(
    tr("Check that the journal can be read and that every backup is what was kept."),
    example="manage.py checkpoint verify",
)
def verify(asked: Asked) -> int:
    """Check journal and backups; a damaged journal is an error of its own (exit 4)."""
    session = open_session(asked)
    run = session.store.current()
    damaged = api.damaged_backups(session.root)
    if asked.as_json:
        emit("checkpoint", action="verify", install_id=run.install_id, damaged=damaged)
    elif damaged:
        mark = marks(sys.stdout)
        say(
            *(f"{mark['failed']} {tr('the backup of {path} is damaged or gone', path=clean(path))}" for path in damaged)
        )
    else:
        say(tr("The journal and all backups are whole."))
    return _ABSENT if damaged else 0


@verb(
    tr("Return to the last checkpoint, or to NAME: the files that it kept come back."),
    example="manage.py checkpoint rollback point-1",
    changing=True,
)
@click.argument("name", default="")
def rollback(asked: Asked, name: str) -> int:
    """Return to a checkpoint."""
    session = open_session(asked)
    if asked.dry_run:
        return foretell(asked, "checkpoint", "rollback", foresight.rollback(project(session.root), name or None))
    with _alone(session):
        outcome = api.execute_rollback(name or None, root=session.root)
    if asked.as_json:
        emit("checkpoint", action="rollback", kept=list(outcome.kept), undone=outcome.undone)
    elif asked.volume != "quiet":
        say(
            tr("Returned to the checkpoint."),
            *(tr("set aside for you: {path}", path=clean(path)) for path in outcome.kept),
        )
    return 0


@contextmanager
def _alone(session: Session) -> Iterator[None]:
    """Hold the project as every other verb does: waited for, or exit 3. The API's own lock is within this one."""
    if project(session.root).disabled:  # then not even the state folder is made
        yield
        return
    with session.locked():
        yield


checkpoint = group(
    tr("The named places in the journal: make them, list them, return to them; look after the journal."),
    example='manage.py checkpoint create "Before the upgrade"',
    default=list_,
    verbs=(init, create, update, check_resume, completed, verify, rollback, repair, archive, prune, push, pull),
)
