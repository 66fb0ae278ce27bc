"""Where the project is: the folder that everything else is relative to."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

STATE = ".surefoot"  # the state folder of a project that does not choose its own
MANIFEST = "surefoot.toml"

_RECOGNISED = frozenset(
    (
        "pyproject.toml",
        "setup.py",
        "setup.cfg",
        "pylock.toml",
        "uv.lock",
        "poetry.lock",
        "pdm.lock",
        "Pipfile",
        "environment.yml",
        "environment.yaml",
    )
)


def find_root(start: Path) -> Path:
    """The project that `start` lies in.

    The nearest folder, upwards, with a state folder, a manifest or `.git`; else the nearest with a file of a Python
    project; else `start` itself. The user's home and `/` count only where they are `start`: a `.git` for dotfiles
    there must not swallow every folder below. Raises `Precondition` where the folder that we run in was deleted.
    """
    try:
        start = Path(os.path.realpath(start))
    except FileNotFoundError as error:
        from installer.errors import Precondition
        from installer.i18n import tr

        raise Precondition(
            "folder.gone",
            tr("the folder that this was started in is not there any more"),
            hint=tr("`cd` into the project, and run the same command again"),
        ) from error
    folders = list(_upwards(start))
    for is_root in (_is_marked, _is_python):
        for folder in folders:
            if is_root(folder):
                return folder
    return start


def _upwards(start: Path) -> Iterator[Path]:
    too_high = (Path(os.path.realpath(Path.home())), Path(start.anchor))
    yield start
    yield from (folder for folder in start.parents if folder not in too_high)


def _is_marked(folder: Path) -> bool:
    return any((folder / name).exists() for name in (STATE, MANIFEST, ".git")) or _mentions_us(folder)


def _mentions_us(folder: Path) -> bool:
    """Cheaper than parsing; whether the words really open our table is for the manifest's reader to find out."""
    try:
        return b"tool.surefoot" in (folder / "pyproject.toml").read_bytes()
    except OSError:
        return False


def _is_python(folder: Path) -> bool:
    try:
        names = os.listdir(folder)
    except OSError:
        return False
    return any(name in _RECOGNISED or name.lower().startswith("requirements") for name in names)
