"""Which environments were proven on this machine, and are still the very trees that were.

A file that is unpacked from a cache, copied or restored is another one: its inode or its time of change is new, and
nobody can set the latter. So each environment is known by those of its marker, which the seal writes last. Renames of
its folder do not touch them.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from installer import files, identity
from phases.python.environments import places

if TYPE_CHECKING:
    from pathlib import Path

    from installer.model import RelPath

NAME = "proven"
_MOST = 50  # environments that are remembered


def path(state: RelPath) -> RelPath:
    """Where it is noted."""
    return state / NAME


def identify(env: Path) -> list[str | int]:
    """What the tree `env` is known by; nothing for one that has no marker."""
    try:
        status = (env / places.MARKER).lstat()
    except OSError:
        return []
    return [identity.machine(), status.st_ino, status.st_ctime_ns]


def holds(root: Path, state: RelPath, env: Path) -> bool:
    """Was this very tree sealed, or proven by its contents, on this machine?"""
    marker, now = places.read_marker(env), identify(env)
    return marker is not None and bool(now) and _read(root / path(state)).get(marker.install_id) == now


def note(root: Path, state: RelPath, env: Path) -> None:
    """Note that `env`, which is sealed, was proven; the oldest notes go."""
    marker = places.read_marker(env)
    if marker is None:
        return
    known = _read(root / path(state))
    known.pop(marker.install_id, None)
    kept = {**dict([*known.items()][-_MOST:]), marker.install_id: identify(env)}
    files.replace(root / path(state), json.dumps(kept, indent=1).encode() + b"\n", lasting="nothing")


def _read(place: Path) -> dict[str, list[str | int]]:
    try:
        known = json.loads(place.read_bytes())
    except (OSError, ValueError, RecursionError):
        return {}
    return known if isinstance(known, dict) else {}
