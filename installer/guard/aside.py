"""What came: whose it looks to be, and moving it aside."""

from __future__ import annotations

import stat
from fnmatch import fnmatch
from typing import TYPE_CHECKING

from installer import files

if TYPE_CHECKING:
    from pathlib import Path

ARTEFACTS = (
    "*.egg-info",
    "build",
    "__pycache__",
    "*.pyc",
    "*.so",
    "*.pyd",
    "*.dylib",
    "*.o",
    ".eggs",
    "_skbuild",
    ".pdm-build",
    ".mesonpy-*",
)


def is_artefact(tree: Path, name: str) -> bool:
    """Say whether only a build tool makes this: by its name, that of a folder it lies in, or a `.pyx` beside a `.c`."""
    stem, _, suffix = name.rpartition(".")
    if suffix in {"c", "cpp"} and (tree / f"{stem}.pyx").exists():
        return True
    return any(fnmatch(part, pattern) for part in name.split("/") for pattern in ARTEFACTS)


def outermost(names: tuple[str, ...]) -> list[str]:
    """Of a set of paths those that are not below another of them."""
    chosen: list[str] = []
    for name in sorted(names, key=lambda each: each.split("/")):
        if not chosen or not name.startswith(chosen[-1] + "/"):
            chosen.append(name)
    return chosen


def move_aside(path: Path, target: Path, *, durable: bool = True) -> None:
    """Move what is at `path` to `target`, or to the first free name after it. `durable`: as in `files.rename`."""
    folder = _folder(target.parent)
    free, number = folder / target.name, 1
    while files.exists(free):
        number += 1
        free = folder / f"{target.name}_{number}"
    try:
        files.rename(path, free, durable=durable)
    except PermissionError:
        if path.is_symlink() or not path.is_dir():
            raise
        mode = stat.S_IMODE(path.lstat().st_mode)
        files.change_mode(path, 0o700, durable=False)  # a read-only folder cannot be given another parent
        files.rename(path, free, durable=durable)
        files.change_mode(free, mode, durable=durable)


def _folder(path: Path) -> Path:
    """A folder at `path`, or at the first name after it that is no file."""
    if path.is_dir():
        return path
    parent = _folder(path.parent)
    free, number = parent / path.name, 1
    while files.exists(free) and not free.is_dir():
        number += 1
        free = parent / f"{path.name}_{number}"
    files.make_folder(free)
    return free
