"""What was measured: frozen rows, curves and spans, the arithmetic on them, and their JSON.

Times are in seconds, memory in MiB. What is written as JSON reads back as the same.
"""

from __future__ import annotations

import math
import statistics
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

SCHEMA = 1
Unit = Literal["s", "MiB"]


@dataclass(frozen=True, slots=True)
class Goal:
    """A budget of the design: at most `limit` times the peer ("×"), or at most so much."""

    limit: float
    unit: Literal["×", "s", "MiB"] = "×"


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One comparison: a value for each of the pairs, ours and the peer's; no peer, no values of its.

    `cpu` are the seconds of processor time, user and system, children included, where they are known.
    """

    what: str
    ours: tuple[float, ...]
    against: str = ""
    theirs: tuple[float, ...] = ()
    cpu: tuple[float, ...] = ()
    their_cpu: tuple[float, ...] = ()
    goal: Goal | None = None
    unit: Unit = "s"

    @property
    def ratios(self) -> tuple[float, ...]:
        """Each pair's ratio, smallest first: what slows the machine for a while slows both of a pair."""
        return tuple(sorted(one / other for one, other in zip(self.ours, self.theirs, strict=True)))

    @property
    def ratio(self) -> float | None:
        """The median of the pairs' ratios; None without a peer."""
        return statistics.median(self.ratios) if self.theirs else None

    @property
    def cpu_ratio(self) -> float | None:
        """The ratio of the median processor times; None where they are not known, or too short for the clock."""
        if not self.cpu or not self.their_cpu or statistics.median(self.their_cpu) <= 0:
            return None
        return statistics.median(self.cpu) / statistics.median(self.their_cpu)

    @property
    def met(self) -> bool | None:
        """Is the goal met, by the median? None where there is none."""
        if self.goal is None:
            return None
        value = self.ratio if self.goal.unit == "×" else statistics.median(self.ours)
        return value is not None and value <= self.goal.limit


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """One size of a curve, with its processor time and memory. `theirs`: the peer's seconds, where there is one."""

    size: int
    seconds: float
    cpu: float | None = None
    mib: float | None = None
    theirs: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Curve:
    """How something grows with its size. `axis` names the sizes in the plural."""

    what: str
    axis: str
    points: tuple[Point, ...]
    against: str = ""

    @property
    def exponent(self) -> float | None:
        """The slope of time over size, both as logarithms: 1 is linear, 0 is flat. None for a single size."""
        return slope([(each.size, each.seconds) for each in self.points])

    @property
    def cpu_exponent(self) -> float | None:
        """The same of the processor time, which a busy machine changes less; None where it is not known."""
        return slope([(each.size, each.cpu) for each in self.points if each.cpu])


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """Where time goes: `seconds` of a run, in so many `calls`."""

    what: str
    seconds: float
    calls: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What one benchmark gave, and on which machine, with which versions, when."""

    name: str
    setting: Mapping[str, str]
    rows: tuple[Row, ...] = ()
    curves: tuple[Curve, ...] = ()
    spans: tuple[Span, ...] = field(default=())


def slope(measured: Sequence[tuple[float, float]]) -> float | None:
    """The least-squares slope of log(time) over log(size), of the three largest sizes.

    Small sizes cost what a start costs; with them in, whatever grows would look flat.
    """
    last = sorted(measured)[-3:]
    if len(last) < 2:  # noqa: PLR2004 -- a line has two points
        return None
    points = [(math.log(size), math.log(max(seconds, 1e-9))) for size, seconds in last]
    return statistics.linear_regression(*zip(*points, strict=True)).slope


def to_json(results: Sequence[Result]) -> dict[str, Any]:
    """The whole document; `ratio`, `met`, … are written for other readers, and worked out anew when read."""
    return {"schema": SCHEMA, "results": [_told(each) for each in results]}


def _told(result: Result) -> dict[str, Any]:
    data = asdict(result)
    for row, told in zip(result.rows, data["rows"], strict=True):
        told |= {
            "median": statistics.median(row.ours),
            "their_median": statistics.median(row.theirs) if row.theirs else None,
            "ratio": row.ratio,
            "cpu_ratio": row.cpu_ratio,
            "met": row.met,
        }
    for curve, told in zip(result.curves, data["curves"], strict=True):
        told |= {"exponent": curve.exponent, "cpu_exponent": curve.cpu_exponent}
    return data


def from_json(data: Mapping[str, Any]) -> list[Result]:
    """What `to_json` made. Raises `ValueError` for another schema."""
    if data["schema"] != SCHEMA:
        raise ValueError(f"schema {data['schema']} is not {SCHEMA}")
    return [
        Result(
            name=each["name"],
            setting=each["setting"],
            rows=tuple(_row(row) for row in each["rows"]),
            curves=tuple(_curve(curve) for curve in each["curves"]),
            spans=tuple(Span(**span) for span in each["spans"]),
        )
        for each in data["results"]
    ]


def _row(data: Mapping[str, Any]) -> Row:
    return Row(
        what=data["what"],
        ours=tuple(data["ours"]),
        against=data["against"],
        theirs=tuple(data["theirs"]),
        cpu=tuple(data["cpu"]),
        their_cpu=tuple(data["their_cpu"]),
        goal=Goal(**data["goal"]) if data["goal"] else None,
        unit=data["unit"],
    )


def _curve(data: Mapping[str, Any]) -> Curve:
    points = tuple(Point(**point) for point in data["points"])
    return Curve(what=data["what"], axis=data["axis"], against=data["against"], points=points)
