"""The one module through which the tool changes files: every write, sync, rename and removal is here.

Being the only door, it is where durability is decided (temporary file, fsync, rename, fsync of the folder) and where
a test can drop, tear or refuse any operation. Sources: docs/architecture.md, "How the disk is treated".
"""

from __future__ import annotations

import ctypes
import errno
import hashlib
import os
import re
import shutil
import stat
import sys
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, Literal, TypeVar

from installer.errors import Refused
from installer.i18n import tr

if TYPE_CHECKING:
    from collections.abc import Iterator

_NOFOLLOW = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_CLOEXEC", 0)
P = TypeVar("P", bound=PurePath)
Lasting = Literal["name", "bytes", "nothing"]

LARGEST = 256 << 20  # no file of our state comes near
_CHUNK = 1 << 20
_TEMPORARY = re.compile(r"\.surefoot-[0-9a-f]{16}\.tmp")
_AT_FDCWD = -100
_RENAME_EXCHANGE = 2  # linux/fs.h
_RENAME_SWAP = 2  # macOS <sys/stdio.h>


def below(root: Path, relative: str) -> Path:
    """The path `relative` below `root`, proven not to pass through a link, nor up; raises `Refused` if it does."""
    path = root
    parts = relative.split("/")
    if ".." in parts or parts[-1] in {"", "."} or "\0" in relative:
        raise Refused("path.outside", f"not a path below the project: {relative!r}")
    for part in parts[:-1]:
        path = path / part
        if path.is_symlink():
            raise Refused("path.link", tr("will not pass through the link {path}", path=path))
    return path / parts[-1]


def is_below(name: str) -> bool:
    """Say whether `name`, read from a file that somebody may have changed, leads to something below where it begins."""
    return bool(name) and not name.startswith("/") and "\0" not in name and ".." not in name.split("/")


def exists(path: Path) -> bool:
    """Is anything there, a dangling link included?"""
    return os.path.lexists(path)


def append(descriptor: int, data: bytes) -> None:
    """Write all of `data` at the end and wait until it is on the disk."""
    write_all(descriptor, data)
    sync(descriptor)


def write_all(descriptor: int, data: bytes) -> None:
    """`os.write` until nothing is left: a short write is no error."""
    view = memoryview(data)
    while view:
        view = view[os.write(descriptor, view) :]


def sync(descriptor: int) -> None:
    """Flush one file to the drive. macOS's fsync does not reach it; F_FULLFSYNC does (man 2 fsync)."""
    if sys.platform == "darwin":
        import fcntl

        try:
            fcntl.fcntl(descriptor, fcntl.F_FULLFSYNC)
        except OSError:
            os.fsync(descriptor)
    else:
        os.fsync(descriptor)


def sync_folder(folder: Path) -> None:
    """Make names made, renamed or removed in `folder` durable. Windows cannot: nothing happens there."""
    if os.name == "nt":
        return
    descriptor = os.open(folder, os.O_RDONLY | getattr(os, "O_DIRECTORY", 0))
    try:
        sync(descriptor)
    finally:
        os.close(descriptor)


def sync_tree(folder: Path) -> None:
    """Flush the file system that holds `folder` in one call (syncfs, or sync where there is none)."""
    if sys.platform == "linux":
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            if ctypes.CDLL(None, use_errno=True).syncfs(descriptor) == 0:
                return
        finally:
            os.close(descriptor)
    if hasattr(os, "sync"):
        os.sync()


def settle(path: Path) -> None:
    """Make what somebody else left at `path` durable: a file's bytes, the name of anything, that nothing is there."""
    if exists(path) and stat.S_ISREG(path.lstat().st_mode):
        descriptor = os.open(path, os.O_RDONLY | _NOFOLLOW)
        try:
            sync(descriptor)
        finally:
            os.close(descriptor)
    if path.parent.is_dir():
        sync_folder(path.parent)


def temporary(path: P) -> P:
    """Where what will be at `path` is written first. The same name always, so that one left by a cut is found again."""
    name = hashlib.sha256(os.fsencode(path.name)).hexdigest()[:16]
    return path.with_name(f".surefoot-{name}.tmp")


def is_temporary(name: str) -> bool:
    """Say whether a file of this name can only be one that was left by a cut."""
    return bool(_TEMPORARY.fullmatch(name))


def replace(path: Path, data: bytes, *, mode: int = 0o600, lasting: Lasting = "name") -> None:
    """Put `data` at `path` at once: readers see the old or the new content.

    `lasting` says what a power cut may do after that: nothing ("name"); bring the old content back, never half of one
    ("bytes"); anything, because it does not matter or because the caller syncs ("nothing").
    """
    unfinished = temporary(path)
    _forget(unfinished)
    descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL | _NOFOLLOW, 0o600)
    try:
        write_all(descriptor, data)
        if hasattr(os, "fchmod"):
            os.fchmod(descriptor, mode)
        if lasting != "nothing":
            sync(descriptor)
    except BaseException:
        os.close(descriptor)
        _forget(unfinished)
        raise
    os.close(descriptor)
    os.replace(unfinished, path)
    if lasting == "name":
        sync_folder(path.parent)


def copy(source: Path, target: Path, *, mode: int = 0o600, durable: bool = True) -> str:
    """Copy a regular file and the time of its last change, never following a link at its end; returns its sha256.

    The target is complete or absent. Raises `Refused` if `source` is not a regular file.
    """
    reading = os.open(source, os.O_RDONLY | _NOFOLLOW | getattr(os, "O_NONBLOCK", 0))
    try:
        if not stat.S_ISREG(os.fstat(reading).st_mode):
            raise Refused("file.kind", f"not a regular file: {source}")
        return _copy_open(reading, target, mode=mode, durable=durable)
    finally:
        os.close(reading)


def _copy_open(reading: int, target: Path, *, mode: int, durable: bool) -> str:
    unfinished = temporary(target)
    _forget(unfinished)
    total = hashlib.sha256()
    writing = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL | _NOFOLLOW, 0o600)
    try:
        while block := os.read(reading, _CHUNK):
            total.update(block)
            write_all(writing, block)
        if hasattr(os, "fchmod"):
            os.fchmod(writing, mode)
        set_time(unfinished, os.fstat(reading).st_mtime_ns)  # `make` and the accounts of earlier steps go by it
        if durable:
            sync(writing)
    except BaseException:
        os.close(writing)
        _forget(unfinished)
        raise
    os.close(writing)
    os.replace(unfinished, target)
    if durable:
        sync_folder(target.parent)
    return total.hexdigest()


def make_folder(folder: Path, *, mode: int = 0o700, durable: bool = True) -> None:
    """Make `folder` and its parents, each durable in the one above it. One that is there is left as it is."""
    if folder.is_dir():
        return
    make_folder(folder.parent, mode=mode, durable=durable)
    try:
        folder.mkdir(mode=mode)
    except FileExistsError:
        return
    if durable:
        sync_folder(folder.parent)


def link(target: str, path: Path) -> None:
    """Put a symbolic link at `path` at once."""
    unfinished = temporary(path)
    _forget(unfinished)
    os.symlink(target, unfinished)
    os.replace(unfinished, path)
    sync_folder(path.parent)


def change_mode(path: Path, mode: int, *, durable: bool = True) -> bool:
    """Set the permission bits of a file or folder, if they are others; a link has none. Says whether they were."""
    if path.is_symlink() or stat.S_IMODE(path.lstat().st_mode) == mode:
        return False
    path.chmod(mode)
    if durable:
        _settle_mode(path)
    return True


def _settle_mode(path: Path) -> None:
    try:
        descriptor = os.open(path, os.O_RDONLY | _NOFOLLOW)
    except OSError:  # one that we may not read, or a pipe: there is a way that asks for no right to it
        sync_tree(path.parent)
        return
    try:
        sync(descriptor)
    finally:
        os.close(descriptor)


def set_time(path: Path, nanoseconds: int) -> None:
    """Give a file back the time of its last change."""
    os.utime(path, ns=(nanoseconds, nanoseconds))


def rename(source: Path, target: Path, *, durable: bool = True) -> None:
    """Move within one file system. Raises `FileExistsError` if `target` is there: nothing is ever replaced.

    Not `durable`: a power cut may bring the old name back, instead of the new one.
    """
    if exists(target):
        raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(target))
    os.rename(source, target)
    if not durable:
        return
    sync_folder(target.parent)
    if source.parent != target.parent:
        sync_folder(source.parent)


def displace(source: Path, target: Path) -> None:
    """Move a file or link to a free name, to another file system by copying it whole first. Durable after `sync_tree`.

    Raises `FileExistsError` if `target` is there: nothing is ever replaced.
    """
    if exists(target):
        raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(target))
    try:
        os.rename(source, target)
    except OSError as error:
        if error.errno != errno.EXDEV:
            raise
        if source.is_symlink():
            link(os.readlink(source), target)
        else:
            copy(source, target, mode=stat.S_IMODE(source.lstat().st_mode))
        source.unlink()


def put(source: Path, target: Path, *, mode: int) -> None:
    """Have the content of `source` at `target` at once: by a hard link where that can be. Durable after `sync_tree`.

    For trees of our own whose files are not written to any more; a backup is always a `copy`.
    """
    unfinished = temporary(target)
    _forget(unfinished)
    try:
        os.link(source, unfinished, follow_symlinks=False)
    except OSError:
        copy(source, unfinished, mode=mode, durable=False)
    os.replace(unfinished, target)


def make_folder_unsynced(folder: Path) -> None:
    """Make `folder` and its parents with the usual permissions. Durable after `sync_tree`."""
    folder.mkdir(parents=True, exist_ok=True)


def exchange(first: Path, second: Path) -> None:
    """Swap two names at once (renameat2 RENAME_EXCHANGE, renamex_np RENAME_SWAP). Raises `OSError`."""
    _exchange(os.fsencode(first), os.fsencode(second))
    sync_folder(first.parent)
    if first.parent != second.parent:
        sync_folder(second.parent)


def can_exchange(folder: Path) -> bool:
    """Can two names on the file system of `folder` be swapped at once? Asked by trying, on two empty files."""
    one, two = (folder / f".exchange-{os.getpid()}-{n}" for n in "ab")
    try:
        for each in (one, two):
            os.close(os.open(each, os.O_WRONLY | os.O_CREAT | os.O_EXCL | _NOFOLLOW, 0o600))
        _exchange(os.fsencode(one), os.fsencode(two))
    except (OSError, AttributeError):
        return False
    else:
        return True
    finally:
        _forget(one)
        _forget(two)


def _exchange(first: bytes, second: bytes) -> None:
    library = ctypes.CDLL(None, use_errno=True)
    if sys.platform == "linux":
        status = library.renameat2(_AT_FDCWD, first, _AT_FDCWD, second, _RENAME_EXCHANGE)
    elif sys.platform == "darwin":
        status = library.renamex_np(first, second, _RENAME_SWAP)
    else:
        raise OSError(errno.ENOSYS, "this system cannot exchange two names")
    if status != 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number), os.fsdecode(first))


def remove(path: Path, *, durable: bool = True) -> None:
    """Remove a file or link; one that is gone already is no error. Not `durable`: a power cut may bring it back."""
    if _forget(path) and durable:
        sync_folder(path.parent)


def remove_folder(path: Path, *, durable: bool = True) -> bool:
    """Remove an empty folder; says whether it is gone."""
    try:
        path.rmdir()
    except FileNotFoundError:
        return True
    except OSError:
        return False
    if durable:
        sync_folder(path.parent)
    return True


def remove_tree(path: Path, *, durable: bool = True) -> None:
    """Remove whatever is at `path`, never following a link; one that is gone already is no error."""
    try:
        mode = path.lstat().st_mode
    except FileNotFoundError:
        return
    if not stat.S_ISDIR(mode):
        remove(path, durable=durable)
        return
    above = path.parent.stat().st_mode
    try:
        shutil.rmtree(path, onerror=_unlock_and_retry)
    finally:
        change_mode(
            path.parent, stat.S_IMODE(above), durable=durable
        )  # it is not ours: a right that we took is given back
    if exists(path):
        raise OSError(errno.ENOTEMPTY, os.strerror(errno.ENOTEMPTY), str(path))
    if durable:
        sync_folder(path.parent)


def _unlock_and_retry(_function: object, name: str, info: object) -> None:
    """A read-only folder (Go's and some builds' habit) keeps its entries: give ourselves the right, once an entry."""
    error = info[1] if isinstance(info, tuple) else None
    if isinstance(error, FileNotFoundError):
        return
    path = Path(name)
    if not isinstance(error, PermissionError) or path.is_symlink():
        raise error if isinstance(error, BaseException) else OSError(name)
    locked = stat.S_IMODE(path.lstat().st_mode) & stat.S_IRWXU != stat.S_IRWXU
    path.parent.chmod(0o700)
    if path.is_dir():
        path.chmod(0o700)
        shutil.rmtree(path, onerror=_unlock_and_retry if locked else None)
    else:
        path.unlink(missing_ok=True)


def _forget(path: Path) -> bool:
    try:
        path.unlink()
    except FileNotFoundError:
        return False
    return True


def content(path: Path, *, most: int = 0) -> bytes:
    """The first `most` bytes of a regular file (0: all, of a file of at most 256 MiB).

    Never follows a link at its end and never waits for a pipe. Raises `OSError`.
    """
    descriptor = os.open(path, os.O_RDONLY | _NOFOLLOW | getattr(os, "O_NONBLOCK", 0))
    with os.fdopen(descriptor, "rb") as stream:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            raise OSError(errno.EINVAL, tr("it is no ordinary file"), str(path))
        if not most and status.st_size > LARGEST:
            raise OSError(errno.EFBIG, os.strerror(errno.EFBIG), str(path))
        return stream.read(most or -1)


def digest(path: Path) -> str:
    """What is at `path`, in a word: "absent", "folder", "link:TARGET", "sha256:…", or "other" (device, pipe)."""
    try:
        status = path.lstat()
    except (FileNotFoundError, NotADirectoryError):
        return "absent"
    if stat.S_ISDIR(status.st_mode):
        return "folder"
    if stat.S_ISLNK(status.st_mode):
        return "link:" + os.readlink(path)
    if not stat.S_ISREG(status.st_mode):
        return "other"
    return "sha256:" + sha256(path)


def sha256(path: Path) -> str:
    """The sha256 of a regular file, read without following a link at its end."""
    descriptor = os.open(path, os.O_RDONLY | _NOFOLLOW)
    with os.fdopen(descriptor, "rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def walk(root: Path, *, skip: frozenset[str] = frozenset()) -> Iterator[tuple[str, os.DirEntry[str]]]:
    """Every entry below `root` as (relative path with `/`, entry), folders before what they hold, links unfollowed.

    A folder whose name is in `skip` is passed over.
    """
    pending = [("", str(root))]
    while pending:
        prefix, folder = pending.pop()
        with os.scandir(folder) as entries:
            for entry in sorted(entries, key=lambda each: each.name):
                if entry.name in skip:
                    continue
                relative = prefix + entry.name
                yield relative, entry
                if entry.is_dir(follow_symlinks=False):
                    pending.append((relative + "/", entry.path))
