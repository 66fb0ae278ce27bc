"""What a program that we start may use: disk and time. A bomb, an endless answer and a build that hangs end here.

The bounds are far above what an installation needs; `SUREFOOT_MOST_MEGABYTES` and `SUREFOOT_MOST_SECONDS` set others,
0 sets none. Disk is what the file systems of the given folders have less than before, whoever wrote there.
"""

from __future__ import annotations

import os
import threading
import time
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from installer.errors import InstallerError, Refused, Unavailable, UsageError
from installer.i18n import tr

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

MEGABYTES = "SUREFOOT_MOST_MEGABYTES"
SECONDS = "SUREFOOT_MOST_SECONDS"
_MOST = {MEGABYTES: 50_000, SECONDS: 12 * 3600}
_EVERY = 0.25  # seconds between two looks


class Watch:
    """Looks at a running program now and then, and has it ended when it goes beyond its bounds."""

    def __init__(self, program: str, folders: Iterable[str], environ: Mapping[str, str]) -> None:
        """Note how things are before the program starts. Raises `UsageError` for a bound that is no number."""
        self._program = program
        self._megabytes, self._seconds = _bound(environ, MEGABYTES), _bound(environ, SECONDS)
        self._free = {device: (path, free) for path in folders for device, free in _free(path)}
        self._began = time.monotonic()
        self._over = threading.Event()
        self._error: InstallerError | None = None

    @contextmanager
    def over(self, end: Callable[[], None]) -> Iterator[None]:
        """Watch while this lasts. Raises `Refused` ("process.disk") or `Unavailable` ("process.time")  once ended."""
        thread = threading.Thread(target=self._look, args=(end,), name="bounds", daemon=True)
        thread.start()
        try:
            yield
        finally:
            self._over.set()
            thread.join()
        if self._error is not None:
            raise self._error

    def _look(self, end: Callable[[], None]) -> None:
        while not self._over.wait(_EVERY):
            self._error = self._beyond()
            if self._error is not None:
                end()
                return

    def _beyond(self) -> InstallerError | None:
        used = max((self._used(path, free) for path, free in self._free.values()), default=0)
        if self._megabytes and used > self._megabytes:
            text = tr(
                "`{program}` was ended: the disk has {used} MB less than before, and {most} are allowed",
                program=self._program,
                used=used,
                most=self._megabytes,
            )
            return Refused("process.disk", text, hint=_hint(MEGABYTES))
        if self._seconds and time.monotonic() - self._began > self._seconds:
            text = tr("`{program}` did not end within {seconds} seconds", program=self._program, seconds=self._seconds)
            return Unavailable("process.time", text, hint=_hint(SECONDS))
        return None

    @staticmethod
    def _used(path: str, before: int) -> int:
        """Megabytes that the file system of `path` has less than `before`."""
        return max(((before - free) >> 20 for _, free in _free(path)), default=0)


def _hint(variable: str) -> str:
    return tr("if that is what it needs, set `{variable}` (0: no bound)", variable=variable)


def _free(path: str) -> list[tuple[int, int]]:
    """The file system that `path`, or what there is of it, lies on, and the bytes free on it; none if nobody knows."""
    while path and not os.path.isdir(path):
        above = os.path.dirname(path)
        path = above if above != path else ""
    with suppress(OSError):
        return [(os.stat(path).st_dev, _free_bytes(path))]
    return []


def _free_bytes(path: str) -> int:
    if hasattr(os, "statvfs"):
        found = os.statvfs(path)
        return found.f_bavail * found.f_frsize
    import shutil

    return shutil.disk_usage(path).free


def _bound(environ: Mapping[str, str], name: str) -> int:
    given = environ.get(name, "")
    if given and not given.isdecimal():
        text = tr("`{variable}` must be a whole number: {value}", variable=name, value=given)
        raise UsageError("variable.number", text)
    return int(given) if given else _MOST[name]
