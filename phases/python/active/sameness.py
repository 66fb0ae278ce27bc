"""What was built for the active environment, and whether it is there already."""

from __future__ import annotations

import json
import os
import re
from typing import TYPE_CHECKING

from phases.python import records
from phases.python.active import installed
from phases.python.environments import places

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from phases.python.active.installed import Held

_TOOLS = frozenset(("pip", "setuptools", "wheel"))  # what a new environment may have though nobody asked for it
_OF_NOBODY = frozenset(("RECORD", "INSTALLER", "REQUESTED", "uv_cache.json", "uv_build.json", "direct_url.json"))


def wanted(staging: Path, lock: Path, members: Iterable[str]) -> dict[str, Held]:
    """What was built for the active environment: all in staging but the tools that nobody asked for."""
    try:
        asked = set(re.findall(r'^name = "([^"]+)"', lock.read_text(encoding="utf-8"), re.MULTILINE))
    except OSError:
        asked = set()
    unasked = _TOOLS - {records.normalise(name) for name in (*asked, *members)}
    found = installed.held(places.site_packages(staging))
    return {name: each[0] for name, each in found.items() if name not in unasked}


def is_same(new: Held, there: tuple[Held, ...], *, deep: bool) -> bool:
    """Is it there already, whole, in this version and from this origin?"""
    if len(there) != 1 or there[0].version != new.version:
        return False
    old = there[0]
    if old.is_foreign:
        return True  # another tool's, and the version that is wanted
    if _told(old.origin) != _told(new.origin):
        return False
    if records.check(old.site, deep=deep, only=frozenset((new.name,))):
        return False
    return not new.origin or _content(old) == _content(new)


def _told(origin: str) -> object:
    try:
        return json.loads(origin) if origin else None
    except ValueError:
        return origin


def _content(each: Held) -> set[tuple[str, str]]:
    """The files that make one build what it is, with their hashes; commands name their interpreter."""
    lines = records.lines(each.folder / "RECORD")
    return {
        (path, recorded)
        for path, recorded, _ in lines
        if recorded and not path.startswith("..") and os.path.basename(path) not in _OF_NOBODY
    }
