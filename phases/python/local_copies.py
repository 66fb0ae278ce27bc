"""Local folders that are installed, but are no members, are built from copies: nothing is left in the user's."""

from __future__ import annotations

import os
import shutil
from typing import TYPE_CHECKING

from installer import files
from phases.python import pylock

if TYPE_CHECKING:
    from pathlib import Path

    from installer.model import Context


def made(context: Context, lock: Path) -> Path:
    """The lock to install from: local folders are built from a copy, so that nothing is left in the user's."""
    text = lock.read_text(encoding="utf-8")
    if not pylock.has_local(text):
        return lock
    document = pylock.parse(text)
    packages = []
    for number, package in enumerate(document["packages"]):
        folder = pylock.folder_of(package, lock.parent)
        if folder is not None:
            copy = context.scratch / f"local-{number}"
            shutil.rmtree(copy, ignore_errors=True)
            shutil.copytree(folder, copy, symlinks=True, ignore=_no_environments)
            package = {**package, "directory": {"path": str(copy)}}  # noqa: PLW2901  # the loop's own copy of it
        packages.append(package)
    place = context.scratch / "pylock.copied.toml"
    files.replace(place, pylock.write({**document, "packages": packages}).encode())
    return place


def _no_environments(folder: str, names: list[str]) -> list[str]:
    """What no build needs, and what may be large: environments and our own state."""
    return [
        name
        for name in names
        if os.path.exists(os.path.join(folder, name, "pyvenv.cfg")) or name in {".surefoot", "node_modules"}
    ]
