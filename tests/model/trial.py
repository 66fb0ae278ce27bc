"""Tries the stories: at every point every state that a cut may leave, then recoveries, cut short themselves."""

from __future__ import annotations

import random
import time
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tests.model.crashes import Crash, crashes, different
from tests.model.disk import SYNCING
from tests.model.judging import Story, judge

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.model.bench import Bench

_REPEATABLE = frozenset({"resume", "rollback", "script"})  # twice is as good as once
_ALWAYS_FIRST = "one"  # the boot id of a recording


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """How much is tried.

    bound    states at a point that are all tried; where there are more, a sample of so many
    ways     recoveries that a state gets, of those that its story has (they take turns)
    scripts  one state in so many is given to rollback.sh, a process each
    recoveries, again   cuts in recoveries, a story: how many recoveries are recorded, and states of each that are tried
    """

    bound: int
    ways: int
    scripts: int
    recoveries: int
    again: int


QUICK = Measure(bound=2, ways=1, scripts=25, recoveries=5, again=6)
WHOLE = Measure(bound=64, ways=9, scripts=5, recoveries=60, again=20)


@dataclass(slots=True)
class Report:
    """What was tried, and what came of it."""

    seed: int
    operations: int = 0
    syncs: int = 0
    states: int = 0
    twice: int = 0
    recoveries: int = 0
    seconds: float = 0.0
    violations: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        return (
            f"{self.operations} operations ({self.syncs} syncs), {self.states} crash states, "
            f"{self.twice} double-crash states, {self.recoveries} recoveries, violations {len(self.violations)}, "
            f"seed {self.seed}, {self.seconds:.0f} s of processor time"
        )


def attempt(bench: Bench, stories: Sequence[Story], measure: Measure, seed: int) -> Report:
    """Try all of it."""
    report, began = Report(seed=seed), time.process_time()
    for story in stories:
        chance = random.Random(f"{seed} {story.name}")  # noqa: S311 -- a sample, no secret
        report.operations += sum(op.kind not in SYNCING for op in story.trace.ops)
        report.syncs += sum(op.kind in SYNCING for op in story.trace.ops)
        states = list(different(crashes(story.trace, bound=measure.bound, chance=chance), set()))
        report.states += len(states)
        _once(bench, story, states, measure, report)
        _twice(bench, story, states, measure, chance, report)
    report.seconds = time.process_time() - began
    return report


def _once(bench: Bench, story: Story, states: Sequence[Crash], measure: Measure, report: Report) -> None:
    ways = [way for way in story.ways if way != "script"]
    for number, crash in enumerate(states):
        turn = [ways[(number + n) % len(ways)] for n in range(min(measure.ways, len(ways)))]
        if "script" in story.ways and number % measure.scripts == 0:
            turn.append("script")
        for way in turn:
            bench.boot = _ALWAYS_FIRST
            times = 2 if way in _REPEATABLE and number % 5 == 0 else 1
            _note(report, judge(bench, story, crash, way, times=times), f"state {number}")


def _twice(
    bench: Bench, story: Story, states: Sequence[Crash], measure: Measure, chance: random.Random, report: Report
) -> None:
    """Cut short recoveries from some of the states."""
    ways = [way for way in story.ways if way != "script"]
    for first in chance.sample(states, min(measure.recoveries, 1 + len(states) // 50)):
        way = chance.choice(ways)
        bench.boot = "two" if first.power else _ALWAYS_FIRST
        boot = bench.boot
        bench.put(first.disk)
        with bench.recorder.recording(bench.read()) as trace, suppress(Exception):
            story.ways[way]()
        found = list(different(crashes(trace, bound=measure.bound, chance=chance), set()))
        for again in chance.sample(found, min(measure.again, len(found))):
            then = chance.choice([way, *(each for each in ("rollback", "script") if each in story.ways)])
            bench.boot = boot
            crash = Crash(again.disk, power=again.power)
            report.twice += 1
            _note(report, judge(bench, story, crash, then, boot="three"), f"{way}, cut, then {then}")


def _note(report: Report, wrong: str, where: str) -> None:
    report.recoveries += 1
    if wrong:
        report.violations.append(f"{where}: {wrong}")
