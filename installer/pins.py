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
from _thread import allocate_lock  # without `threading`, which is not needed for a lock
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

_guard = allocate_lock()
_roots: dict[str, tuple[int, int]] = {}  # the path of a root with a `/`: its descriptor, and how many hold it


class Spot(NamedTuple):
    """Where something is to be changed: the open folder, the name in it, and the folder's path for messages.

    Where folders cannot be opened `folder` is None and `name` the whole path, which `os` understands as well.
    """

    folder: int | None
    name: str
    above: str

    @property
    def path(self) -> Path:
        """By what people know it."""
        return Path(self.above, self.name)

    def beside(self, name: str) -> Spot:
        """Another name in the same folder."""
        return Spot(self.folder, name if self.folder is not None else os.path.join(self.above, name), self.above)

    def its_folder(self) -> Spot:
        """The folder itself."""
        return Spot(self.folder, "." if self.folder is not None else self.above, self.above)

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
        return os.open(self.above, FOLDER) if self.folder is None else os.open(".", FOLDER, dir_fd=self.folder)

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


class at:  # noqa: N801 -- reads as what it is: with at(path) as spot
    """Hold the folder of `path` open. Raises `Refused` for a way through a link, `OSError` as `os.open` does."""

    __slots__ = ("_folder", "_spot", "_text")

    def __init__(self, path: Path) -> None:
        self._text = os.fspath(path)

    def __enter__(self) -> Spot:
        above, name = os.path.split(self._text)
        if not POSSIBLE:
            self._folder, self._spot = -1, Spot(None, self._text, above)
        else:
            self._folder = _open(above or ".", name)
            self._spot = Spot(self._folder, name, above)
        return self._spot

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> None:
        if self._folder >= 0:
            os.close(self._folder)
        if isinstance(error, OSError) and isinstance(error.filename, str) and not os.path.isabs(error.filename):
            error.filename = os.path.join(self._spot.above, error.filename)  # people know it by its path


def _open(folder: str, name: str) -> int:
    text = os.path.join(folder, "")
    root = ""
    for each in tuple(_roots):
        if text.startswith(each) and len(each) > len(root):
            root = each
    if not root:
        return os.open(folder, _HELD)
    names = text[len(root) :].split("/")[:-1]
    if ".." in names or name in {"", ".", ".."}:
        raise Refused("path.outside", tr("not a path below the project: {path}", path=repr(text + name)))
    return _walk(_roots[root][0], names, root)


def _walk(root: int, names: list[str], path: str) -> int:
    """The last of the folders `names`, each in the one before it, the first in `root`; opened through no link."""
    if not names:
        return os.open(".", _HELD, dir_fd=root)
    held = root
    for number, name in enumerate(names):
        try:
            below = os.open(name, _HELD | _NOFOLLOW, dir_fd=held)
        except OSError as error:
            error.filename = os.path.join(path, *names[: number + 1])
            if error.errno in {errno.ENOTDIR, errno.ELOOP} and _is_link(name, held):
                text = tr("will not pass through the link {path}", path=error.filename)
                raise Refused("path.link", text) from error
            raise
        finally:
            if held != root:
                os.close(held)
        held = below
    return held


def _is_link(name: str, folder: int) -> bool:
    try:
        return stat.S_ISLNK(os.stat(name, dir_fd=folder, follow_symlinks=False).st_mode)
    except OSError:
        return False
