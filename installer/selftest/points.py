"""The instants at which a run can be killed: which there are, and which of them are tried."""

from __future__ import annotations

import math
import random
from itertools import pairwise, zip_longest
from typing import TYPE_CHECKING

from installer import lazily
from installer.errors import UsageError
from installer.frozen import dataclass
from installer.i18n import tr
from installer.selftest.counter import Target

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from installer.selftest.trace import Child, Trace

_APART = 0.02  # seconds between two points in the life of another program
_MOST = 20  # such points a program
_TIMED = lazily.pattern(r"(?P<child>.+)@(?P<share>0?\.\d+)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """One instant. `name` repeats it: the number of a change, or `STEP@SHARE` of the time that a program takes."""

    name: str
    phase: str
    what: str
    target: Target

    @property
    def timed(self) -> bool:
        """Is it in the life of another program?"""
        return bool(self.target.child)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """What there is to be killed in a phase: its first and last change, how many timed points, in how many programs."""

    phase: str
    first: int
    last: int
    timed: int
    programs: int

    @property
    def size(self) -> int:
        """All its points."""
        return (self.last - self.first + 1 if self.first else 0) + self.timed


def population(trace: Trace) -> tuple[Point, ...]:
    """Every point of a run, phase by phase as they came; within one the counted before the timed."""
    counted = [
        Point(
            name=str(each.number),
            phase=each.phase,
            what=f"{each.what} {each.path}",
            target=Target(number=each.number),
        )
        for each in trace.changes
    ]
    timed = [point for child in _in_steps(trace) for point in _moments(child)]
    phases = dict.fromkeys(each.phase for each in (*counted, *timed))
    return tuple(point for phase in phases for point in (*counted, *timed) if point.phase == phase)


def stretches(points: Iterable[Point]) -> tuple[Stretch, ...]:
    """The points by phase."""
    found: dict[str, list[Point]] = {}
    for point in points:
        found.setdefault(point.phase, []).append(point)
    return tuple(_stretch(phase, each) for phase, each in found.items())


def choose(points: Sequence[Point], wishes: Sequence[str], trace: Trace, *, samples: int, seed: int) -> list[Point]:
    """The points that are tried: those that `wishes` name, or `samples` of the phases that they name, or of all.

    `samples` 0: every one. The same seed chooses the same. Raises `UsageError` for a wish that names nothing.
    """
    exact = [_named(wish, points, trace) for wish in wishes if _is_exact(wish)]
    wanted = [wish for wish in wishes if not _is_exact(wish)]
    phases = [each.phase for each in stretches(points)]
    for wish in wanted:
        if wish not in phases:
            raise _nothing_there(wish, phases)
    pool = [point for point in points if point.phase in wanted] if wanted else [] if exact else list(points)
    if not samples or len(pool) <= samples:
        return exact + pool
    return exact + _spread(pool, samples, random.Random(seed))  # noqa: S311 -- a choice to be repeated, no secret


def _spread(pool: list[Point], samples: int, dice: random.Random) -> list[Point]:
    """`samples` of `pool`: every phase in turn, in each the timed and the counted in turn, spread over its length."""
    queues: list[list[Point]] = []
    phases = list(dict.fromkeys(each.phase for each in pool))
    share = math.ceil(samples / len(phases))
    for phase in phases:
        mine = [each for each in pool if each.phase == phase]
        timed = _strewn([each for each in mine if each.timed], share, dice)
        counted = _strewn([each for each in mine if not each.timed], share, dice)
        dice.shuffle(timed)
        dice.shuffle(counted)
        queues.append([each for pair in zip_longest(timed, counted) for each in pair if each])
    dice.shuffle(queues)
    in_turn = [each for row in zip_longest(*queues) for each in row if each]
    chosen = in_turn[:samples]
    rest = [each for each in pool if each not in chosen]
    chosen += dice.sample(rest, min(samples - len(chosen), len(rest)))
    return [each for each in pool if each in chosen]


def _strewn(points: list[Point], count: int, dice: random.Random) -> list[Point]:
    """`count` of `points`, one from each of as many equal parts."""
    if len(points) <= count:
        return points
    edges = [len(points) * n // count for n in range(count + 1)]
    return [points[dice.randrange(low, high)] for low, high in pairwise(edges)]


def _in_steps(trace: Trace) -> Iterable[Child]:
    """The programs that changed something: those that only answered a question of the plan are passed over."""
    return (each for each in trace.children if each.seconds >= _APART and not _is_plan(each.name))


def _is_plan(name: str) -> bool:
    return name.partition("#")[0].endswith(".plan")


def _moments(child: Child) -> list[Point]:
    count = min(_MOST, int(child.seconds / _APART))
    return [_moment(child, (n + 0.5) / count) for n in range(count)]


def _moment(child: Child, share: float) -> Point:
    return Point(
        name=f"{child.name}@{share:.3f}",
        phase=child.phase,
        what=child.program,
        target=Target(child=child.name, after=round(share, 3) * child.seconds),
    )


def _is_exact(wish: str) -> bool:
    return wish.isdigit() or "@" in wish


def _named(wish: str, points: Sequence[Point], trace: Trace) -> Point:
    """The point of this very name. Raises `UsageError` if there is none."""
    for point in points:
        if point.name == wish:
            return point
    match = _TIMED.fullmatch(wish)
    child = next((each for each in trace.children if match and each.name == match["child"]), None)
    if match and child:
        return _moment(child, float(match["share"]))
    numbers = [point.target.number for point in points if not point.timed]
    raise UsageError(
        "selftest.point",
        tr("there is no point `{name}`", name=wish),
        hint=tr("the points are numbered from 1 to {last}", last=max(numbers, default=0)),
    )


def _nothing_there(wish: str, phases: list[str]) -> UsageError:
    return UsageError(
        "selftest.phase",
        tr("nothing is done in a phase `{name}`, so there is nothing to kill", name=wish),
        hint=tr("there are: {names}", names=", ".join(phases)),
    )


def _stretch(phase: str, points: list[Point]) -> Stretch:
    numbers = [each.target.number for each in points if not each.timed]
    timed = [each.target.child for each in points if each.timed]
    return Stretch(
        phase=phase,
        first=min(numbers, default=0),
        last=max(numbers, default=0),
        timed=len(timed),
        programs=len(set(timed)),
    )
