"""A pull that is cut before any change of the disk: the same command again ends it, or it is taken back."""

from __future__ import annotations

import gc
import shutil
from contextlib import suppress
from typing import TYPE_CHECKING

import pytest

from tests.engine.plug import Cut, Plug

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.cloud.conftest import Clone

STORE = "memory://share/"


class Lab:
    """A clone with a finished run of its own, as it was before the pull, and a plug."""

    def __init__(self, there: Clone, plug: Plug, aside: Path) -> None:
        self.there, self.plug, self.aside = there, plug, aside
        shutil.copytree(there.root, aside, symlinks=True)

    def cuts(self, every: int) -> Iterator[int]:
        """Cut the pull at one change after the other, from a fresh start each time."""
        number = 1
        while self._cut(number):
            yield number
            number += every

    def _cut(self, number: int) -> bool:
        shutil.rmtree(self.there.root)
        shutil.copytree(self.aside, self.there.root, symlinks=True)
        try:
            with self.plug.pulled(number):
                self.there.manage("checkpoint", "pull", STORE)
        except Cut:
            gc.collect()  # a kill closes what is open
            with suppress(FileNotFoundError):
                (self.there.state / "lock").unlink()  # and lets go of the lock
            return True
        return False


def picture(there: Clone) -> dict[str, bytes]:
    """What is in the project besides our own folder."""
    return {name: each[2] for name, each in there.everything().items() if not name.startswith(".surefoot")}


@pytest.fixture
def lab(here: Clone, there: Clone, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Lab:
    here.well("checkpoint", "push", STORE)
    there.well("checkpoint", "init", "--phase", "mine")
    there.well("checkpoint", "update", "mine", "completed")
    return Lab(there, Plug(monkeypatch), tmp_path / "aside")


@pytest.mark.slow
def test_cut_before_any_change_the_same_command_ends_it(lab: Lab, here: Clone) -> None:
    wanted = here.journal.read_bytes()
    count = 0
    for _ in lab.cuts(every=1):
        count += 1
        lab.there.well("status")
        lab.there.well("checkpoint", "pull", STORE)
        assert lab.there.journal.read_bytes() == wanted
        lab.there.well("checkpoint", "verify")
        assert lab.there.well("checkpoint", "check-resume") == "fetch\n"
    assert count > 30


@pytest.mark.slow
def test_cut_before_any_change_it_can_be_taken_back(lab: Lab) -> None:
    before = picture(lab.there)
    for _ in lab.cuts(every=2):
        for _again in range(3):
            lab.there.well("rollback", "--yes")
        assert picture(lab.there) == before
        assert not (lab.there.state / "stash" / "20260102_030405").exists()


def _half_pulled(there: Clone, monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    """Cut the pull in the middle of its step."""
    from installer.cloud import parcel

    def cut(*_: object) -> None:
        raise Cut

    with monkeypatch.context() as patch:
        patch.setattr(parcel, "contents", cut)
        with pytest.raises(Cut):
            there.manage("checkpoint", "pull", url)
    gc.collect()


def test_resume_ends_a_pull_that_was_cut_short(here: Clone, there: Clone, monkeypatch: pytest.MonkeyPatch) -> None:
    here.well("checkpoint", "push", STORE)
    _half_pulled(there, monkeypatch, STORE)
    there.well("resume")
    assert there.journal.read_bytes() == here.journal.read_bytes()


def test_an_address_with_a_credential_has_to_be_given_again(
    here: Clone, there: Clone, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = "memory://user:hunter2hunter2@share/x"
    here.well("checkpoint", "push", url)
    _half_pulled(there, monkeypatch, url)
    assert there.manage("resume")[0] == 6
    there.well("checkpoint", "pull", url)
    assert there.journal.read_bytes() == here.journal.read_bytes()
