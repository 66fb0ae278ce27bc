"""The lists beside the journal: what a build's tree held, what a step left. One that rotted is not believed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.rot.lab import Lab, flipped
from tests.rot.test_users_edits import contents, users

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.slow
STASH = (".surefoot/stash",)
STEP = 41  # every so many bytes of each list; one that is prime to the flipped bits' number


@pytest.mark.parametrize("state", ["finished", "cut"])
def test_a_list_with_any_byte_flipped_or_cut_takes_back_all_or_says_that_it_did_not(lab: Lab, state: str) -> None:
    lab.prepare(state)
    lists = [path.relative_to(lab.root) for path in sorted((lab.root / ".surefoot" / "stash").rglob("*.json"))]
    assert lists
    for name in lists:
        data = (lab.root / name).read_bytes()
        for position in range(0, len(data), STEP):
            for bad in (flipped(data, position), data[:position]):
                _try(lab, name, bad)


def _try(lab: Lab, name: Path, bad: bytes) -> None:
    lab.again()
    (lab.root / name).write_bytes(bad)
    had = contents(lab.root, without=STASH) & users(lab)
    ended = lab.manage("rollback", "--yes")
    assert ended.status in {0, 5}, ended.said
    assert ended.status == 5 or lab.picture() == lab.before, "what ends well is as it was"
    assert had <= contents(lab.root, without=STASH), "and nothing is lost"
    if ended.status == 5:
        (lab.root / name).write_bytes((lab.shelf / name).read_bytes())
        assert lab.manage("rollback", "--yes").status == 0, "brought back from a backup, it is tried again"
        assert lab.picture() == lab.before
