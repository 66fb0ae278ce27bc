"""The command line behind `manage.py bench`: choose, measure, show, write."""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks import catalogue, figures, machine, page, tables
from benchmarks.room import Room

if TYPE_CHECKING:
    from collections.abc import Sequence

    from benchmarks.figures import Result

PAIRS = 9


def main(argv: Sequence[str]) -> int:
    """Measure what is asked for; 2 for a name that is none, or a page that cannot be written."""
    asked = _parser().parse_args(argv)
    try:
        names = catalogue.chosen(asked.names)
    except KeyError as error:
        return _wrong(f"there is no benchmark {error}", _names())
    target = Path(asked.write) if asked.write else None
    try:
        if target:
            page.renew(target, [])  # a page without marks is found now, not in half an hour
    except (OSError, ValueError) as error:
        return _wrong(str(error), "`--write docs/performance.md` renews the page of the documentation")
    with tempfile.TemporaryDirectory(prefix="surefoot-benchmark-") as folder:
        room = Room(Path(folder).resolve(), 1 if asked.quick else asked.pairs, quick=asked.quick)
        results = [_measured(name, room, asked.json, target) for name in names]
    if asked.json:
        print(json.dumps(figures.to_json(results), indent=1))
    if asked.pictures:
        page.draw(Path(asked.pictures), results)
    return 0


def _measured(name: str, room: Room, as_json: bool, target: Path | None) -> Result:  # noqa: FBT001 -- one caller
    """Run one; show it at once where people read, and write it at once, so that an interruption costs one only."""
    sys.stderr.write(f"{name} …\n")
    result = catalogue.measure(name, room, machine.setting(room.uv, room.pairs))
    if not as_json:
        print(f"## {name}\n\n{tables.text(result)}\n", flush=True)
    if target:
        page.renew(target, [result])
    return result


def _wrong(what: str, hint: str) -> int:
    sys.stderr.write(f"error: {what}\n\nhint: {hint}\n")
    return 2


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="manage.py bench", description=__doc__, epilog=_names())
    parser.add_argument("names", nargs="*", metavar="NAME")
    parser.add_argument("--pairs", type=int, default=PAIRS, metavar="N", help=f"how often by turns (default: {PAIRS})")
    parser.add_argument("--json", action="store_true", help="print all figures as JSON")
    parser.add_argument("--quick", action="store_true", help="each once with the smallest size: does it run?")
    parser.add_argument("--pictures", metavar="FOLDER", help="draw what was measured")
    parser.add_argument("--write", metavar="PAGE", help="renew tables and pictures of this page (docs/performance.md)")
    return parser


def _names() -> str:
    groups = "; ".join(f"{group} = {' '.join(names)}" for group, names in catalogue.GROUPS.items() if group != "all")
    return f"names: {groups}; profile; all"
