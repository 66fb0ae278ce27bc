"""No room: a real small disk filled up, a limit on the size of files; then room is made (rows 25, 27, 28, 40)."""

from __future__ import annotations

import os
import subprocess
import sys
from contextlib import suppress
from typing import TYPE_CHECKING

import pytest

from tests.power.disk import Disk, disk
from tests.power.small import MANIFEST, Small

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.slow


@pytest.fixture
def narrow() -> Iterator[Disk]:
    """Few blocks and few inodes, none of them kept for root."""
    with disk(size="24M", options=("-b", "1024", "-J", "size=1", "-m", "0", "-N", "6500")) as made:
        yield made


def fill(place: Disk, *, kilobytes: int) -> None:
    """Leave so many kilobytes free, or hardly more."""
    with (place.top / "filler").open("wb", buffering=0) as filler, suppress(OSError):
        while True:
            filler.write(b"\1" * 4096)
    free = os.statvfs(place.top)
    assert free.f_bavail * free.f_frsize < 8192
    with (place.top / "filler").open("r+b") as filler:
        filler.truncate(max(0, filler.seek(0, os.SEEK_END) - kilobytes * 1024))


TAKING = """
[[steps]]
phase = "python_deps"
after = "start"
title = "Take the inodes"
run = ["python", "{top}/take.py", "{top}", "{number}"]
outputs = ["config.txt"]
"""
TAKE = """\
import os, sys
top, left = sys.argv[1], int(sys.argv[2])
os.makedirs(top + "/takers", exist_ok=True)
for number in range(os.statvfs(top).f_favail - left):
    open(f"{top}/takers/{os.getpid()}-{number}", "w").close()
"""


def make_room(place: Disk) -> None:
    """Take away what was in the way."""
    (place.top / "filler").unlink(missing_ok=True)
    for each in (place.top / "takers").glob("*"):
        each.unlink()


@pytest.mark.parametrize("kilobytes", [0, 60, 130])
def test_a_full_disk_fails_and_is_taken_back_without_more_room_and_completes_with_it(
    narrow: Disk, kilobytes: int
) -> None:
    small = Small(narrow.top / "project")
    small.make()
    fill(narrow, kilobytes=kilobytes)
    failed = small.start()
    assert failed.status in {1, 6}, failed.said
    assert "No space left" in failed.said, failed.said
    assert "writable" not in failed.said, "the hint is about room"
    back = small.back()
    assert back.status == (0 if (small.root / ".surefoot").exists() else 6), back.said
    assert small.untouched() == []
    small.start()
    make_room(narrow)
    small.completes()


def test_too_few_inodes_is_said_before_anything_is_written(narrow: Disk) -> None:
    small = Small(narrow.top / "project")
    small.make()
    (narrow.top / "take.py").write_text(TAKE)
    subprocess.run([sys.executable, str(narrow.top / "take.py"), str(narrow.top), "500"], check=True)
    error = small.error()
    assert error["exit_code"] == 6
    assert "inodes" in str(error["message"])
    assert not (small.root / ".surefoot").exists()


@pytest.mark.parametrize("inodes", [0, 9])
def test_inodes_that_run_out_in_the_middle_are_as_no_room(narrow: Disk, inodes: int) -> None:
    small = Small(narrow.top / "project")
    (narrow.top / "take.py").write_text(TAKE)
    small.make(manifest=MANIFEST + TAKING.format(number=inodes, top=narrow.top))
    failed = small.start()
    assert failed.status == 1, failed.said
    assert "No space left" in failed.said, failed.said
    back = small.back()
    assert back.status == 0, back.said
    assert small.untouched() == []
    assert small.start().status in {1, 6}
    make_room(narrow)
    (small.root / "surefoot.toml").write_text(MANIFEST)
    small.before = small.tree()
    small.completes()


def test_a_rollback_on_a_full_disk_is_incomplete_at_worst_and_completes_with_room(narrow: Disk) -> None:
    small = Small(narrow.top / "project")
    small.make()
    assert small.start().status == 0
    fill(narrow, kilobytes=0)
    back = small.back()
    assert back.status in {0, 5}, back.said
    make_room(narrow)
    assert small.back().status == 0
    assert small.untouched() == []


@pytest.mark.parametrize("size", [100, 9000, 200000])
def test_a_limit_on_the_size_of_files_is_as_no_room(narrow: Disk, size: int) -> None:
    small = Small(narrow.top / "project")
    small.make()
    limited = ("prlimit", f"--fsize={size}:{size}", "--")
    failed = small.start(through=limited)
    assert failed.status in {1, 6}, failed.said
    back = small.back()
    assert back.status == 0, back.said
    assert small.untouched() == []
    small.start(through=limited)
    small.completes()
