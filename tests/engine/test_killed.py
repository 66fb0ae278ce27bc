"""Killed before any change of the disk, and again in the recovery: it resumes, or it reverts."""

from __future__ import annotations

import random
import shutil
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING

import pytest

from installer import rollback
from installer.engine import Engine, Setting
from installer.model import Done, Intent, Step, Undo
from installer.reversal import Reversal
from installer.workbench import Workbench
from tests.engine.plug import Cut, Plug, run_script
from tests.engine.toys import Picture, picture

if TYPE_CHECKING:
    from pathlib import Path

Make = Callable[..., Engine]
BACK = Setting(kind="rollback")
SEED = 20261122


class Lab:
    """A project, a plug, and what the project must look like before and after."""

    def __init__(self, make: Make, project: Path, plug: Plug) -> None:
        self.make, self.project, self.plug = make, project, plug
        self.before = picture(project)
        with plug.pulled(0):
            make().run()
        self.changes = plug.count
        self.after = picture(project)
        make(setting=BACK).rollback()
        assert picture(project) == self.before

    def begin(self, number: int, *, torn: bool = False) -> None:
        """A fresh state folder and a run that is cut off."""
        shutil.rmtree(self.project / ".surefoot", ignore_errors=True)
        with suppress(Cut), self.plug.pulled(number, torn=torn):
            self.make().run()

    def recover(self, way: str, number: int = 0) -> None:
        """Resume, or take back, up to the change `number`."""
        with suppress(Cut), self.plug.pulled(number):
            if way == "resume":
                if not self.make().store.current().outcome:
                    assert self.make().run().state in {"done", "nothing"}
            else:
                outcome = self.make(setting=BACK).rollback()
                assert (outcome.problems, outcome.conflicts) == ((), ())

    def script(self) -> None:
        """Take back with the script, which may not have come to be."""
        if (self.project / ".surefoot" / "checkpoints" / "rollback.sh").exists():
            done = run_script(self.project)
            assert (done.returncode, done.stderr) == (0, ""), done.stdout

    def check(self, wanted: Picture) -> None:
        """The tree is as wanted, and the user's earlier bytes are nowhere else."""
        found = picture(self.project)
        assert found == wanted, sorted(set(found.items()) ^ set(wanted.items()))

    def tidy(self) -> None:
        """Take back what a resumed run did."""
        self.recover("rollback")
        self.check(self.before)


@pytest.fixture
def lab(engine_of: Make, project: Path, monkeypatch: pytest.MonkeyPatch) -> Lab:
    return Lab(engine_of, project, Plug(monkeypatch))


def test_killed_before_any_change_it_resumes(lab: Lab) -> None:
    for number in range(1, lab.changes + 1):
        lab.begin(number, torn=bool(number % 2))
        lab.recover("resume")
        lab.check(lab.after)
        lab.tidy()
    assert lab.changes > 150


def test_killed_before_every_second_change_it_reverts(lab: Lab) -> None:
    for number in range(1, lab.changes + 1, 2):
        lab.begin(number, torn=bool(number % 2))
        lab.recover("rollback")
        lab.check(lab.before)


def test_killed_before_every_third_change_the_script_reverts(lab: Lab) -> None:
    for number in range(1, lab.changes + 1, 3):
        lab.begin(number)
        lab.script()
        lab.check(lab.before)
        lab.recover("rollback")
        lab.check(lab.before)


@pytest.mark.parametrize(("first", "then"), [("resume", "resume"), ("rollback", "rollback"), ("resume", "rollback")])
def test_killed_again_in_the_recovery_it_recovers(lab: Lab, first: str, then: str) -> None:
    print("seed", SEED)  # noqa: T201 -- a failure is found again by it
    chance = random.Random(SEED + len(first))  # noqa: S311 -- a sample, no secret
    for _ in range(70):
        lab.begin(chance.randint(1, lab.changes))
        lab.recover(first, chance.randint(1, 120))
        lab.recover(then)
        lab.check(lab.after if then == "resume" and _stands(lab) else lab.before)
        lab.tidy()


def test_killed_in_a_rollback_the_script_goes_on_and_the_tool_agrees(lab: Lab) -> None:
    for number in range(1, 140, 6):
        lab.begin(0)
        lab.recover("rollback", number)
        lab.script()
        lab.check(lab.before)
        lab.recover("rollback")
        lab.check(lab.before)


def _stands(lab: Lab) -> bool:
    """A resume of a rollback ends the rollback."""
    return bool(lab.make().store.current().standing)


# -- the tests themselves: an engine that is broken on purpose is noticed ------------------------------------------


def _intent_after_the_action(patch: pytest.MonkeyPatch) -> None:
    def do(self: Engine, step: Step) -> None:
        book = self._logbook
        undo = rollback.capture(step, 1, book.place())
        self.actions[step.action](step.args, self._workbench.context(step))
        book.record(_intent(step, undo))
        book.write_script()
        book.record(Done(step=step.id, seconds=0, digests=rollback.left(step, 1, undo, book.place())))

    patch.setattr(Engine, "_do", do)


def _done_before_the_action(patch: pytest.MonkeyPatch) -> None:
    def do(self: Engine, step: Step) -> None:
        book = self._logbook
        undo = rollback.capture(step, 1, book.place())
        book.record(_intent(step, undo))
        book.write_script()
        book.record(Done(step=step.id, seconds=0))
        self.actions[step.action](step.args, self._workbench.context(step))

    patch.setattr(Engine, "_do", do)


def _no_undo_of_open_steps(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Reversal, "unfinished", lambda *_: None)


def _trusting_what_was_said(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(rollback, "holds", lambda *_: True)
    patch.setattr(Engine, "_note_scratch", lambda *_: None)


def _a_footprint_that_is_not_told(patch: pytest.MonkeyPatch) -> None:
    real = Workbench.context

    def context(self: Workbench, step: Step) -> object:
        (self.store.root / "forgotten").write_text("by the step")
        return real(self, step)

    patch.setattr(Workbench, "context", context)


def _intent(step: Step, undo: tuple[Undo, ...]) -> Intent:
    return Intent(step=step, attempt=1, undo=undo)


@pytest.mark.parametrize(
    "broken",
    [
        _intent_after_the_action,
        _done_before_the_action,
        _no_undo_of_open_steps,
        _trusting_what_was_said,
        _a_footprint_that_is_not_told,
    ],
)
def test_a_broken_engine_is_noticed(
    lab: Lab, broken: Callable[[pytest.MonkeyPatch], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        broken(patch)
        assert any(_is_noticed(lab, number) for number in range(1, lab.changes, 4))


def _is_noticed(lab: Lab, number: int) -> bool:
    try:
        lab.begin(number)
        lab.recover("resume")
        lab.check(lab.after)
        lab.tidy()
    except (AssertionError, FileExistsError):
        return True
    return False
