"""The kernel's lock on a file, which dies with its holder: `flock`, as rollback.sh takes it; on Windows `locking`."""

from __future__ import annotations

import errno
import os
import sys
from contextlib import suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

_HELD = frozenset({errno.EACCES, errno.EAGAIN, errno.EWOULDBLOCK, errno.EDEADLK})
_NONE = frozenset({errno.ENOSYS, errno.EOPNOTSUPP, errno.ENOTSUP})
# O_NONBLOCK: a lease on the file (F_SETLEASE) would keep us waiting
_IF_KNOWN = ("O_NONBLOCK", "O_NOFOLLOW", "O_CLOEXEC", "O_NOINHERIT")


class NoLocksError(Exception):
    """This file system has no locks."""


class KernelLock:
    """The lock on the file at `path`, which is made where there is none, and stays. `descriptor` is -1 without it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.descriptor = -1

    def take(self) -> bool:
        """Say whether it is ours now; False if somebody else has it. Raises `NoLocksError`, `OSError`.

        Never follows a link in place of the file, and never waits.
        """
        more = sum(getattr(os, name, 0) for name in _IF_KNOWN)
        descriptor = os.open(self.path, os.O_RDWR | os.O_CREAT | more, 0o600)
        try:
            _lock(descriptor)
        except BaseException as error:
            os.close(descriptor)
            if isinstance(error, OSError) and error.errno in _HELD:
                return False
            if isinstance(error, OSError) and error.errno in _NONE:
                raise NoLocksError from error
            raise
        self.descriptor = descriptor
        return True

    def release(self) -> None:
        """Let it go, whoever has inherited the descriptor: a run that ended holds nobody up."""
        if self.descriptor >= 0:
            with suppress(OSError):
                _unlock(self.descriptor)
            os.close(self.descriptor)
            self.descriptor = -1


if sys.platform == "win32":
    import msvcrt

    def _lock(descriptor: int) -> None:
        msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)

    def _unlock(descriptor: int) -> None:
        os.lseek(descriptor, 0, os.SEEK_SET)
        msvcrt.locking(descriptor, msvcrt.LK_UNLCK, 1)
else:
    import fcntl

    def _lock(descriptor: int) -> None:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)

    def _unlock(descriptor: int) -> None:
        fcntl.flock(descriptor, fcntl.LOCK_UN)
