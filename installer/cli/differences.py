"""The packages of runs, and how they differ. No parser in here."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from installer.model import Json
    from installer.state import Run


def packages(run: Run) -> dict[str, str]:
    """The packages that a run resolved to, by name."""
    found: dict[str, str] = {}
    for result in run.results.values():
        if isinstance(listed := result.get("packages"), Mapping):
            found |= {str(name): str(version) for name, version in listed.items()}
    return found


def difference(before: Mapping[str, str], after: Mapping[str, str]) -> Json:
    """How the packages `after` differ from those `before`: added, removed, and changed as [from, to]."""
    both = sorted(before.keys() & after.keys())
    return {
        "added": {name: after[name] for name in sorted(after.keys() - before.keys())},
        "removed": {name: before[name] for name in sorted(before.keys() - after.keys())},
        "changed": {name: [before[name], after[name]] for name in both if before[name] != after[name]},
    }
