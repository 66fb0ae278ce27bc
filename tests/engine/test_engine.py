"""Running, resuming and taking back, over a plan with every kind of effect."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from installer import actions
from installer.engine import Engine, Setting
from installer.model import Facts, Intent, Kept, Planned, RelPath
from tests.engine.toys import Picture, picture
from tests.engine.toys import step as toy

if TYPE_CHECKING:
    from pathlib import Path

Make = Callable[..., Engine]


def test_a_run_does_its_steps_in_order(engine_of: Make, project: Path) -> None:
    outcome = engine_of().run()
    assert outcome.state == "done"
    assert [step.id for step in outcome.steps] == [
        "first.01.change",
        "first.02.make",
        "first.03.stage",
        "first.04.install",
        "second.01.grow",
        "second.02.build",
        "second.03.tree",
        "second.04.empty",
        "second.05.move",
    ]
    assert (project / "config.ini").read_text() == "new"
    assert sorted(path.name for path in (project / "env").iterdir()) == ["idna", "lib", "python", "six", "wheel"]


def test_a_run_then_rollback_gives_the_tree_back(engine_of: Make, project: Path, before: Picture) -> None:
    engine_of().run()
    outcome = engine_of(setting=Setting(kind="rollback")).rollback()
    assert (outcome.state, outcome.problems, outcome.conflicts) == ("rolled back", (), ())
    assert picture(project) == before


def test_a_run_then_the_script_gives_the_tree_back(engine_of: Make, project: Path, before: Picture) -> None:
    engine_of().run()
    script = project / ".surefoot" / "checkpoints" / "rollback.sh"
    done = subprocess.run(
        ["sh", str(script)], env={"PATH": "/usr/bin:/bin"}, capture_output=True, text=True, check=False, cwd="/"
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert picture(project) == before
    assert engine_of(setting=Setting(kind="rollback")).rollback().undone == 0


@pytest.mark.parametrize("way", ["resume", "rollback", "script"])
def test_a_run_cut_off_at_any_record_resumes_or_reverts(
    engine_of: Make, project: Path, before: Picture, way: str
) -> None:
    """The observer raises after the N-th record: the process ends there as far as the journal is concerned."""
    undisturbed = _undisturbed(engine_of, project, before)
    for number in range(1, 100):
        if not _cut_off(engine_of, number):
            break
        if way == "resume":
            if not engine_of().store.current().outcome:  # the last record of all closes the run
                assert engine_of().run().state == "done", number
            assert picture(project) == undisturbed, number
            engine_of(setting=Setting(kind="rollback")).rollback()
        elif way == "rollback":
            engine_of(setting=Setting(kind="rollback")).rollback()
        else:
            _script(project)
        _forget_kept(project)
        assert picture(project) == before, number
        engine_of(setting=Setting(kind="rollback")).rollback()
    assert number > 20


def _undisturbed(engine_of: Make, project: Path, before: Picture) -> Picture:
    engine_of().run()
    after = picture(project)
    engine_of(setting=Setting(kind="rollback")).rollback()
    assert picture(project) == before
    return after


class Cut(Exception):
    """The plug is pulled."""


def _cut_off(engine_of: Make, number: int) -> bool:
    seen = 0

    def observer(event: object) -> None:
        nonlocal seen
        seen += 1
        if seen == number:
            raise Cut

    try:
        engine_of(observers=(observer,)).run()
    except Cut:
        return True
    return False


def _script(project: Path) -> None:
    script = project / ".surefoot" / "checkpoints" / "rollback.sh"
    if script.exists():
        done = subprocess.run(
            ["sh", str(script)], env={"PATH": "/usr/bin:/bin"}, capture_output=True, text=True, check=False
        )
        assert (done.returncode, done.stderr) == (0, ""), done.stdout


def _forget_kept(project: Path) -> None:
    """What a rollback set aside is not part of the tree."""
    assert not (project / "kept").exists()


def test_what_the_user_did_since_is_never_lost(engine_of: Make, project: Path) -> None:
    engine_of().run()
    (project / "config.ini").write_text("mine")
    (project / "data" / "mine.txt").write_text("mine")
    (project / "src" / "mine.py").write_text("mine")
    (project / "src" / "version.txt").write_text("3")
    outcome = engine_of(setting=Setting(kind="rollback")).rollback()
    assert (project / "config.ini").read_text() == "mine"
    assert (project / f"config.ini.before-{outcome.install_id}").read_text() == "old"
    assert (project / "src" / "mine.py").read_text() == "mine"
    assert (project / "src" / "version.txt").read_text() == "3"
    assert (project / "src" / f"version.txt.before-{outcome.install_id}").read_text() == "1"
    assert (project / ".surefoot" / "kept" / outcome.install_id / "data" / "mine.txt").read_text() == "mine"
    assert not (project / "data").exists()
    assert outcome.error is not None
    assert outcome.error.exit_code == 10


def test_a_failing_phase_is_taken_back_and_the_rest_is_kept(engine_of: Make, project: Path) -> None:
    def plan(phase: str, facts: Facts) -> Planned:
        if phase == "first":
            yield actions.write_file("first", "01.one", path=RelPath("one"), text="1")
        else:
            yield actions.write_file("second", "01.two", path=RelPath("two"), text="2")
            yield toy("second", "02.fail", "toy.fail", {"unless": "mended"})

    outcome = engine_of(plan).run()
    assert outcome.state == "failed"
    assert outcome.error is not None
    assert outcome.error.code == "toy.failed"
    assert (project / "one").exists()
    assert not (project / "two").exists()
    (project / "mended").touch()
    seen: list[object] = []
    assert engine_of(plan, observers=(seen.append,)).run().state == "done"
    assert [event.step.id for event in seen if isinstance(event, Kept)] == ["first.01.one"]


def test_a_step_whose_arguments_changed_is_done_anew_and_what_came_before_is_kept(
    engine_of: Make, project: Path
) -> None:
    text = "first"

    def plan(phase: str, facts: Facts) -> Planned:
        if phase == "first":
            yield actions.write_file("first", "01.one", path=RelPath("one"), text="1")
        else:
            yield actions.write_file("second", "01.two", path=RelPath("two"), text=text)
            yield toy("second", "02.fail", "toy.fail", {"unless": "mended"})

    setting = Setting(on_failure="keep")
    engine_of(plan, setting=setting).run()
    assert (project / "two").read_text() == "first"
    text = "second"
    (project / "mended").touch()
    seen: list[object] = []
    assert engine_of(plan, observers=(seen.append,), setting=setting).run().state == "done"
    assert (project / "two").read_text() == "second"
    assert [event.step.id for event in seen if isinstance(event, Intent)] == ["second.01.two", "second.02.fail"]


def test_two_steps_that_change_the_same_files_are_both_taken_back(
    engine_of: Make, project: Path, before: Picture
) -> None:
    """A build rewrites what an earlier one wrote: that is no change of the user's."""

    def plan(phase: str, facts: Facts) -> Planned:
        if phase == "first":
            for number in (1, 2, 3):
                args = {"path": "src", "names": ["version.txt", f"new-{number}"]}
                yield toy("first", f"0{number}.build", "toy.fill", args, guards=(RelPath("src"),))

    engine_of(plan).run()
    outcome = engine_of(setting=Setting(kind="rollback")).rollback()
    assert (outcome.conflicts, outcome.problems) == ((), ())
    assert picture(project) == before


def test_a_password_in_an_argument_is_in_no_file_of_the_state(engine_of: Make, project: Path) -> None:
    """The action gets it, the journal does not; on resume the step is still known as the same."""

    def plan(phase: str, facts: Facts) -> Planned:
        if phase == "first":
            names = ["https:--user:pa55w0rd@host", "x"]
            args = {"path": "data", "names": names, "url": "https://user:pa55w0rd@host/simple"}
            yield toy("first", "01.fill", "toy.fill", args, touches=(RelPath("data"),))
        else:
            yield toy("second", "01.fail", "toy.fail", {"unless": "mended"})

    engine_of(plan).run()
    state = project / ".surefoot" / "checkpoints"
    assert all(b"user:pa55w0rd@host/" not in path.read_bytes() for path in state.rglob("*") if path.is_file())
    (project / "mended").touch()
    seen: list[object] = []
    assert engine_of(plan, observers=(seen.append,)).run().state == "done"
    assert [event.step.id for event in seen if isinstance(event, Kept)] == ["first.01.fill"]


def test_what_the_script_took_back_is_taken_back_for_every_view(engine_of: Make, project: Path) -> None:
    engine_of().run()
    script = project / ".surefoot" / "checkpoints" / "rollback.sh"
    subprocess.run(["sh", str(script)], env={"PATH": "/usr/bin:/bin"}, capture_output=True, check=True)
    run = engine_of().store.current()
    assert (run.outcome, run.standing, run.phases) == ("rolled back", (), {})


def test_a_closed_run_has_a_report_of_its_steps(engine_of: Make, project: Path) -> None:
    outcome = engine_of().run()
    report = json.loads((project / ".surefoot" / "runs" / outcome.install_id / "report.json").read_bytes())
    assert (report["state"], [step["id"] for step in report["steps"]]) == ("done", [step.id for step in outcome.steps])


def test_what_a_run_went_without_is_forgotten_once_it_is_done(engine_of: Make, project: Path) -> None:
    def plan(phase: str, facts: Facts) -> Planned:
        wanted = toy(phase, "01.fail", "toy.fail", {"unless": "well"})
        yield replace(wanted, on_failure="degrade") if phase == "first" else wanted

    first = engine_of(plan=plan).run()
    assert (first.state, [each["step"] for each in first.warnings]) == ("failed", ["first.01.fail"])
    (project / "well").touch()
    again = engine_of(plan=plan).run()
    assert (again.state, again.warnings) == ("done", ())


def test_what_fails_again_is_told_once(engine_of: Make) -> None:
    def plan(phase: str, facts: Facts) -> Planned:
        wanted = toy(phase, "01.fail", "toy.fail", {"unless": "well"})
        yield replace(wanted, on_failure="warn") if phase == "first" else wanted

    engine_of(plan=plan).run()
    assert [each["step"] for each in engine_of(plan=plan).run().warnings] == ["first.01.fail"]
