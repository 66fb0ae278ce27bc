"""Killed at every change of the disk that a small program makes."""

from __future__ import annotations

import json
import os
import sys
from dataclasses import asdict
from typing import TYPE_CHECKING

import pytest

from installer.selftest.counter import Target
from installer.selftest.killing import Ended, watch
from tests.whole.kit import ROOT

if TYPE_CHECKING:
    from pathlib import Path

START = """
import json, os, shutil, subprocess, sys
sys.path.insert(0, sys.argv[1])
from pathlib import Path
from installer.selftest.counter import Counter, Target
notes = os.open(sys.argv[3], os.O_WRONLY | os.O_CREAT | os.O_APPEND)
Counter(sys.argv[2], notes, Target(**json.loads(sys.argv[4]))).install()
os.chdir(sys.argv[2])
"""
WORK = """
os.mkdir("made")
descriptor = os.open("made/one", os.O_WRONLY | os.O_CREAT)
os.write(descriptor, b"whole")
os.close(descriptor)
Path("made/two").write_text("text")
os.rename("made/one", "made/three")
os.symlink("three", "made/link")
os.chmod("made/three", 0o600)
Path("../elsewhere").write_text("not counted")
shutil.rmtree("made")
"""
CHANGES = [
    "mkdir made",
    "open made/one",
    "write made/one",
    "half of write made/one",
    "open made/two",
    "opened made/two",
    "rename made/three",
    "symlink made/link",
    "chmod made/three",
    "remove made/*",
    "remove made/*",
    "remove made/*",
    "rmdir made",
]


def run(folder: Path, target: Target | None = None, work: str = WORK) -> Ended:
    root = folder / "root"
    root.mkdir(exist_ok=True)
    asked = json.dumps(asdict(target) if target else {})
    argv = [sys.executable, "-I", "-c", START + work, str(ROOT), str(root), str(folder / "notes"), asked]
    return watch(argv, cwd=folder, variables=os.environ, notes=folder / "notes", log=folder / "log")


def changes(ended: Ended) -> list[str]:
    found = [f"{each.what} {each.path}" for each in ended.trace.changes]
    return ["remove made/*" if each.startswith("remove") else each for each in found]


def left(folder: Path) -> dict[str, str]:
    found = sorted((folder / "root").rglob("*"))
    return {each.name: each.read_text() for each in found if each.is_file() and not each.is_symlink()}


def test_every_change_below_the_root_has_its_number(tmp_path: Path) -> None:
    ended = run(tmp_path)
    assert (ended.status, ended.stopped, ended.said) == (0, False, ())
    assert changes(ended) == CHANGES
    assert [each.number for each in ended.trace.changes] == list(range(1, len(CHANGES) + 1))
    assert changes(run(tmp_path)) == CHANGES


@pytest.mark.parametrize("number", range(1, len(CHANGES) + 1))
def test_a_run_is_killed_before_the_change_of_that_number(number: int, tmp_path: Path) -> None:
    ended = run(tmp_path, Target(number=number))
    assert (ended.stopped, ended.status, changes(ended)) == (True, -9, [CHANGES[number - 1]])
    expected: list[dict[str, str]] = [
        {},
        {},
        {"one": ""},
        {"one": "wh"},
        {"one": "whole"},
        {"one": "whole", "two": ""},
        {"one": "whole", "two": "text"},
        *([{"three": "whole", "two": "text"}] * 3),
    ]
    if number <= len(expected):
        assert left(tmp_path) == expected[number - 1]
    assert (tmp_path / "root" / "made").exists() == (number > 1)


def test_a_number_that_is_never_reached_stops_nothing(tmp_path: Path) -> None:
    ended = run(tmp_path, Target(number=len(CHANGES) + 1))
    assert (ended.stopped, ended.status, left(tmp_path)) == (False, 0, {})


def test_programs_are_noted_with_their_time_and_all_of_them_are_killed(tmp_path: Path) -> None:
    work = """
subprocess.run(["sleep", "0.1"])
subprocess.run(["sh", "-c", "echo $$ > pid; sleep 60 & echo $! > inner; wait"], start_new_session=True)
"""
    ended = run(tmp_path, Target(child="begin.plan#2", after=3.0), work)
    assert ended.stopped
    assert [(each.name, each.program) for each in ended.trace.children] == [
        ("begin.plan", "sleep"),
        ("begin.plan#2", "sh"),
    ]
    assert ended.trace.children[0].seconds > 0
    assert [each.name for each in ended.trace.living] == ["begin.plan#2"]
    for name in ("pid", "inner"):
        assert not _lives(int((tmp_path / "root" / name).read_text()))


def _lives(pid: int) -> bool:
    """Does it do anything? One that nobody has asked about yet is dead all the same."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    try:
        with open(f"/proc/{pid}/stat", encoding="ascii", errors="replace") as stream:
            return stream.read().rpartition(")")[2].split()[0] not in {"Z", "X"}
    except FileNotFoundError:
        return False
