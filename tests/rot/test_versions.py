"""A journal of a newer, and of an older version: faults 46 and 47."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from installer import journal
from installer.journal import Journal
from installer.model import Closed, Delete, Done, Effect, Intent, Opened, Record, RelPath, Step
from tests.rot.asking import refused

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

    from tests.rot.lab import Lab


def test_a_newer_journal_is_refused_with_the_version_it_needs_and_status_still_tells(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(journal, "FORMAT", 7)
        lab.prepare("cut")
    refused(lab, 4, "newer version (format 7, this one reads up to 1)", "hint: update Surefoot to ")
    before = lab.picture(whole=True)
    for words in (("status",), ("status", "--json")):
        told = lab.manage(*words)
        assert (told.status, "newer version (format 7" in told.said) == (0, True), told.said
        assert json.loads(lab.store.progress.read_bytes())["install_id"] in told.said
    assert lab.manage("checkpoint", "repair", "--yes").status == 4, "a newer journal is whole: it is not to be cut"
    assert lab.picture(whole=True) == before


def test_an_older_journal_is_read_and_kept_before_anything_newer_is_added(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As the next version will do: its reader turns each record into one of its own."""
    lab.prepare("cut")
    old = lab.store.journal.read_bytes()
    monkeypatch.setattr(journal, "FORMAT", 2)
    monkeypatch.setattr(journal, "_UPGRADES", {1: lambda record: {**record, "v": 2}})
    assert lab.manage("status").status == 0
    assert lab.store.journal.read_bytes() == old, "reading changes nothing"
    assert lab.manage("rollback", "--yes").status == 0
    assert lab.picture() == lab.before
    kept = lab.store.checkpoints / "journal.format-1.jsonl"
    assert kept.read_bytes() == old
    assert lab.store.journal.read_bytes().startswith(old)
    assert [entry.version for entry in journal.read(lab.store.journal).entries][-1] == 2


_FIXTURE: tuple[Record, ...] = (
    Opened(install_id="20251115_143000", kind="install", facts={"mode": "dev", "tool_version": "0.1.0"}),
    Intent(
        step=Step(
            id="one.01.do", phase="one", title="Do", action="files.write", effect=Effect(touches=(RelPath("a"),))
        ),
        attempt=1,
        undo=(Delete(path=RelPath("a")),),
    ),
    Done(step="one.01.do", seconds=0.5, digests={"a": "sha256:" + "0" * 64}),
    Closed(outcome="done"),
)


def test_the_journal_of_format_1_is_read_for_ever(request: pytest.FixtureRequest) -> None:
    path = request.path.with_name("format-1") / "journal.jsonl"
    assert tuple(entry.record for entry in journal.read(path).entries) == _FIXTURE
    assert {entry.version for entry in journal.read(path).entries} == {1}


def make_fixture(path: Path) -> None:
    """How `format-1/journal.jsonl` was made, by the version whose format it is."""
    made = Journal(path)
    for record in _FIXTURE:
        made.append(record)
    made.close()
