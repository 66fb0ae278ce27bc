"""What the inputs of a manifest's own step are on the disk: files, all of a folder, what a pattern matches."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from installer import files

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_PATTERN = frozenset("*?[")
_OF_NOBODY = frozenset((".git", "__pycache__"))


def digests(root: Path, inputs: Iterable[str], ours: Iterable[str]) -> dict[str, str]:
    """Each file (relative to `root`) that `inputs` cover, and what it holds; one that is a link, what it leads to."""
    return {path: files.digest(Path(os.path.realpath(root / path))) for path in covered(root, inputs, ours)}


def covered(root: Path, inputs: Iterable[str], ours: Iterable[str]) -> tuple[str, ...]:
    """Every path (relative to `root`) that a step with `inputs` depends on, there or not.

    `ours`: the state folder and the environment, which change with every run: as part of a folder they are none.
    """
    skip = _OF_NOBODY.union(os.path.basename(path) for path in ours)
    return tuple(dict.fromkeys(path for each in inputs for path in _covered(root, each, skip)))


def _covered(root: Path, path: str, skip: frozenset[str]) -> Iterator[str]:
    yield path
    if _PATTERN.intersection(path) and not os.path.lexists(root / path):
        for found in sorted(root.glob(path)):
            yield from _covered(root, found.relative_to(root).as_posix(), skip)
    elif os.path.isdir(root / path):
        yield from (f"{path}/{name}" for name, _ in files.walk(root / path, skip=skip))
