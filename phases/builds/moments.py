"""Moments as providers tell them, by their own clocks: `skew` is by how many seconds such a clock is ahead of ours."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

_TOLERANCE = timedelta(seconds=5)  # whole seconds are noted, and the Date of an answer has them, too


def now() -> str:
    """This moment by our own clock, in ISO 8601, in whole seconds."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def age(told: object, skew: float) -> float | None:
    """Seconds since the moment `told`; None where it is none."""
    then = _moment(told)
    return (_now(skew) - then).total_seconds() if then else None


def is_since(told: object, since: str, skew: float) -> bool:
    """Is what a provider tells of not before `since` of our own clock?"""
    theirs, ours = _moment(told), _moment(since)
    return theirs is not None and ours is not None and theirs - timedelta(seconds=skew) >= ours - _TOLERANCE


def lasted(begun: object, end: object, skew: float, *, ended: bool) -> float | None:
    """Seconds from its begin to its end, or to now; None where that is not told."""
    first, last = _moment(begun), _moment(end) if ended else _now(skew)
    return max(0.0, (last - first).total_seconds()) if first and last else None


def _now(skew: float) -> datetime:
    return datetime.now(UTC) + timedelta(seconds=skew)


def _moment(told: object) -> datetime | None:
    """ISO 8601; without a zone, it is UTC."""
    try:
        found = datetime.fromisoformat(str(told))
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)
