"""Records with any value in any place, and checksums that hold: read, or refused; never a bug, and never outside."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, note, settings
from hypothesis import strategies as st

from tests.rot.asking import forged

if TYPE_CHECKING:
    from tests.rot.lab import Lab

EXAMPLES = int(os.environ.get("ROT_EXAMPLES", "100"))
pytestmark = pytest.mark.slow
ODD = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(1 << 70), 1 << 70),
    st.floats(),
    st.sampled_from(
        ["", ".", "..", "../precious", "/precious", "a/../../precious", "\0", "x" * 300, "\ud800", "\n", "-rf"]
    ),
    st.lists(st.integers(), max_size=3),
    st.dictionaries(st.text(max_size=3), st.integers(), max_size=2),
)
BOUND = {0, 1, 2, 4, 5, 6, 9, 10}


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The way to every value within `value`."""
    found = [path] if path else []
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, each in pairs:
        found += places(each, (*path, key))
    return found


def put(value: Any, path: tuple[Any, ...], new: Any) -> None:
    """Put `new` at the end of the way `path`."""
    for key in path[:-1]:
        value = value[key]
    value[path[-1]] = new


@pytest.mark.parametrize("state", ["finished", "cut"])
def test_any_value_in_any_place_is_read_or_refused(lab: Lab, state: str) -> None:
    lab.prepare(state)
    lines = lab.store.journal.read_bytes().splitlines()
    records = [{name: value for name, value in json.loads(line).items() if name != "sum"} for line in lines]
    ways = [(number, *way) for number, record in enumerate(records) for way in places(record)]
    (lab.root.parent / "precious").write_text("mine")

    @settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck), database=None)
    @given(st.lists(st.tuples(st.integers(0, len(ways) - 1), ODD), min_size=1, max_size=3))
    def check(changes: list[tuple[int, Any]]) -> None:
        bad = json.loads(json.dumps(records))
        for which, odd in changes:
            try:
                put(bad, ways[which], odd)
            except (LookupError, TypeError):
                continue  # an earlier change took the place away
        if not all(isinstance(each, dict) for each in bad):
            return
        lab.again()
        for view in (lab.store.progress, lab.store.script):
            view.unlink()
        note(str([(ways[which], odd) for which, odd in changes]))
        lab.store.journal.write_bytes(forged(*bad))
        for words in (("status",), ("history",), ("rollback", "--dry-run"), ("rollback", "--yes"), ("doctor",)):
            ended = lab.manage(*words)
            assert ended.status in BOUND, (words, ended.said)
        assert (lab.root.parent / "precious").read_text() == "mine"
        assert sorted(path.name for path in lab.root.parent.iterdir()) == ["precious", "project", "shelf"]

    check()
