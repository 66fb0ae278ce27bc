"""What the system denies: rights, a disk that only reads, too few descriptors, long names, mounts (rows 24, 31-37)."""

from __future__ import annotations

import os
import subprocess
from typing import TYPE_CHECKING

import pytest

from tests.power.disk import Disk, disk
from tests.power.reboot import rebooted
from tests.power.small import MANIFEST, Small
from tests.whole.kit import run

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.slow

NO_OVERRIDE = ("setpriv", "--bounding-set=-dac_override,-dac_read_search,-fowner", "--")  # root as anybody else


@pytest.fixture
def volume() -> Iterator[Disk]:
    with disk(size="300M", options=()) as made:
        yield made


@pytest.fixture
def small(volume: Disk) -> Small:
    made = Small(volume.top / "project")
    made.make()
    return made


def whole(small: Small) -> dict[str, str]:
    """Also the state folder, without what every command may write there."""
    found = {name: word for name, word in small.tree().items() if not name.startswith(".surefoot")}
    journal = small.root / ".surefoot" / "checkpoints" / "journal.jsonl"
    return found | ({"journal": journal.read_bytes().hex()} if journal.exists() else {})


def test_a_disk_that_only_reads_is_said_before_any_write(small: Small, volume: Disk) -> None:
    subprocess.run(["mount", "-o", "remount,ro", str(volume.top)], check=True)
    error = small.error()
    assert error["exit_code"] == 6, error
    assert str(volume.top) in str(error["message"])
    assert small.untouched() == []
    subprocess.run(["mount", "-o", "remount,rw", str(volume.top)], check=True)
    small.completes()


def test_read_only_after_a_restart_names_the_mount_and_both_ways_stay_open(
    small: Small, volume: Disk, tmp_path: Path
) -> None:
    """Row 24: the run was cut, and the system mounted the disk for reading only, as it does after errors."""
    assert small.start("--until", "python_deps").status == 0
    volume.unmount()
    volume.mount("loop,ro")
    before = whole(small)
    for door, words in (("quickstart.py", ("-y",)), ("manage.py", ("rollback", "--yes")), ("manage.py", ("resume",))):
        ended = run(door, *words, cwd=small.root, through=rebooted(tmp_path))
        assert ended.status == 6, ended.said
        assert f"mounted at {volume.top}" in ended.said
        assert whole(small) == before
    assert run("manage.py", "status", cwd=small.root).status == 0
    volume.unmount()
    volume.mount()
    small.completes()


def test_a_folder_that_may_not_be_changed_is_said_before_any_write(small: Small) -> None:
    subprocess.run(["chattr", "+i", str(small.root)], check=True)
    try:
        error = small.error()
        assert error["exit_code"] == 6, error
        assert str(small.root) in str(error["message"])
        assert small.untouched() == []
    finally:
        subprocess.run(["chattr", "-i", str(small.root)], check=True)
    small.completes()


@pytest.mark.parametrize("name", ["config.txt", ".venv"])
def test_a_target_that_may_not_be_changed_fails_the_run_and_all_is_taken_back(small: Small, name: str) -> None:
    (small.root / ".venv").mkdir()
    (small.root / ".venv" / "mine.txt").write_text("the user's")
    small.before = small.tree()
    subprocess.run(["chattr", "+i", str(small.root / name)], check=True)
    try:
        failed = small.start()
        assert failed.status in {1, 6}, failed.said
        back = small.back()
        assert back.status == 0, back.said
        assert small.untouched() == []
        small.start()
    finally:
        subprocess.run(["chattr", "-i", str(small.root / name)], check=True)
    small.completes()


def test_a_folder_of_somebody_else_is_said_before_any_write(small: Small) -> None:
    os.chown(small.root, 65534, 65534)
    error = small.error(through=NO_OVERRIDE)
    assert error["exit_code"] == 6, error
    assert str(small.root) in str(error["message"])
    assert small.untouched() == []
    small.completes()


def test_a_state_folder_of_somebody_else_is_said(small: Small) -> None:
    assert small.start("--until", "environment_setup").status == 0
    subprocess.run(["chown", "-R", "65534:65534", str(small.root / ".surefoot")], check=True)
    ended = small.start(through=NO_OVERRIDE)
    assert ended.status == 6, ended.said
    assert str(small.root / ".surefoot") in ended.said
    subprocess.run(["chown", "-R", "0:0", str(small.root / ".surefoot")], check=True)
    small.completes()


def test_a_file_of_somebody_else_fails_the_step_and_all_is_taken_back(small: Small) -> None:
    os.chown(small.root / "config.txt", 65534, 65534)
    (small.root / "config.txt").chmod(0o600)
    small.before = small.tree()
    failed = small.start(through=NO_OVERRIDE)
    assert failed.status in {1, 6}, failed.said
    assert "config.txt" in failed.said
    assert small.back(through=NO_OVERRIDE).status == 0
    assert small.untouched() == []
    small.completes()


@pytest.mark.parametrize("how", ["no right", "no such sector"])
def test_a_backup_that_cannot_be_read_makes_the_rollback_incomplete_and_nothing_is_deleted(
    small: Small, how: str
) -> None:
    assert small.start("--until", "python_deps").status == 0
    backup = next(
        path for path in (small.root / ".surefoot" / "stash").rglob("*") if path.is_file() and _is_users(path)
    )
    if how == "no right":
        os.chown(backup, 65534, 65534)
        backup.chmod(0)
        through: tuple[str, ...] = NO_OVERRIDE
    else:
        through = ("strace", "-f", "-o", "/dev/null", "-P", str(backup), "-e", "inject=read:error=EIO")
    back = small.back(through=through)
    assert back.status == 5, back.said
    assert "config.txt" in back.said
    assert _is_users(backup)
    assert (small.root / "config.txt").read_text() == "ours " * 2000
    assert not (small.root / "made.txt").exists(), "the others are taken back all the same"
    os.chown(backup, 0, 0)
    backup.chmod(0o600)
    assert small.back().status == 0
    assert small.untouched() == []


@pytest.mark.parametrize("count", [8, 12, 16, 20, 30])
def test_too_few_descriptors_is_a_clear_failure(small: Small, count: int) -> None:
    failed = small.start(through=("prlimit", f"--nofile={count}:{count}", "--"))
    assert failed.status in {0, 1, 6}, failed.said
    assert failed.status == 0 or "Too many open files" in failed.said or "os error 24" in failed.said, failed.said
    back = small.back()
    assert back.status == 0, back.said
    assert small.untouched() == []
    small.completes()


@pytest.mark.parametrize("setting", ["environment", "state-dir"])
def test_a_name_too_long_for_the_disk_is_said_before_any_write(small: Small, setting: str) -> None:
    (small.root / "surefoot.toml").write_text(f'{setting} = "{"x" * 256}"\n' + MANIFEST)
    small.before = small.tree()
    error = small.error()
    assert error["exit_code"] in {2, 6}, error
    assert small.untouched() == []
    assert not (small.root / ".surefoot").exists()


def test_a_path_too_long_for_the_system_is_said_before_any_write(volume: Disk) -> None:
    folder = volume.top
    while len(str(folder)) < 3950:
        folder = folder / ("d" * min(200, 3999 - len(str(folder))))
        folder.mkdir()
    small = Small(folder)
    small.make()
    error = small.error()
    assert error["exit_code"] == 6, error
    assert small.untouched() == []
    assert not (folder / ".surefoot").exists()


@pytest.mark.parametrize("where", ["envs", ".surefoot"])
def test_environment_and_state_on_two_disks_is_said_before_any_write(small: Small, where: str, volume: Disk) -> None:
    """Row 36: no rename leads from one to the other."""
    (small.root / "surefoot.toml").write_text('environment = "envs/venv"\n' + MANIFEST)
    (small.root / where).mkdir()
    small.before = small.tree()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64m,mode=755", "none", str(small.root / where)], check=True)
    error = small.error()
    assert error["exit_code"] == 6, error
    assert "`state-dir`" in str(error["message"])
    assert small.untouched() == []
    both = 'environment = "envs/venv"\nstate-dir = "envs/state"\n' + MANIFEST  # what the message advises
    (small.root / "surefoot.toml").write_text(both)
    small.before = small.tree()
    if where == "envs":
        small.completes(where="envs/venv")


def test_an_environment_that_is_a_mount_point_is_said_before_any_write(small: Small) -> None:
    (small.root / ".venv").mkdir()
    small.before = small.tree()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64m,mode=755", "none", str(small.root / ".venv")], check=True)
    error = small.error()
    assert error["exit_code"] == 6, error
    assert ".venv" in str(error["message"])
    subprocess.run(["umount", str(small.root / ".venv")], check=True)
    assert small.untouched() == []
    small.completes()


def _is_users(path: Path) -> bool:
    return path.read_bytes().startswith(b"the user's")
