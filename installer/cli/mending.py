"""`checkpoint repair`, `archive`, `prune`: the journal mended, put away, thinned out. Asked first, never a guess."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import click

from installer import files, identity, journal
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
        "\n\n"
        "--adopt: this project, with its state folder, was moved or copied here; go on with its records."
    ),
    example="manage.py checkpoint repair --dry-run",
    changing=True,
)
@click.option("--adopt", is_flag=True, help=tr("Also believe records that were made for another folder or machine."))
def repair(asked: Asked, *, adopt: bool) -> int:
    """Cut the journal back to its last good record; with `adopt`, make the records those of this place."""
    session = open_session(asked)
    path = session.store.journal
    try:
        run = session.store.current()
    except Damaged as error:
        if error.code not in {"journal.damaged", "journal.record"}:
            raise
        code = _repair(session, path, error)
        return _adopt(session) if adopt and not asked.dry_run else code
    if adopt:
        return _adopt(session)
    session.store.check_owner(run)
    if asked.as_json:
        emit("checkpoint", action="repair", install_id=run.install_id, damaged=False)
    else:
        say(tr("The journal is whole."))
    return 0


def _adopt(session: Session) -> int:
    """Note in every journal that was made elsewhere that its place is here."""
    store = session.store
    from phases.containers import projects

    foreign = [run for run in store.history() if not store.owns(run)]
    other = projects.stranger(session.root)
    for run in foreign if not session.asked.as_json else ():
        place = identity.told(run.facts.get("root"))
        say(tr("The records of the run {run} were made for {path}.", run=run.install_id, path=place))
    if other and not session.asked.as_json:
        place = identity.told(other["folder"])
        say(tr("What it has in a Docker Engine was made for {path}.", path=place))
    if (foreign or other) and not session.asked.dry_run:
        session.must_agree(tr("Was all of the project moved or copied here, its files included? [y/N]"))
        with session.locked():
            store.adopt()
            projects.adopt(session.root)
            session.renew_views(store.current())
    if session.asked.as_json:
        emit("checkpoint", action="adopt", runs=[run.install_id for run in foreign])
    elif not (foreign or other):
        say(tr("The records are of this folder."))
    elif not session.asked.dry_run:
        say(tr("They are gone on with here."))
    return 0


def _repair(session: Session, path: Path, error: Damaged) -> int:
    found = path.read_bytes() if path.exists() else b""
    good = readable(found, path)
    run = fold(journal.decode(good, path).entries)
    lost = max(len(found.splitlines()) - len(good.splitlines()), session.store.known_records(run) - _count(good))
    if session.asked.as_json:
        emit("checkpoint", action="repair", install_id=run.install_id, damaged=True, lost=lost, message=error.message)
    else:
        say(error.message, *_saved(session, run, lost))
    if session.asked.dry_run:
        return PENDING if session.asked.detailed else 0
    session.must_agree(tr("Go on with what can be read? The damaged file is set aside. [y/N]"))
    with session.locked():
        folder = session.store.folder / "damaged"
        if path.exists():
            files.make_folder(folder)
            files.copy(path, folder / f"journal-{time.time_ns()}.jsonl")
        session.renew_views(run)  # before the journal: cut short here, it is damaged still, and repaired again
        files.replace(path, good)
    if not session.asked.as_json:
        say(tr("Mended. The damaged file is in {folder}.", folder=folder))
    return 0


def readable(data: bytes, path: Path) -> bytes:
    """The good beginning of a damaged journal: all lines before the first that cannot be trusted."""
    lines = data.splitlines(keepends=True)
    low, high = 0, len(lines)
    while low < high:  # a record vouches for all before it, so that halving finds the place
        middle = (low + high + 1) // 2
        low, high = (middle, high) if _is_good(lines[:middle], path) else (low, middle - 1)
    return b"".join(lines[:low])


def _count(data: bytes) -> int:
    return data.count(b"\n")


def _is_good(lines: list[bytes], path: Path) -> bool:
    try:
        reading = journal.decode(b"".join(lines), path)
        fold(reading.entries)
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
                session.store.forget(name)
    if asked.as_json:
        emit("checkpoint", action="prune", deleted=[] if asked.dry_run else old, planned=old)
    elif not old:
        say(tr("Nothing to do."))
    else:
        say(*(tr("would delete: {run}", run=name) if asked.dry_run else tr("deleted: {run}", run=name) for name in old))
    return PENDING if old and asked.dry_run and asked.detailed else 0
