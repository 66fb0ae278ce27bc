"""What is noted beside the journal answers for it while it is that journal, and never otherwise."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from installer import journal
from installer.checkpoint import (
    check_resume_install,
    completed_phases,
    execute_rollback,
    init_checkpoint_system,
    resume_state,
    update_checkpoint,
)
from installer.errors import Damaged

if TYPE_CHECKING:
    from pathlib import Path

    from installer.witness import Mark


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


def test_of_a_journal_that_went_on_only_what_follows_is_read(begun: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever the call was cut short after; half a record is none."""
    note, known = summary(begun).read_bytes(), records(begun).stat().st_size
    update_checkpoint("build", "completed")
    update_checkpoint("check", "failed", "no")
    whole = records(begun).read_bytes()
    ends = [place + 1 for place, byte in enumerate(whole) if byte == ord("\n") and place > known]
    views = [begun / ".surefoot" / "checkpoints" / name for name in ("install_progress.json", "rollback.sh")]
    for view in views:
        view.unlink()
    summary(begun).write_bytes(note)
    real, sizes = journal.decode, list[int]()

    def decode(data: bytes, path: Path, after: Mark | None = None) -> journal.Reading:
        sizes.append(len(data))
        return real(data, path, after)

    monkeypatch.setattr(journal, "decode", decode)
    for end in (*ends, *(each - 7 for each in ends)):
        records(begun).write_bytes(whole[:end])
        summary(begun).write_bytes(note)
        sizes.clear()
        found = told(begun)
        assert set(sizes) == {end - known}
        summary(begun).unlink()
        assert told(begun) == found


def test_whatever_byte_is_wrong_of_a_journal_that_went_on_is_noticed(begun: Path) -> None:
    note = summary(begun).read_bytes()
    update_checkpoint("build", "failed", "no")
    whole = records(begun).read_bytes()
    last = whole.rindex(b"\n", 0, -1) + 1  # a bad last record is one that was cut short
    for place in range(last):
        records(begun).write_bytes(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])
        summary(begun).write_bytes(note)
        with pytest.raises(Damaged):
            check_resume_install(begun)


def test_a_return_after_what_is_known_has_the_journal_read(begun: Path) -> None:
    note = summary(begun).read_bytes()
    execute_rollback("start")
    expected = told(begun)
    summary(begun).write_bytes(note)
    assert told(begun) == expected == (False, "", ())


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
