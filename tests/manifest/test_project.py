from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from installer.project import find_root

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("HOME", str(tmp_path))
    return tmp_path


@pytest.mark.parametrize("mark", [".git/", ".git", ".surefoot/", "surefoot.toml"])
def test_the_root_is_the_nearest_folder_with_a_mark(tmp_path: Path, mark: str) -> None:
    inner = tmp_path / "project" / "src" / "deep"
    inner.mkdir(parents=True)
    (tmp_path / "project" / "src" / "pyproject.toml").touch()
    place = tmp_path / "project" / mark
    place.mkdir() if mark.endswith("/") else place.touch()
    assert find_root(inner) == tmp_path / "project"


def test_a_table_in_pyproject_is_a_mark(tmp_path: Path) -> None:
    (tmp_path / "project" / "member").mkdir(parents=True)
    (tmp_path / "project" / ".git").mkdir()
    (tmp_path / "project" / "member" / "pyproject.toml").write_text("[tool.surefoot]\n")
    assert find_root(tmp_path / "project" / "member") == tmp_path / "project" / "member"


@pytest.mark.parametrize("name", ["pyproject.toml", "setup.py", "requirements-dev.txt", "poetry.lock", "REQUIREMENTS"])
def test_without_a_mark_it_is_the_nearest_python_project(tmp_path: Path, name: str) -> None:
    inner = tmp_path / "project" / "src"
    inner.mkdir(parents=True)
    (tmp_path / "project" / name).touch()
    assert find_root(inner) == tmp_path / "project"


def test_a_home_under_version_control_does_not_swallow_its_folders(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    (tmp_path / "project").mkdir()
    assert find_root(tmp_path / "project") == tmp_path / "project"
    assert find_root(tmp_path) == tmp_path


def test_a_folder_with_nothing_in_it_is_its_own_root(tmp_path: Path) -> None:
    assert find_root(tmp_path) == tmp_path
