"""The temporary folder in which a selftest works: held while it runs, removed afterwards, whatever happens."""

from __future__ import annotations

import os
import signal
import tempfile
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from installer import files
from installer.frozen import dataclass
from installer.toolenv import cache_folder

if TYPE_CHECKING:
    from collections.abc import Iterator

_PREFIX = "surefoot-selftest-"
_HELD = "held"
_SIGNALS = (signal.SIGINT, signal.SIGTERM)


@dataclass(slots=True)
class Workshop:
    """The folder; `kept` is set for what must not be removed at the end: everything, or only the wrecks."""

    folder: Path
    kept: str = ""  # "", "wrecks", "all"

    @property
    def wrecks(self) -> Path:
        """Where what a failed trial left is put."""
        return self.folder / "wrecks"


@contextmanager
def workshop(project: Path) -> Iterator[Workshop]:
    """A folder of our own in $TMPDIR, else beside the tool's cache; never inside the project.

    What a selftest that was killed left is removed first: nobody holds it.
    """
    base = _base(project)
    made = not base.is_dir()
    base.mkdir(mode=0o700, parents=True, exist_ok=True)
    _tidy(base)
    folder = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=base))
    work = Workshop(folder)
    descriptor = os.open(folder / _HELD, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        _hold(descriptor)
        yield work
    finally:
        with _deaf():
            os.close(descriptor)
            _end(work)
            if made:
                files.remove_folder(base)


def _base(project: Path) -> Path:
    chosen = (os.environ.get("TMPDIR", ""), os.path.join(cache_folder(), "selftest"), tempfile.gettempdir())
    places = [Path(os.path.realpath(each)) for each in chosen if each]
    return next((each for each in places if not each.is_relative_to(os.path.realpath(project))), places[-1])


def _end(work: Workshop) -> None:
    if work.kept == "all":
        files.remove(work.folder / _HELD)
    elif work.kept == "wrecks":
        for path in work.folder.iterdir():
            if path != work.wrecks:
                files.remove_tree(path)
    else:
        files.remove_tree(work.folder)


def _hold(descriptor: int) -> bool:
    """Lock the folder's file for as long as it is open; False if somebody else has it."""
    try:
        import fcntl
    except ImportError:
        return True
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def _tidy(base: Path) -> None:
    """Remove the folders of selftests that are no more. One that was kept on purpose has no such file in it."""
    for each in base.glob(f"{_PREFIX}*/{_HELD}"):
        with suppress(OSError):
            descriptor = os.open(each, os.O_RDWR | getattr(os, "O_NOFOLLOW", 0))
            try:
                if os.fstat(descriptor).st_uid == os.getuid() and _hold(descriptor):
                    files.remove_tree(each.parent)
            finally:
                os.close(descriptor)


@contextmanager
def _deaf() -> Iterator[None]:
    """A second Ctrl-C does not leave half a folder."""
    before = {}
    for number in _SIGNALS:
        with suppress(ValueError):  # not in the main thread
            before[number] = signal.signal(number, signal.SIG_IGN)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
