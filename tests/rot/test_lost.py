"""State that is missing, or older than it was: faults 42, 45, 54 and 55."""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING

import pytest

from installer import run_ids
from installer.errors import Damaged
from tests.engine.toys import picture
from tests.rot.asking import call, make_room, mended, refused

if TYPE_CHECKING:
    from pathlib import Path

    from tests.rot.lab import Lab


def test_an_empty_progress_file_is_rebuilt(lab: Lab) -> None:
    lab.prepare("finished")
    whole = lab.store.progress.read_bytes()
    lab.store.progress.write_bytes(b"")
    assert lab.quickstart().status == 0
    assert json.loads(lab.store.progress.read_bytes()) == json.loads(whole)


@pytest.mark.parametrize("gone", ["emptied", "deleted"])
def test_a_journal_that_is_gone_is_missed_as_long_as_a_view_tells_of_it(lab: Lab, gone: str) -> None:
    lab.prepare("finished")
    lab.store.journal.write_bytes(b"") if gone == "emptied" else lab.store.journal.unlink()
    refused(lab, 4, "the journal cannot be trusted", "checkpoint repair")
    lost = lab.manage("checkpoint", "repair", "--dry-run")
    assert f"Lines that cannot be trusted: {_count(lab.shelf)}" in lost.said
    mended(lab)
    assert lab.picture() == picture(lab.shelf), "nothing that was installed is taken away"


def _count(project: Path) -> int:
    return (project / ".surefoot" / "checkpoints" / "journal.jsonl").read_bytes().count(b"\n")


def test_with_journal_and_views_gone_the_tree_is_an_unknown_one(lab: Lab) -> None:
    lab.prepare("finished")
    shutil.rmtree(lab.store.checkpoints)
    assert lab.quickstart().status == 0
    assert lab.manage("rollback", "--all", "--yes").status == 0
    assert lab.picture() == picture(lab.shelf)


def test_a_good_record_after_a_bad_one_is_not_dropped_in_silence(lab: Lab) -> None:
    lab.prepare("finished")
    lines = lab.store.journal.read_bytes().splitlines(keepends=True)
    lines[3] = b"{}\n"
    lab.store.journal.write_bytes(b"".join(lines))
    refused(lab, 4, "line 4")
    mended(lab)


@pytest.mark.parametrize("state", ["finished", "cut", "between", "cut back"])
def test_an_older_copy_of_the_journal_is_noticed_at_every_record_that_a_way_back_needs(lab: Lab, state: str) -> None:
    lab.prepare(state)
    lines = lab.store.journal.read_bytes().splitlines(keepends=True)
    anchor = lab.store.current().anchor
    assert anchor is not None
    for count in range(anchor.seq):
        lab.store.journal.write_bytes(b"".join(lines[:count]))
        with pytest.raises(Damaged, match=r"older copy|is not in it"):
            lab.store.current()
    refused(lab, 4, "the journal cannot be trusted")
    assert "Lines that cannot be trusted: " in lab.manage("checkpoint", "repair", "--dry-run").said
    assert lab.manage("checkpoint", "repair", "--yes").status == 0
    assert lab.manage("status").status == 0
    back = lab.manage("rollback", "--yes")
    assert back.status in {0, 5, 10}, back.said
    _nothing_is_lost(lab)


def _nothing_is_lost(lab: Lab) -> None:
    """Whatever the user had is in its place, or somewhere below the project."""
    there = {word[2] for word in picture(lab.root, without=()).values()}
    assert {word[2] for word in lab.before.values()} <= there


def test_the_journal_of_an_earlier_run_in_place_of_the_last_is_noticed(lab: Lab) -> None:
    lab.prepare("finished")
    older = lab.store.journal.read_bytes()
    assert lab.manage("rollback", "--yes").status == 0
    assert lab.quickstart().status == 0
    lab.store.journal.write_bytes(older)
    refused(lab, 4, "is not in it")
    mended(lab)


def test_an_earlier_run_that_is_taken_back_by_us_is_no_older_copy(lab: Lab) -> None:
    """`rollback --all` makes an archived journal the current one: a cut then leaves views of the later run."""
    lab.prepare("finished")
    first = lab.store.current().install_id
    lab.store.archive()
    views = {path: path.read_bytes() for path in (lab.store.progress, lab.store.script)}
    make_room(lab)
    assert lab.quickstart().status == 0
    assert lab.store.current().install_id != first
    lab.store.archive()
    lab.store.unarchive(first)
    assert lab.store.current().install_id == first
    for path, data in views.items():
        path.write_bytes(data)
    assert lab.manage("status").status == 0


def test_a_run_that_was_put_away_and_forgotten_is_not_missed(lab: Lab) -> None:
    lab.prepare("finished")
    assert lab.manage("checkpoint", "archive").status == 0
    assert lab.manage("status").status == 0
    assert lab.manage("checkpoint", "prune", "--keep", "0", "--yes").status == 0
    assert lab.manage("status").status == 0
    assert lab.quickstart().status == 0


def test_clean_env_is_a_way_out_of_a_journal_that_is_gone(lab: Lab) -> None:
    lab.prepare("finished")
    lab.store.journal.unlink()
    ended = lab.manage("clean-env", "--yes")
    assert ended.status == 0, ended.said
    assert lab.quickstart().status == 0


def test_without_the_state_folder_an_environment_of_ours_is_named_and_stays(lab: Lab) -> None:
    lab.prepare("finished")
    (lab.root / ".venv").mkdir()
    (lab.root / ".venv" / "surefoot-generation").write_text("20251115_143000\nkey\nroot\n")
    shutil.rmtree(lab.root / ".surefoot")
    before = lab.picture()
    told = lab.manage("status")
    assert (told.status, "`.venv` was made by the run 20251115_143000, whose records are gone" in told.said) == (
        0,
        True,
    )
    for words in (("quickstart",), ("rollback", "--all", "--yes"), ("resume", "-y")):
        assert call(lab, words).status == 0
    assert lab.picture() == before


def test_ids_are_in_order(lab: Lab) -> None:
    """The order of runs tells a journal that is older from one that is newer."""
    names = ["", "20251115_143000", "20251115_143000_2", "20251115_143000_10", "20251115_143001"]
    assert sorted(names, key=run_ids.by_time) == names  # what the check of the journal stands on
