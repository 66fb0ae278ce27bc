"""A copy of a project to try things on: contents, modes, times, links; nothing in it leads back to the original."""

from __future__ import annotations

import ctypes
import os
import stat
import sys
from contextlib import suppress
from typing import TYPE_CHECKING

from installer.errors import Precondition
from installer.frozen import dataclass
from installer.i18n import tr

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_BLOCK = 1 << 24


@dataclass(frozen=True, slots=True)
class Extent:
    """How much there is to copy."""

    count: int
    size: int


def measure(source: Path, *, without: frozenset[str] = frozenset(), named: frozenset[str] = frozenset()) -> Extent:
    """What `copy_tree` would copy."""
    sizes = [status.st_size for _, _, status in _walk(source, without, named) if stat.S_ISREG(status.st_mode)]
    return Extent(len(sizes), sum(sizes))


def copy_tree(
    source: Path,
    target: Path,
    *,
    without: frozenset[str] = frozenset(),
    named: frozenset[str] = frozenset(),
    inwards: bool = True,
) -> None:
    """Copy the folder `source` to `target`, which must not exist.

    Left out are the relative paths in `without`, folders of a name in `named`, sockets, pipes and devices. File systems
    that can are asked to share the blocks. A link to somewhere in `source` by its full name leads into the copy, unless
    `inwards` is off.
    Raises `Precondition` for what may not be read.
    """
    folders = [(source, target, source.stat())]
    os.mkdir(target, 0o700)
    for relative, path, status in _walk(source, without, named):
        place = target / relative
        try:
            _copy_one(path, place, status, (source, target) if inwards else None)
        except PermissionError as error:
            raise Precondition(
                "copy.unreadable",
                tr("cannot copy the project: {path}: {reason}", path=path, reason=error.strerror),
                hint=tr("make it readable, or move it out of the project"),
            ) from error
        if stat.S_ISDIR(status.st_mode):
            folders.append((path, place, status))
    for _, place, status in reversed(folders):  # a folder's time changes with what is put into it
        os.chmod(place, stat.S_IMODE(status.st_mode))
        os.utime(place, ns=(status.st_atime_ns, status.st_mtime_ns))


def _walk(source: Path, without: frozenset[str], named: frozenset[str]) -> Iterator[tuple[str, Path, os.stat_result]]:
    """What is to be copied as (relative path, path, status), folders before what they hold."""
    pending = [("", source)]
    while pending:
        prefix, folder = pending.pop()
        with os.scandir(folder) as entries:
            for entry in sorted(entries, key=lambda each: each.name):
                relative = prefix + entry.name
                status = entry.stat(follow_symlinks=False)
                is_folder = stat.S_ISDIR(status.st_mode)
                if relative in without or (is_folder and entry.name in named):
                    continue
                if is_folder or stat.S_ISREG(status.st_mode) or stat.S_ISLNK(status.st_mode):
                    yield relative, folder / entry.name, status
                if is_folder:
                    pending.append((relative + "/", folder / entry.name))


def _copy_one(path: Path, place: Path, status: os.stat_result, moved: tuple[Path, Path] | None) -> None:
    if stat.S_ISDIR(status.st_mode):
        os.mkdir(place, 0o700)
    elif stat.S_ISLNK(status.st_mode):
        destination = os.readlink(path)
        os.symlink(_inwards(destination, *moved) if moved else destination, place)
    else:
        _copy_file(path, place)
        os.chmod(place, stat.S_IMODE(status.st_mode))
        os.utime(place, ns=(status.st_atime_ns, status.st_mtime_ns))


def _inwards(destination: str, source: Path, target: Path) -> str:
    """Where the link leads in the copy."""
    inside = os.path.isabs(destination) and os.path.join(destination, "").startswith(os.path.join(source, ""))
    return os.path.join(target, os.path.relpath(destination, source)) if inside else destination


def _copy_file(path: Path, place: Path) -> None:
    if sys.platform == "darwin":
        with suppress(OSError, AttributeError):
            if ctypes.CDLL(None).clonefile(os.fsencode(path), os.fsencode(place), 0) == 0:
                return
    reading = os.open(path, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0))
    try:
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)
        writing = os.open(place, flags, 0o600)
        try:
            _pour(reading, writing)
        finally:
            os.close(writing)
    finally:
        os.close(reading)


def _pour(reading: int, writing: int) -> None:
    """All bytes from one file to the other, by the file system itself where it can."""
    if hasattr(os, "copy_file_range"):
        with suppress(OSError):  # across file systems, or not known there: what follows begins where this ended
            while os.copy_file_range(reading, writing, _BLOCK):
                pass
    while block := os.read(reading, _BLOCK):
        view = memoryview(block)
        while view:
            view = view[os.write(writing, view) :]
