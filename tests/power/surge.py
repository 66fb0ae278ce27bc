"""Cuts the power of a disk before the N-th change that this process makes, and dies with it.

Counted are the calls of `os` that change a disk (through Python's audit hook, so whoever makes them), writes, syncs and
exchanges of names. What the drive had not been told to keep by then is gone: all of it, or the contents only.
"""

from __future__ import annotations

import fcntl
import os
import signal
import struct
import sys
import threading
from typing import TYPE_CHECKING, Any, Literal

from installer import files

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

_SHUTDOWN = 0x8004587D  # EXT4_IOC_SHUTDOWN, linux/ext4.h
FLAG = {"names kept": 1, "all lost": 2}  # LOGFLUSH: names are kept, contents are not; NOLOGFLUSH: nothing unsynced is
Loss = Literal["names kept", "all lost"]
_EVENTS = frozenset(
    "os.rename os.remove os.mkdir os.rmdir os.link os.symlink os.chmod os.truncate os.utime subprocess.Popen".split()
)
_CHANGING = os.O_CREAT | os.O_TRUNC


class Surge:
    """Counts changes of the disk from `arm` on; the one with the number `at` does not happen (0: all do)."""

    def __init__(self, top: Path, *, at: int, loss: Loss) -> None:
        self.count = 0
        self._at = at
        self._loss = loss
        self._top = os.open(top, os.O_RDONLY | os.O_DIRECTORY)
        self._process = os.getpid()
        self._lock = threading.Lock()

    def arm(self) -> None:
        """From now on. There is no way back: an audit hook stays."""
        patched: list[tuple[Any, str]] = [(os, "write"), (os, "fsync"), (files, "sync_tree"), (files, "_exchange")]
        for module, name in patched:
            setattr(module, name, self._counted(getattr(module, name)))
        sys.addaudithook(self._hook)

    def _counted(self, real: Callable[..., Any]) -> Callable[..., Any]:
        def change(*args: Any) -> Any:
            self._change()
            return real(*args)

        return change

    def _hook(self, event: str, args: tuple[Any, ...]) -> None:
        if event in _EVENTS or (event == "open" and isinstance(args[2], int) and args[2] & _CHANGING):
            self._change()

    def _change(self) -> None:
        if os.getpid() != self._process:
            return  # between fork and exec
        with self._lock:
            self.count += 1
            if self.count == self._at:
                fcntl.ioctl(self._top, _SHUTDOWN, struct.pack("I", FLAG[self._loss]))
                os.kill(self._process, signal.SIGKILL)


def lie() -> None:
    """From now on a sync does nothing, as with a drive that lies about it; for this process, for good."""
    for name in ("sync", "sync_folder", "sync_tree"):
        setattr(files, name, lambda *_: None)
