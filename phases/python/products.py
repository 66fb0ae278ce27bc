"""What a build leaves in the tree of an editable package, and its modules need: no later clone has it."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

_COMPILED = (".so", ".pyd", ".dylib")
_OF_NO_USE = frozenset(("__pycache__", "build", "dist", "node_modules"))  # no module is imported from these


def look(folder: Path) -> dict[str, tuple[int, int]]:
    """Every file below `folder` that an import could need: path -> (size in bytes, time of change in ns)."""
    return {entry.path: _known_by(entry) for entry in _files(str(folder))}


def left(before: Mapping[str, tuple[int, int]], after: Mapping[str, tuple[int, int]]) -> bool:
    """Did a build leave something between two looks? What is compiled was left, if not by this build, by an earlier."""
    return any(before.get(path) != known or path.endswith(_COMPILED) for path, known in after.items())


def _files(folder: str) -> Iterator[os.DirEntry[str]]:
    try:
        entries = list(os.scandir(folder))
    except OSError:
        return
    for entry in entries:
        if not entry.is_dir(follow_symlinks=False):
            yield entry
        elif not _is_of_no_use(entry):
            yield from _files(entry.path)


def _is_of_no_use(entry: os.DirEntry[str]) -> bool:
    name = entry.name
    if name in _OF_NO_USE or name.startswith(".") or name.endswith((".egg-info", ".dist-info")):
        return True
    return os.path.exists(os.path.join(entry.path, "pyvenv.cfg"))


def _known_by(entry: os.DirEntry[str]) -> tuple[int, int]:
    try:
        status = entry.stat(follow_symlinks=False)
    except OSError:
        return (-1, -1)
    return (status.st_size, status.st_mtime_ns)
