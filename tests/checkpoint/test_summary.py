"""What is noted beside the journal answers for it while it is that journal, and never otherwise."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from installer import journal
from installer.checkpoint import (
    check_resume_install,
    completed_phases,
    init_checkpoint_system,
    resume_state,
    update_checkpoint,
)
from installer.errors import Damaged

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def begun(project: Path) -> Path:
    """A script's run of which a phase is completed and another begun."""
    init_checkpoint_system(project, phases=("fetch", "build", "check"))
    update_checkpoint("fetch", "completed")
    update_checkpoint("build", "started")
    return project


def summary(project: Path) -> Path:
    return project / ".surefoot" / "checkpoints" / "summary"


def records(project: Path) -> Path:
    return project / ".surefoot" / "checkpoints" / "journal.jsonl"


def told(project: Path) -> tuple[bool, str, tuple[str, ...]]:
    return check_resume_install(project), resume_state(project).current_phase, completed_phases(project)


def test_the_journal_is_not_read_for_it(begun: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    expected = told(begun)
    monkeypatch.setattr(journal, "read", None)  # whoever calls it fails
    assert told(begun) == expected == (True, "build", ("fetch",))


def test_a_journal_that_went_on_is_read(begun: Path) -> None:
    """As after a kill between the record and its views."""
    before = summary(begun).read_bytes()
    update_checkpoint("build", "completed")
    summary(begun).write_bytes(before)
    assert told(begun) == (True, "build", ("fetch", "build"))


def test_a_run_that_is_over_is_no_more_unfinished_for_an_older_copy(begun: Path) -> None:
    before = summary(begun).read_bytes()
    update_checkpoint("build", "completed")
    update_checkpoint("check", "completed")
    assert not check_resume_install(begun)
    summary(begun).write_bytes(before)
    assert not check_resume_install(begun)


def test_whatever_byte_of_it_is_wrong_the_answer_is_right(begun: Path) -> None:
    expected, whole = told(begun), summary(begun).read_bytes()
    for place in range(len(whole)):
        summary(begun).write_bytes(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])
        assert check_resume_install(begun) == expected[0]
    for size in (0, 1, len(whole) // 2, len(whole) - 1):
        summary(begun).write_bytes(whole[:size])
        assert told(begun) == expected


def test_a_journal_that_rotted_with_its_time_put_back_is_noticed(begun: Path) -> None:
    path = records(begun)
    times, data = path.stat(), bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)
    os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))
    with pytest.raises(Damaged):
        check_resume_install(begun)


def test_an_older_copy_of_the_journal_is_noticed_with_its_own_summary(begun: Path) -> None:
    """All but the progress file put back: a copy is another file, and has other times."""
    older, note = records(begun).read_bytes(), summary(begun).read_bytes()
    update_checkpoint("build", "completed")
    records(begun).write_bytes(older)
    summary(begun).write_bytes(note)
    with pytest.raises(Damaged):
        check_resume_install(begun)


def test_a_run_that_the_script_took_back_is_not_gone_on_with(begun: Path) -> None:
    install_id = resume_state(begun).install_id
    (begun / ".surefoot" / "checkpoints" / "rolled-back-by-script").write_text(install_id + "\n")
    assert not check_resume_install(begun)


def test_one_of_another_place_does_not_count(begun: Path, tmp_path: Path) -> None:
    """A state folder that was copied: the journal there is another file."""
    there = tmp_path / "there"
    there.mkdir()
    init_checkpoint_system(there)
    summary(there).write_bytes(summary(begun).read_bytes())
    assert not check_resume_install(there)
