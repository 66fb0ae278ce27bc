"""Projects with only a `setup.cfg`: pip and uv take such a folder once there is a `setup.py` in it."""

from __future__ import annotations

from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING

from installer import files
from installer.model import RelPath

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

_SCRIPT = b"from setuptools import setup\nsetup()\n"


def scripts(root: Path, members: Iterable[str]) -> tuple[RelPath, ...]:
    """Every `setup.py` that builds of `members` lack."""
    return tuple(path for member in members if (path := _script(root, member)))


@contextmanager
def completed(root: Path, members: Iterable[str]) -> Iterator[None]:
    """Within the block every one of `members` can be built; what was written for that goes again.

    A step that does so declares `scripts` among what it touches: that takes it back if the step is cut off.
    """
    with ExitStack() as stack:
        for path in scripts(root, members):
            stack.callback(files.remove, root / path)  # first: the writing may be interrupted, too
            files.replace(root / path, _SCRIPT)
        yield


def _script(root: Path, member: str) -> RelPath | None:
    folder = RelPath(member)
    there = {name for name in ("setup.cfg", "setup.py", "pyproject.toml") if files.exists(root / folder / name)}
    return folder / "setup.py" if there == {"setup.cfg"} else None
