"""Where everything of a project's state lies, who holds it, and which runs there are. See design: "On disk"."""

from __future__ import annotations

import errno
import gzip
import io
import json
import os
import re
import socket
import stat
import time
import zlib
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from itertools import chain, count
from pathlib import Path
from typing import TYPE_CHECKING, Any
from warnings import catch_warnings, simplefilter

from installer import __version__, files, guard, identity, journal, rollback, witness
from installer.errors import Damaged, Locked, Precondition, Refused
from installer.i18n import tr
from installer.journal import Journal
from installer.model import Opened, Resumed
from installer.state import Run, fold

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from filelock import FileLock

    from installer.journal import Reading
    from installer.model import RelPath

_RUN_ID = re.compile(r"\d{8}_\d{6}(_\d+)?")
SCRIPT_NOTE = "rolled-back-by-script"  # what rollback.sh leaves behind for the tool: the id of the run
_DISSOLVING = "dissolving"  # the mark that all of the state folder is on its way out
_FILES = ("lock", "lock.json", ".gitignore", "fingerprint", "dissolving")
_FOLDERS = ("checkpoints", "runs", "stash", "logs", "generations", "staging", "scratch", "kept", "damaged", "resources")
_ALWAYS = frozenset({"lock", "lock.json", ".gitignore", "logs"})
_MAY_BE_EMPTY = frozenset({"checkpoints", "runs", "scratch"})
_held: dict[Path, int] = {}  # the locks that this process has, by state folder
_FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
_LONGEST_NAME = 255  # bytes, on every file system in use
_TRIES = 5  # times that others may be in the way of making the state folder
_POLL = 0.2  # seconds between looks at a lock that another run holds


@dataclass(frozen=True, slots=True)
class Store:
    """The state folder of one project. `checkpoints` may lie elsewhere (SUREFOOT_CHECKPOINT_DIR).

    `coming` is the id of a run that is about to come from another machine: no run of ours takes it.
    `copy_of`: this is a copy made to try something out, that stands for the project there.
    """

    root: Path
    state: RelPath
    elsewhere: Path | None = None
    coming: str = ""
    copy_of: Path | None = None

    @property
    def folder(self) -> Path:
        """The state folder."""
        return self.root / self.state

    @property
    def checkpoints(self) -> Path:
        """Where the journal and its views are."""
        return self.elsewhere or self.folder / "checkpoints"

    @property
    def journal(self) -> Path:
        """The journal of the current run."""
        return self.checkpoints / "journal.jsonl"

    @property
    def progress(self) -> Path:
        """The progress file."""
        return self.checkpoints / "install_progress.json"

    @property
    def script(self) -> Path:
        """The rollback script."""
        return self.checkpoints / "rollback.sh"

    @property
    def runs(self) -> Path:
        """Where closed runs are put away."""
        return self.folder / "runs"

    def log(self, install_id: str) -> Path:
        """The log file of a run."""
        return self.folder / "logs" / f"{install_id}.log"

    def check_place(self) -> None:
        """Raise `Refused` if the state folder, or what lies in it, is a link, `Precondition` if it is a file.

        A repository may come with a state folder: nothing of ours is written through a link in it.
        """
        check_names(self.state)
        try:
            self._check_links()
        except OSError as error:
            raise _unwritable(self.folder, error) from error

    def _check_links(self) -> None:
        folder = self.root
        for part in self.state.split("/"):
            folder = folder / part
            if folder.is_symlink():
                raise _is_link(folder)
            if files.exists(folder) and not folder.is_dir():
                raise Precondition(
                    "state.file",
                    tr("`{path}` is a file; the state folder of the project must be there", path=folder),
                    hint=tr("move it away, or name another `state-dir` in the manifest"),
                )
        for path in folder.iterdir() if folder.is_dir() else ():
            if path.is_symlink():
                raise _is_link(path)
        for path, is_right in self._kinds():
            _check_kind(path, is_right)

    def _kinds(self) -> Iterator[tuple[Path, Callable[[int], bool]]]:
        """What must be an ordinary file here, and what a folder, if it is there at all."""
        views = (self.journal, self.progress, self.script)
        more = (
            *(self.folder / each for each in _FILES),
            *(self.checkpoints / each for each in ("reserve", SCRIPT_NOTE)),
        )
        for path in (*views, *map(files.temporary, views), *more):
            yield path, stat.S_ISREG
        for path in (self.checkpoints, self.checkpoints / "backups", *(self.folder / name for name in _FOLDERS)):
            yield path, stat.S_ISDIR

    def enter(self) -> None:
        """Make the state folder, all that is needed to take the lock. It ignores itself in git, and is private.

        The rest is made with the lock in hand: what another start removes meanwhile is removed whole.
        """
        self.check_place()
        fresh = not self.folder.exists()
        try:
            for _ in range(_TRIES):
                with suppress(FileNotFoundError):  # another start that did nothing took the folder away meanwhile
                    return self._make_folder()
            self._make_folder()
        except OSError as error:
            if fresh and self._is_unused() and not files.exists(self.folder / "lock"):
                with suppress(OSError):
                    files.remove_tree(self.folder)
            raise _unwritable(self.folder, error) from error

    def _make_folder(self) -> None:
        files.make_folder(self.folder)
        ignore = self.folder / ".gitignore"
        if not ignore.exists():
            with suppress(FileExistsError):  # another start is at it
                files.replace(ignore, b"*\n", lasting="bytes")

    def prepare(self) -> None:
        """Make all folders."""
        self.enter()
        try:
            for folder in (self.checkpoints, self.checkpoints / "backups", self.folder / "logs", self.runs):
                files.make_folder(folder)
        except OSError as error:
            raise _unwritable(self.folder, error) from error

    def new_id(self) -> str:
        """An install id of this second, in local time; `_2`, `_3` … if it is taken.

        Ids never go backwards, whatever the clock does: runs are taken back in the order of their ids.
        """
        base = datetime.now().astimezone().strftime("%Y%m%d_%H%M%S")
        known = [*self.run_ids(), self.current().install_id, self.coming]
        last = max((name for name in known if _RUN_ID.fullmatch(name)), key=_by_time, default="")
        if _by_time(last) >= (base, 1):
            base = last[: len(base)]
        names = chain((base,), (f"{base}_{n}" for n in count(2)))
        return next(name for name in names if _by_time(name) > _by_time(last) and not self._is_taken(name))

    def _is_taken(self, name: str) -> bool:
        """Is there anything of a run of that name, though the run itself be forgotten?"""
        return any(
            files.exists(self.folder / each / name) for each in ("runs", "generations", "staging", "stash", "kept")
        )

    def current(self) -> Run:
        """The last run, open or closed; an empty one if there was none. Raises `Damaged`.

        One that `rollback.sh` took back is as it left it, also before the next command notes that in the journal.
        """
        run = fold(self._trusted().entries)
        if not run.install_id and (lost := self._lost()):
            raise _emptied(self.journal, lost)
        return run.taken_back() if run.install_id and self.script_note() == run.install_id else run

    def _lost(self) -> str:
        """The id of a run that did something and of which an emptied journal tells nothing; "" if there is none.

        A kill leaves an empty journal before the first record only, when nothing is done yet; the run before is in the
        archive then. So it was emptied by a drive that lied about syncs, or by somebody.
        """
        if not files.exists(self.journal) or any(files.exists(self.folder / each) for each in (_DISSOLVING, "damaged")):
            return ""
        if self.journal.read_bytes().strip(b"\0"):
            return ""  # a torn first record, which is dropped
        if not files.exists(self.script) and not files.exists(self.progress):
            return ""  # the folder with the journal was deleted: somebody wished to begin from nothing
        folders = (self.folder / each for each in ("stash", "staging", "generations"))
        traces = {name for folder in folders if folder.is_dir() for name in os.listdir(folder)}
        newest = max(filter(_RUN_ID.fullmatch, traces), key=_by_time, default="")
        return newest if newest and _by_time(newest) > max(map(_by_time, self.run_ids()), default=("", 0)) else ""

    def _trusted(self) -> Reading:
        """The journal, if it is all of it: both views agree that nothing followed. Raises `Damaged`."""
        reading = journal.read(self.journal)
        if not files.exists(self.folder / _DISSOLVING):
            for mark in witness.marks(self.progress, self.script):
                self._check_mark(mark, reading)
        return reading

    def _check_mark(self, mark: witness.Mark, reading: Reading) -> None:
        """Does the journal hold the record that a view of it was made from? Views may lag behind, by a run even."""
        entries = reading.entries
        run = entries[0].record.install_id if entries and isinstance(entries[0].record, Opened) else ""
        if run == mark.run:
            if mark.seq > len(entries) or entries[mark.seq - 1].checksum != mark.checksum:
                what = tr("records are missing from its end, or it is an older copy of itself")
                raise journal.damaged(self.journal, len(entries), what)
        elif _by_time(run) < _by_time(mark.run) and self._archived(mark.run) is None:
            what = tr("the run {run}, of which {view} tells, is not in it", run=mark.run, view=self.progress.name)
            raise journal.damaged(self.journal, 0, what)

    def check_owner(self, run: Run) -> None:
        """Raise `Damaged` if `run` was noted for another folder or machine: then nothing of it is gone on with here."""
        if not self.owns(run):
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
                path=str(self.journal),
            )

    def owns(self, run: Run) -> bool:
        """Say whether `run` was made here, where this is a copy of, or was pulled to here by the user; or is none."""
        if not run.install_id or identity.agrees(run.facts.get("root"), self.copy_of or self.root):
            return True
        here = self.copy_of or self.root
        pulled = (each.facts for each in map(self.archived, self.run_ids()) if "pulled" in each.facts)
        return any(facts["pulled"] == run.install_id and identity.agrees(facts.get("root"), here) for facts in pulled)

    def adopt(self) -> None:
        """Note in every journal that was made elsewhere that its place is here. Cut short, it is done again."""
        here = Resumed(boot_id=boot_id(), tool_version=__version__, root=identity.of(self.root))
        for name in self.run_ids():
            path, data = self._unpacked(name)
            entries = journal.decode(data, path).entries
            if not self.owns(fold(entries)):
                files.replace(path, _packed(data + journal.encode(here, entries[-1])[1], path))
        if not self.owns(self.current()):
            opened = self.open_journal()
            opened.append(here)
            opened.close()

    def known_records(self, run: Run) -> int:
        """How many records of `run` there were when a view was last written; of any run if it is none."""
        marks = witness.marks(self.progress, self.script)
        return max((mark.seq for mark in marks if run.install_id in {"", mark.run}), default=0)

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
            return files.content(self.folder / "checkpoints" / SCRIPT_NOTE).decode("utf-8").strip()
        except (OSError, UnicodeDecodeError):
            return ""

    def run_ids(self) -> list[str]:
        """The ids of archived runs, oldest first."""
        if not self.runs.is_dir():
            return []
        names = (name for name in os.listdir(self.runs) if _RUN_ID.fullmatch(name))
        return sorted((name for name in names if self._archived(name)), key=_by_time)

    def history(self) -> Iterator[Run]:
        """Every run that is known, newest first: the current one, then the archived."""
        now = self.current()
        if now.install_id:
            yield now
        for name in reversed(self.run_ids()):
            if name != now.install_id:
                yield self.archived(name)

    def archived(self, install_id: str) -> Run:
        """A closed run that was put away. Raises `Damaged`, or `KeyError` if there is none."""
        path, data = self._unpacked(install_id)
        return fold(journal.decode(data, path).entries)

    def journal_of(self, install_id: str) -> bytes:
        """The journal of a run, current or put away. Raises `Damaged`, or `KeyError` if there is none."""
        if self.current().install_id == install_id:
            return self.journal.read_bytes()
        return self._unpacked(install_id)[1]

    def archive(self) -> None:
        """Put the closed current run away, so that another may begin. Its journal is complete in one place always."""
        run = self.current()
        if not run.install_id:
            files.remove(self.journal, durable=False)
            return
        folder = self.runs / run.install_id
        files.make_folder(folder)
        files.replace(folder / "journal.jsonl.gz", gzip.compress(files.content(self.journal), mtime=0))
        files.remove(self.journal, durable=False)  # should it come back, it is the run of that name, put away already

    def unarchive(self, install_id: str) -> None:
        """Bring an archived run back as the current one: it is going to be rolled back."""
        path, data = self._unpacked(install_id)
        run = fold(journal.decode(data, path).entries)
        if run.install_id != install_id:
            raise _unreadable(path, "it is of another run")
        self.check_owner(run)
        files.replace(self.journal, data)

    def _unpacked(self, install_id: str) -> tuple[Path, bytes]:
        path = self._archived(install_id)
        if path is None:
            raise KeyError(install_id)
        try:
            data = files.content(path)
            return path, _inflated(data) if path.suffix == ".gz" else data
        except (OSError, EOFError, ValueError, zlib.error) as error:
            raise _unreadable(path, str(error)) from error

    def dissolve(self) -> bool:
        """Remove the state folder: every run is taken back, nothing in it is needed any more.

        What rollback set aside is the user's and stays; says whether there is such. Cut short, the next command that
        takes the lock finishes it: a mark comes first. The caller holds the lock, whose file is the last to go: once
        it is gone another start may begin.
        """
        files.replace(self.folder / _DISSOLVING, b"")  # without it, views that outlive their journal are damage
        stays = self._finish_dissolving()
        files.remove(self.folder / "lock")
        return stays or not files.remove_folder(self.folder)

    def _finish_dissolving(self) -> bool:
        """Remove all but the lock and what stays; says whether anything does."""
        kept = self.folder / "kept"
        for each in self._strangers():
            guard.move_aside(each, kept / "generations" / each.name)
        for each in self._notes_of_others():
            guard.move_aside(each, kept / "state" / each.name)
        stays = {".gitignore", "kept"} if kept.is_dir() and any(kept.iterdir()) else set()
        if self.elsewhere is not None:
            views = (self.journal, self.progress, self.script)
            for path in (
                *views,
                *map(files.temporary, views),
                *(self.checkpoints / each for each in ("reserve", "backups")),
            ):
                files.remove_tree(path)
        for name in sorted(set(os.listdir(self.folder)) - stays - {_DISSOLVING, "lock"}):
            files.remove_tree(self.folder / name, durable=False)  # the mark, which lies beside it, is removed last
        files.remove(self.folder / _DISSOLVING)
        return bool(stays)

    def _strangers(self) -> tuple[Path, ...]:
        """Generations that no run of ours made: the user's own, which a lost journal leads back to no more."""
        folder = self.folder / "generations"
        found = sorted(folder.iterdir()) if folder.is_dir() else []
        return tuple(each for each in found if not rollback.generation(each))

    def _notes_of_others(self) -> tuple[Path, ...]:
        """Files that somebody put into the state folder: we write none of such names."""
        found = (each for each in sorted(self.folder.iterdir()) if each.is_file())
        return tuple(each for each in found if each.name not in _FILES and not each.name.startswith("."))

    def open_journal(self) -> Journal:
        """The journal, ready to append."""
        return Journal(self.journal)

    def _archived(self, install_id: str) -> Path | None:
        for name in ("journal.jsonl.gz", "journal.jsonl"):
            if (path := self.runs / install_id / name).exists():
                return path
        return None

    @contextmanager
    def lock(self, *, wait: bool, waiting: Callable[[str], None]) -> Iterator[int]:
        """Hold the project for one run; yields the lock's descriptor, which children inherit.

        The kernel's lock decides; the note beside it only tells people who has it. `waiting` is called once with that
        note. Within one process it may be taken again. Raises `Locked` if `wait` is not set. A state folder in which
        nothing was ever done goes again at the end.
        """
        if (held := _held.get(self.folder)) is not None:
            yield held
            return
        lock = self._acquire(wait=wait, waiting=waiting)
        try:
            if (self.folder / _DISSOLVING).exists():
                self._finish_dissolving()
            self.prepare()
            self._note_holder()
            _held[self.folder] = _descriptor(lock)
            yield _held[self.folder]
        finally:
            _held.pop(self.folder, None)
            if self._is_ours(lock) and self._is_unused():
                with suppress(OSError):  # a mount point, or a disk that is only read now
                    self._vanish()
            lock.release()

    def check_free(self) -> None:
        """Raise `Locked` if another run holds the project; nothing is noted."""
        self._acquire(wait=False, waiting=lambda _holder: None).release()

    def _acquire(self, *, wait: bool, waiting: Callable[[str], None]) -> FileLock:
        from filelock import FileLock, Timeout  # 60 ms: not on the path that finds nothing to do

        lock = FileLock(self.folder / "lock", mode=0o600)
        looked = told = False
        while True:
            try:
                self._try(lock)
            except Timeout:
                if not looked:
                    looked = True  # who has it may not have had the time to say so: the note is read at the second look
                elif not wait:
                    raise Locked(
                        "lock.held", tr("another run holds this project: {holder}", holder=self._holder())
                    ) from None
                elif not told:
                    waiting(self._holder())
                    told = True
                time.sleep(_POLL)
            except FileNotFoundError:
                self.enter()  # the run that we waited for had done nothing, and took the folder away
            except OSError as error:
                raise _unwritable(self.folder, error) from error
            else:
                if self._is_ours(lock):
                    return lock
                lock.release()  # its file was removed by the run that we waited for
                self.enter()

    def _try(self, lock: FileLock) -> None:
        """Take the kernel's lock. Raises `Precondition` where there is none: filelock would go on with less."""
        from filelock import SoftFileLock

        with catch_warnings(), suppress(NotImplementedError):
            simplefilter("ignore")
            lock.acquire(blocking=False)
            if not isinstance(lock, SoftFileLock):
                return
        lock.release()
        with suppress(OSError):
            if self._is_unused():
                self._vanish()
        raise _unlockable(self.folder)

    def _is_unused(self) -> bool:
        """Say whether no run was ever begun here, nor anything else put."""
        found = set(os.listdir(self.folder)) if self.folder.is_dir() else set()
        if not found or not found <= _ALWAYS | _MAY_BE_EMPTY:
            return False
        return all(entry.is_dir() for name in found & _MAY_BE_EMPTY for _, entry in files.walk(self.folder / name))

    def _vanish(self) -> None:
        """Remove the folder, its lock last: once that is gone another start may have made the folder anew."""
        for name in sorted(set(os.listdir(self.folder)) - {"lock"}):
            files.remove_tree(self.folder / name)
        files.remove(self.folder / "lock")
        files.remove_folder(self.folder)

    def _is_ours(self, lock: FileLock) -> bool:
        """Say whether the file that we hold is the one that others will find under its name."""
        try:
            held, named = os.fstat(_descriptor(lock)), (self.folder / "lock").stat()
        except OSError:
            return False
        return (held.st_dev, held.st_ino) == (named.st_dev, named.st_ino)

    def _note_holder(self) -> None:
        note = {
            "pid": os.getpid(),
            "host": socket.gethostname(),
            "started": datetime.now().astimezone().isoformat(timespec="seconds"),
        }
        try:
            files.replace(self.folder / "lock.json", json.dumps(note).encode(), lasting="nothing")
        except OSError:  # it only informs; on a full disk a wrong one is worse than none
            files.remove(self.folder / "lock.json")

    def _holder(self) -> str:
        try:
            note: dict[str, Any] = json.loads((self.folder / "lock.json").read_bytes())
            return tr("process {pid} on {host}, since {time}", pid=note["pid"], host=note["host"], time=note["started"])
        except (OSError, ValueError, KeyError, TypeError):
            return tr("a process that left no note")


def _descriptor(lock: FileLock) -> int:
    descriptor = lock._context.lock_file_fd  # noqa: SLF001 -- filelock has no public name for it
    return -1 if descriptor is None else descriptor


def _unreadable(path: Path, why: str) -> Damaged:
    return Damaged(
        "journal.damaged",
        tr("the journal of an earlier run cannot be trusted: {path}: {why}", path=path, why=why),
        hint=tr("move it away to go on without that run"),
        path=str(path),
    )


def _emptied(path: Path, install_id: str) -> Damaged:
    what = tr("it tells nothing of the run {run}, which has left traces", run=install_id)
    return Damaged(
        "journal.damaged",
        tr("the journal cannot be trusted: {place}: {what}", place=path, what=what),
        hint=tr("`manage.py checkpoint repair` shows what can be saved; nothing is changed until you agree"),
        path=str(path),
        line=0,
    )


def _unlockable(folder: Path) -> Precondition:
    return Precondition(
        "lock.unsupported",
        tr("this file system cannot lock files: {path}", path=folder),
        hint=tr("without locks two runs could not be kept apart; put the project on another file system"),
    )


def _unwritable(folder: Path, error: OSError) -> Precondition:
    """Nothing was written: the disk is full, only reads, or is somebody else's."""
    message = tr("cannot write the state folder {path}: {reason}", path=folder, reason=error.strerror)
    hint = tr("make the project folder writable, or give another one with -C")
    if error.errno in _FULL:
        hint = tr("make room, then run the same command again")
    elif error.errno == errno.EROFS:
        place = next(each for each in (folder, *folder.parents) if os.path.ismount(each))
        message = tr("the file system mounted at {place} can only be read: {path}", place=place, path=folder)
        hint = tr("look for errors of the disk (`dmesg`), mount it for writing, then run the same command again")
    return Precondition("state.unwritable", message, hint=hint, path=str(folder))


def _inflated(data: bytes) -> bytes:
    """What was compressed, unless it is more than any journal of ours. Raises `ValueError` for that."""
    with gzip.GzipFile(fileobj=io.BytesIO(data)) as stream:
        found = stream.read(files.LARGEST + 1)
    if len(found) > files.LARGEST:
        raise ValueError("it is too large")
    return found


def _packed(data: bytes, path: Path) -> bytes:
    return gzip.compress(data, mtime=0) if path.suffix == ".gz" else data


def _check_kind(path: Path, is_right: Callable[[int], bool]) -> None:
    """Raise `Refused` for a link, a pipe, a device, a folder in place of a file: nothing of ours is written there."""
    try:
        mode = path.lstat().st_mode
    except (FileNotFoundError, NotADirectoryError):
        return
    if stat.S_ISLNK(mode):
        raise _is_link(path)
    if not is_right(mode):
        raise Refused(
            "state.kind",
            tr("{path} is not what this tool puts there (a file, a folder); it is not touched", path=path),
            hint=tr("move it away, then run the same command again"),
        )


def _is_link(path: Path) -> Refused:
    return Refused(
        "state.link",
        tr("will not write through the link {path}", path=path),
        hint=tr("remove the link; what it leads to is not touched"),
    )


def _by_time(name: str) -> tuple[str, int]:
    """What an id is sorted by; an empty one comes first."""
    stem, _, number = name[:15], name[15:16], name[16:]
    return stem, int(number or 1)


def check_names(path: str) -> None:
    """Raise `Precondition` if a name in `path` is longer than any file system takes."""
    if any(len(os.fsencode(part)) > _LONGEST_NAME for part in path.split("/")):
        raise Precondition("path.long", tr("a name in `{path}` is longer than file systems take", path=path))


def boot_id() -> str:
    """What changes when the machine starts anew; empty where the system does not tell."""
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
    except OSError:
        pass
    try:
        import subprocess  # macOS only

        return subprocess.run(
            ["/usr/sbin/sysctl", "-n", "kern.boottime"], capture_output=True, text=True, check=False
        ).stdout.strip()
    except OSError:
        return ""
