"""What was found out once and costs time to find out again: small files in the user's cache folder.

Each is named after everything that it depends on. It is only ever a shortcut: one that is not whole, not ours, open to
others or too old says nothing, and all is found out again.
"""

from __future__ import annotations

import os
import stat
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from installer import files
from installer.hashing import sha256
from installer.toolenv import cache_folder

if TYPE_CHECKING:
    from collections.abc import Callable

OFF = "SUREFOOT_NO_CACHE"  # set by those who want all of it found out anew
_MOST = 200  # of a kind that are kept
_LARGEST = 16 << 20  # bytes of one
_OLDEST = 30 * 24 * 3600  # seconds; then the machine may have changed in a way that nobody thought of
_READ = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0)


def recall(kind: str, key: str) -> bytes:
    """What was remembered under `key`; empty where that is nothing, or not to be believed."""
    if os.environ.get(OFF):
        return b""
    try:
        if not _is_private(os.lstat(folder(kind)), stat.S_ISDIR):
            return b""
        descriptor = os.open(folder(kind) / key, _READ)
    except OSError:
        return b""
    with os.fdopen(descriptor, "rb") as stream:
        status = os.fstat(descriptor)
        aged = abs(time.time() - status.st_mtime) > _OLDEST
        if aged or status.st_nlink != 1 or not _is_private(status, stat.S_ISREG):
            return b""
        data, _, checksum = stream.read(_LARGEST).rpartition(b"\n")
    return data if checksum == _checksum(kind, key, data) else b""


def remember(kind: str, key: str, data: bytes) -> None:
    """Keep `data` under `key`, as long as there is room for it."""
    if os.environ.get(OFF):
        return
    with suppress(OSError):  # a home that is read-only or full: it is found out again next time
        files.make_folder(folder(kind))
        _forget_old(kind)
        files.replace(folder(kind) / key, data + b"\n" + _checksum(kind, key, data), lasting="bytes")


def folder(kind: str) -> Path:
    """Where what is remembered of a kind is."""
    return Path(cache_folder(), kind)


def stamp(path: str | Path) -> bytes:
    """What tells a file of the system from another one in its place; empty where there is none."""
    try:
        status = os.stat(path)
    except OSError:
        return b""
    return repr((status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns)).encode()


def _is_private(status: os.stat_result, is_kind: Callable[[int], bool]) -> bool:
    """Is it of the kind that it should be, ours, and nobody else's to read or write?"""
    if not is_kind(status.st_mode):
        return False
    return not hasattr(os, "geteuid") or (status.st_uid == os.geteuid() and not status.st_mode & 0o077)


def _forget_old(kind: str) -> None:
    """Make room for one more."""
    with os.scandir(folder(kind)) as entries:
        found = sorted(entries, key=lambda entry: entry.stat(follow_symlinks=False).st_mtime, reverse=True)
    for entry in found[_MOST - 1 :]:
        with suppress(OSError):
            files.remove(Path(entry.path), durable=False)


def _checksum(kind: str, key: str, data: bytes) -> bytes:
    return sha256(b"\0".join((kind.encode(), key.encode(), data))).hexdigest().encode()
