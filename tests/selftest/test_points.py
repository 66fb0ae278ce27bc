from __future__ import annotations

import pytest

from installer.errors import UsageError
from installer.selftest.points import Point, Stretch, choose, population, stretches
from installer.selftest.trace import Change, Child, Trace


def change(number: int, phase: str) -> Change:
    return Change(number=number, phase=phase, step="", what="write", path=f"file{number}")


def child(name: str, phase: str, seconds: float) -> Child:
    return Child(name=name, phase=phase, program="uv", pid=number(name), seconds=seconds)


def number(text: str) -> int:
    return sum(map(ord, text))


TRACE = Trace(
    changes=tuple(change(n, "begin" if n < 11 else "deps" if n < 41 else "end") for n in range(1, 51)),
    children=(
        child("begin.plan", "begin", 5.0),
        child("deps.02.install", "deps", 0.1),
        child("deps.02.install#2", "deps", 3.0),
        child("deps.03.look", "deps", 0.001),
    ),
)
POINTS = population(TRACE)


def names(points: list[Point]) -> list[str]:
    return [each.name for each in points]


def test_the_points_are_every_change_and_moments_in_the_life_of_programs_that_steps_run() -> None:
    assert stretches(POINTS) == (
        Stretch(phase="begin", first=1, last=10, timed=0, programs=0),
        Stretch(phase="deps", first=11, last=40, timed=25, programs=2),
        Stretch(phase="end", first=41, last=50, timed=0, programs=0),
    )
    assert [each.name for each in POINTS if each.target.child == "deps.02.install"] == [
        f"deps.02.install@{share}" for share in ("0.100", "0.300", "0.500", "0.700", "0.900")
    ]


@pytest.mark.parametrize("seed", range(5))
def test_samples_are_spread_over_the_phases_and_over_both_kinds(seed: int) -> None:
    chosen = choose(POINTS, (), TRACE, samples=6, seed=seed)
    phases = [each.phase for each in chosen]
    assert (len(chosen), phases.count("begin"), phases.count("deps"), phases.count("end")) == (6, 2, 2, 2)
    assert sum(each.timed for each in chosen) == 1
    assert chosen == choose(POINTS, (), TRACE, samples=6, seed=seed)


def test_more_samples_than_a_phase_has_are_taken_from_the_others() -> None:
    assert len(choose(POINTS, (), TRACE, samples=60, seed=1)) == 60
    assert len(set(names(choose(POINTS, (), TRACE, samples=60, seed=1)))) == 60


def test_another_seed_chooses_others() -> None:
    assert len({tuple(names(choose(POINTS, (), TRACE, samples=6, seed=seed))) for seed in range(8)}) == 8


def test_all_of_a_phase_or_one_point_can_be_asked_for() -> None:
    assert {each.phase for each in choose(POINTS, ("deps",), TRACE, samples=0, seed=1)} == {"deps"}
    assert len(choose(POINTS, ("deps",), TRACE, samples=0, seed=1)) == 55
    assert len(choose(POINTS, (), TRACE, samples=0, seed=1)) == len(POINTS)
    assert names(choose(POINTS, ("17",), TRACE, samples=12, seed=1)) == ["17"]
    assert len(choose(POINTS, ("17", "end"), TRACE, samples=3, seed=1)) == 4
    (point,) = choose(POINTS, ("deps.02.install#2@0.37",), TRACE, samples=12, seed=1)
    assert (point.phase, round(point.target.after, 3)) == ("deps", 1.11)


@pytest.mark.parametrize("wish", ["51", "0", "deps.02.install@1.5", "deps.09@0.5", "dep"])
def test_a_point_that_is_not_there_is_an_error(wish: str) -> None:
    with pytest.raises(UsageError) as error:
        choose(POINTS, (wish,), TRACE, samples=12, seed=1)
    assert error.value.hint
