"""A selftest as a JUnit report: one test case a point, for the CI servers that show such files."""

from __future__ import annotations

from typing import TYPE_CHECKING

from installer.cli import junit

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from installer.selftest.results import Tried, Verdict


def write(path: Path, verdict: Verdict) -> None:
    """Put the report at `path`."""
    junit.write(path, "surefoot selftest", [_case(each) for each in verdict.tried], verdict.seconds)


def _case(one: Tried) -> junit.Case:
    name = f"{one.point.name}: {one.point.what}"
    return junit.Case(group=one.point.phase, name=name, seconds=one.seconds, failures=tuple(_failures(one)))


def _failures(one: Tried) -> Iterator[tuple[str, str]]:
    for way in one.ways:
        if not way.well:
            first = [*way.problems, *(each.sentence() for each in way.differences)]
            yield way.name, "; ".join(first[:5])
