"""What a selftest found."""

from __future__ import annotations

from typing import TYPE_CHECKING

from installer.frozen import dataclass

if TYPE_CHECKING:
    from installer.model import Json
    from installer.selftest.pictures import Difference
    from installer.selftest.points import Point, Stretch
    from installer.selftest.trial import Way

MOST = 20  # differing paths that are named


@dataclass(frozen=True, slots=True, kw_only=True)
class Tried:
    """One point, and the ways that were gone from it."""

    point: Point
    ways: tuple[Way, ...]

    @property
    def well(self) -> bool:
        """Did all ways lead where they should?"""
        return all(way.well for way in self.ways)

    @property
    def reached(self) -> bool:
        """Was a run killed at it each time?"""
        return all(way.reached for way in self.ways)

    @property
    def seconds(self) -> float:
        """How long all of it took."""
        return sum(way.seconds for way in self.ways)

    def as_json(self) -> Json:
        """The facts for scripts."""
        return {
            "point": self.point.name,
            "phase": self.point.phase,
            "what": self.point.what,
            "reached": self.reached,
            "well": self.well,
            "seconds": round(self.seconds, 3),
            "ways": [way_as_json(way) for way in self.ways],
        }


def way_as_json(way: Way) -> Json:
    """One way for scripts."""
    return {
        "way": way.name,
        "well": way.well,
        "problems": list(way.problems),
        "differences": [_difference(each) for each in way.differences[:MOST]],
        "seconds": round(way.seconds, 3),
        **({"wreck": way.wreck, "said": list(way.said)} if not way.well else {}),
    }


def _difference(each: Difference) -> Json:
    return {"path": each.path, "before": each.before, "after": each.after}


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """All of a selftest. `meddled`: what changed in the project itself while it ran."""

    stretches: tuple[Stretch, ...]
    seed: int
    variable: int
    tried: tuple[Tried, ...]
    meddled: tuple[str, ...]
    seconds: float

    @property
    def failed(self) -> tuple[Tried, ...]:
        """The points that did not hold."""
        return tuple(each for each in self.tried if not each.well)

    @property
    def well(self) -> bool:
        """Did everything hold?"""
        return not self.failed and not self.meddled

    def count(self, way: str, phase: str = "") -> int:
        """How many points held that way."""
        mine = (each for each in self.tried if phase in {"", each.point.phase})
        return sum(one.well for each in mine for one in each.ways if one.name == way)

    def as_json(self) -> Json:
        """The facts for scripts."""
        return {
            "well": self.well,
            "seed": self.seed,
            "points": sum(each.size for each in self.stretches),
            "tried": len(self.tried),
            "not_reached": sum(not each.reached for each in self.tried),
            "resumed": self.count("resume"),
            "reverted": self.count("rollback"),
            "reverted_by_script": self.count("script"),
            "failed": [each.point.name for each in self.failed],
            "variable": self.variable,
            "untouched": not self.meddled,
            "meddled": list(self.meddled[:MOST]),
            "seconds": round(self.seconds, 3),
        }
