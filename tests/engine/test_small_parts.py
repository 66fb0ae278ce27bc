"""What stands for parts of the standard library, so that a rollback starts at once, says what those say."""

from __future__ import annotations

import hashlib
import time
from datetime import datetime
from typing import TYPE_CHECKING

import pytest

from installer import clock, hashing
from installer.run_ids import is_run_id
from installer.show.words import clean
from installer.witness import Mark, parse

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize("zone", ["UTC", "Asia/Shanghai", "America/St_Johns", "Asia/Kathmandu"])
def test_the_clock_says_what_datetime_reads(zone: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", zone)
    time.tzset()
    try:
        before = time.time_ns() // 1_000_000 / 1000
        read = datetime.fromisoformat(clock.now())
        assert before <= read.timestamp() <= time.time()
        assert read.utcoffset() == datetime.now().astimezone().utcoffset()
        assert datetime.fromisoformat(clock.now(milliseconds=False)).microsecond == 0
    finally:
        monkeypatch.undo()
        time.tzset()


@pytest.mark.parametrize("size", [0, 1, (1 << 20) - 1, 1 << 20, (1 << 20) + 1])
def test_a_file_has_the_same_digest_on_either_side_of_the_limit(size: int, tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"x" * size)
    with path.open("rb") as stream:
        assert hashing.of_stream(stream) == hashlib.sha256(b"x" * size).hexdigest()


@pytest.mark.parametrize("name", ["20251115_143000", "20251115_143000_2", "20251115_143000_17"])
def test_these_are_ids_of_runs(name: str) -> None:
    assert is_run_id(name)
    assert parse(str(Mark(name, 3, "0" * 16))) == Mark(name, 3, "0" * 16)


@pytest.mark.parametrize(
    "name",
    ["", "20251115", "20251115-143000", "20251115_14300", "20251115_143000_", "20251115_143000_x", "../51115_143000"],
)
def test_these_are_none(name: str) -> None:
    assert not is_run_id(name)
    assert parse(str(Mark(name, 3, "0" * 16))) is None


def test_what_moves_the_cursor_or_turns_the_text_around_is_never_shown() -> None:
    for bad in ("\x1b[2J", "\x07", "\u200e", "\u202e", "\u2028", "\u2069", "\x85", "\x9b1m"):
        assert clean(f"a{bad}b") == "ab"
    assert clean("a\tb") == "a\tb"
    assert clean("gone\rleft\r\n") == "left"
