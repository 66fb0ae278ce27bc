"""Taking back: what is the user's is never lost, and what could not be done is tried again."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from installer import actions, files
from installer.engine import Engine, Setting
from installer.errors import StepFailed
from installer.model import Facts, Planned, RelPath, Step
from tests.engine.plug import run_script
from tests.engine.toys import TOYS, Picture, picture
from tests.engine.toys import step as toy

if TYPE_CHECKING:
    from pathlib import Path

Make = Callable[..., Engine]
BACK = Setting(kind="rollback")


class Cut(BaseException):
    """The process ends."""


def plan_of(*steps: Step) -> Callable[[str, Facts], Planned]:
    return lambda phase, _facts: (each for each in steps if each.phase == phase)


def cut_in(make: Make, patch: pytest.MonkeyPatch, *steps: Step, deed: Callable[[], None] = lambda: None) -> None:
    """A run whose last step's action is cut off after `deed`."""

    def action(_args: object, _context: object) -> None:
        deed()
        raise Cut

    patch.setitem(TOYS, "toy.cut", action)
    with pytest.raises(Cut):
        make(plan_of(*steps)).run()


def kept(project: Path, install_id: str) -> dict[str, bytes]:
    folder = project / ".surefoot" / "kept" / install_id
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_what_the_user_made_after_a_cut_where_the_step_would_have_is_set_aside(
    engine_of: Make, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The installer died; the user cloned the library by hand and worked in it."""
    cut_in(
        engine_of, monkeypatch, toy("first", "01.clone", "toy.cut", {}, touches=(RelPath("libs/x"), RelPath("hollow")))
    )
    (project / "libs" / "x").mkdir(parents=True)
    (project / "libs" / "x" / "work.c").write_text("a week of work")
    (project / "hollow" / "more.c").write_text("and more")
    outcome = engine_of(setting=BACK).rollback()
    assert kept(project, outcome.install_id) == {"libs/x/work.c": b"a week of work", "hollow/more.c": b"and more"}
    assert set(outcome.kept) == {"libs/x", "hollow/more.c"}


def test_what_a_failed_step_left_goes_without_a_trace(engine_of: Make, project: Path, before: Picture) -> None:
    """Nobody else can have been at it: it is not set aside."""
    clone = toy("first", "01.clone", "toy.fill", {"path": "libs/x", "names": ["a"]}, touches=(RelPath("libs/x"),))

    def fail(args: object, context: object) -> None:
        TOYS["toy.fill"](clone.args, context)  # type: ignore[arg-type]  # a context is a context
        raise StepFailed("x", "the network went away")

    engine = engine_of(plan_of(clone))
    engine.actions = {"toy.fill": fail}
    outcome = engine.run()
    assert (outcome.state, outcome.kept, outcome.problems) == ("failed", (), ())
    assert picture(project) == before


@pytest.mark.parametrize("instead", ["folder", "link"])
def test_what_the_user_put_in_the_place_of_a_file_of_ours_stays(engine_of: Make, project: Path, instead: str) -> None:
    engine_of(plan_of(actions.write_file("first", "01", path=RelPath("new.txt"), text="ours"))).run()
    (project / "new.txt").unlink()
    if instead == "folder":
        (project / "new.txt").mkdir()
        (project / "new.txt" / "mine").write_text("mine")
    else:
        (project / "new.txt").symlink_to("config.ini")
    left = picture(project)
    assert engine_of(setting=BACK).rollback().conflicts == ("new.txt was changed since; it stays as you left it",)
    assert picture(project) == left


def test_a_tree_of_ours_that_the_user_moved_behind_a_link_is_not_followed(
    engine_of: Make, project: Path, tmp_path: Path
) -> None:
    engine_of(
        plan_of(toy("first", "01", "toy.fill", {"path": "data", "names": ["x"]}, touches=(RelPath("data"),)))
    ).run()
    (project / "data").rename(tmp_path / "big disk")
    (tmp_path / "big disk" / "mine").write_text("mine")
    (project / "data").symlink_to(tmp_path / "big disk")
    outside = picture(tmp_path / "big disk")
    assert len(engine_of(setting=BACK).rollback().conflicts) == 1
    assert picture(tmp_path / "big disk") == outside
    assert (project / "data").is_symlink()


def test_a_guarded_tree_that_became_a_link_is_not_followed(engine_of: Make, project: Path, tmp_path: Path) -> None:
    engine_of(plan_of(toy("first", "01", "toy.build", {"tree": "src"}, guards=(RelPath("src"),)))).run()
    (project / "src").rename(tmp_path / "elsewhere")
    (project / "src").symlink_to(tmp_path / "elsewhere")
    outside = picture(tmp_path / "elsewhere")
    assert len(engine_of(setting=BACK).rollback().problems) == 1
    assert picture(tmp_path / "elsewhere") == outside


def test_a_file_that_became_a_folder_of_ours_comes_back(engine_of: Make, project: Path, before: Picture) -> None:
    def action(args: object, context: object) -> None:
        (project / "config.ini").unlink()
        (project / "config.ini").mkdir()
        (project / "config.ini" / "part").write_text("ours")

    engine = engine_of(plan_of(toy("first", "01", "toy.turn", {}, touches=(RelPath("config.ini"),))))
    engine.actions = {"toy.turn": action}
    engine.run()
    outcome = engine_of(setting=BACK).rollback()
    assert (outcome.conflicts, outcome.problems, picture(project)) == ((), (), before)


def test_what_could_not_be_taken_back_is_tried_again(
    engine_of: Make, project: Path, before: Picture, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine_of().run()
    with monkeypatch.context() as patch:
        patch.setattr(files, "copy", _full)
        outcome = engine_of(setting=BACK).rollback()
        assert outcome.state == "rollback incomplete"
        assert engine_of().store.current().standing
    outcome = engine_of(setting=BACK).rollback()
    assert (outcome.state, outcome.problems, outcome.conflicts) == ("rolled back", (), ())
    assert picture(project) == before


def test_a_killed_rollback_does_not_forget_what_it_could_not_do(
    engine_of: Make, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine_of().run()
    for path in (project / ".surefoot" / "stash").rglob("1"):
        path.write_bytes(b"rotten")
    seen: list[object] = []

    def observer(event: object) -> None:
        seen.append(event)
        if type(event).__name__ == "RollbackEnded":
            raise Cut

    with pytest.raises(Cut):
        engine_of(setting=BACK, observers=(observer,)).rollback()
    outcome = engine_of(setting=BACK).rollback()
    assert outcome.state == "rollback incomplete"


def _full(*_args: object, **_named: object) -> str:
    raise OSError(28, "No space left on device")


def test_a_restored_file_is_no_users_edit_to_an_earlier_build(engine_of: Make, project: Path, before: Picture) -> None:
    """The later step goes by contents, the earlier one must not go by the time alone."""
    build = toy("first", "01", "toy.build", {"tree": "src"}, guards=(RelPath("src"),))
    write = actions.write_file("first", "02", path=RelPath("src/version.txt"), text="3")
    engine_of(plan_of(build, write)).run()
    outcome = engine_of(setting=BACK).rollback()
    assert (outcome.conflicts, outcome.problems, picture(project)) == ((), (), before)


def test_folders_made_for_a_move_go_with_it(engine_of: Make, project: Path, before: Picture) -> None:
    step = actions.move("first", "01", source=RelPath("src"), target=RelPath("deep/er/src"), title="Move")
    engine_of(plan_of(step)).run()
    assert engine_of(setting=BACK).rollback().problems == ()
    assert picture(project) == before


def test_a_tree_whose_home_is_taken_is_not_called_taken_back(engine_of: Make, project: Path) -> None:
    step = actions.move("first", "01", source=RelPath("src"), target=RelPath("moved"), title="Move")
    engine_of(plan_of(step)).run()
    (project / "src").mkdir()
    assert engine_of(setting=BACK).rollback().state == "rollback incomplete"
    (project / "src").rmdir()
    assert engine_of(setting=BACK).rollback().state == "rolled back"
    assert (project / "src" / "old.txt").exists()


def test_a_move_that_never_was_takes_nothing_away(engine_of: Make, project: Path) -> None:
    (project / "moved").mkdir()
    (project / "moved" / "mine").write_text("mine")
    step = actions.move("first", "01", source=RelPath("src"), target=RelPath("moved"), title="Move")
    assert engine_of(plan_of(step)).run().state == "failed"
    shutil.rmtree(project / "src")
    engine_of(setting=BACK).rollback()
    assert (project / "moved" / "mine").read_text() == "mine"


def test_a_swap_that_the_script_was_killed_in_is_ended(engine_of: Make, project: Path) -> None:
    for name, mark in (("env", "old"), ("new", "new")):
        (project / name).mkdir()
        (project / name / "surefoot-generation").write_text(mark + "\n")
    was = picture(project)
    step = actions.exchange("first", "01", first=RelPath("env"), second=RelPath("new"), mark="new", title="Swap")
    for stage in (1, 2):
        shutil.rmtree(project / ".surefoot", ignore_errors=True)
        engine_of(plan_of(step)).run()
        (project / "new").rename(project / "new.swap")
        if stage == 2:
            (project / "env").rename(project / "new")
        outcome = engine_of(setting=BACK).rollback()
        assert (outcome.problems, picture(project)) == ((), was)


def test_a_step_that_may_fail_and_cannot_be_captured_is_only_a_warning(engine_of: Make, project: Path) -> None:
    (project / "way").symlink_to("src")
    step = replace(actions.write_file("first", "01", path=RelPath("way/x"), text="x"), on_failure="warn")
    assert engine_of(plan_of(step)).run().state in {"done", "nothing"}
    assert not (project / "src" / "x").exists()


def test_a_record_of_many_files_can_be_read_again(engine_of: Make, project: Path, before: Picture) -> None:
    names = [f"{number:05}" * 20 for number in range(3000)]
    engine_of(
        plan_of(toy("first", "01", "toy.fill", {"path": "src/many", "names": names}, guards=(RelPath("src"),)))
    ).run()
    assert max(map(len, engine_of().store.journal.read_bytes().splitlines())) < 1 << 20
    engine_of(setting=BACK).rollback()
    assert picture(project) == before


def test_a_read_only_folder_comes_back_read_only(engine_of: Make, project: Path) -> None:
    folder = project / "src" / "locked"
    folder.mkdir()
    (folder / "a").write_text("a")
    folder.chmod(0o555)
    was = picture(project)

    def action(args: object, context: object) -> None:
        folder.chmod(0o755)
        (folder / "a").write_text("b")
        (folder / "deep" / "er").mkdir(parents=True)
        (folder / "deep" / "er" / "x").write_text("x")
        (folder / "deep" / "er").chmod(0o555)
        (folder / "deep").chmod(0o555)

    with _as_nobody(project):
        engine = engine_of(plan_of(toy("first", "01", "toy.lock", {}, guards=(RelPath("src"),))))
        engine.actions = {"toy.lock": action}
        assert engine.run().state == "done"
        outcome = engine_of(setting=BACK).rollback()
    assert (outcome.problems, outcome.conflicts, picture(project)) == ((), (), was)


class _as_nobody:  # noqa: N801 -- reads as what it is
    """Root may write everywhere: these tests are for everybody else."""

    def __init__(self, project: Path) -> None:
        self.project = project

    def __enter__(self) -> None:
        if os.geteuid() == 0:
            for folder, names, leaves in os.walk(self.project):
                for name in (".", *names, *leaves):
                    os.lchown(os.path.join(folder, name), 65534, 65534)
            for parent in self.project.parents:
                with suppress(OSError):
                    parent.chmod(parent.stat().st_mode | 0o111)
            os.seteuid(65534)

    def __exit__(self, *_: object) -> None:
        os.seteuid(os.getuid())


@pytest.mark.parametrize("way", ["tool", "script"])
def test_a_swap_is_taken_back_though_the_folder_of_the_earlier_tree_is_gone(
    engine_of: Make, project: Path, way: str
) -> None:
    """It was cleaned up since, as the environments of old runs are: what is there goes back to its own place."""
    for name in ("env", "kept/next"):
        (project / name).mkdir(parents=True)
        (project / name / "python").write_text(name)
    mark = actions.write_file("first", "01", path=RelPath("kept/next/surefoot-generation"), text="new")
    swap = actions.exchange(
        "first", "02", first=RelPath("env"), second=RelPath("kept/next"), mark="new", title="Swap them"
    )
    engine_of(plan_of(mark, swap)).run()
    shutil.rmtree(project / "kept")
    problems = engine_of(setting=BACK).rollback().problems if way == "tool" else run_script(project).stderr
    assert not problems
    assert os.listdir(project / "kept" / "next") == ["python"]
    assert not (project / "env").exists()
