"""Figures as Markdown tables, which read well in a terminal, too."""

from __future__ import annotations

import statistics
from typing import TYPE_CHECKING

from benchmarks import machine

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from benchmarks.figures import Curve, Goal, Point, Result, Row, Span


def budgets(results: Sequence[Result]) -> str:
    """Rows with a peer in one table, rows without in another; then what is flat or not."""
    rows = [row for result in results for row in result.rows]
    parts = [_peers([row for row in rows if row.theirs]), _alone([row for row in rows if not row.theirs])]
    return _together([*parts, *_curves(results), _settings(results)])


def growth(results: Sequence[Result]) -> str:
    """A table for each curve."""
    return _together([*_curves(results), _settings(results)])


def profile(results: Sequence[Result]) -> str:
    """Where the time goes: shares of the first span, which is the whole."""
    spans = [span for result in results for span in result.spans]
    return _together([_spans(spans), _settings(results)])


def text(result: Result) -> str:
    """One benchmark, as it is shown when it is done."""
    curves = [_curve(curve) for curve in result.curves]
    rows = (_peers([row for row in result.rows if row.theirs]), _alone([row for row in result.rows if not row.theirs]))
    return _together([*rows, *curves, _spans(result.spans)])


def shown(value: float, unit: str = "s") -> str:
    """Seconds and MiB as people write them."""
    if unit == "MiB":
        return f"{value:.0f} MiB"
    if value >= 1:
        return f"{value:.2f} s"
    return f"{value * 1e3:.{0 if value * 100 >= 1 else 2}f} ms"


def verdict(row: Row) -> str:
    """In a word."""
    return {None: "", True: "met", False: "missed"}[row.met]


def goal(of: Goal | None) -> str:
    """As the design writes it."""
    if of is None:
        return "–"
    return f"≤ {of.limit:g} ×" if of.unit == "×" else f"≤ {shown(of.limit, of.unit).replace('.00', '')}"


def _peers(rows: Sequence[Row]) -> str:
    head = "| what | Surefoot | against | it takes | ratio (range) | CPU | goal | |\n|---|---|---|---|---|---|---|---|"
    return _table(head, (_peer(row) for row in rows))


def _peer(row: Row) -> str:
    ours, theirs = (shown(statistics.median(values), row.unit) for values in (row.ours, row.theirs))
    ratio = f"**{row.ratio:.2f}** ({row.ratios[0]:.2f} … {row.ratios[-1]:.2f})"
    cpu = "" if row.cpu_ratio is None else f"{row.cpu_ratio:.2f}"
    return f"| {row.what} | {ours} | {row.against} | {theirs} | {ratio} | {cpu} | {goal(row.goal)} | {verdict(row)} |"


def _alone(rows: Sequence[Row]) -> str:
    head = "| in process | median | least … most | processor | goal | |\n|---|---|---|---|---|---|"
    return _table(head, map(_single, rows))


def _single(row: Row) -> str:
    cells = (
        row.what,
        f"**{shown(statistics.median(row.ours))}**",
        f"{shown(min(row.ours))} … {shown(max(row.ours))}",
        shown(statistics.median(row.cpu)) if row.cpu else "",
        goal(row.goal),
        verdict(row),
    )
    return f"| {' | '.join(cells)} |"


def _curves(results: Sequence[Result]) -> list[str]:
    return [_curve(curve) for result in results for curve in result.curves]


def _curve(curve: Curve) -> str:
    exponent = "" if curve.exponent is None else f": grows as size ^ **{curve.exponent:.2f}**"
    if curve.cpu_exponent is not None:
        exponent += f", its processor time as size ^ **{curve.cpu_exponent:.2f}**"
    columns = ["Surefoot"]
    if any(point.cpu for point in curve.points):
        columns.append("processor")
    if any(point.mib for point in curve.points):
        columns.append("memory")
    if curve.against:
        columns += [curve.against, "ratio"]
    head = f"| {curve.axis} | {' | '.join(columns)} |\n|{'---|' * (len(columns) + 1)}"
    return f"*{curve.what}*{exponent}\n\n" + _table(head, (_point(point, columns) for point in curve.points))


def _point(point: Point, columns: Sequence[str]) -> str:
    cells = [f"{point.size:,}", shown(point.seconds)]
    if "processor" in columns:
        cells.append(shown(point.cpu or 0))
    if "memory" in columns:
        cells.append(shown(point.mib or 0, "MiB"))
    if point.theirs is not None:
        cells += [shown(point.theirs), f"{point.seconds / point.theirs:.2f}"]
    return f"| {' | '.join(cells)} |"


def _spans(spans: Sequence[Span]) -> str:
    if not spans:
        return ""
    whole = spans[0].seconds
    return _table(
        "| where the time goes | times | takes | share |\n|---|---|---|---|",
        (f"| {each.what} | {each.calls} | {shown(each.seconds)} | {each.seconds / whole:.0%} |" for each in spans),
    )


def _table(head: str, lines: Iterable[str]) -> str:
    found = list(lines)
    return "\n".join([head, *found]) if found else ""


def _together(parts: Iterable[str]) -> str:
    return "\n\n".join(part for part in parts if part)


def _settings(results: Sequence[Result]) -> str:
    """The machines and versions, each once, with when and under which load; what was measured there, if not all."""
    groups: dict[str, list[Result]] = {}
    for result in results:
        groups.setdefault(machine.told(result.setting), []).append(result)
    return "\n".join(_setting(line, group, alone=len(groups) == 1) for line, group in groups.items())


def _setting(line: str, group: Sequence[Result], *, alone: bool) -> str:
    names = "" if alone else ", ".join(f"`{result.name}`" for result in group) + ": "
    dates, loads = ([result.setting[key] for result in group] for key in ("date", "load"))
    return f"- {names}{line}; {_range(dates)}, load {_range(loads)}"


def _range(values: Sequence[str]) -> str:
    """The first and the last; numbers go by their size."""
    found = sorted(set(values), key=lambda value: (len(value), value))
    return found[0] if len(found) == 1 else f"{found[0]} to {found[-1]}"
