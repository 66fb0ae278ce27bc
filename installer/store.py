"""A project's state: who holds it, which run is the current one, and which there were before."""

from __future__ import annotations

import time
from itertools import chain, count
from pathlib import Path
from typing import TYPE_CHECKING

from installer import __version__, archive, clock, dissolving, files, identity, journal, locking, trust, witness
from installer.frozen import dataclass
from installer.journal import Journal
from installer.layout import SCRIPT_NOTE, Layout, check_names
from installer.model import Resumed
from installer.run_ids import by_time, is_run_id
from installer.state import Run, fold

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager

    from installer.journal import Reading

__all__ = ["SCRIPT_NOTE", "Store", "boot_id", "check_names"]


@dataclass(frozen=True, slots=True)
class Store(Layout):
    """The state of one project. Every question about a run is answered from its journal."""

    def lock(self, *, wait: bool, waiting: Callable[[str], None]) -> AbstractContextManager[int]:
        """See `locking.hold`."""
        return locking.hold(self, wait=wait, waiting=waiting)

    def check_free(self) -> None:
        """See `locking.check_free`."""
        locking.check_free(self)

    def new_id(self) -> str:
        """An install id of this second, in local time; `_2`, `_3` … if it is taken.

        Ids never go backwards, whatever the clock does: runs are taken back in the order of their ids.
        """
        base = clock.second()
        known = [*self.run_ids(), self.current().install_id, self.coming]
        last = max((name for name in known if is_run_id(name)), key=by_time, default="")
        if by_time(last) >= (base, 1):
            base = last[: len(base)]
        names = chain((base,), (f"{base}_{n}" for n in count(2)))
        return next(name for name in names if by_time(name) > by_time(last) and not self._is_taken(name))

    def _is_taken(self, name: str) -> bool:
        """Is there anything of a run of that name, though the run itself be forgotten?"""
        return any(
            files.exists(self.folder / each / name) for each in ("runs", "generations", "staging", "stash", "kept")
        )

    def current(self) -> Run:
        """The last run, open or closed; an empty one if there was none. Raises `Damaged`.

        One that `rollback.sh` took back is as it left it, also before the next command notes that in the journal.
        """
        return self.look()[0]

    def look(self) -> tuple[Run, Reading]:
        """The last run with the records that tell of it, which `open_journal` need not read again. Raises `Damaged`."""
        reading = trust.trusted(self)
        run = fold(reading.entries)
        if not run.install_id and (lost := trust.lost(self)):
            raise trust.emptied(self.journal, lost)
        return run.taken_back() if run.install_id and self.script_note() == run.install_id else run, reading

    def check_owner(self, run: Run) -> None:
        """See `trust.check_owner`."""
        trust.check_owner(self, run)

    def owns(self, run: Run) -> bool:
        """See `trust.owns`."""
        return trust.owns(self, run)

    def adopt(self) -> None:
        """Note in every journal that was made elsewhere that its place is here. Cut short, it is done again."""
        here = Resumed(boot_id=boot_id(), tool_version=__version__, root=identity.of(self.root))
        for name in self.run_ids():
            path, data = archive.unpacked(self, name)
            entries = journal.decode(data, path).entries
            if not self.owns(fold(entries)):
                files.replace(path, archive.packed(data + journal.encode(here, entries[-1])[1], path))
        if not self.owns(self.current()):
            opened = self.open_journal()
            opened.append(here)
            opened.close()

    def known_records(self, run: Run) -> int:
        """See `trust.known_records`."""
        return trust.known_records(self, run)

    def set_aside_journal(self) -> None:
        """Put the journal among the damaged, and forget the views of it: a run begins anew without it.

        The views go first: cut short, it is done again.
        """
        for view in (self.progress, self.script):
            files.remove(view)
        if files.exists(self.journal):
            folder = self.folder / "damaged"
            files.make_folder(folder)
            files.rename(self.journal, folder / f"journal-{time.time_ns()}.jsonl")

    def forget(self, install_id: str) -> None:
        """Delete the records of an archived run; a view that still tells of it goes before it."""
        for view in (self.progress, self.script):
            if any(mark.run == install_id for mark in witness.marks(view, view)):
                files.remove(view)
        files.remove_tree(self.runs / install_id)
        files.remove(self.log(install_id))

    def script_note(self) -> str:
        """The id of the run that `rollback.sh` took back to the end; empty if it did not."""
        try:
            return files.content(self.note_of_script).decode("utf-8").strip()
        except (OSError, UnicodeDecodeError):
            return ""

    def run_ids(self) -> list[str]:
        """The ids of archived runs, oldest first."""
        return archive.run_ids(self)

    def history(self, now: Run | None = None) -> Iterator[Run]:
        """Every run that is known, newest first: the current one (`now`, if it was just read), then the archived."""
        now = now or self.current()
        if now.install_id:
            yield now
        for name in reversed(self.run_ids()):
            if name != now.install_id:
                yield self.archived(name)

    def archived(self, install_id: str) -> Run:
        """A closed run that was put away. Raises `Damaged`, or `KeyError` if there is none."""
        return archive.read(self, install_id)

    def journal_of(self, install_id: str) -> bytes:
        """The journal of a run, current or put away. Raises `Damaged`, or `KeyError` if there is none."""
        if self.current().install_id == install_id:
            return self.journal.read_bytes()
        return archive.unpacked(self, install_id)[1]

    def archive(self) -> None:
        """Put the closed current run away, so that another may begin. Its journal is complete in one place always."""
        run = self.current()
        if not run.install_id:
            files.remove(self.journal, durable=False)
            return
        folder = self.runs / run.install_id
        files.make_folder(folder)
        path = folder / "journal.jsonl.gz"
        files.replace(path, archive.packed(files.content(self.journal), path))
        files.remove(self.journal, durable=False)  # should it come back, it is the run of that name, put away already

    def unarchive(self, install_id: str) -> None:
        """Bring an archived run back as the current one: it is going to be rolled back."""
        path, data = archive.unpacked(self, install_id)
        run = fold(journal.decode(data, path).entries)
        if run.install_id != install_id:
            raise archive.unreadable(path, "it is of another run")
        self.check_owner(run)
        files.replace(self.journal, data)

    def dissolve(self) -> bool:
        """See `dissolving.dissolve`."""
        return dissolving.dissolve(self)

    def open_journal(self, reading: Reading | None = None) -> Journal:
        """The journal, ready to append; `reading` as in `look`, under the same lock."""
        return Journal(self.journal, reading)


def boot_id() -> str:
    """What changes when the machine starts anew; empty where the system does not tell."""
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_bytes().decode("ascii").strip()
    except OSError:
        pass
    try:
        import subprocess  # macOS only

        return subprocess.run(
            ["/usr/sbin/sysctl", "-n", "kern.boottime"], capture_output=True, text=True, check=False
        ).stdout.strip()
    except OSError:
        return ""
