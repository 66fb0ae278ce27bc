"""The power fails before any change of the disk: ext4 itself loses what was not synced, then it resumes, or it reverts.

Row numbers are those of the list of faults: 15, 16, 19, 20, 21 (cut), 22 (cut again), 23 (a drive that lies).
"""

from __future__ import annotations

import os
import random
from typing import TYPE_CHECKING

import pytest

from tests.engine.toys import picture
from tests.power.lab import Lab

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.power.surge import Loss

pytestmark = pytest.mark.slow

SEED = 20261122
LOSSES = ("names kept", "all lost")
EVERYTHING = os.environ.get("SUREFOOT_POWER") == "all"  # else every instant is tried one way a loss


@pytest.fixture
def lab() -> Iterator[Lab]:
    with Lab() as made:
        yield made


@pytest.mark.parametrize("loss", LOSSES)
def test_cut_before_any_change_it_resumes_and_reverts(lab: Lab, loss: Loss) -> None:
    wrong = [
        f"{number}: {complaint}" for number in range(1, lab.changes + 1) for complaint in _tried(lab, number, loss)
    ]
    print(f"{lab.changes} instants, {lab.cases} recoveries")  # noqa: T201 -- the denominators are the result
    assert wrong == []
    assert lab.changes > 200


@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize(("first", "then"), [("resume", "resume"), ("rollback", "rollback"), ("resume", "rollback")])
def test_cut_again_in_the_recovery_it_recovers(lab: Lab, loss: Loss, first: str, then: str) -> None:
    print("seed", SEED)  # noqa: T201 -- a failure is found again by it
    chance = random.Random(f"{SEED}{first}{then}{loss}")  # noqa: S311 -- a sample, no secret
    wrong = []
    for _ in range(8):
        number, again = chance.randint(1, lab.changes), chance.randint(1, 150)
        lab.cut(number, loss)
        lab.cut_again(first, again, loss)
        if complaint := lab.recovered(then):
            wrong.append(f"{number}, {again}: {complaint}")
    assert wrong == []


def test_a_tool_that_does_not_sync_is_noticed(lab: Lab) -> None:
    """The test of the test: ext4 does lose what was not synced, and the comparison sees it."""
    wrong = 0
    for number in range(60, 180, 20):
        lab.cut(number, "names kept", lying=True)
        wrong += bool(lab.recovered("rollback"))
    assert wrong > 1  # a `sync` of somebody else's on this machine may save one or the other


@pytest.mark.parametrize("loss", LOSSES)
def test_a_drive_that_lies_about_syncs_is_no_silent_success(lab: Lab, loss: Loss) -> None:
    wrong = [
        complaints
        for number in range(8, 220, 20)
        for way in ("resume", "rollback")
        # once more if need be: a `sync` of somebody else's on this machine may have kept a part, which no drive does
        if (complaints := _lied_to(lab, number, loss, way)) and (complaints := _lied_to(lab, number, loss, way))
    ]
    assert wrong == []


@pytest.mark.parametrize("size", [0, 4096])
def test_a_journal_whose_content_is_lost_is_damage_and_nothing_is_touched(lab: Lab, size: int) -> None:
    """Nothing in it, or zeros only: what ext4 leaves of a file whose blocks were not written."""
    lab.cut(100, "names kept", lying=True)
    lab.disk.mount()
    journal = lab.project / ".surefoot" / "checkpoints" / "journal.jsonl"
    journal.write_bytes(b"\0" * size)
    tree = picture(lab.project, without=())
    for way in ("resume", "rollback"):
        said = lab.do(way, boot="three")
        assert (said["error"], said["exit"]) == ("journal.damaged", 4)
        assert picture(lab.project, without=()) == tree


def _lied_to(lab: Lab, number: int, loss: Loss, way: str) -> list[str]:
    """What is wrong after a cut of a machine whose drive lies: a wrong tree without a word, or contents lost."""
    lab.cut(number, loss, lying=True)
    lab.disk.mount()
    had = _contents(lab.project)
    said = lab.do(way, boot="three")
    told = bool(said.get("error") or said.get("told") or said["state"] == "failed")
    wrong = [] if said.get("exit") != 70 else [f"{number}: {way}: {said['message']}"]
    if not told and picture(lab.project) != (lab.after if way == "resume" else lab.before):
        wrong.append(f"{number}: {way} was silent: {said}")
    if lost := had - _contents(lab.project):
        wrong.append(f"{number}: {way} lost {lost}")
    return wrong


def _tried(lab: Lab, number: int, loss: Loss) -> list[str]:
    ways = ["resume", "rollback", "script"]
    if not EVERYTHING:
        ways = [ways[(number + LOSSES.index(loss)) % 2], *ways[2 : 2 + (number % 4 == 0)]]
    lab.cut(number, loss)
    return [complaint for way in ways if (complaint := lab.recovered(way))]


def _contents(project: Path) -> set[bytes]:
    """What the user had in files that the cut left whole, wherever it is now."""
    ours = {b"old", b"1", b"odd"}
    return {path.read_bytes() for path in project.rglob("*") if path.is_file() and not path.is_symlink()} & ours
