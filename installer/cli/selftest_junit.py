"""A selftest as a JUnit report: one test case a point, for the CI servers that show such files."""

from __future__ import annotations

from typing import TYPE_CHECKING
from xml.sax.saxutils import quoteattr

from installer.show.words import clean

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from installer.selftest.results import Tried, Verdict


def write(path: Path, verdict: Verdict) -> None:
    """Put the report at `path`."""
    path.write_text("".join(f"{line}\n" for line in _lines(verdict)), encoding="utf-8", errors="backslashreplace")


def _lines(verdict: Verdict) -> Iterator[str]:
    yield '<?xml version="1.0" encoding="UTF-8"?>'
    counts = f'tests="{len(verdict.tried)}" failures="{len(verdict.failed)}" time="{verdict.seconds:.3f}"'
    yield f'<testsuite name="surefoot selftest" {counts}>'
    for each in verdict.tried:
        yield from _case(each)
    yield "</testsuite>"


def _case(one: Tried) -> Iterator[str]:
    name = quoteattr(clean(f"{one.point.name}: {one.point.what}"))
    yield f'<testcase classname={quoteattr(one.point.phase)} name={name} time="{one.seconds:.3f}">'
    for way in one.ways:
        if not way.well:
            first = [*way.problems, *(each.sentence() for each in way.differences)]
            yield f"<failure type={quoteattr(way.name)} message={quoteattr(clean('; '.join(first[:5])))}/>"
    yield "</testcase>"
