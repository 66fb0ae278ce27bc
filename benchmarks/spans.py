"""Where the time of a new environment goes, the cache warm: the start, the phases, other programs, syncs, imports.

The phases are told by the journal; the rest by a run in which the doors of the standard library are watched
(traced.py). Phases and the others overlap: they are two ways to cut the same run.
"""

from __future__ import annotations

import json
import statistics
import sys
from collections import defaultdict
from datetime import datetime
from typing import TYPE_CHECKING, Any

from benchmarks.figures import Span
from benchmarks.room import ROOT
from benchmarks.timing import run

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from benchmarks.room import Room

Piece = tuple[str, float, float]  # what, from, to


def profile(room: Room) -> Iterator[Span]:
    """The run that took the median of all, in spans; the first is the whole."""
    made = room.subject("application")
    start = statistics.median(
        run(room.ours("quickstart", "--version"), room.folder).seconds for _ in range(1 if room.quick else 5)
    )
    runs = []
    for number in range(1 if room.quick else 5):
        project = made.put(made.new, room.clean(f"profile-{number}"))
        report = room.folder / f"profile-{number}.json"
        traced = [sys.executable, "-I", str(ROOT / "benchmarks" / "traced.py"), str(report), "quickstart", "-y"]
        run(traced, project)
        runs.append((json.loads(report.read_text(encoding="utf-8")), project))
    report, project = sorted(runs, key=lambda each: float(each[0]["seconds"]))[len(runs) // 2]
    yield Span(what=f"**a new environment, {made.packages} packages**", seconds=start + report["seconds"])
    yield Span(what="the start: two interpreters, and finding the tool's own packages", seconds=start)
    yield from phases(project)
    yield from cut(report)


def phases(project: Path) -> Iterator[Span]:
    """How long each phase took, from its first record to its checkpoint."""
    began: dict[str, datetime] = {}
    for line in (project / ".surefoot" / "checkpoints" / "journal.jsonl").read_text(encoding="utf-8").splitlines():
        record = json.loads(line)
        now = datetime.fromisoformat(record["time"])
        if record["type"] == "PhaseStarted":
            began[record["phase"]] = now
        elif record["type"] == "Checkpoint" and record["name"] in began:
            yield Span(what=f"phase `{record['name']}`", seconds=(now - began[record["name"]]).total_seconds())


def cut(report: dict[str, Any]) -> Iterator[Span]:
    """Other programs, one by one; syncs; imports; and what is left: reading, comparing, writing, thinking."""
    pieces: dict[str, list[Piece]] = {
        kind: [(what, begin, end) for what, begin, end in found] for kind, found in report["spans"].items()
    }
    children = pieces["child"]
    yield Span(what="other programs, in all", seconds=covered(children), calls=len(children))
    by_name: dict[str, list[Piece]] = defaultdict(list)
    for piece in children:
        by_name[piece[0]].append(piece)
    for name, found in sorted(by_name.items(), key=lambda each: -covered(each[1])):
        yield Span(what=f"– `{name}`", seconds=covered(found), calls=len(found))
    yield Span(what="syncs to the disk", seconds=covered(pieces["sync"]), calls=len(pieces["sync"]))
    yield Span(what="imports", seconds=covered(pieces["import"]), calls=len(pieces["import"]))
    known = covered([piece for found in pieces.values() for piece in found])
    yield Span(what="everything else in the tool's own process", seconds=report["seconds"] - known)
    yield Span(what="processor time of the tool's own process, of all of this", seconds=report["cpu"])


def covered(pieces: Iterable[Piece]) -> float:
    """The seconds in which at least one of them was going on."""
    total, until = 0.0, float("-inf")
    for _, begin, end in sorted(pieces, key=lambda each: each[1]):
        total += max(0.0, end - max(begin, until))
        until = max(until, end)
    return total
