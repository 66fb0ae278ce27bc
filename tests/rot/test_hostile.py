"""What is not ours in place of what is: faults 48, 49 and 56."""

from __future__ import annotations

import gzip
import json
import os
import shutil
from typing import TYPE_CHECKING, Any

import pytest

from installer import journal
from installer.errors import Damaged
from installer.model import RelPath
from installer.store import Store
from tests.rot.asking import OPENED, STEP, WAYS, call, forged, refused

if TYPE_CHECKING:
    from pathlib import Path

    from tests.rot.lab import Lab


@pytest.mark.parametrize("content", [b'{"mine": 1}\n', b"# my notes\n", b"\xff\xfe\x00", b'{"v":"mine"}\n{"v":1}\n'])
def test_a_foreign_file_of_the_journals_name_is_left_as_it_is(lab: Lab, content: bytes) -> None:
    lab.store.prepare()
    lab.store.journal.write_bytes(content)
    refused(lab, 4, "it was not written by Surefoot")


DEEP = json.loads("[" * 400 + "]" * 400)
HOSTILE: dict[str, dict[str, Any]] = {
    "no type": {},
    "unknown type": {"type": "Exploded"},
    "a run within the run": OPENED,
    "done, never begun": {"type": "Done", "step": "x", "seconds": 0.0},
    "not a number": {"type": "Checkpoint", "name": "x", "seconds": float("nan")},
    "a text for a number": {"type": "Checkpoint", "name": "x", "seconds": "1"},
    "a list for a text": {"type": "Checkpoint", "name": ["x"], "seconds": 1.0},
    "deep": {"type": "Failed", "step": "", "phase": "a", "error": DEEP},
    "a text for an object": {"type": "Failed", "step": "", "phase": "a", "error": "x"},
    "a step that leads out": {"type": "Intent", "step": {**STEP, "id": "../../../precious"}, "attempt": 1, "undo": []},
    "an absolute step": {"type": "Intent", "step": {**STEP, "id": "/precious"}, "attempt": 1, "undo": []},
    "no id": {"type": "Intent", "step": {**STEP, "id": "."}, "attempt": 1, "undo": []},
    "an undo that leads out": {
        "type": "Intent",
        "step": STEP,
        "attempt": 1,
        "undo": [{"type": "Delete", "path": "../precious", "scratch": True}],
    },
    "an absolute undo": {
        "type": "Intent",
        "step": STEP,
        "attempt": 1,
        "undo": [{"type": "Delete", "path": "/precious"}],
    },
    "an undo of no kind": {"type": "Intent", "step": STEP, "attempt": 1, "undo": [{"type": "Format", "path": "x"}]},
    "an undo that is a text": {"type": "Intent", "step": STEP, "attempt": 1, "undo": "Delete"},
    "a pair of three": {
        "type": "Intent",
        "step": {**STEP, "effect": {"moves": [["a"]]}},
        "attempt": 1,
        "undo": [],
    },
    "digests that are none": {"type": "Failed", "step": "", "phase": "a", "error": {}, "digests": {"a": 1}},
}


@pytest.mark.parametrize("what", HOSTILE)
def test_hostile_values_are_refused_before_anything_is_done(lab: Lab, what: str) -> None:
    (lab.root.parent / "precious").write_text("mine")
    lab.store.prepare()
    lab.store.journal.write_bytes(forged(OPENED, HOSTILE[what]))
    refused(lab, 4)
    assert lab.manage("status").status == 4
    assert (lab.root.parent / "precious").read_text() == "mine"
    assert lab.manage("checkpoint", "repair", "--yes").status == 0


@pytest.mark.parametrize(
    "line",
    [b'["v",1]', b'{"v":"1","seq":1}', b'{"v":1}', b'{"v":0,"seq":1,"time":"x"}', b"[" * 100_000, b'{"v":1,"seq":[]}'],
)
def test_a_line_that_is_no_record_is_refused_whatever_its_checksum(lab: Lab, line: bytes) -> None:
    lab.store.prepare()
    text = line.decode() + "}"
    body = f'{line.decode()},"sum":"{journal._checksum("", text)}"}}\n'.encode()  # noqa: SLF001 -- the format itself
    lab.store.journal.write_bytes(body * 2)
    refused(lab, 4)


def test_names_of_folders_are_not_taken_from_anybody(lab: Lab) -> None:
    for name in ("../../x", "/x", "", "."):
        lab.store.prepare()
        lab.store.journal.write_bytes(forged({**OPENED, "install_id": name}))
        refused(lab, 4)


def test_what_is_huge_is_not_read(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    lab.prepare("finished")
    with lab.store.journal.open("r+b") as stream:
        stream.truncate(1 << 40)
    for words in WAYS:
        ended = call(lab, words)
        assert (ended.status, "File too large" in ended.said) == (4, True)
    lab.again()
    with lab.store.progress.open("r+b") as stream:
        stream.truncate(1 << 40)
    assert lab.manage("status").status == 0
    lab.again()
    monkeypatch.setattr("installer.files.LARGEST", 1 << 20)
    folder = lab.store.runs / "20200101_000000"
    folder.mkdir()
    (folder / "journal.jsonl.gz").write_bytes(gzip.compress(bytes(1 << 22)))
    with pytest.raises(Damaged, match="too large"):
        lab.store.archived(folder.name)


def test_a_deep_progress_file_is_one_that_says_nothing(lab: Lab) -> None:
    lab.prepare("finished")
    lab.store.progress.write_bytes(b"[" * 200_000 + b"]" * 200_000)
    for words in (("status",), ("doctor",), ("quickstart",)):
        assert call(lab, words).status in {0, 6}
    assert json.loads(lab.store.progress.read_bytes())["state"] == "done"


STATE_FILES = (
    "checkpoints/journal.jsonl",
    "checkpoints/install_progress.json",
    "checkpoints/rollback.sh",
    "checkpoints/reserve",
    "checkpoints/summary",
    "checkpoints/rolled-back-by-script",
    "lock",
    "lock.json",
    "fingerprint",
    ".gitignore",
    "dissolving",
)


def _in_place(path: Path, kind: str, victim: Path) -> None:
    shutil.rmtree(path, ignore_errors=True) if path.is_dir() and not path.is_symlink() else path.unlink(missing_ok=True)
    match kind:
        case "link":
            path.symlink_to(victim)
        case "pipe":
            os.mkfifo(path)
        case "device":
            os.mknod(path, 0o20600, os.makedev(1, 3)) if os.geteuid() == 0 else os.mkfifo(path)
        case "folder":
            path.mkdir()
        case "file":
            path.write_text("mine")


@pytest.mark.parametrize("kind", ["link", "pipe", "device", "folder"])
def test_what_is_no_file_in_place_of_a_state_file_is_refused_and_never_waited_for(lab: Lab, kind: str) -> None:
    lab.prepare("cut")
    victim = lab.root.parent / "victim"
    victim.write_text("mine")
    for name in STATE_FILES:
        lab.again()
        _in_place(lab.root / ".surefoot" / name, kind, victim)
        refused(lab, 9, name, "hint: ")
        assert lab.manage("status").status == 9
        assert victim.read_text() == "mine"


@pytest.mark.parametrize("name", ["runs", "stash", "logs", "generations", "kept", "staging", "scratch", "damaged"])
def test_a_file_in_place_of_a_folder_of_the_state_is_refused(lab: Lab, name: str) -> None:
    lab.prepare("cut")
    _in_place(lab.root / ".surefoot" / name, "file", lab.root)
    refused(lab, 9, name, "hint: ")


def test_pipes_where_earlier_runs_are_kept_are_damage_and_never_waited_for(lab: Lab) -> None:
    lab.prepare("finished")
    name = "20200101_000000"
    folder = lab.store.runs / name
    folder.mkdir()
    os.mkfifo(folder / "journal.jsonl.gz")
    with pytest.raises(Damaged):
        Store(lab.root, RelPath(".surefoot")).archived(name)
    assert lab.manage("history").status == 4
