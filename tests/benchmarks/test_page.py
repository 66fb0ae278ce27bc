from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

import pytest

from benchmarks import catalogue, charts, machine, page, tables
from benchmarks.figures import Curve, Goal, Point, Result, Row

if TYPE_CHECKING:
    from pathlib import Path

SECTIONS = ("budgets", "growth", "containers", "profile")
MARKS = "".join(f"<!-- bench:{name} -->\nold\n<!-- /bench:{name} -->\n" for name in SECTIONS)
SETTING = machine.setting("git", 3)  # any program that says its version


def idle(seconds: float) -> Result:
    row = Row(what="nothing <to> do", ours=(seconds,), against="`uv`", theirs=(0.02,), goal=Goal(1.0))
    return Result(name="idle", setting=SETTING, rows=(row,))


def grown() -> Result:
    points = tuple(Point(size=size, seconds=size / 1000, mib=20.0) for size in (1, 50, 200))
    return Result(name="growth-tree", setting=SETTING, curves=(Curve(what="a scan", axis="files", points=points),))


def test_a_page_gets_its_tables_and_keeps_its_text(tmp_path: Path) -> None:
    target = tmp_path / "performance.md"
    target.write_text(f"# Before\n{MARKS}\nAfter\n")
    page.renew(target, [idle(0.01), grown()])
    said = target.read_text()
    assert said.startswith("# Before\n")
    assert said.endswith("\nAfter\n")
    assert "old" not in said
    assert "| nothing <to> do | 10 ms | `uv` | 20 ms | **0.50** (0.50 … 0.50) |" in said
    assert "| 200 | 200 ms | 20 MiB |" in said
    assert sorted(each.name for each in (tmp_path / "pictures").iterdir()) == ["growth.svg", "peers.svg"]


def test_a_machine_is_named_once_with_when_and_under_which_load() -> None:
    early, late = SETTING | {"date": "d1", "load": "9.5"}, SETTING | {"date": "d2", "load": "10.1"}
    other = late | {"cores": "64"}
    results = [replace(idle(0.01), setting=early), replace(idle(0.01), setting=late)]
    *_, line = tables.budgets(results).splitlines()
    assert line == f"- {machine.told(SETTING)}; d1 to d2, load 9.5 to 10.1"
    *_, first, second = tables.budgets([*results, replace(idle(0.01), name="fresh", setting=other)]).splitlines()
    assert first.startswith("- `idle`, `idle`: Surefoot")
    assert second == f"- `fresh`: {machine.told(other)}; d2, load 10.1"


def test_what_is_measured_again_replaces_its_earlier_figures_and_the_rest_stays(tmp_path: Path) -> None:
    target = tmp_path / "performance.md"
    target.write_text(MARKS)
    page.renew(target, [idle(0.01), grown()])
    page.renew(target, [idle(0.04)])
    assert "**2.00**" in target.read_text()
    assert "**0.50**" not in target.read_text()
    assert "a scan" in target.read_text()
    assert [each.name for each in page.load(tmp_path / "performance.json")] == ["idle", "growth-tree"]


def test_the_same_figures_twice_change_nothing(tmp_path: Path) -> None:
    target = tmp_path / "performance.md"
    target.write_text(MARKS)
    page.renew(target, [idle(0.01), grown()])
    before = {each.name: each.read_bytes() for each in tmp_path.rglob("*.*")}
    page.renew(target, [])
    assert {each.name: each.read_bytes() for each in tmp_path.rglob("*.*")} == before


@pytest.mark.parametrize("marks", ["", "<!-- /bench:budgets --> <!-- bench:budgets -->", MARKS + MARKS])
def test_a_page_without_its_marks_is_left_alone(tmp_path: Path, marks: str) -> None:
    target = tmp_path / "performance.md"
    target.write_text(marks)
    with pytest.raises(ValueError, match="lacks the marks"):
        page.renew(target, [idle(0.01)])
    assert [each.name for each in tmp_path.iterdir()] == ["performance.md"]
    assert target.read_text() == marks


def test_the_pictures_are_whole_svg() -> None:
    bars, curves = charts.bars(idle(0.01).rows), charts.curves(grown().curves)
    for svg in (bars, curves):
        assert ET.fromstring(svg).tag == "{http://www.w3.org/2000/svg}svg"  # noqa: S314 -- our own
        assert "prefers-color-scheme: dark" in svg
    assert "nothing &lt;to&gt; do" in bars
    assert "a scan: size ^ " in curves


def test_the_longer_bar_is_the_slower_one() -> None:
    tree = ET.fromstring(charts.bars(idle(0.08).rows))  # noqa: S314 -- our own
    ours, theirs = (float(each.attrib["width"]) for each in tree.iter("{http://www.w3.org/2000/svg}rect"))
    assert ours / theirs == pytest.approx(4.0, rel=0.01)


def test_nothing_is_drawn_of_a_single_size() -> None:
    assert charts.curves([Curve(what="", axis="", points=(Point(size=1, seconds=1.0),))]) == ""


def test_the_setting_names_versions_and_neither_machine_nor_user() -> None:
    assert SETTING.keys() == {"surefoot", "uv", "git", "python", "system", "cores", "pairs", "load", "date"}
    assert json.loads(json.dumps(SETTING)) == SETTING


def test_names_and_groups_are_chosen_once_each() -> None:
    assert catalogue.chosen([]) == list(catalogue.BUDGETS)
    assert catalogue.chosen(["idle", "growth", "growth-tree", "idle"]) == ["idle", *catalogue.GROWTH]
    with pytest.raises(KeyError, match="nonsense"):
        catalogue.chosen(["idle", "nonsense"])
