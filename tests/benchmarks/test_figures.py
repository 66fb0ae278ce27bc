from __future__ import annotations

import json

import pytest

from benchmarks import figures, spans, tables
from benchmarks.figures import Curve, Goal, Point, Result, Row, Span
from benchmarks.timing import Took, by_turns

ROW = Row(
    what="nothing to do",
    ours=(1.0, 3.0, 2.0),
    against="`uv sync`",
    theirs=(2.0, 2.0, 2.0),
    cpu=(1.0, 1.0, 4.0),
    their_cpu=(2.0, 2.0, 2.0),
    goal=Goal(1.0),
)
CURVE = Curve(what="a scan", axis="files", points=tuple(Point(size=size, seconds=size / 100) for size in (1, 10, 100)))
RESULT = Result(
    name="idle", setting={"uv": "1.0"}, rows=(ROW,), curves=(CURVE,), spans=(Span(what="all", seconds=1.0),)
)


def test_the_ratio_is_the_median_of_the_pairs_ratios() -> None:
    slow_machine = Row(what="", ours=(1.0, 100.0, 3.0), theirs=(2.0, 100.0, 2.0))
    assert (slow_machine.ratio, slow_machine.ratios) == (1.0, (0.5, 1.0, 1.5))


def test_processor_times_are_compared_by_their_medians() -> None:
    assert ROW.cpu_ratio == 0.5
    assert Row(what="", ours=(1.0,)).cpu_ratio is None
    assert Row(what="", ours=(1.0,), cpu=(1.0,), their_cpu=(0.0,)).cpu_ratio is None


@pytest.mark.parametrize(
    ("row", "met"),
    [
        (ROW, True),
        (Row(what="", ours=(2.1,), theirs=(2.0,), goal=Goal(1.0)), False),
        (Row(what="", ours=(0.005, 0.004, 1.0), goal=Goal(0.005, "s")), True),
        (Row(what="", ours=(61.0,), theirs=(80.0,), goal=Goal(60, "MiB"), unit="MiB"), False),
        (Row(what="", ours=(1.0,)), None),
    ],
)
def test_a_goal_is_met_or_missed_by_the_median(row: Row, met: bool | None) -> None:  # noqa: FBT001 -- a case's verdict
    assert row.met is met


@pytest.mark.parametrize("power", [0.0, 0.5, 1.0, 2.0])
def test_the_exponent_is_found_whatever_small_sizes_cost(power: float) -> None:
    measured = [(size, max(0.2, (size / 1000) ** power)) for size in (10, 100, 1_000, 10_000, 100_000)]
    assert figures.slope(measured) == pytest.approx(power)


def test_a_single_size_has_no_exponent() -> None:
    assert Curve(what="", axis="", points=(Point(size=10, seconds=1.0),)).exponent is None


def test_what_is_written_as_json_reads_back_as_the_same() -> None:
    data = json.loads(json.dumps(figures.to_json([RESULT])))
    assert figures.from_json(data) == [RESULT]


def test_the_json_says_what_is_worked_out_too() -> None:
    (told,) = figures.to_json([RESULT])["results"]
    assert told.keys() == {"name", "setting", "rows", "curves", "spans"}
    assert {name: told["rows"][0][name] for name in ("median", "their_median", "ratio", "cpu_ratio", "met")} == {
        "median": 2.0,
        "their_median": 2.0,
        "ratio": 1.0,
        "cpu_ratio": 0.5,
        "met": True,
    }
    assert told["curves"][0]["exponent"] == pytest.approx(1.0)
    assert told["curves"][0]["cpu_exponent"] is None


def test_the_growth_of_processor_time_is_told_beside_that_of_time() -> None:
    points = tuple(Point(size=size, seconds=1.0, cpu=float(size), mib=float(size)) for size in (1, 10, 100))
    curve = Curve(what="a scan", axis="files", points=points)
    assert [curve.exponent, curve.cpu_exponent] == pytest.approx([0.0, 1.0])
    assert tables.text(Result(name="", setting={}, curves=(curve,))).splitlines() == [
        "*a scan*: grows as size ^ **0.00**, its processor time as size ^ **1.00**",
        "",
        "| files | Surefoot | processor | memory |",
        "|---|---|---|---|",
        "| 1 | 1.00 s | 1.00 s | 1 MiB |",
        "| 10 | 1.00 s | 10.00 s | 10 MiB |",
        "| 100 | 1.00 s | 100.00 s | 100 MiB |",
    ]


def test_json_of_another_schema_is_refused() -> None:
    with pytest.raises(ValueError, match="schema 2"):
        figures.from_json({"schema": 2, "results": []})


def test_turns_are_taken_one_after_the_other_and_the_warm_up_does_not_count() -> None:
    order: list[str] = []

    def turn(name: str) -> Took:
        order.append(name)
        return Took(float(len(order)))

    turns = by_turns(2, lambda: turn("A"), lambda: turn("B"))
    assert order == ["A", "B", "A", "B", "A", "B"]
    assert [each.seconds for each in turns.ours] == [3.0, 5.0]
    assert [each.seconds for each in turns.theirs] == [4.0, 6.0]


def test_time_in_which_two_programs_run_counts_once() -> None:
    assert spans.covered([("uv", 0.0, 2.0), ("git", 1.0, 3.0), ("uv", 5.0, 6.0), ("git", 5.2, 5.4)]) == 4.0


def test_a_cut_of_a_run_adds_up() -> None:
    report = {
        "seconds": 10.0,
        "cpu": 3.0,
        "spans": {
            "child": [["uv sync", 0.0, 2.0], ["uv sync", 4.0, 5.0], ["git", 1.0, 3.0]],
            "sync": [["sync", 6.0, 7.0]],
            "import": [["json", 7.0, 7.5]],
        },
    }
    found = {span.what: (span.calls, span.seconds) for span in spans.cut(report)}
    assert found == {
        "other programs, in all": (3, 4.0),
        "– `uv sync`": (2, 3.0),
        "– `git`": (1, 2.0),
        "syncs to the disk": (1, 1.0),
        "imports": (1, 0.5),
        "everything else in the tool's own process": (1, 4.5),
        "processor time of the tool's own process, of all of this": (1, 3.0),
    }


@pytest.mark.parametrize(
    ("seconds", "shown"), [(0.00025, "0.25 ms"), (0.0123, "12 ms"), (0.35, "350 ms"), (1.844, "1.84 s")]
)
def test_seconds_are_shown_as_people_write_them(seconds: float, shown: str) -> None:
    assert tables.shown(seconds) == shown


def test_a_benchmark_reads_as_tables() -> None:
    assert tables.text(RESULT).splitlines() == [
        "| what | Surefoot | against | it takes | ratio (range) | CPU | goal | |",
        "|---|---|---|---|---|---|---|---|",
        "| nothing to do | 2.00 s | `uv sync` | 2.00 s | **1.00** (0.50 … 1.50) | 0.50 | ≤ 1 × | met |",
        "",
        "*a scan*: grows as size ^ **1.00**",
        "",
        "| files | Surefoot |",
        "|---|---|",
        "| 1 | 10 ms |",
        "| 10 | 100 ms |",
        "| 100 | 1.00 s |",
        "",
        "| where the time goes | times | takes | share |",
        "|---|---|---|---|",
        "| all | 1 | 1.00 s | 100% |",
    ]
