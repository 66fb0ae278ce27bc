"""The one module through which the tool changes files: every write, sync, rename and removal is here.

Being the only door, it is where durability is decided (temporary file, fsync, rename, fsync of the folder) and where
a test can drop, tear or refuse any operation. Every change names what is in a folder that is held open (`pins`), so
that nobody leads it elsewhere meanwhile. Sources: docs/architecture.md, "How the disk is treated".
"""

from __future__ import annotations

import ctypes
import errno
import os
import stat
import sys
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, Literal, TypeVar

from installer import lazily, pins
from installer.errors import Refused
from installer.hashing import sha256 as hashed
from installer.i18n import tr
from installer.looking import below, digest, exists, is_below, sha256, walk
from installer.pins import Spot

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["below", "digest", "exists", "is_below", "sha256", "walk"]  # besides what is here: whoever changes, looks

_NOFOLLOW = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_CLOEXEC", 0)
_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL
P = TypeVar("P", bound=PurePath)
Lasting = Literal["name", "bytes", "nothing"]

LARGEST = 256 << 20  # no file of our state comes near
_CHUNK = 1 << 20
_TEMPORARY = lazily.pattern(r"\.surefoot-[0-9a-f]{16}\.tmp")
_AT_FDCWD = -100 if sys.platform == "linux" else -2
_RENAME_EXCHANGE = 2  # linux/fs.h
_RENAME_SWAP = 2  # macOS <sys/stdio.h>


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


def sync_folder(folder: Path | Spot) -> None:
    """Make names made, renamed or removed in `folder`, or beside a spot, durable. Windows cannot: nothing happens."""
    if os.name == "nt":
        return
    descriptor = folder.open_folder() if isinstance(folder, Spot) else os.open(folder, pins.FOLDER)
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
    return path.with_name(temporary_name(path.name))


def temporary_name(name: str) -> str:
    """What `temporary` calls the file that will be `name`."""
    return f".surefoot-{hashed(os.fsencode(name)).hexdigest()[:16]}.tmp"


def is_temporary(name: str) -> bool:
    """Say whether a file of this name can only be one that was left by a cut."""
    return bool(_TEMPORARY.fullmatch(name))


def replace(path: Path, data: bytes | Iterable[bytes], *, mode: int = 0o600, lasting: Lasting = "name") -> None:
    """Put `data` at `path` at once: readers see the old or the new content.

    `lasting` says what a power cut may do after that: nothing ("name"); bring the old content back, never half of one
    ("bytes"); anything, because it does not matter or because the caller syncs ("nothing").
    """
    with pins.at(path) as spot:
        unfinished = _unfinished(spot)
        descriptor = unfinished.open(_NEW)
        try:
            for block in (data,) if isinstance(data, bytes) else data:
                write_all(descriptor, block)
            if hasattr(os, "fchmod"):
                os.fchmod(descriptor, mode)
            if lasting != "nothing":
                sync(descriptor)
        except BaseException:
            os.close(descriptor)
            _forget(unfinished)
            raise
        os.close(descriptor)
        _replace(unfinished, spot)
        if lasting == "name":
            sync_folder(spot)


def _unfinished(spot: Spot) -> Spot:
    """Where what will be at `spot` is written first; nothing is there."""
    found = spot.beside(temporary_name(os.path.basename(spot.name)))
    _forget(found)
    return found


def _replace(source: Spot, target: Spot) -> None:
    """Rename, over what is there. Raises `OSError` with both paths."""
    try:
        os.replace(source.name, target.name, src_dir_fd=source.folder, dst_dir_fd=target.folder)
    except OSError as error:
        error.filename, error.filename2 = str(source.path), str(target.path)
        raise


def _rename(source: Spot, target: Spot) -> None:
    """Rename to a free name. Raises `FileExistsError`, and `OSError` with both paths."""
    if target.is_taken():
        raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(target.path))
    try:
        os.rename(source.name, target.name, src_dir_fd=source.folder, dst_dir_fd=target.folder)
    except OSError as error:
        error.filename, error.filename2 = str(source.path), str(target.path)
        raise


def overwrite(path: Path, data: bytes) -> None:
    """Write `data` over what is at `path`, which a cut may leave half old, half new: its reader must be able to tell.

    For notes that are renewed often and needed by nobody: a thirtieth of the cost of `replace`.
    """
    with pins.at(path) as spot:
        descriptor = spot.open(os.O_WRONLY | os.O_CREAT)
        try:
            write_all(descriptor, data)
            os.ftruncate(descriptor, len(data))
        finally:
            os.close(descriptor)


def copy(source: Path, target: Path, *, mode: int = 0o600, durable: bool = True) -> str:
    """Copy a regular file and the time of its last change, never following a link at its end; returns its sha256.

    The target is complete or absent. Raises `Refused` if `source` is not a regular file.
    """
    with pins.at(source) as spot:
        reading = spot.open(os.O_RDONLY | getattr(os, "O_NONBLOCK", 0))
    try:
        if not stat.S_ISREG(os.fstat(reading).st_mode):
            raise Refused("file.kind", f"not a regular file: {source}")
        with pins.at(target) as spot:
            return _copy_open(reading, spot, mode=mode, durable=durable)
    finally:
        os.close(reading)


def _copy_open(reading: int, target: Spot, *, mode: int, durable: bool) -> str:
    unfinished = _unfinished(target)
    total = hashed()
    writing = unfinished.open(_NEW)
    try:
        while block := os.read(reading, _CHUNK):
            total.update(block)
            write_all(writing, block)
        if hasattr(os, "fchmod"):
            os.fchmod(writing, mode)
        _set_time(unfinished, os.fstat(reading).st_mtime_ns)  # `make` and the accounts of earlier steps go by it
        if durable:
            sync(writing)
    except BaseException:
        os.close(writing)
        _forget(unfinished)
        raise
    os.close(writing)
    _replace(unfinished, target)
    if durable:
        sync_folder(target)
    return total.hexdigest()


def make_folder(folder: Path, *, mode: int = 0o700, durable: bool = True) -> None:
    """Make `folder` and its parents, each durable in the one above it. One that is there is left as it is."""
    if folder.is_dir():
        return
    make_folder(folder.parent, mode=mode, durable=durable)
    with pins.at(folder) as spot:
        try:
            os.mkdir(spot.name, mode, dir_fd=spot.folder)
        except FileExistsError:
            return
        if durable:
            sync_folder(spot)


def link(target: str, path: Path, *, durable: bool = True) -> None:
    """Put a symbolic link at `path` at once."""
    with pins.at(path) as spot:
        _link(target, spot)
        if durable:
            sync_folder(spot)


def _link(target: str, spot: Spot) -> None:
    unfinished = _unfinished(spot)
    os.symlink(target, unfinished.name, dir_fd=unfinished.folder)
    _replace(unfinished, spot)


def change_mode(path: Path, mode: int, *, durable: bool = True) -> bool:
    """Set the permission bits of a file or folder, if they are others; a link has none. Says whether they were."""
    with pins.at(path) as spot:
        return _change_mode(spot, mode, durable=durable)


def _change_mode(spot: Spot, mode: int, *, durable: bool) -> bool:
    now = spot.status().st_mode
    if stat.S_ISLNK(now) or stat.S_IMODE(now) == mode:
        return False
    spot.set_mode(mode)
    if durable:
        _settle_mode(spot)
    return True


def _settle_mode(spot: Spot) -> None:
    try:
        descriptor = spot.open(os.O_RDONLY)
    except OSError:  # one that we may not read, or a pipe: there is a way that asks for no right to it
        sync_tree(spot.path.parent)
        return
    try:
        sync(descriptor)
    finally:
        os.close(descriptor)


def set_time(path: Path, nanoseconds: int) -> None:
    """Give a file back the time of its last change."""
    with pins.at(path) as spot:
        _set_time(spot, nanoseconds)


def _set_time(spot: Spot, nanoseconds: int) -> None:
    times = (nanoseconds, nanoseconds)
    if spot.folder is None:
        os.utime(spot.name, ns=times)
    else:
        os.utime(spot.name, ns=times, dir_fd=spot.folder, follow_symlinks=False)


def rename(source: Path, target: Path, *, durable: bool = True) -> None:
    """Move within one file system. Raises `FileExistsError` if `target` is there: nothing is ever replaced.

    Not `durable`: a power cut may bring the old name back, instead of the new one.
    """
    with pins.at(source) as here, pins.at(target) as there:
        _rename(here, there)
        if not durable:
            return
        sync_folder(there)
        if source.parent != target.parent:
            sync_folder(here)


def displace(source: Path, target: Path) -> None:
    """Move a file or link to a free name, to another file system by copying it whole first. Durable after `sync_tree`.

    Raises `FileExistsError` if `target` is there: nothing is ever replaced.
    """
    with pins.at(source) as here, pins.at(target) as there:
        try:
            _rename(here, there)
        except OSError as error:
            if error.errno != errno.EXDEV:
                raise
            status = here.status()
            if stat.S_ISLNK(status.st_mode):
                link(os.readlink(here.name, dir_fd=here.folder), target)
            else:
                copy(source, target, mode=stat.S_IMODE(status.st_mode))
            os.unlink(here.name, dir_fd=here.folder)


def put(source: Path, target: Path, *, mode: int) -> None:
    """Have the content of `source` at `target` at once: by a hard link where that can be. Durable after `sync_tree`.

    For trees of our own whose files are not written to any more; a backup is always a `copy`.
    """
    with pins.at(source) as here, pins.at(target) as there:
        unfinished = _unfinished(there)
        try:
            os.link(here.name, unfinished.name, src_dir_fd=here.folder, dst_dir_fd=there.folder, follow_symlinks=False)
        except OSError:
            copy(source, unfinished.path, mode=mode, durable=False)
        _replace(unfinished, there)


def make_folder_unsynced(folder: Path) -> None:
    """Make `folder` and its parents with the usual permissions. Durable after `sync_tree`."""
    make_folder(folder, mode=0o777, durable=False)


def exchange(first: Path, second: Path) -> None:
    """Swap two names at once (renameat2 RENAME_EXCHANGE, renameatx_np RENAME_SWAP). Raises `OSError`."""
    with pins.at(first) as one, pins.at(second) as two:
        _exchange(one, two)
        sync_folder(one)
        if first.parent != second.parent:
            sync_folder(two)


def can_exchange(folder: Path) -> bool:
    """Can two names on the file system of `folder` be swapped at once? Asked by trying, on two empty files."""
    try:
        with pins.at(folder / f".exchange-{os.getpid()}-a") as one:
            two = one.beside(f".exchange-{os.getpid()}-b")
            try:
                for each in (one, two):
                    os.close(each.open(_NEW))
                _exchange(one, two)
            finally:
                _forget(one)
                _forget(two)
    except (OSError, AttributeError):
        return False
    return True


def _exchange(first: Spot, second: Spot) -> None:
    library = ctypes.CDLL(None, use_errno=True)
    here, there = (_AT_FDCWD if each.folder is None else each.folder for each in (first, second))
    one, two = os.fsencode(first.name), os.fsencode(second.name)
    if sys.platform == "linux":
        status = library.renameat2(here, one, there, two, _RENAME_EXCHANGE)
    elif sys.platform == "darwin":
        status = library.renameatx_np(here, one, there, two, _RENAME_SWAP)
    else:
        raise OSError(errno.ENOSYS, "this system cannot exchange two names")
    if status != 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number), str(first.path))


def remove(path: Path, *, durable: bool = True) -> None:
    """Remove a file or link; one that is gone already is no error. Not `durable`: a power cut may bring it back."""
    try:
        with pins.at(path) as spot:
            if _forget(spot) and durable:
                sync_folder(spot)
    except FileNotFoundError:  # nor is its folder there
        return


def remove_folder(path: Path, *, durable: bool = True) -> bool:
    """Remove an empty folder; says whether it is gone."""
    try:
        with pins.at(path) as spot:
            if not _forget_folder(spot):
                return False
            if durable:
                sync_folder(spot)
    except FileNotFoundError:
        pass
    return True


def _forget_folder(spot: Spot) -> bool:
    try:
        os.rmdir(spot.name, dir_fd=spot.folder)
    except FileNotFoundError:
        raise
    except OSError:
        return False
    return True


def remove_tree(path: Path, *, durable: bool = True) -> None:
    """Remove whatever is at `path`, never following a link; one that is gone already is no error."""
    try:
        with pins.at(path) as spot:
            _remove_tree(spot, durable=durable)
    except FileNotFoundError:
        return


def _remove_tree(spot: Spot, *, durable: bool) -> None:
    if stat.S_ISDIR(spot.status().st_mode):
        from installer.felling import fell

        above = spot.its_folder()
        before = stat.S_IMODE(above.status().st_mode)
        try:
            fell(spot)
        finally:  # it is not ours: a right that we took is given back
            _change_mode(above, before, durable=durable)
    else:
        _forget(spot)
    if durable:
        sync_folder(spot)


def _forget(spot: Spot) -> bool:
    try:
        os.unlink(spot.name, dir_fd=spot.folder)
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
