"""Who holds a project: the kernel's lock on a file of its state folder, and a note that tells people who has it."""

from __future__ import annotations

import json
import os
import time
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

from installer import clock, files
from installer.dissolving import finish_dissolving
from installer.errors import Locked, Precondition
from installer.i18n import tr
from installer.kernel_lock import KernelLock, NoLocksError
from installer.layout import DISSOLVING, unwritable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from installer.layout import Layout

_held: dict[Path, int] = {}  # the locks that this process has, by state folder
_POLL = 0.2  # seconds between looks at a lock that another run holds


@contextmanager
def hold(at: Layout, *, wait: bool, waiting: Callable[[str], None]) -> Iterator[int]:
    """Hold the project for one run; yields the lock's descriptor, which children inherit.

    The kernel's lock decides; the note beside it only tells people who has it. `waiting` is called once with that
    note. Within one process it may be taken again. Raises `Locked` if `wait` is not set. A state folder in which
    nothing was ever done goes again at the end.
    """
    if (held := _held.get(at.folder)) is not None:
        yield held
        return
    lock = _acquire(at, wait=wait, waiting=waiting)
    try:
        if (at.folder / DISSOLVING).exists():
            finish_dissolving(at)
        at.prepare()
        _note_holder(at)
        _held[at.folder] = lock.descriptor
        yield _held[at.folder]
    finally:
        _held.pop(at.folder, None)
        if _is_ours(at, lock) and at.is_unused():
            with suppress(OSError):  # a mount point, or a disk that is only read now
                at.vanish()
        lock.release()


def is_held(at: Layout) -> bool:
    """Does this process hold the project already?"""
    return at.folder in _held


def check_free(at: Layout) -> None:
    """Raise `Locked` if another run holds the project; nothing is noted."""
    _acquire(at, wait=False, waiting=lambda _holder: None).release()


def _acquire(at: Layout, *, wait: bool, waiting: Callable[[str], None]) -> KernelLock:
    lock = KernelLock(at.folder / "lock")
    looked = told = False
    while True:
        if not _try(at, lock):
            if not looked:
                looked = True  # who has it may not have had the time to say so: the note is read at the second look
            elif not wait:
                raise Locked("lock.held", tr("another run holds this project: {holder}", holder=_holder(at))) from None
            elif not told:
                waiting(_holder(at))
                told = True
            time.sleep(_POLL)
        elif _is_ours(at, lock):
            return lock
        else:
            lock.release()  # its file was removed by the run that we waited for
            at.enter()


def _try(at: Layout, lock: KernelLock) -> bool:
    """Take the kernel's lock, if nobody has it. Raises `Precondition` where there is none."""
    while True:
        try:
            return lock.take()
        except NoLocksError:
            with suppress(OSError):
                if at.is_unused():
                    at.vanish()
            raise _unlockable(at.folder) from None
        except FileNotFoundError:
            at.enter()  # the run that we waited for had done nothing, and took the folder away
        except OSError as error:
            raise unwritable(at.folder, error) from error


def _is_ours(at: Layout, lock: KernelLock) -> bool:
    """Say whether the file that we hold is the one that others will find under its name."""
    try:
        held, named = os.fstat(lock.descriptor), (at.folder / "lock").stat()
    except OSError:
        return False
    return (held.st_dev, held.st_ino) == (named.st_dev, named.st_ino)


def _note_holder(at: Layout) -> None:
    note = {
        "pid": os.getpid(),
        "host": _host(),
        "started": clock.now(milliseconds=False),
    }
    try:
        files.overwrite(at.folder / "lock.json", json.dumps(note).encode())
    except OSError:  # it only informs; on a full disk a wrong one is worse than none
        files.remove(at.folder / "lock.json")


def _host() -> str:
    if hasattr(os, "uname"):
        return os.uname().nodename
    import socket

    return socket.gethostname()


def _holder(at: Layout) -> str:
    try:
        note: dict[str, Any] = json.loads((at.folder / "lock.json").read_bytes())
        return tr("process {pid} on {host}, since {time}", pid=note["pid"], host=note["host"], time=note["started"])
    except (OSError, ValueError, KeyError, TypeError):
        return tr("a process that left no note")


def _unlockable(folder: Path) -> Precondition:
    return Precondition(
        "lock.unsupported",
        tr("this file system cannot lock files: {path}", path=folder),
        hint=tr("without locks two runs could not be kept apart; put the project on another file system"),
    )
