"""`checkpoint repair`, `archive`, `prune`: the journal mended, put away, thinned out. Asked first, never a guess."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import click

from installer import files, journal
from installer.cli import plans
from installer.cli.options import Asked, verb
from installer.cli.output import PENDING, emit, foretell, say
from installer.cli.session import Session, open_session
from installer.cli.views import state_word
from installer.errors import Damaged
from installer.i18n import tr
from installer.state import Run, fold

if TYPE_CHECKING:
    from pathlib import Path

_KEEP = 10  # closed runs that `prune` leaves


@verb(
    tr(
        "Mend a damaged journal: show what can be read, and, if you agree, go on from there.\n\n"
        "The damaged file is set aside. Steps noted after the damage can no longer be taken back; they are not touched."
    ),
    example="manage.py checkpoint repair --dry-run",
    changing=True,
)
def repair(asked: Asked) -> int:
    """Cut the journal back to its last good record."""
    session = open_session(asked)
    path = session.store.journal
    try:
        run = session.store.current()
    except Damaged as error:
        if error.code != "journal.damaged":
            raise
        return _repair(session, path, error)
    if asked.as_json:
        emit("checkpoint", action="repair", install_id=run.install_id, damaged=False)
    else:
        say(tr("The journal is whole."))
    return 0


def _repair(session: Session, path: Path, error: Damaged) -> int:
    good = readable(path)
    run = fold(journal.decode(good, path).entries)
    lost = len(path.read_bytes().splitlines()) - len(good.splitlines())
    if session.asked.as_json:
        emit("checkpoint", action="repair", install_id=run.install_id, damaged=True, lost=lost, message=error.message)
    else:
        say(error.message, *_saved(session, run, lost))
    if session.asked.dry_run:
        return PENDING if session.asked.detailed else 0
    session.must_agree(tr("Go on with what can be read? The damaged file is set aside. [y/N]"))
    with session.locked():
        folder = session.store.folder / "damaged"
        files.make_folder(folder)
        files.copy(path, folder / f"journal-{time.time_ns()}.jsonl")
        files.replace(path, good)
        session.renew_progress()
    if not session.asked.as_json:
        say(tr("Mended. The damaged file is in {folder}.", folder=folder))
    return 0


def readable(path: Path) -> bytes:
    """The good beginning of a damaged journal: all lines before the first that cannot be trusted."""
    lines = path.read_bytes().splitlines(keepends=True)
    low, high = 0, len(lines)
    while low < high:  # a record vouches for all before it, so that halving finds the place
        middle = (low + high + 1) // 2
        low, high = (middle, high) if _is_good(lines[:middle], path) else (low, middle - 1)
    return b"".join(lines[:low])


def _is_good(lines: list[bytes], path: Path) -> bool:
    try:
        reading = journal.decode(b"".join(lines), path)
    except Damaged:
        return False
    return not reading.torn


def _saved(session: Session, run: Run, lost: int) -> list[str]:
    completed = ", ".join(session.phase_name(name) for name in session.completed(run)) or "-"
    return [
        tr("Lines that cannot be trusted: {count}", count=lost),
        tr("Install ID: {install_id}", install_id=run.install_id or "-"),
        tr("State: {state}", state=state_word(run)),
        tr("Completed: {phases}", phases=completed),
    ]


@verb(
    tr("Put the finished current run away, compressed; `history` still shows it."),
    example="manage.py checkpoint archive",
    changing=True,
)
def archive(asked: Asked) -> int:
    """Put the current run away."""
    session = open_session(asked)
    with session.locked():
        run = session.store.current()
        plans.refuse_while_open(run)
        if asked.dry_run:
            planned = [tr("would put away: {run}", run=run.install_id)] if run.install_id else []
            return foretell(asked, "checkpoint", "archive", planned)
        session.store.archive()
    if asked.as_json:
        emit("checkpoint", action="archive", install_id=run.install_id)
    else:
        say(tr("Put away: {run}", run=run.install_id) if run.install_id else tr("There is nothing to put away."))
    return 0


@verb(
    tr("Delete the records and logs of old closed runs; they cannot be taken back then. Environments stay."),
    example="manage.py checkpoint prune --keep 3",
    changing=True,
)
@click.option("--keep", type=click.IntRange(min=0), default=_KEEP, show_default=True, help=tr("How many to leave."))
def prune(asked: Asked, keep: int) -> int:
    """Delete old runs' records."""
    session = open_session(asked)
    names = session.store.run_ids()
    old = names[: max(0, len(names) - keep)]
    if old and not asked.dry_run:
        session.must_agree(tr("Delete the records of {count} runs for good? [y/N]", count=len(old)))
        with session.locked():
            for name in old:
                files.remove_tree(session.store.runs / name)
                files.remove(session.store.log(name))
    if asked.as_json:
        emit("checkpoint", action="prune", deleted=[] if asked.dry_run else old, planned=old)
    elif not old:
        say(tr("Nothing to do."))
    else:
        say(*(tr("would delete: {run}", run=name) if asked.dry_run else tr("deleted: {run}", run=name) for name in old))
    return PENDING if old and asked.dry_run and asked.detailed else 0
