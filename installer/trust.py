"""Is the journal all of it, and is it of this place? What `store` asks before it believes a record."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from installer import archive, files, identity, journal, witness
from installer.errors import Damaged
from installer.i18n import tr
from installer.layout import DISSOLVING
from installer.model import Opened
from installer.run_ids import by_time, is_run_id

if TYPE_CHECKING:
    from pathlib import Path

    from installer.journal import Reading
    from installer.layout import Layout
    from installer.state import Run


def trusted(at: Layout) -> Reading:
    """The journal, if it is all of it: both views agree that nothing followed. Raises `Damaged`."""
    reading = journal.read(at.journal)
    if not files.exists(at.folder / DISSOLVING):
        for mark in witness.marks(at.progress, at.script):
            _check_mark(at, mark, reading)
    return reading


def _check_mark(at: Layout, mark: witness.Mark, reading: Reading) -> None:
    """Does the journal hold the record that a view of it was made from? Views may lag behind, by a run even."""
    entries = reading.entries
    run = entries[0].record.install_id if entries and isinstance(entries[0].record, Opened) else ""
    if run == mark.run:
        if mark.seq > len(entries) or entries[mark.seq - 1].checksum != mark.checksum:
            what = tr("records are missing from its end, or it is an older copy of itself")
            raise journal.damaged(at.journal, len(entries), what)
    elif by_time(run) < by_time(mark.run) and archive.find(at, mark.run) is None:
        what = tr("the run {run}, of which {view} tells, is not in it", run=mark.run, view=at.progress.name)
        raise journal.damaged(at.journal, 0, what)


def lost(at: Layout) -> str:
    """The id of a run that did something and of which an emptied journal tells nothing; "" if there is none.

    A kill leaves an empty journal before the first record only, when nothing is done yet; the run before is in the
    archive then. So it was emptied by a drive that lied about syncs, or by somebody.
    """
    if not files.exists(at.journal) or any(files.exists(at.folder / each) for each in (DISSOLVING, "damaged")):
        return ""
    if at.journal.read_bytes().strip(b"\0"):
        return ""  # a torn first record, which is dropped
    if not files.exists(at.script) and not files.exists(at.progress):
        return ""  # the folder with the journal was deleted: somebody wished to begin from nothing
    folders = (at.folder / each for each in ("stash", "staging", "generations"))
    traces = {name for folder in folders if folder.is_dir() for name in os.listdir(folder)}
    newest = max(filter(is_run_id, traces), key=by_time, default="")
    return newest if newest and by_time(newest) > max(map(by_time, archive.run_ids(at)), default=("", 0)) else ""


def check_owner(at: Layout, run: Run) -> None:
    """Raise `Damaged` if `run` was noted for another folder or machine: then nothing of it is gone on with here."""
    if not owns(at, run):
        raise Damaged(
            "journal.foreign",
            tr(
                "the records of the run {run} were made for another folder or machine: {path}",
                run=run.install_id,
                path=identity.told(run.facts.get("root")),
            ),
            hint=tr(
                "if all of the project was moved or copied here, `manage.py checkpoint repair --adopt` goes on "
                "with them; if not, `manage.py clean-env` puts them aside"
            ),
            path=str(at.journal),
        )


def owns(at: Layout, run: Run) -> bool:
    """Say whether `run` was made here, where this is a copy of, or was pulled to here by the user; or is none."""
    if not run.install_id or identity.agrees(run.facts.get("root"), at.copy_of or at.root):
        return True
    here = at.copy_of or at.root
    runs = (archive.read(at, name) for name in archive.run_ids(at))
    pulled = (each.facts for each in runs if "pulled" in each.facts)
    return any(facts["pulled"] == run.install_id and identity.agrees(facts.get("root"), here) for facts in pulled)


def known_records(at: Layout, run: Run) -> int:
    """How many records of `run` there were when a view was last written; of any run if it is none."""
    marks = witness.marks(at.progress, at.script)
    return max((mark.seq for mark in marks if run.install_id in {"", mark.run}), default=0)


def emptied(path: Path, install_id: str) -> Damaged:
    """The error for a journal that was emptied."""
    what = tr("it tells nothing of the run {run}, which has left traces", run=install_id)
    return Damaged(
        "journal.damaged",
        tr("the journal cannot be trusted: {place}: {what}", place=path, what=what),
        hint=tr("`manage.py checkpoint repair` shows what can be saved; nothing is changed until you agree"),
        path=str(path),
        line=0,
    )
