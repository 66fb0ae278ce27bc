"""How a selftest says things: points, ways, sizes, the closing table. The same words on every kind of display."""

from __future__ import annotations

import shlex
import sys
from typing import TYPE_CHECKING

from installer.cli.output import table
from installer.i18n import tr
from installer.selftest import pictures
from installer.selftest.results import MOST
from installer.show.words import clean, duration, marks

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from installer.cli.session import Session
    from installer.selftest.points import Point, Stretch
    from installer.selftest.results import Tried, Verdict
    from installer.selftest.trial import Way

_KILO = 1024
_LONGEST = 60  # letters of what happens at a point


def size(count: int) -> str:
    """So many bytes, for people."""
    number, unit = float(count), "B"
    for bigger in ("kB", "MB", "GB"):
        if number < _KILO:
            break
        number, unit = number / _KILO, bigger
    return f"{number:.0f} {unit}" if unit == "B" else f"{number:.1f} {unit}"


def begun(session: Session, stretches: Sequence[Stretch], chosen: Sequence[Point], seed: int) -> list[str]:
    """Where the run can be killed, and how many of these points are tried."""
    head = (tr("phase"), tr("changes of the disk"), tr("moments in programs"))
    rows = [
        (
            session.phase_name(each.phase),
            f"{each.first}-{each.last}" if each.first else "-",
            tr("{count} in {programs}", count=each.timed, programs=each.programs) if each.timed else "-",
        )
        for each in stretches
    ]
    total = sum(each.size for each in stretches)
    last = tr("{chosen} of {total} points are tried (seed {seed})", chosen=len(chosen), total=total, seed=seed)
    return [*table([head, *rows], indent="  "), last]


def trying(point: Point, way: str, number: int, total: int) -> str:
    """What is being done now."""
    what = {
        "resume": tr("killed at {point}, going on", point=point.name),
        "rollback": tr("killed at {point}, going back", point=point.name),
        "script": tr("killed at {point}, going back by script", point=point.name),
    }[way]
    return f"{number}/{total} {what}"


def tried(session: Session, one: Tried, number: int, total: int) -> str:
    """A point that was tried, on a line; what was wrong comes at the end."""
    mark = marks(sys.stderr)["done" if one.well else "failed"]
    place = f"{session.phase_name(one.point.phase)} {one.point.name}"
    what = clean(one.point.what)
    what = what if len(what) <= _LONGEST else what[: _LONGEST - 1] + "…"
    ways = ", ".join(_way(each) for each in one.ways)
    late = "" if one.reached else f" {tr('(the run was over before)')}"
    return f"{mark} {number}/{total} {place}: {what}: {ways}{late} ({duration(one.seconds)})"


def _way(way: Way) -> str:
    if way.well:
        return {"resume": tr("resumed"), "rollback": tr("reverted"), "script": tr("reverted by script")}[way.name]
    return {
        "resume": tr("NOT resumed"),
        "rollback": tr("NOT reverted"),
        "script": tr("NOT reverted by script"),
    }[way.name]


def _wrong(way: Way) -> Iterator[str]:
    """What a failed way left, the first paths by name."""
    yield from (clean(each) for each in way.problems)
    found = pictures.outermost(way.differences)
    yield from (clean(each.sentence()) for each in found[:MOST])
    if (more := len(found) - MOST) > 0:
        yield tr("… and {count} more", count=more)
    yield from (f"| {clean(line)}" for line in way.said)
    if way.wreck:
        yield tr("what it left is in {path}", path=clean(way.wreck))


def closing(session: Session, verdict: Verdict) -> list[str]:
    """The table, what failed, how to repeat it, the last sentence."""
    mark = marks(sys.stdout)
    phases = [each.phase for each in verdict.stretches if any(one.point.phase == each.phase for one in verdict.tried)]
    head = (
        tr("phase"),
        tr("points"),
        tr("resumed"),
        tr("reverted"),
        tr("by script"),
        tr("failed"),
        tr("time"),
    )
    rows = [head, *(_row(session, verdict, phase) for phase in phases)]
    if len(phases) > 1:
        rows.append(_row(session, verdict, ""))
    lines = table(rows)
    for one in verdict.failed:
        place = ["-C", session.asked.directory] if session.asked.directory else []
        again = shlex.join(["selftest", *place, "--kill-at", one.point.name, *_options(session)])
        lines += [
            "",
            f"{mark['failed']} {session.phase_name(one.point.phase)} {one.point.name}: {clean(one.point.what)}",
        ]
        lines += [f"    {each}" for way in one.ways for each in _wrong(way)]
        lines += [f"    {tr('hint: {hint}', hint=tr('`manage.py {command}` repeats it', command=again))}"]
    for path in verdict.meddled[:MOST]:
        lines.append(f"{mark['failed']} {tr('changed in the project itself meanwhile: {path}', path=clean(path))}")
    return [*lines, "", f"{mark['done' if verdict.well else 'failed']} {_last(verdict)}"]


def _row(session: Session, verdict: Verdict, phase: str) -> tuple[str, ...]:
    mine = [each for each in verdict.tried if phase in {"", each.point.phase}]
    return (
        session.phase_name(phase) if phase else tr("all"),
        str(len(mine)),
        *(str(verdict.count(way, phase)) for way in ("resume", "rollback", "script")),
        str(sum(not each.well for each in mine)),
        duration(sum(each.seconds for each in mine)),
    )


def _last(verdict: Verdict) -> str:
    time = duration(verdict.seconds)
    if verdict.failed:
        return tr(
            "Killed at {count} points: {failed} did not hold ({time}).",
            count=len(verdict.tried),
            failed=len(verdict.failed),
            time=time,
        )
    if verdict.meddled:
        return tr("All points held, but the project itself changed while they were tried ({time}).", time=time)
    return tr(
        "Killed at {count} points: each resumed and reverted; the project itself is untouched ({time}).",
        count=len(verdict.tried),
        time=time,
    )


def _options(session: Session) -> list[str]:
    from installer.cli.selftest_work import options

    return options(session)
