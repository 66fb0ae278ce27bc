"""Every byte of the journal and of its two views flipped once and cut once, in three states of a run.

What a command does follows from the fold of the journal and from the tree alone; so every damage is read, and what the
reading comes to is acted on once: it ends as with the undamaged journal, or nothing is touched and the exit code is 4.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from installer.errors import Damaged
from tests.rot.lab import STATES, Lab, flipped

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from installer.state import Run
    from tests.engine.toys import Picture

pytestmark = pytest.mark.slow
WAYS = ("quickstart", "resume", "rollback")


def damages(data: bytes, most: int = 1 << 20) -> Iterator[tuple[str, bytes]]:
    """Every one of the first `most` bytes flipped, every length up to there."""
    for position in range(min(most, len(data))):
        yield f"flip {position}", flipped(data, position)
        yield f"cut {position}", data[:position]


def act(lab: Lab, way: str) -> int:
    """One way on; the exit code."""
    if way == "quickstart":
        return lab.quickstart().status
    return lab.manage(way, "--yes").status


def end(lab: Lab, way: str) -> tuple[int, Picture]:
    """What `way` comes to from the state that was kept."""
    lab.again()
    return act(lab, way), lab.picture()


def read(lab: Lab) -> Run | None:
    """What the tool believes; None for damage."""
    try:
        return lab.store.current()
    except Damaged:
        return None


@pytest.mark.parametrize("state", STATES)
def test_a_journal_with_any_byte_flipped_or_cut_is_never_silently_believed(lab: Lab, state: str) -> None:
    lab.prepare(state)
    undamaged, wanted = lab.store.current(), {way: end(lab, way) for way in WAYS}
    lab.again()
    path = lab.store.journal
    data = path.read_bytes()
    refused, believed, fewer = [], 0, dict[str, bytes]()
    for what, bad in damages(data):
        path.write_bytes(bad)
        run = read(lab)
        if run is None:
            refused.append((what, bad))
        elif run == undamaged:
            believed += 1
        else:
            fewer.setdefault(repr(run), bad)
    assert len(refused) + believed > len(data), "most of it is noticed"
    for bad in fewer.values():
        for way in WAYS:
            lab.again()
            path.write_bytes(bad)
            assert (act(lab, way), lab.picture()) == wanted[way], (way, len(bad), len(data))
    for what, bad in refused[:: len(refused) // 7]:
        _is_refused(lab, path, bad, what)
    print(f"{state}: {2 * len(data)} damages, {len(refused)} refused, {believed} as before, {len(fewer)} acted on")  # noqa: T201


def _is_refused(lab: Lab, path: Path, bad: bytes, what: str) -> None:
    lab.again()
    path.write_bytes(bad)
    before = lab.picture(whole=True)
    for way in WAYS:
        assert act(lab, way) == 4, (what, way)
    assert lab.picture(whole=True) == before, what


@pytest.mark.parametrize("state", ["finished", "cut"])
@pytest.mark.parametrize("view", ["install_progress.json", "rollback.sh"])
def test_a_view_with_any_byte_flipped_or_cut_makes_no_journal_suspect(lab: Lab, state: str, view: str) -> None:
    lab.prepare(state)
    undamaged, wanted = lab.store.current(), {way: end(lab, way) for way in WAYS}
    lab.again()
    path = lab.store.checkpoints / view
    data = path.read_bytes()
    for what, bad in damages(data, 4096):  # no more of a script is looked at
        path.write_bytes(bad)
        assert read(lab) == undamaged, what
    for what, bad in list(damages(data))[:: len(data) // 2]:
        for way in WAYS:
            lab.again()
            path.write_bytes(bad)
            assert (act(lab, way), lab.picture()) == wanted[way], what
