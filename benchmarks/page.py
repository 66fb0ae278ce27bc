"""The figures in the documentation: kept as JSON beside the page, shown between marks in it, drawn in pictures.

A benchmark that was run again takes the place of its earlier figures; all the others stay.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from benchmarks import catalogue, charts, figures, tables

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from benchmarks.figures import Result

_SECTIONS: Mapping[str, tuple[Sequence[str], Callable[[Sequence[Result]], str]]] = {
    "budgets": (tuple(catalogue.BUDGETS), tables.budgets),
    "growth": (tuple(catalogue.GROWTH), tables.growth),
    "containers": (tuple(catalogue.CONTAINERS), tables.budgets),
    "profile": (tuple(catalogue.PROFILE), tables.profile),
}


def renew(page: Path, results: Sequence[Result]) -> None:
    """Add `results` to what is kept beside `page`; write its tables and pictures anew. `ValueError`: no marks."""
    kept = page.with_suffix(".json")
    all_of_them = merged(load(kept), results)
    said = page.read_text(encoding="utf-8")
    for section, (names, table) in _SECTIONS.items():
        said = between(said, section, table([each for each in all_of_them if each.name in names]))
    kept.write_text(_compact(figures.to_json(all_of_them)), encoding="utf-8")
    page.write_text(said, encoding="utf-8")
    draw(page.parent / "pictures", all_of_them)


def draw(folder: Path, results: Sequence[Result]) -> None:
    """The pictures for which there are figures."""
    folder.mkdir(parents=True, exist_ok=True)
    rows = [
        row
        for result in results
        for row in result.rows
        if result.name not in catalogue.CONTAINERS
        and row.theirs
        and row.unit == "s"
        and (row.goal or result.name == "pip")
    ]
    curves = [curve for result in results for curve in result.curves]
    for name, svg in (("peers.svg", charts.bars(rows) if rows else ""), ("growth.svg", charts.curves(curves))):
        if svg:
            (folder / name).write_text(svg, encoding="utf-8")


def load(kept: Path) -> list[Result]:
    """What is kept; nothing where there is no such file."""
    return figures.from_json(json.loads(kept.read_text(encoding="utf-8"))) if kept.exists() else []


def merged(before: Sequence[Result], now: Sequence[Result]) -> list[Result]:
    """Each benchmark once, the newer figures where there are two, in the order of the catalogue."""
    found = {each.name: each for each in (*before, *now)}
    return [found[name] for name in catalogue.GROUPS["all"] if name in found]


def between(page: str, section: str, content: str) -> str:
    """`page` with `content` between the two marks of `section`."""
    begin, end = f"<!-- bench:{section} -->", f"<!-- /bench:{section} -->"
    if page.count(begin) != 1 or page.count(end) != 1 or page.index(begin) > page.index(end):
        raise ValueError(f"the page lacks the marks {begin} and {end}")
    head, rest = page.split(begin)
    return f"{head}{begin}\n\n{content}\n\n{end}{rest.split(end)[1]}"


def _compact(data: object) -> str:
    """JSON a person can compare: a list of numbers is one line, and times have six digits."""
    text = json.dumps(json.loads(json.dumps(data), parse_float=lambda digits: round(float(digits), 6)), indent=1)
    return re.sub(r"\[\s+([-\d.e,\s]+?)\s+\]", lambda match: f"[{re.sub(chr(10) + ' *', ' ', match[1])}]", text) + "\n"
