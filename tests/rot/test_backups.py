"""The disk, the progress file and the backups do not agree: faults 51 to 53."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING

import pytest

from installer.model import Restore
from tests.engine.plug import run_script

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.rot.lab import Lab


def test_what_the_progress_file_calls_done_is_done_again_if_the_disk_says_not(lab: Lab) -> None:
    lab.prepare("between")
    (lab.root / "a" / "b" / "new.txt").unlink()
    told = json.loads(lab.store.progress.read_bytes())
    told["completed_phases"] = [phase["name"] for phase in told["phases"]]
    lab.store.progress.write_text(json.dumps(told))
    assert lab.quickstart().status == 0
    assert (lab.root / "a" / "b" / "new.txt").read_text() == "made"


def test_what_is_done_is_not_done_again_though_the_progress_file_says_not(lab: Lab) -> None:
    lab.prepare("between")
    inode = (lab.root / "a" / "b" / "new.txt").stat().st_ino
    told = json.loads(lab.store.progress.read_bytes())
    lab.store.progress.write_text(json.dumps(told | {"completed_phases": []}))
    assert lab.quickstart().status == 0
    assert (lab.root / "a" / "b" / "new.txt").stat().st_ino == inode


def _delete(path: Path) -> None:
    path.unlink()


def _flip(path: Path) -> None:
    data = path.read_bytes()
    path.write_bytes(bytes([data[0] ^ 1]) + data[1:])


def _link(path: Path) -> None:
    path.rename(path.with_name("aside"))
    path.symlink_to("aside")


def _pipe(path: Path) -> None:
    path.unlink()
    os.mkfifo(path)


def _folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


@pytest.mark.parametrize("rot", [_delete, _flip, _link, _pipe, _folder])
@pytest.mark.parametrize("by", ["tool", "script"])
def test_a_lost_backup_keeps_one_file_from_coming_back_and_nothing_is_deleted(
    lab: Lab, rot: Callable[[Path], None], by: str
) -> None:
    lab.prepare("finished")
    (undo,) = (
        undo
        for state in lab.store.current().standing
        for undo in state.undo
        if isinstance(undo, Restore) and undo.path == "config.ini"
    )
    rot(lab.root / undo.backup)
    if by == "tool":
        ended = lab.manage("rollback", "--yes")
        assert ended.status == 5, ended.said
        assert "config.ini: its backup" in ended.said
    else:
        assert run_script(lab.root).returncode == 5
    after = lab.picture()
    assert after.pop("config.ini") == ("file", 0o600, b"new")
    assert after == {name: word for name, word in lab.before.items() if name != "config.ini"}
