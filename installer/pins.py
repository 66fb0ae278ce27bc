"""The folder in which something is changed, held open: a link that is put in its place meanwhile is not followed.

Between the look at a path and the deed, somebody else may swap a folder of it for a link that leads out. So whoever
changes something opens the folder first, walking down from the open root a folder at a time and through no link
(openat with O_NOFOLLOW), and then names only what is in it. What is below no pinned root (the user's caches, an
environment elsewhere) lies behind links of the user's own: there the folder is opened by its path, once a deed.
Windows cannot open folders: there a path is used as it is.
"""

from __future__ import annotations

import errno
import os
import stat
import threading
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from installer.errors import Refused
from installer.i18n import tr

if TYPE_CHECKING:
    from collections.abc import Iterator

_NEEDED = {os.open, os.stat, os.mkdir, os.rmdir, os.unlink, os.rename, os.symlink, os.link, os.chmod, os.utime}
POSSIBLE = os.supports_dir_fd >= _NEEDED and os.utime in os.supports_follow_symlinks and hasattr(os, "O_NOFOLLOW")
FOLDER = os.O_RDONLY | getattr(os, "O_DIRECTORY", 0) | getattr(os, "O_CLOEXEC", 0)
_HELD = FOLDER | getattr(os, "O_PATH", 0)  # to name what is in a folder one need not be allowed to list it
_NOFOLLOW = getattr(os, "O_NOFOLLOW", 0)

_guard = threading.Lock()
_roots: dict[str, tuple[int, int]] = {}  # the path of a root with a `/`: its descriptor, and how many hold it


class Spot(NamedTuple):
    """Where something is to be changed: the open folder, the name in it, and the path for messages.

    Where folders cannot be opened `folder` is None and `name` the path, which `os` understands as well.
    """

    folder: int | None
    name: str
    path: Path

    def beside(self, name: str) -> Spot:
        """Another name in the same folder."""
        path = self.path.with_name(name)
        return Spot(self.folder, name if self.folder is not None else str(path), path)

    def above(self) -> Spot:
        """The folder itself."""
        path = self.path.parent
        return Spot(self.folder, "." if self.folder is not None else str(path), path)

    def status(self) -> os.stat_result:
        """What is there, a link unfollowed. Raises `FileNotFoundError`."""
        return os.stat(self.name, dir_fd=self.folder, follow_symlinks=False)

    def is_taken(self) -> bool:
        """Is anything there, a dangling link included?"""
        try:
            self.status()
        except FileNotFoundError:
            return False
        return True

    def open(self, flags: int, mode: int = 0o600) -> int:
        """Open what is there, never through a link."""
        return os.open(self.name, flags | _NOFOLLOW | getattr(os, "O_CLOEXEC", 0), mode, dir_fd=self.folder)

    def open_folder(self) -> int:
        """The folder, so that it can be synced."""
        return os.open(self.path.parent, FOLDER) if self.folder is None else os.open(".", FOLDER, dir_fd=self.folder)

    def set_mode(self, mode: int) -> None:
        """Set the permission bits of what is there; of a link never those of what it leads to. Raises `OSError`."""
        if self.folder is None:
            os.chmod(self.name, mode)
            return
        try:
            os.chmod(self.name, mode, dir_fd=self.folder, follow_symlinks=False)
        except (NotImplementedError, ValueError):  # an old C library, a kernel without /proc; or it is a link by now
            descriptor = self.open(os.O_RDONLY | os.O_NONBLOCK)
            try:
                os.fchmod(descriptor, mode)
            finally:
                os.close(descriptor)


@contextmanager
def pinned(root: Path) -> Iterator[None]:
    """Within, nothing that is changed below `root` is changed through a link. May be nested. Raises `OSError`."""
    key = os.path.join(root, "")
    with _guard:
        held = _roots.get(key) or (os.open(root, _HELD) if POSSIBLE else -1, 0)
        _roots[key] = held[0], held[1] + 1
    try:
        yield
    finally:
        with _guard:
            descriptor, count = _roots.pop(key)
            if count > 1:
                _roots[key] = descriptor, count - 1
            elif descriptor >= 0:
                os.close(descriptor)


@contextmanager
def at(path: Path) -> Iterator[Spot]:
    """Hold the folder of `path` open. Raises `Refused` for a way through a link, `OSError` as `os.open` does."""
    if not POSSIBLE:
        yield Spot(None, os.fspath(path), path)
        return
    folder = _open_parent(path)
    try:
        yield Spot(folder, path.name, path)
    except OSError as error:
        if isinstance(error.filename, str) and not os.path.isabs(error.filename):
            error.filename = str(path.with_name(error.filename))  # people know it by its path
        raise
    finally:
        os.close(folder)


def _open_parent(path: Path) -> int:
    text = os.fspath(path)
    root = max((each for each in tuple(_roots) if text.startswith(each)), key=len, default="")
    if not root:
        return os.open(path.parent, _HELD)
    *above, last = text[len(root) :].split("/")
    if ".." in above or last in {"", ".", ".."}:
        raise Refused("path.outside", f"not a path below the project: {text!r}")
    return _walk(_roots[root][0], above, Path(root))


def _walk(root: int, names: list[str], path: Path) -> int:
    """The last of the folders `names`, each in the one before it, the first in `root`; opened through no link."""
    held = os.open(".", _HELD, dir_fd=root)
    for name in names:
        path = path / name
        try:
            below = os.open(name, _HELD | _NOFOLLOW, dir_fd=held)
        except OSError as error:
            if error.errno in {errno.ENOTDIR, errno.ELOOP} and _is_link(name, held):
                raise Refused("path.link", tr("will not pass through the link {path}", path=path)) from error
            error.filename = str(path)
            raise
        finally:
            os.close(held)
        held = below
    return held


def _is_link(name: str, folder: int) -> bool:
    try:
        return stat.S_ISLNK(os.stat(name, dir_fd=folder, follow_symlinks=False).st_mode)
    except OSError:
        return False
