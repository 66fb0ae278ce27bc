"""The journal: what is written is read; what rotted is noticed."""

from __future__ import annotations

import errno
import os
from typing import TYPE_CHECKING

import pytest

from installer import files, journal
from installer.errors import Damaged, StepFailed
from installer.journal import Journal
from installer.model import (
    Checkpoint,
    Closed,
    Command,
    Delete,
    Done,
    Effect,
    Exchange,
    Failed,
    Guard,
    Intent,
    Lasting,
    Move,
    Opened,
    PhaseStarted,
    Prune,
    Record,
    RelPath,
    Restore,
    Resumed,
    RollbackEnded,
    RollbackStarted,
    Step,
    Undone,
)

if TYPE_CHECKING:
    from pathlib import Path

STEP = Step(
    id="one.01.do",
    phase="one",
    title="Do \udcff 做",
    action="files.write",
    args={"path": "a", "n": [1, {"b": None}]},
    effect=Effect(
        touches=(RelPath("a"),),
        scratch=(RelPath(".s/x"),),
        grows=(RelPath("g"),),
        guards=(RelPath("src"),),
        moves=((RelPath("a"), RelPath("b")),),
        carries=((RelPath("c"), RelPath("d")),),
        exchanges=((RelPath("e"), RelPath("f"), "mark"),),
        inverse=("true",),
        lasting="why",
        repeatable=True,
        volatile=("index",),
    ),
    on_failure="warn",
    needs=("zero",),
)
UNDO = (
    Delete(path=RelPath("a/b"), empty_parents=(RelPath("a"),), scratch=True),
    Restore(path=RelPath("c"), backup=RelPath(".s/1"), sha256="0" * 64, mode=0o600),
    Restore(path=RelPath("l"), backup=RelPath(".s"), kind="link", target="../x"),
    Move(path=RelPath("b"), home=RelPath("a")),
    Exchange(first=RelPath("e"), second=RelPath("f"), mark="m"),
    Prune(path=RelPath("g"), keep=("k",)),
    Guard(path=RelPath("."), listing=RelPath(".s/2.json")),
    Command(argv=("true", "--", "$(x)")),
    Lasting(reason="r"),
)
RECORDS: tuple[Record, ...] = (
    Opened(install_id="20251115_143000", kind="install", facts={"mode": "dev"}),
    Resumed(boot_id="b", tool_version="1"),
    PhaseStarted(phase="one", steps=("one.01.do",)),
    Intent(step=STEP, attempt=1, undo=UNDO),
    Done(step="one.01.do", seconds=0.0, digests={"a": "absent"}, result={"x": 1}),
    Failed(step="one.01.do", phase="one", error={"code": "x"}, on_failure="degrade"),
    Undone(step="one.01.do", problems=("p",), kept=("k",), conflicts=("c",)),
    Checkpoint(name="one", seconds=1.5, point=True, note="n"),
    RollbackStarted(to="one", why="asked"),
    RollbackEnded(to="one"),
    Closed(outcome="done"),
)


@pytest.fixture
def written(tmp_path: Path) -> Path:
    """A journal with a record of every kind."""
    path = tmp_path / "journal.jsonl"
    opened = Journal(path)
    for record in RECORDS:
        opened.append(record)
    opened.close()
    return path


def test_every_record_comes_back_as_it_was(written: Path) -> None:
    assert tuple(entry.record for entry in journal.read(written).entries) == RECORDS


def test_appending_goes_on_where_reading_ended(written: Path) -> None:
    again = Journal(written)
    again.append(Resumed(boot_id="c", tool_version="2"))
    again.close()
    assert [entry.seq for entry in journal.read(written).entries] == list(range(1, len(RECORDS) + 2))


def test_a_journal_cut_at_any_byte_keeps_its_whole_records(written: Path) -> None:
    data = written.read_bytes()
    ends = [index + 1 for index, byte in enumerate(data) if byte == ord("\n")]
    for length in range(len(data)):
        reading = journal.decode(data[:length], written)
        assert len(reading.entries) == sum(end <= length for end in ends)
        assert reading.torn == (length not in {0, *ends})


def test_a_flipped_bit_is_noticed_wherever_it_is(written: Path) -> None:
    """In the last line it is a torn tail; anywhere else it is damage, and nothing after it is believed."""
    data = written.read_bytes()
    last = data.rindex(b"\n", 0, len(data) - 1) + 1
    for position in range(len(data)):
        flipped = bytearray(data)
        flipped[position] ^= 1 << (position % 8)
        try:
            reading = journal.decode(bytes(flipped), written)
        except Damaged:
            assert position < last or position == len(data) - 1, position
        else:
            assert position >= last - 1, position
            assert len(reading.entries) >= len(RECORDS) - 2


def test_a_lost_line_and_swapped_lines_are_damage(written: Path) -> None:
    lines = written.read_bytes().splitlines(keepends=True)
    for bad in (lines[:3] + lines[4:], [lines[0], lines[2], lines[1], *lines[3:]]):
        with pytest.raises(Damaged):
            journal.decode(b"".join(bad), written)


def test_a_newer_format_is_refused_by_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "journal.jsonl"
    monkeypatch.setattr(journal, "FORMAT", 99)
    opened = Journal(path)
    opened.append(RECORDS[0])
    opened.close()
    monkeypatch.undo()
    with pytest.raises(Damaged, match="newer version"):
        journal.read(path)


def test_a_foreign_file_of_our_name_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "journal.jsonl"
    path.write_text('{"mine": 1}\n')
    with pytest.raises(Damaged):
        Journal(path)
    assert path.read_text() == '{"mine": 1}\n'


def test_a_link_in_place_of_the_journal_is_not_followed(tmp_path: Path) -> None:
    victim = tmp_path / "victim"
    victim.write_text("mine")
    (tmp_path / "journal.jsonl").symlink_to(victim)
    with pytest.raises(Damaged):
        Journal(tmp_path / "journal.jsonl")
    assert victim.read_text() == "mine"


def test_nothing_is_written_behind_half_a_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A disk that fails may not even let the half be cut off: then the next record waits until it does."""
    path = tmp_path / "journal.jsonl"
    opened = Journal(path)
    opened.append(RECORDS[0])
    real = files.write_all

    def fail(*_: object) -> None:
        raise OSError(errno.EIO, "Input/output error")

    def half(descriptor: int, data: bytes) -> None:
        real(descriptor, data[:20])
        fail()

    with monkeypatch.context() as patch:
        patch.setattr(files, "write_all", half)
        patch.setattr(os, "ftruncate", fail)
        for _ in range(2):
            with pytest.raises(OSError, match="Input/output"):
                opened.append(RECORDS[1])
    opened.append(RECORDS[2])
    opened.close()
    assert tuple(entry.record for entry in journal.read(path).entries) == (RECORDS[0], RECORDS[2])


def test_a_record_too_long_to_be_read_again_is_refused(tmp_path: Path) -> None:
    opened = Journal(tmp_path / "journal.jsonl")
    with pytest.raises(StepFailed):
        opened.append(Done(step="x", seconds=0, result={"long": "x" * (9 << 20)}))
    opened.append(RECORDS[0])
    opened.close()
    assert len(journal.read(tmp_path / "journal.jsonl").entries) == 1


def test_a_full_disk_can_still_be_recorded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "journal.jsonl"
    opened = Journal(path)
    opened.append(RECORDS[0])
    real, full = files.write_all, [True]

    def write_all(descriptor: int, data: bytes) -> None:
        if full:
            full.clear()
            real(descriptor, data[: len(data) // 2])
            raise OSError(errno.ENOSPC, "No space left on device")
        real(descriptor, data)

    monkeypatch.setattr(files, "write_all", write_all)
    opened.append(RECORDS[1])
    opened.close()
    assert tuple(entry.record for entry in journal.read(path).entries) == RECORDS[:2]
