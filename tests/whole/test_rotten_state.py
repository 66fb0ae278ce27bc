"""State that rotted between two runs: healed, or refused with the way out; nothing of the user's is ever lost."""

from __future__ import annotations

import json
import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest

from tests.whole.kit import PYTHON, again, differences, picture, run, version, write

pytestmark = pytest.mark.slow

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

STATE = (".surefoot",)
MINE = "made by hand\n"


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A project whose own environment, made by hand, was replaced by ours; and a copy to put it back from."""
    place = tmp_path_factory.mktemp("rotten")
    project, pristine = _made(place / "project"), place / "pristine"
    shutil.copytree(project, pristine, symlinks=True)
    return pristine, project


@pytest.fixture
def never_copied(tmp_path: Path) -> Path:
    """Such a project of the test's own: the environment in a copy is taken for one that was restored, and proven."""
    return _made(tmp_path / "project")


def _made(project: Path) -> Path:
    write(project, {"requirements.txt": "idna==3.6\n", "notes.txt": MINE})
    subprocess.run([str(PYTHON), "-m", "venv", "--without-pip", ".venv"], cwd=project, check=True)
    write(project, {".venv/mine.txt": MINE})
    ended = run("quickstart.py", "-y", cwd=project)
    assert ended.status == 0, ended.said
    return project


@pytest.fixture
def project(installed: tuple[Path, Path]) -> Path:
    """That project, fresh."""
    return again(*installed)


@pytest.fixture
def journal(project: Path) -> Path:
    return project / ".surefoot" / "checkpoints" / "journal.jsonl"


def _is_safe(project: Path) -> None:
    """What the user made is there: the notes, and the environment under its own or a kept name."""
    assert (project / "notes.txt").read_text() == MINE
    assert [path.read_text() for path in project.rglob("mine.txt")] == [MINE]


def _of_worth(project: Path) -> dict[str, str]:
    """All but the note of who holds the lock."""
    return {path: word for path, word in picture(project).items() if path != ".surefoot/lock.json"}


def _repaired(project: Path) -> None:
    """Nothing is done with the journal as it is; then the user agrees to go on with what is left of it."""
    before = _of_worth(project)
    ended = run("quickstart.py", "-y", cwd=project)
    assert ended.status == 4, ended.said
    assert "hint: `manage.py checkpoint repair`" in ended.said
    assert differences(before, _of_worth(project)) == []
    repaired = run("manage.py", "checkpoint", "repair", "--yes", cwd=project)
    assert repaired.status == 0, repaired.said


def _half(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def _empty(path: Path) -> None:
    path.write_bytes(b"")


def _flip(path: Path) -> None:
    """One bit in the middle."""
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)


def _delete(path: Path) -> None:
    path.unlink()


def _garbage(path: Path) -> None:
    path.write_bytes(bytes(range(256)) * 20)


def _headless(path: Path) -> None:
    """The first record is gone."""
    path.write_bytes(path.read_bytes().split(b"\n", 1)[1])


@pytest.mark.parametrize("rot", [_half, _empty, _flip, _delete, _garbage])
def test_the_progress_file_is_healed_from_the_journal(never_copied: Path, rot: Callable[[Path], None]) -> None:
    project = never_copied
    path = project / ".surefoot" / "checkpoints" / "install_progress.json"
    whole = json.loads(path.read_bytes())
    rot(path)
    status = run("manage.py", "status", cwd=project)
    assert (status.status, whole["install_id"] in status.said) == (0, True), status.said
    ended = run("quickstart.py", "-y", cwd=project)
    assert (ended.status, ended.said) == (0, "Nothing to do.\n")
    assert json.loads(path.read_bytes()) == whole
    _is_safe(project)


@pytest.mark.parametrize("share", [0.02, 0.4, 0.8, 0.9, 0.97])
@pytest.mark.parametrize("torn", [True, False], ids=["torn", "whole lines"])
def test_a_journal_that_lost_its_end_is_gone_on_with_when_the_user_agrees(
    never_copied: Path, share: float, *, torn: bool
) -> None:
    project, journal = never_copied, never_copied / ".surefoot" / "checkpoints" / "journal.jsonl"
    data = journal.read_bytes()
    cut = data.index(b"\n", int(len(data) * share)) + 1
    journal.write_bytes(data[: cut - 20 if torn else cut])
    _repaired(project)
    inode = (project / ".venv").stat().st_ino
    ended = run("quickstart.py", "-y", cwd=project)
    assert ended.status == 0, ended.said
    assert version(project) == "3.6"
    assert (project / ".venv").stat().st_ino == inode, "it is whole and current: there is nothing to make anew"
    _is_safe(project)
    back = run("manage.py", "rollback", "--all", "--yes", cwd=project)
    if back.status == 5:  # the record of where the earlier environment went is lost: said, and it comes back by name
        assert "could not be taken back: .venv: " in back.said
        assert run("manage.py", "restore", "original", "--yes", cwd=project).status == 0
        assert (project / ".venv" / "mine.txt").read_text() == MINE
    else:
        assert back.status == 0, back.said
    _is_safe(project)


def test_after_the_end_was_lost_changed_requirements_are_installed_and_taken_back(project: Path, journal: Path) -> None:
    _half(journal)
    write(project, {"requirements.txt": "idna==3.7\n"})
    _repaired(project)
    ended = run("quickstart.py", "-y", cwd=project)
    assert ended.status == 0, ended.said
    assert version(project) == "3.7"
    assert run("quickstart.py", "-y", cwd=project).said == "Nothing to do.\n"
    _is_safe(project)
    back = run("manage.py", "rollback", "--yes", cwd=project)
    assert back.status == 0, back.said
    assert version(project) == "3.6"
    _is_safe(project)


@pytest.mark.parametrize("rot", [_flip, _garbage, _headless])
def test_a_damaged_journal_is_exit_4_with_a_way_out_that_works(
    project: Path, journal: Path, rot: Callable[[Path], None]
) -> None:
    rot(journal)
    before = _of_worth(project)
    for door, *words in (("quickstart.py", "-y"), ("manage.py", "rollback", "--yes"), ("manage.py", "resume", "-y")):
        ended = run(door, *words, cwd=project)
        assert ended.status == 4, ended.said
        assert "error: the journal cannot be trusted" in ended.said
        assert "hint: `manage.py checkpoint repair`" in ended.said
    assert differences(before, _of_worth(project)) == [], "nobody guesses"
    damaged = journal.read_bytes()
    repaired = run("manage.py", "checkpoint", "repair", "--yes", cwd=project)
    assert repaired.status == 0, repaired.said
    assert [path.read_bytes() for path in (project / ".surefoot" / "damaged").iterdir()] == [damaged]
    ended = run("quickstart.py", "-y", cwd=project)
    assert ended.status == 0, ended.said
    assert version(project) == "3.6"
    _is_safe(project)
    restored = run("manage.py", "restore", "original", "--yes", cwd=project)
    assert restored.status == 0, restored.said
    assert (project / ".venv" / "mine.txt").read_text() == MINE


@pytest.mark.parametrize("everything", [(), ("--all",)], ids=["clean-env", "clean-env --all"])
def test_clean_env_is_a_way_out_of_a_damaged_journal_too(
    project: Path, journal: Path, everything: tuple[str, ...]
) -> None:
    _flip(journal)
    cleaned = run("manage.py", "clean-env", *everything, "--yes", cwd=project)
    assert cleaned.status == 0, cleaned.said
    assert not (project / ".venv").exists()
    _is_safe(project)
    ended = run("quickstart.py", "--standard", "--yes", cwd=project)
    assert ended.status == 0, ended.said
    assert version(project) == "3.6"
    back = run("manage.py", "rollback", "--all", "--yes", cwd=project)
    assert back.status == 0, back.said
    _is_safe(project)


@pytest.mark.parametrize("lost", ["checkpoints", "stash", "runs", "logs", "lock.json"])
def test_what_was_deleted_by_hand_is_made_again(project: Path, lost: str) -> None:
    path = project / ".surefoot" / lost
    shutil.rmtree(path) if path.is_dir() else path.unlink()
    inode = (project / ".venv").stat().st_ino
    ended = run("quickstart.py", "-y", cwd=project)
    assert (ended.status, (project / ".venv").stat().st_ino) == (0, inode), ended.said
    write(project, {"requirements.txt": "idna==3.7\n"})
    upgraded = run("quickstart.py", "-y", cwd=project)
    assert upgraded.status == 0, upgraded.said
    assert version(project) == "3.7"
    back = run("manage.py", "rollback", "--all", "--yes", cwd=project)
    assert back.status == 0, back.said
    _is_safe(project)


def test_without_its_state_folder_the_environment_is_used_and_never_deleted(project: Path) -> None:
    shutil.rmtree(project / ".surefoot")
    before = picture(project)
    ended = run("quickstart.py", "-y", cwd=project)
    assert (ended.status, "Use the restored `.venv` as it is" in ended.said) == (0, True), ended.said
    assert differences(before, picture(project, without=(".surefoot",))) == []
    write(project, {"requirements.txt": "idna==3.7\n"})
    assert run("quickstart.py", "-y", cwd=project).status == 0
    assert version(project) == "3.7"
    back = run("manage.py", "rollback", "--all", "--yes", cwd=project)
    assert back.status == 0, back.said
    assert version(project) == "3.6"


@pytest.mark.parametrize("where", ["", "checkpoints", "generations", "staging", "scratch"])
def test_a_link_in_place_of_state_is_refused_and_never_followed(project: Path, tmp_path: Path, where: str) -> None:
    path = project / ".surefoot" / where
    elsewhere = tmp_path / "elsewhere"
    if path.exists():
        path.rename(elsewhere)
    else:
        elsewhere.mkdir()
    write(elsewhere, {"precious.txt": MINE})
    path.symlink_to(elsewhere)
    write(project, {"requirements.txt": "idna==3.7\n"})
    before, outside = picture(project), picture(elsewhere)
    for door, *words in (
        ("quickstart.py", "-y"),
        ("manage.py", "rollback", "--all", "--yes"),
        ("manage.py", "clean-env", "--all", "--yes"),
    ):
        ended = run(door, *words, cwd=project)
        assert ended.status == 9, ended.said
        assert f"will not write through the link {project / '.surefoot' / where}".rstrip("/") in ended.said
        assert "hint: remove the link" in ended.said
    assert differences(before, picture(project)) == []
    assert differences(outside, picture(elsewhere)) == []
    path.unlink()
    ended = run("quickstart.py", "-y", cwd=project)
    assert ended.status == 0, ended.said
    assert version(project) == "3.7"


def test_a_file_in_place_of_the_state_folder_is_named_and_kept(project: Path) -> None:
    shutil.rmtree(project / ".surefoot")
    write(project, {".surefoot": MINE})
    before = picture(project)
    for door, *words in (("quickstart.py", "-y"), ("manage.py", "clean-env", "--all", "--yes")):
        ended = run(door, *words, cwd=project)
        assert ended.status == 6, ended.said
        assert ".surefoot` is a file" in ended.said
        assert "hint: move it away" in ended.said
    assert differences(before, picture(project)) == []


@pytest.mark.parametrize("kind", ["file", "link", "dangling link"])
def test_what_is_no_folder_in_place_of_the_environment_is_named_and_kept(
    project: Path, tmp_path: Path, kind: str
) -> None:
    shutil.rmtree(project / ".venv")
    if kind == "file":
        write(project, {".venv": MINE})
    else:
        (project / ".venv").symlink_to(tmp_path / "elsewhere")
    if kind == "link":
        write(tmp_path / "elsewhere", {"mine.txt": MINE})
    before = picture(project, without=STATE)
    ended = run("quickstart.py", "-y", cwd=project)
    assert ended.status == 6, ended.said
    assert "`.venv` is a " in ended.said
    assert differences(before, picture(project, without=STATE)) == []
    (project / ".venv").unlink()
    ended = run("quickstart.py", "-y", cwd=project)
    assert ended.status == 0, ended.said
    assert version(project) == "3.6"
