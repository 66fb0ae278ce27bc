"""Removing a whole tree: what is in an open folder goes by its name there, and no link is followed on the way."""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from installer.pins import FOLDER, Spot

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")
_NO_FOLDER = (errno.ENOTDIR, errno.ELOOP)  # what opening a link or a file as a folder ends with


def fell(tree: Spot) -> None:
    """Remove the folder `tree` and all that it holds, also where its own permissions forbid it. Raises `OSError`.

    A right that we gave ourselves on the folder that `tree` lies in stays for the caller to take back.
    """
    if tree.folder is None:
        _fell_by_path(tree.path)
    else:
        _fell(tree.folder, tree.name, str(tree.path))


def _fell(folder: int, name: str, path: str) -> None:
    try:
        inner = _allowed(_enter, folder, name, path)
    except FileNotFoundError:
        return
    except OSError as error:
        if error.errno not in _NO_FOLDER:
            raise
        _allowed(_unlink, folder, name, path)  # it was one a moment ago
        return
    try:
        for each, is_folder in _names(inner):
            if is_folder:
                _fell(inner, each, f"{path}/{each}")
            else:
                _allowed(_unlink, inner, each, f"{path}/{each}")
    finally:
        os.close(inner)
    _allowed(_rmdir, folder, name, path)


def _allowed(deed: Callable[[int, str], T], folder: int, name: str, path: str) -> T:
    """Do it. A read-only folder (Go's and some builds' habit) keeps its entries: take the right, and do it again."""
    try:
        try:
            return deed(folder, name)
        except PermissionError:
            _unlock(folder, name)
            return deed(folder, name)
    except OSError as error:
        error.filename = path
        raise


def _unlock(folder: int, name: str) -> None:
    try:
        os.fchmod(folder, 0o700)
    except OSError as error:
        if error.errno != errno.EBADF:  # the first one is open only to name what is in it
            raise
        os.chmod(".", 0o700, dir_fd=folder)
    spot = Spot(folder, name, "")
    if stat.S_ISDIR(spot.status().st_mode):
        spot.set_mode(0o700)


def _enter(folder: int, name: str) -> int:
    return os.open(name, FOLDER | os.O_NOFOLLOW, dir_fd=folder)


def _names(folder: int) -> list[tuple[str, bool]]:
    with os.scandir(folder) as entries:
        return [(entry.name, entry.is_dir(follow_symlinks=False)) for entry in entries]


def _unlink(folder: int, name: str) -> None:
    try:
        os.unlink(name, dir_fd=folder)
    except FileNotFoundError:
        return


def _rmdir(folder: int, name: str) -> None:
    try:
        os.rmdir(name, dir_fd=folder)
    except FileNotFoundError:
        return


def _fell_by_path(path: Path) -> None:
    import shutil

    shutil.rmtree(path, onerror=_unlock_and_retry)


def _unlock_and_retry(_function: object, name: str, info: object) -> None:
    error = info[1] if isinstance(info, tuple) else None
    if isinstance(error, FileNotFoundError):
        return
    path = Path(name)
    if not isinstance(error, PermissionError) or path.is_symlink():
        raise error if isinstance(error, BaseException) else OSError(name)
    path.parent.chmod(0o700)
    path.chmod(0o700)
    if path.is_dir():
        _fell_by_path(path)
    else:
        path.unlink(missing_ok=True)
