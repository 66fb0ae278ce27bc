"""One measurement in a process of its own, for its memory: `probe.py NAME FOLDER` prints what it took as JSON.

What is measured is called twice, and the second counts; the memory is the most that the process ever held.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


def check(project: Path) -> Callable[[], object]:
    """Is a run unfinished?"""
    from installer.checkpoint import check_resume_install

    return lambda: check_resume_install(project)


def update(project: Path) -> Callable[[], object]:
    """One more record, with all that is renewed after it."""
    from installer.checkpoint import update_checkpoint

    return lambda: update_checkpoint("fetch", "started", root=project)


def note(tree: Path) -> Callable[[], object]:
    """The tree guard before a build: the listing, and the copies."""
    from installer import guard

    listings = iter((tree.with_name("first.json"), tree.with_name("second.json")))
    return lambda: guard.note(tree, next(listings), skip=frozenset(), copies=guard.Copies())


def changes(tree: Path) -> Callable[[], object]:
    """The tree guard after a build: what is different from the listing that `note` made."""
    from installer import guard

    listing = guard.load(tree.with_name("first.json"))
    return lambda: guard.changes(tree, listing, skip=frozenset())


PROBES = {"check": check, "update": update, "note": note, "changes": changes}


def main(name: str, folder: Path) -> None:
    """Measure, and print."""
    from benchmarks.timing import call, resident

    work = PROBES[name](folder)
    work()
    print(json.dumps({**call(work)._asdict(), "mib": resident("self") / 1024}))


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
