"""Journals damaged in every way that hypothesis thinks of: several at once, lines moved about, two journals mixed."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, note, settings
from hypothesis import strategies as st

from installer.errors import Damaged
from tests.rot.lab import STATES, Lab, flipped
from tests.rot.test_every_byte import WAYS, act, end

if TYPE_CHECKING:
    from collections.abc import Callable

    from installer.state import Run
    from tests.engine.toys import Picture

Damage = tuple[str, int, int, bytes]
KINDS = ("flip", "cut", "insert", "remove", "swap", "zero", "lose line", "repeat line", "swap lines", "mix", "append")
DAMAGES = st.lists(
    st.tuples(
        st.sampled_from(KINDS), st.integers(0, 1 << 16), st.integers(0, 1 << 16), st.binary(min_size=1, max_size=40)
    ),
    min_size=1,
    max_size=4,
)
EXAMPLES = int(os.environ.get("ROT_EXAMPLES", "100"))
pytestmark = pytest.mark.slow


def damaged(data: bytes, other: bytes, damage: Damage) -> bytes:  # noqa: C901, PLR0911 -- one arm a kind
    """`data` with one thing done to it; `other` is another journal."""
    kind, one, two, stuff = damage
    first, second = sorted((one % (len(data) + 1), two % (len(data) + 1)))
    lines = data.splitlines(keepends=True)
    theirs = other.splitlines(keepends=True)
    here, there = (one % len(lines), two % len(lines)) if lines else (0, 0)
    match kind:
        case "flip":
            return flipped(data, one % len(data)) if data else data
        case "cut":
            return data[:first]
        case "insert":
            return data[:first] + stuff + data[first:]
        case "remove":
            return data[:first] + data[second:]
        case "swap":
            return data[second:] + data[first:second] + data[:first]
        case "zero":
            return data[:first] + bytes(second - first) + data[second:]
        case "lose line":
            return b"".join(lines[:here] + lines[here + 1 :])
        case "repeat line":
            return b"".join(lines[: here + 1] + lines[here:])
        case "swap lines" if lines:
            lines[here], lines[there] = lines[there], lines[here]
            return b"".join(lines)
        case "mix":
            return b"".join(lines[:here] + theirs[one % len(theirs) :])
        case "append":
            return data + b"".join(theirs[: 1 + one % len(theirs)])
    return data


@pytest.mark.parametrize("state", STATES)
def test_a_journal_in_which_anything_was_moved_about_is_never_silently_believed(lab: Lab, state: str) -> None:
    lab.prepare("finished")
    other = lab.store.journal.read_bytes()
    assert lab.manage("rollback", "--all", "--yes").status == 0
    lab.prepare(state)
    undamaged, wanted = lab.store.current(), {way: end(lab, way) for way in WAYS}
    lab.again()
    data = lab.store.journal.read_bytes()
    seen: set[str] = set()
    _try_all(lab, data, other, undamaged, lambda bad, run: _acts(lab, wanted, seen, bad, run))


def _try_all(lab: Lab, data: bytes, other: bytes, undamaged: Run, acts: Callable[[bytes, Run], None]) -> None:
    @settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck), database=None)
    @given(DAMAGES)
    def check(damages: list[Damage]) -> None:
        bad = data
        for each in damages:
            bad = damaged(bad, other, each)
        note(f"{len(bad)} bytes of {len(data)}")
        lab.store.journal.write_bytes(bad)
        try:
            run = lab.store.current()
        except Damaged:
            return
        if run != undamaged:
            acts(bad, run)

    check()


def _acts(lab: Lab, wanted: dict[str, tuple[int, Picture]], seen: set[str], bad: bytes, run: Run) -> None:
    """What is believed comes to the same end as the undamaged journal; each such reading is tried once."""
    if repr(run) in seen:
        return
    for way in WAYS:
        lab.again()
        lab.store.journal.write_bytes(bad)
        assert (act(lab, way), lab.picture()) == wanted[way], way
    lab.again()
    seen.add(repr(run))
