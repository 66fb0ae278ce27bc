"""What the processes of a group use: read from /proc on Linux, asked of `ps` elsewhere."""

from __future__ import annotations

import os
import sys

from installer import process
from phases.containers.apps.manager import Use
from phases.containers.apps.shim import identity

_USER, _SYSTEM, _RESIDENT = 11, 12, 21  # fields 14, 15 and 24 of /proc/PID/stat, counted behind the name


def of_group(group: int) -> Use:
    """Of all of them together; nothing where there are none."""
    if sys.platform != "linux":
        return _of_ps(group)
    found = [words for pid in identity.members(group) if len(words := identity.stat(pid)) > _RESIDENT]
    ticks = sum(int(words[_USER]) + int(words[_SYSTEM]) for words in found)
    pages = sum(int(words[_RESIDENT]) for words in found)
    return Use(
        memory=pages * os.sysconf("SC_PAGE_SIZE"),
        seconds=ticks / os.sysconf("SC_CLK_TCK"),
        processes=len(found),
    )


def _of_ps(group: int) -> Use:
    from pathlib import Path

    listed = process.run(("ps", "-axo", "pgid=,rss=,time="), cwd=Path("/"), check=False).stdout.splitlines()
    rows = [words for words in map(str.split, listed) if words[:1] == [str(group)]]
    return Use(
        memory=sum(int(words[1]) << 10 for words in rows),
        seconds=sum(_seconds(words[2]) for words in rows),
        processes=len(rows),
    )


def _seconds(text: str) -> float:
    """`[hours:]minutes:seconds` of `ps`."""
    total = 0.0
    for part in text.replace("-", ":").split(":"):
        total = total * 60 + float(part)
    return total
