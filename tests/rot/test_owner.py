"""A journal of another project, or another machine: fault 50."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

from tests.engine.toys import picture
from tests.rot.asking import OPENED, STEP, call, forged, make_room, refused

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

    from tests.rot.lab import Lab


def elsewhere(lab: Lab, name: str) -> Path:
    """The project is at another path from now on; the folder that it was in is still there."""
    there = lab.root.with_name(name)
    shutil.copytree(lab.root, there, symlinks=True)
    lab.root = there
    lab.keep()
    return there


def test_a_moved_project_goes_on_as_if_nothing_was(lab: Lab) -> None:
    lab.prepare("cut")
    lab.root = lab.root.rename(lab.root.with_name("moved"))
    assert lab.manage("rollback", "--yes").status == 0
    assert lab.picture() == lab.before


def test_a_project_brought_back_to_its_place_goes_on(lab: Lab) -> None:
    lab.prepare("cut")
    lab.again()
    assert lab.manage("rollback", "--yes").status == 0
    assert lab.picture() == lab.before


def test_of_a_copy_nothing_is_gone_on_with_until_it_is_adopted(lab: Lab) -> None:
    lab.prepare("cut")
    original = lab.root
    wanted = picture(original, without=())
    elsewhere(lab, "copy")
    refused(lab, 4, "were made for another folder or machine", str(original), "checkpoint repair --adopt")
    told = lab.manage("status")
    assert (told.status, "another folder or machine" in told.said) == (0, True)
    assert lab.manage("checkpoint", "repair").status == 4
    shown = lab.manage("checkpoint", "repair", "--adopt", "--dry-run")
    assert (shown.status, str(original) in shown.said) == (0, True)
    refused(lab, 4)
    adopted = lab.manage("checkpoint", "repair", "--adopt", "--yes")
    assert adopted.status == 0, adopted.said
    assert lab.manage("rollback", "--yes").status == 0
    assert lab.picture() == lab.before
    assert picture(original, without=()) == wanted, "the original is not touched by its copy"


def test_in_a_copy_of_a_finished_project_a_run_begins_anew_and_only_that_is_taken_back(lab: Lab) -> None:
    lab.prepare("finished")
    elsewhere(lab, "copy")
    make_room(lab)
    between = lab.picture()
    ended = lab.quickstart()
    assert ended.status == 0, ended.said
    refused_all = lab.manage("rollback", "--all", "--yes")
    assert (refused_all.status, "another folder or machine" in refused_all.said) == (4, True)
    assert lab.manage("rollback", "--yes").status == 0
    assert lab.picture() == between
    assert lab.manage("rollback", "--yes").status == 4, "what is left to take back was done elsewhere"


def test_adopting_takes_all_earlier_runs_along(lab: Lab) -> None:
    lab.prepare("finished")
    lab.store.archive()
    assert lab.manage("checkpoint", "create", "a point").status == 0
    elsewhere(lab, "copy")
    assert lab.manage("rollback", "--all", "--yes").status == 4
    assert lab.manage("checkpoint", "repair", "--adopt", "--yes").status == 0
    assert lab.manage("checkpoint", "repair", "--adopt", "--yes").said.strip() == "The records are of this folder."
    back = lab.manage("rollback", "--all", "--yes")
    assert back.status == 0, back.said
    assert lab.picture() == lab.before


def test_a_state_folder_put_into_another_project_changes_nothing_there(lab: Lab) -> None:
    lab.prepare("cut")
    other = lab.root.with_name("other")
    (other / "src").mkdir(parents=True)
    for name in ("config.ini", "src/version.txt", "src/mine.txt", "env", "data"):
        (other / name).write_text("of the other project")
    shutil.copytree(lab.root / ".surefoot", other / ".surefoot", symlinks=True)
    lab.root = other
    lab.keep()
    refused(lab, 4, "were made for another folder or machine")
    before = lab.picture()
    cleaned = lab.manage("clean-env", "--yes")
    assert cleaned.status == 0, cleaned.said
    assert lab.picture() == before, "the records are put aside, the project stays"
    assert list((other / ".surefoot" / "damaged").iterdir())


def test_a_checkpoint_folder_that_two_projects_share_is_not_mixed_up(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SUREFOOT_CHECKPOINT_DIR", str(lab.root.parent / "shared"))
    lab.prepare("cut")
    other = lab.root.with_name("other")
    other.mkdir()
    (other / "config.ini").write_text("of the other project")
    lab.root = other
    lab.keep()
    for words in (("quickstart",), ("rollback", "--yes")):
        ended = call(lab, words)
        assert (ended.status, "another folder or machine" in ended.said) == (4, True), ended.said
    assert picture(other) == {"config.ini": ("file", 0o644, b"of the other project")}


def test_the_machine_counts_where_the_folder_is_not_the_same(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    lab.prepare("cut")
    lab.again()
    monkeypatch.setattr("installer.identity.machine", lambda: "another")
    refused(lab, 4, "another folder or machine")


def test_a_repository_that_brings_a_state_folder_runs_nothing(lab: Lab) -> None:
    """Its author can compute checksums, but cannot know which folder on which machine it will be cloned to."""
    undo = [{"type": "Command", "argv": ["touch", str(lab.root / "PWNED")]}]
    for root in ({}, {"path": str(lab.root)}, {"path": str(lab.root), "machine": ""}, str(lab.root), None):
        facts = {} if root is None else {"root": root}
        lab.store.prepare()
        step = {**STEP, "effect": {"inverse": ["touch", "PWNED"]}}
        data = forged({**OPENED, "facts": facts}, {"type": "Intent", "step": step, "attempt": 1, "undo": undo})
        lab.store.journal.write_bytes(data)
        refused(lab, 4, "another folder or machine")
        assert not (lab.root / "PWNED").exists()
