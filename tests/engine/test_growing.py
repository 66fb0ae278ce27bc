"""A step costs the same after many others: what is known of those is kept, and it is what a fresh look gives."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from installer import actions, script
from installer.engine import Engine, Setting
from installer.model import Facts, Planned, RelPath
from tests.engine.toys import step as toy
from tests.engine.toys import whole_plan

if TYPE_CHECKING:
    from pathlib import Path

    from installer.rollback import Place
    from installer.state import Folding, StepState

Make = Callable[..., Engine]


@pytest.fixture
def compared(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Has every script that grew compared with one that is rendered anew; the sizes of those that were."""
    sizes: list[int] = []
    real = script.Growing.render

    def render(growing: script.Growing, folding: Folding, place: Place, path: Path) -> bytes:
        text = real(growing, folding, place, path)
        assert text == script.render(folding.run(), place, path)
        sizes.append(len(text))
        return text

    monkeypatch.setattr(script.Growing, "render", render)
    return sizes


def test_the_script_that_grows_is_the_one_that_is_rendered_anew(engine_of: Make, compared: list[int]) -> None:
    """Forwards, through a failure that is taken back, on from there, and all the way back."""

    def failing(phase: str, facts: Facts) -> Planned:
        yield from whole_plan(phase, facts)
        if phase == "second":
            yield toy("second", "09.may", "toy.fail", {"unless": "mended"})

    assert engine_of(failing).run().state == "failed"
    assert engine_of().run().state == "done"
    assert engine_of(setting=Setting(kind="rollback")).rollback("first").state == "rolled back"
    assert engine_of(setting=Setting(kind="rollback")).rollback().state == "rolled back"
    assert len(compared) > 20
    assert len(set(compared)) > 10


def test_each_step_is_rendered_no_more_often_than_it_changes(engine_of: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    rendered: list[str] = []
    real = script._encoded  # noqa: SLF001 -- counted, not changed

    def encoded(state: StepState, place: Place) -> bytearray:
        rendered.append(state.step.id)
        return real(state, place)

    monkeypatch.setattr(script, "_encoded", encoded)

    def plan(phase: str, _facts: Facts) -> Planned:
        for number in range(40):
            yield actions.write_file(phase, f"{number:02}", path=RelPath(f"{phase}-{number}"), text="x")

    assert engine_of(plan).run().state == "done"
    assert max(rendered.count(each) for each in rendered) <= 2  # begun, and done


def test_a_step_asks_for_no_copy_of_all_that_is_known(engine_of: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    """But for those that begin and end a phase."""
    from installer.state import Folding

    copies: list[int] = []
    real = Folding.run

    def run(folding: Folding) -> object:
        copies.append(len(folding.attempts))
        return real(folding)

    monkeypatch.setattr(Folding, "run", run)

    def plan(phase: str, _facts: Facts) -> Planned:
        for number in range(40):
            yield actions.write_file(phase, f"{number:02}", path=RelPath(f"{phase}-{number}"), text="x")

    assert engine_of(plan).run().state == "done"
    assert len(copies) < 20
