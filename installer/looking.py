"""What is at a path: read without following a link at its end, and without changing anything."""

from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING

from installer import hashing
from installer.errors import Refused
from installer.i18n import tr

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_NOFOLLOW = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_CLOEXEC", 0)


_CHUNK = 1 << 18


def below(root: Path, relative: str) -> Path:
    """The path `relative` below `root`, proven not to pass through a link, nor up; raises `Refused` if it does."""
    path = root
    parts = relative.split("/")
    if ".." in parts or parts[-1] in {"", "."} or "\0" in relative:
        raise Refused("path.outside", tr("not a path below the project: {path}", path=repr(relative)))
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
        return hashing.of_stream(stream)


def crc32(path: Path, size: int, *, skip: int = 0, total: int = 0) -> tuple[int, bytes]:
    """The CRC-32 of the first `size` bytes of a regular file, and what follows them. Raises `OSError`, `ValueError`.

    That of the first `skip` bytes is `total`: they are not read.
    Ten times as fast as a digest, and sure of any single change within 32 bits: for what rots, not for what is forged.
    """
    import zlib

    block = memoryview(bytearray(min(size - skip, _CHUNK)))
    size -= skip
    with os.fdopen(os.open(path, os.O_RDONLY | _NOFOLLOW), "rb", buffering=0) as stream:
        stream.seek(skip)
        while size:
            count = stream.readinto(block[:size])
            if not count:
                raise ValueError("it is shorter than it was")
            total = zlib.crc32(block[:count], total)
            size -= count
        return total, stream.read()


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
