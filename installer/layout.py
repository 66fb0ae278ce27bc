"""Where everything of a project's state lies, and making the folders for it. See design: "On disk"."""

from __future__ import annotations

import errno
import os
import stat
from contextlib import suppress
from typing import TYPE_CHECKING

from installer import files
from installer.errors import Precondition, Refused
from installer.frozen import dataclass
from installer.i18n import tr

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from installer.model import RelPath

SCRIPT_NOTE = "rolled-back-by-script"  # what rollback.sh leaves behind for the tool: the id of the run
DISSOLVING = "dissolving"  # the mark that all of the state folder is on its way out
FILES = ("lock", "lock.json", ".gitignore", "fingerprint", "proven", "report.json", "dissolving")
_FOLDERS = tuple("checkpoints runs stash logs generations staging scratch kept damaged resources volumes".split())
_ALWAYS = frozenset({"lock", "lock.json", ".gitignore", "logs"})
_MAY_BE_EMPTY = frozenset({"checkpoints", "runs", "scratch"})
_FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
_LONGEST_NAME = 255  # bytes, on every file system in use
_TRIES = 5  # times that others may be in the way of making the state folder


@dataclass(frozen=True, slots=True)
class Layout:
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
    def summary(self) -> Path:
        """What is known of the journal without reading it."""
        return self.checkpoints / "summary"

    @property
    def report(self) -> Path:
        """How the last command on a build server ended."""
        return self.folder / "report.json"

    @property
    def note_of_script(self) -> Path:
        """Where `rollback.sh` says that it came to its end."""
        return self.folder / "checkpoints" / SCRIPT_NOTE

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
            raise unwritable(self.folder, error) from error

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
        if folder.is_dir():
            with os.scandir(folder) as found:
                for entry in found:
                    if entry.is_symlink():
                        raise _is_link(entry.path)
        for path, is_right in self._kinds():
            _check_kind(path, is_right)

    def _kinds(self) -> Iterator[tuple[str, Callable[[int], bool]]]:
        """What must be an ordinary file here, and what a folder, if it is there at all."""
        folder, checkpoints = os.fspath(self.folder), os.fspath(self.checkpoints)
        views = [path.name for path in (self.journal, self.progress, self.script, self.summary)]
        for name in (*views, *map(files.temporary_name, views), "reserve", SCRIPT_NOTE):
            yield os.path.join(checkpoints, name), stat.S_ISREG
        for name in FILES:
            yield os.path.join(folder, name), stat.S_ISREG
        for path in (checkpoints, os.path.join(checkpoints, "backups")):
            yield path, stat.S_ISDIR
        for name in _FOLDERS:
            yield os.path.join(folder, name), stat.S_ISDIR

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
            if fresh and self.is_unused() and not files.exists(self.folder / "lock"):
                with suppress(OSError):
                    files.remove_tree(self.folder)
            raise unwritable(self.folder, error) from error

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
            raise unwritable(self.folder, error) from error

    def is_unused(self) -> bool:
        """Say whether no run was ever begun here, nor anything else put."""
        found = set(os.listdir(self.folder)) if self.folder.is_dir() else set()
        if not found or not found <= _ALWAYS | _MAY_BE_EMPTY:
            return False
        return all(entry.is_dir() for name in found & _MAY_BE_EMPTY for _, entry in files.walk(self.folder / name))

    def vanish(self) -> None:
        """Remove the folder, its lock last: once that is gone another start may have made the folder anew."""
        for name in sorted(set(os.listdir(self.folder)) - {"lock"}):
            files.remove_tree(self.folder / name)
        files.remove(self.folder / "lock")
        files.remove_folder(self.folder)


def unwritable(folder: Path, error: OSError) -> Precondition:
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


def _check_kind(path: str, is_right: Callable[[int], bool]) -> None:
    """Raise `Refused` for a link, a pipe, a device, a folder in place of a file: nothing of ours is written there."""
    try:
        mode = os.lstat(path).st_mode
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


def _is_link(path: Path | str) -> Refused:
    return Refused(
        "state.link",
        tr("will not write through the link {path}", path=path),
        hint=tr("remove the link; what it leads to is not touched"),
    )


def check_names(path: str) -> None:
    """Raise `Precondition` if a name in `path` is longer than any file system takes."""
    if any(len(os.fsencode(part)) > _LONGEST_NAME for part in path.split("/")):
        raise Precondition("path.long", tr("a name in `{path}` is longer than file systems take", path=path))
