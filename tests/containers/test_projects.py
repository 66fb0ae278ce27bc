"""Whose the things in an engine are: of the folder that was moved, and not of its copy."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import pytest

from phases.containers import labels, projects


@pytest.fixture(autouse=True)
def own_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SUREFOOT_CONFIG_DIR", str(tmp_path / "settings"))


def begun(path: Path) -> tuple[Path, str]:
    """A project, and its id."""
    (path / ".surefoot").mkdir(parents=True)
    found = labels.project_id(path)
    projects.note(path)
    assert labels.project_id(path) == found
    return path, found


def renamed(path: Path, name: str) -> Path:
    return Path(shutil.move(path, path.with_name(name)))


def copied(path: Path, name: str) -> Path:
    return Path(shutil.copytree(path, path.with_name(name)))


def test_a_moved_project_is_itself_and_noted_once_more(tmp_path: Path) -> None:
    path, own = begun(tmp_path / "here")
    there = renamed(path, "there")
    assert labels.project_id(there) == own
    projects.note(there)
    assert labels.project_id(renamed(there, "further")) == own


def test_a_copy_is_another_and_stays_so(tmp_path: Path) -> None:
    path, own = begun(tmp_path / "here")
    copy = copied(path, "copy")
    other = labels.project_id(copy)
    assert other != own
    projects.note(copy)
    assert (labels.project_id(copy), labels.project_id(path)) == (other, own)
    assert projects.stranger(copy) is None  # its original is there
    projects.adopt(copy)
    assert labels.project_id(copy) == other


def test_a_copy_in_the_place_of_a_moved_one_is_another(tmp_path: Path) -> None:
    path, own = begun(tmp_path / "here")
    copy, there = copied(path, "copy"), renamed(path, "there")
    projects.note(there)
    assert labels.project_id(there) == own
    assert labels.project_id(renamed(copy, "here")) != own


def test_a_new_project_in_the_place_of_a_moved_one_is_another(tmp_path: Path) -> None:
    path, own = begun(tmp_path / "here")
    projects.note(renamed(path, "there"))
    _, other = begun(tmp_path / "here")
    assert other != own


def test_one_that_is_put_back_or_loses_its_state_is_itself(tmp_path: Path) -> None:
    path, own = begun(tmp_path / "here")
    copy = copied(path, "backup")
    shutil.rmtree(path)
    path = renamed(copy, "here")
    assert labels.project_id(path) == own
    projects.note(path)
    shutil.rmtree(path / ".surefoot")
    assert labels.project_id(path) == own


def test_one_that_was_moved_by_copying_is_itself_once_the_user_says_so(tmp_path: Path) -> None:
    path, own = begun(tmp_path / "here")
    copy = copied(path, "copy")
    shutil.rmtree(path)
    other = labels.project_id(copy)
    assert other != own
    projects.note(copy)  # a run of its own, before anybody thought of it
    found = projects.stranger(copy)
    assert found is not None
    assert found["id"] == own
    projects.adopt(copy)
    assert labels.project_id(copy) == own
    assert projects.stranger(copy) is None


def test_a_note_that_a_repository_brings_along_is_not_believed(tmp_path: Path) -> None:
    path, own = begun(tmp_path / "here")
    noted = json.loads((path / ".surefoot" / "project.json").read_text())
    forgeries: tuple[object, ...] = (
        noted | {"id": "0" * 16, "folder": {"path": os.fspath(path), "inode": 1, "born": 1}},
        noted | {"id": "../../../../etc/x"},
        noted | {"folder": None},
        [],
    )
    for forged in forgeries:
        (path / ".surefoot" / "project.json").write_text(json.dumps(forged))
        assert labels.project_id(path) == own
