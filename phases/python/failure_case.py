"""A failed command of an installer, and how to read what it said."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from installer.frozen import dataclass

Where = Callable[[str], str]
_TAIL = 20


@dataclass(frozen=True, slots=True)
class Case:
    """A failed command: what it said, what it was doing ("could not …"), and who can say which file asks for what."""

    output: str
    doing: str
    where: Where


def end(output: str) -> tuple[str, ...]:
    """The last lines, without the empty ones."""
    return tuple(line.rstrip() for line in output.splitlines() if line.strip())[-_TAIL:]


def at(place: str) -> str:
    """A place as the end of a sentence; nothing for none."""
    return f" ({place})" if place else ""


def spot(place: str) -> dict[str, Any]:
    """A place as the facts of an error: the file and the line, for who points at them; nothing for none."""
    file, _, line = place.rpartition(":")
    return {"file": file, "line": int(line)} if file and line.isdecimal() else {}


def first(output: str, *patterns: str) -> str:
    """What the first pattern that is found at all has in its group."""
    for pattern in patterns:
        found = re.search(pattern, output)
        if found:
            return found[1].strip()
    return ""


def lines(output: str, pattern: str) -> tuple[str, ...]:
    """The lines that hold `pattern`."""
    return tuple(line.strip() for line in output.splitlines() if re.search(pattern, line, re.IGNORECASE))[:_TAIL]
