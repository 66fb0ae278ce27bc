"""What was imported without trouble on this machine is believed of the very same bytes: kept in the user's cache.

A proof is a small file, named after everything that its imports depend on (`import_inputs`). It is only ever a
shortcut: one that is not whole, not ours, open to others or too old says nothing, and the modules are imported again.
"""

from __future__ import annotations

import hashlib
import os
import stat
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from installer import files
from installer.toolenv import cache_folder
from phases.python.environments import import_inputs

if TYPE_CHECKING:
    from collections.abc import Callable

    from phases.python.environments.verdicts import Wanted

_MOST = 200  # proofs that are kept
_LARGEST = 1 << 20  # bytes of one
_OLDEST = 30 * 24 * 3600  # seconds; then the machine may have changed in a way that nobody thought of
_READ = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0)


@dataclass(frozen=True, slots=True)
class Proof:
    """That of the environment `env`, with the project's packages in `trees`, as they were at `key`."""

    env: Path
    trees: tuple[Path, ...]
    key: str

    def covers(self, wanted: Wanted) -> bool:
        """Was all that is `wanted` imported and found from these very bytes before?"""
        if not self.key:
            return False
        known = _read(self.key)
        return bool(known) and _named(wanted) <= known

    def keep(self, wanted: Wanted) -> None:
        """Note that all that is `wanted` could be imported, if nothing has changed meanwhile."""
        if self.key and import_inputs.key(self.env, self.trees) == self.key:
            with suppress(OSError):  # a home that is read-only or full: it is imported again next time
                _write(self.key, _named(wanted))


def of(env: Path, trees: tuple[Path, ...]) -> Proof:
    """The proof of `env` as it is now, there or not."""
    return Proof(env, trees, import_inputs.key(env, trees))


def folder() -> Path:
    """Where proofs are kept."""
    return Path(cache_folder(), "imports")


def _named(wanted: Wanted) -> frozenset[str]:
    return frozenset([f"import {name}" for name in wanted.imports] + [f"find {name}" for name in wanted.finds])


def _read(key: str) -> frozenset[str]:
    """What the proof of that name says; nothing where it is not to be believed."""
    try:
        if not _is_private(os.lstat(folder()), stat.S_ISDIR):
            return frozenset()
        descriptor = os.open(folder() / key, _READ)
    except OSError:
        return frozenset()
    with os.fdopen(descriptor, "rb") as stream:
        status = os.fstat(descriptor)
        aged = abs(time.time() - status.st_mtime) > _OLDEST
        if aged or status.st_nlink != 1 or not _is_private(status, stat.S_ISREG):
            return frozenset()
        data, _, checksum = stream.read(_LARGEST).rpartition(b"\n")
    if checksum.decode("ascii", "replace") != _checksum(key, data):
        return frozenset()
    return frozenset(data.decode("utf-8").splitlines())


def _is_private(status: os.stat_result, is_kind: Callable[[int], bool]) -> bool:
    """Is it of the kind that it should be, ours, and nobody else's to read or write?"""
    if not is_kind(status.st_mode):
        return False
    return not hasattr(os, "geteuid") or (status.st_uid == os.geteuid() and not status.st_mode & 0o077)


def _write(key: str, named: frozenset[str]) -> None:
    data = "\n".join(sorted(named)).encode()
    files.make_folder(folder())
    _forget_old()
    files.replace(folder() / key, data + b"\n" + _checksum(key, data).encode(), lasting="bytes")


def _forget_old() -> None:
    """Make room for one more."""
    with os.scandir(folder()) as entries:
        found = sorted(entries, key=lambda entry: entry.stat(follow_symlinks=False).st_mtime, reverse=True)
    for entry in found[_MOST - 1 :]:
        with suppress(OSError):
            files.remove(Path(entry.path), durable=False)


def _checksum(key: str, data: bytes) -> str:
    return hashlib.sha256(b"\0".join((key.encode(), data))).hexdigest()
