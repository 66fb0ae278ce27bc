"""What the name of a requirement file says about its purpose."""

from __future__ import annotations

import re
import sys
from typing import TYPE_CHECKING, Literal

from installer import lazily
from installer.model import RelPath

if TYPE_CHECKING:
    from phases.python.discovery.tree import Tree

Purpose = Literal["runtime", "dev", "other", "foreign", ""]

_IS_ONE = lazily.pattern(r"(^|[-_.])(requirements?|requires|reqs?|dependencies|deps)([-_.]|$)", re.IGNORECASE)
_FOLDERS = ("requirements", "requirement", "reqs", "deps", "dependencies")
_USUAL = ("requirements.txt", "requirements.in", "requirements/base.txt")  # where one may come to be
_ENDINGS = (".txt", ".in", ".pip")

_NOTHING = frozenset(
    "requirements requirement requires reqs req dependencies deps txt in pip python py3 python3".split()
)
# Ranked: the first of these that a project has is what it runs with.
_RUNTIME = (
    "base common core main default runtime run app install all prod production deploy server lock locked freeze".split()
)
_DEV = frozenset(
    "dev devel develop development developer test tests testing pytest tox lint linting linters style format "
    "formatting qa ci check checks typing types mypy local debug contrib precommit commit nox coverage".split()
)
_SYSTEMS = {"win32": "win win32 windows", "darwin": "mac macos osx darwin", "linux": "linux ubuntu debian"}
_PYTHON = lazily.pattern(r"py(thon)?\d.*|conda|mini(conda|forge)|pypy|jython", re.IGNORECASE)


def found(tree: Tree) -> tuple[RelPath, ...]:
    """The requirement files of the root, and of its `requirements` folder; a `.in` only where no `.txt` came of it."""
    root = RelPath(".")
    for name in _USUAL:
        tree.is_file(RelPath(name))
    files = [root / name for name, is_folder in tree.names(root).items() if not is_folder and _is_one(name)]
    for name, is_folder in tree.names(root).items():
        if is_folder and name.lower() in _FOLDERS:
            folder = root / name
            files += [
                folder / each for each, below in tree.names(folder).items() if not below and each.endswith(_ENDINGS)
            ]
    there = {str(path).lower() for path in files}
    return tuple(path for path in files if not (path.endswith(".in") and f"{path.lower()[:-3]}.txt" in there))


def purpose(path: RelPath) -> Purpose:
    """What it is for; "foreign": another system or Python than this one."""
    words = _words(path)
    if any(_PYTHON.fullmatch(word) for word in words) or words & _foreign_systems():
        return "foreign"
    if words & _DEV:
        return "dev"
    return "runtime" if not words or words <= frozenset(_RUNTIME) else "other"


def rank(path: RelPath) -> tuple[int, int, str]:
    """Of the runtime files the plainest name at the root comes first."""
    words = _words(path)
    return (min((_RUNTIME.index(word) + 1 for word in words if word in _RUNTIME), default=0), path.count("/"), path)


def _is_one(name: str) -> bool:
    if not _IS_ONE.search(name):
        return False
    return name.lower().endswith(_ENDINGS) or ("." not in name and name.lower() in _NOTHING)


def _words(path: RelPath) -> frozenset[str]:
    name = path.rpartition("/")[2].lower()
    return frozenset(re.split(r"[^a-z0-9.]+|\.(?!\d)", name)) - _NOTHING - {""}


def _foreign_systems() -> frozenset[str]:
    ours = "linux" if sys.platform.startswith("linux") else sys.platform
    return frozenset(word for system, words in _SYSTEMS.items() if system != ours for word in words.split())
