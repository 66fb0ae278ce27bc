"""An update that begins or fails a phase does not read the journal; and comes to the same as one that does."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any

import pytest

from installer import brief, journal
from installer.checkpoint import (
    check_resume_install,
    create_rollback_point,
    execute_rollback,
    init_checkpoint_system,
    resume_state,
    update_checkpoint,
)
from installer.errors import Damaged, Precondition, UsageError
from installer.model import Failed, PhaseStarted
from installer.state import fold

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def begun(project: Path) -> Path:
    """A script's run of which a phase is completed."""
    init_checkpoint_system(project, phases=("fetch", "build", "check"))
    update_checkpoint("fetch", "completed")
    return project


def checkpoints(project: Path) -> Path:
    return project / ".surefoot" / "checkpoints"


def progress(project: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((checkpoints(project) / "install_progress.json").read_text())
    return found


def test_the_journal_is_not_read_for_it(begun: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(journal, "read", None)  # whoever calls it fails
        update_checkpoint("build", "started")
        update_checkpoint("build", "failed", {"message": "no", "line": 3})
        update_checkpoint("check", "started")
        assert resume_state(begun).failed == ("build",)
    reading = journal.read(checkpoints(begun) / "journal.jsonl")
    *_, one, two, three = (entry.record for entry in reading.entries)
    error = {"code": "phase.failed", "message": "no", "data": {"message": "no", "line": 3}}
    assert (one, two) == (PhaseStarted(phase="build"), Failed(step="", phase="build", error=error))
    assert three == PhaseStarted(phase="check")
    assert fold(reading.entries).phases["fetch"].status == "completed"


def test_what_is_shown_is_what_it_is_when_the_journal_is_read(begun: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """At every update of a story with every kind of call; but for the time of the last change and its record."""
    story = (
        lambda: update_checkpoint("build", "started", "on it"),
        lambda: update_checkpoint("build", "failed", "no"),
        lambda: create_rollback_point("by hand", ["config.ini"]),
        lambda: update_checkpoint("build", "started"),
        lambda: execute_rollback("fetch"),
        lambda: update_checkpoint("build", "started"),
        lambda: update_checkpoint("check", "failed", "neither"),
        lambda: update_checkpoint("build", "completed"),
        lambda: update_checkpoint("check", "started"),
        lambda: update_checkpoint("check", "completed"),
    )
    (begun / "config.ini").write_text("x")
    shown: list[dict[str, Any]] = []
    for call in story:
        call()
        shown.append(progress(begun))
        with monkeypatch.context() as patch:
            patch.setattr(brief, "update", lambda *_: False)
            if check_resume_install(begun):
                init_checkpoint_system(begun, phases=("fetch", "build", "check"))  # reads all, and renews all
        assert progress(begun) == shown[-1]
    assert shown[-1]["state"] == "done"


@pytest.mark.parametrize("name", ["journal.jsonl", "rollback.sh", "install_progress.json", "summary"])
def test_a_file_that_is_not_as_it_was_has_the_journal_read(
    begun: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, read = checkpoints(begun) / name, list[object]()
    os.utime(path, ns=(path.stat().st_atime_ns, path.stat().st_mtime_ns))  # no byte is another; its ctime is
    if name == "summary":
        path.write_bytes(path.read_bytes()[:-1])
    real = journal.read

    def reading(at: Path) -> journal.Reading:
        read.append(at)
        return real(at)

    monkeypatch.setattr(journal, "read", reading)
    update_checkpoint("build", "started")
    assert read
    read.clear()
    update_checkpoint("build", "started")
    assert not read


def test_a_byte_of_the_journal_that_rotted_is_noticed(begun: Path) -> None:
    path = checkpoints(begun) / "journal.jsonl"
    times, data = path.stat(), bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)
    os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))
    with pytest.raises(Damaged):
        update_checkpoint("build", "started")


def test_it_refuses_what_is_refused_when_the_journal_is_read(begun: Path) -> None:
    before = (checkpoints(begun) / "journal.jsonl").read_bytes()
    with pytest.raises(UsageError, match="bild"):
        update_checkpoint("bild", "started")
    assert (checkpoints(begun) / "journal.jsonl").read_bytes() == before
    for name in ("build", "check"):
        update_checkpoint(name, "completed")
    with pytest.raises(Precondition):
        update_checkpoint("build", "started")
