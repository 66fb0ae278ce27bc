"""What was written into a sealed environment by hand, however deep: asked only before one is deleted for good.

Size and time come first, so that only what looks changed is read: its digest against that of its RECORD. What no RECORD
lists is somebody's if it came, or was written, after the seal. Compiled files are nobody's work.
"""

from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING

from installer import files
from phases.python import records
from phases.python.environments import contents, places

if TYPE_CHECKING:
    from pathlib import Path


def since_seal(env: Path) -> list[str]:
    """The files in `env` (relative, with `/`) that were edited, or added, since it was sealed. None if it never was."""
    try:
        sealed_at = (env / contents.CONTENTS).stat().st_mtime_ns
    except OSError:
        return []
    folders = sealed.folders if (sealed := contents.read(env)) else {}
    known = {f"{folder}/{name}".removeprefix("./") for folder, names in folders.items() for name in names}
    listed: dict[str, tuple[str, str]] = {}
    for site in places.site_packages(env):
        listed |= records.listed(site)
    return [
        relative
        for relative, entry in files.walk(env)
        if _is_somebodys(relative, entry, known, listed.get(os.path.normpath(entry.path)), sealed_at)
    ]


def _is_somebodys(
    relative: str, entry: os.DirEntry[str], known: set[str], recorded: tuple[str, str] | None, sealed_at: int
) -> bool:
    status = entry.stat(follow_symlinks=False)
    if stat.S_ISDIR(status.st_mode) or contents.is_nobodys(relative):
        return False
    written = status.st_mtime_ns > sealed_at
    if recorded is None:
        return written or (status.st_ctime_ns > sealed_at and relative not in known)
    digest, size = recorded
    if not stat.S_ISREG(status.st_mode):
        return written
    looks_changed = written or (size.isdecimal() and int(size) != status.st_size)
    return looks_changed and not (digest and records.matches(entry.path, digest))
