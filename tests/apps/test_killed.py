"""`kill -9` of the tool at every boundary of a plan about apps: the same command goes on, or all is taken back."""

from __future__ import annotations

import os
import signal
from typing import TYPE_CHECKING

import pytest

from tests.apps.kit import DOOR, STATE, Place, place

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

# Dies at the N-th boundary: behind an Intent (nothing done yet), before a Done (all done, and nobody knows).
_MORTAL = f"""
import os, signal
from installer.logbook import Logbook
from installer.model import Done, Intent
left, plain = int(os.environ["DIE_AT"]), Logbook.record
def record(self, each, *rest, **more):
    global left
    left -= isinstance(each, (Done, Intent))
    if left == 0 and isinstance(each, Done):
        os.kill(os.getpid(), signal.SIGKILL)
    plain(self, each, *rest, **more)
    if left == 0 and isinstance(each, Intent):
        os.kill(os.getpid(), signal.SIGKILL)
Logbook.record = record
{DOOR}
"""
_START, _UPDATE = 4, 11  # of shim, start: two each; of unpack, stop, switch, start, health, and one that is not there


def _die(place: Place, number: int, *words: str) -> bool:
    """Run the command up to its boundary `number`. False if it ended before."""
    ended = place.manage(*words, code=_MORTAL, DIE_AT=str(number))
    assert ended.status in {0, -signal.SIGKILL}, ended.out + ended.err
    return ended.status != 0


@pytest.mark.parametrize("number", range(1, _START + 1))
def test_a_start_killed_anywhere_resumes_or_is_taken_back(place: Place, number: int) -> None:
    place.manifest(place.sleeper())
    assert _die(place, number, "apps", "start")
    place.done("resume", "-y")
    assert (place.status().state, len(place.running())) == ("running", 1)
    place.done("rollback", "-y")
    assert (place.status().is_up, place.running()) == (False, [])
    _forget(place)
    assert _die(place, number, "apps", "start")
    place.done("rollback", "-y")
    assert (place.status().is_up, place.running()) == (False, [])


def test_a_start_has_no_other_boundaries(place: Place) -> None:
    place.manifest(place.sleeper())
    assert not _die(place, _START + 1, "apps", "start")


def _forget(place: Place) -> None:
    """The next start puts the shim in its place again."""
    for path in (place.root / STATE / "apps").glob("shim-*"):
        path.unlink()


class Updated:
    """An app with its first release running, and a second one that the manifest has by now."""

    def __init__(self, place: Place) -> None:
        self.place = place
        self._source("one")
        place.manifest(
            '[apps.web]\nsource = "web"\ncommand = ["sh", "run.sh", "WORD"]\n'
            'health = {command = ["test", "-e", "run.sh"], interval = "100ms"}\n' + place.sleeper("other")
        )
        place.done("apps", "start")
        self.first = place.status()
        self.other = place.status("other")
        self._source("two")

    def _source(self, text: str) -> None:
        folder = self.place.root / "web"
        folder.mkdir(exist_ok=True)
        (folder / "run.sh").write_text(f"echo {text}; sleep 1000 & wait\n")

    def is_as_before(self) -> None:
        status = self.place.status()
        assert (status.state, status.version, status.digest) == ("running", self.first.version, self.first.digest)
        assert self._releases() == [self.first.version]
        self._is_alone()

    def is_new(self) -> None:
        status = self.place.status()
        assert (status.state, status.health) == ("running", "healthy")
        assert status.version != self.first.version
        assert sorted(self._releases()) == sorted((self.first.version, status.version))
        assert os.readlink(self.place.root / STATE / "apps/web/current") == f"releases/{status.version}"
        self._is_alone()

    def _releases(self) -> list[str]:
        return os.listdir(self.place.root / STATE / "apps" / "web" / "releases")

    def _is_alone(self) -> None:
        """One process of this app, and the other app was not touched."""
        assert len(self.place.running()) == 2
        assert self.place.status("other") == self.other


@pytest.fixture
def updated(tmp_path: Path) -> Iterator[Updated]:
    with place(tmp_path) as made:
        yield Updated(made)


@pytest.mark.slow
@pytest.mark.parametrize("way", ["resume", "rollback"])
def test_an_update_killed_anywhere_resumes_or_is_taken_back(updated: Updated, way: str) -> None:
    for number in range(1, _UPDATE + 1):
        if not _die(updated.place, number, "apps", "update", "web"):
            assert number == _UPDATE
            break
        if way == "resume":
            updated.place.done("resume", "-y")
            updated.is_new()
        updated.place.done("rollback", "-y")
        updated.is_as_before()


def test_an_update_killed_before_its_start_is_noted_resumes_and_is_taken_back(updated: Updated) -> None:
    assert _die(updated.place, 8, "apps", "update", "web")
    updated.place.done("apps", "update", "web")
    updated.is_new()
    updated.place.done("rollback", "-y")
    updated.is_as_before()
