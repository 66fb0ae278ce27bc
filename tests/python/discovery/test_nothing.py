"""Repositories that say nothing that we could follow."""

from __future__ import annotations

import os
from typing import Any

import pytest

from installer.errors import Precondition, UsageError


@pytest.mark.parametrize(
    "files",
    [
        {},
        {"main.py": "", "README.md": ""},
        {"pyproject.toml": "[tool.ruff]\nline-length = 100\n", "setup.cfg": "[flake8]\n"},
        {"examples/a/setup.py": "setup()"},
        {"package.json": "{}", "src/index.js": ""},
    ],
)
def test_the_error_says_what_was_looked_for(needs: Any, files: dict[str, str]) -> None:
    with pytest.raises(UsageError) as caught:
        needs(files)
    assert caught.value.code == "project.unrecognised"
    assert all(name in "".join(caught.value.details) for name in ("uv.lock", "requirements*.txt", "setup.py"))


@pytest.mark.parametrize(
    ("name", "program", "command"),
    [
        ("environment.yml", "conda or mamba", "mamba env create -f environment.yml"),
        ("environment.yaml", "conda or mamba", "mamba env create -f environment.yaml"),
        ("environment-gpu.yml", "conda or mamba", "mamba env create -f environment-gpu.yml"),
        ("meta.yaml", "conda or mamba", "conda build ."),
        ("pixi.toml", "pixi", "pixi install"),
    ],
)
def test_who_wants_another_tool_is_told_which(needs: Any, name: str, program: str, command: str) -> None:
    with pytest.raises(Precondition) as caught:
        needs({name: "dependencies:\n  - numpy\n"})
    assert caught.value.exit_code == 6
    assert name in caught.value.message
    assert program in caught.value.message
    assert command in caught.value.hint


def test_condas_file_beside_a_project_is_in_nobodys_way(needs: Any) -> None:
    assert needs({"environment.yml": "", "requirements.txt": "six"}).requirement_files == ("requirements.txt",)


def test_a_manifest_alone_is_enough(needs: Any) -> None:
    assert needs({"surefoot.toml": 'name = "X"\n'}).members == ()


def test_groups_alone_are_enough(needs: Any) -> None:
    files = {"pyproject.toml": '[dependency-groups]\ndev = ["six"]'}
    assert ([each.name for each in needs(files).groups], [each.name for each in needs(files, "dev").groups]) == (
        [],
        ["dev"],
    )


def test_reading_writes_nothing(needs: Any, write: Any) -> None:
    files = {"pyproject.toml": "[tool.black]", "libs/a/setup.py": "setup(name='a')", "requirements.txt": "six"}
    root = write(files)
    before = sorted(root.rglob("*"))
    needs(files)
    assert sorted(root.rglob("*")) == before


def test_a_tree_of_many_folders_is_not_searched_for_ever(
    needs: Any, write: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from phases.python.discovery import folders

    monkeypatch.setattr(folders, "MOST_FOLDERS", 22)
    root = write({f"data{number}/x": "" for number in range(20)} | {"zz/setup.py": "", "deep/a/setup.py": ""})
    assert root.is_dir()
    found = needs({})
    assert [each.path for each in found.members] == ["zz"]
    assert found.warnings == ("the tree has too many folders to look for projects in all of them",)


def test_a_file_that_is_too_large_is_not_read(needs: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from phases.python.discovery import tree

    monkeypatch.setattr(tree, "LARGEST", 3)
    with pytest.raises(UsageError, match=r"requirements\.txt is too large to be read \(4 bytes\)"):
        needs({"requirements.txt": "six\n"})


@pytest.mark.parametrize("name", ["setup.cfg", ".python-version", "Pipfile"])
def test_a_pipe_in_the_place_of_a_file_is_not_waited_for(needs: Any, write: Any, name: str) -> None:
    os.mkfifo(write({"setup.py": "setup(name='a')"}) / name)
    assert [each.name for each in needs({}).members] == ["a"]


def test_a_pipe_is_no_lock(needs: Any, write: Any) -> None:
    root = write({"pyproject.toml": '[project]\nname = "a"\n[build-system]\nbuild-backend = "own"\n'})
    os.mkfifo(root / "uv.lock")
    with pytest.raises(UsageError, match="this is no lock file"):
        needs({})


@pytest.mark.parametrize("name", ["pyproject.toml", "uv.lock", ".gitmodules"])
def test_a_link_to_nowhere_is_as_good_as_no_file(needs: Any, write: Any, name: str) -> None:
    (write({"setup.py": "setup(name='a')"}) / name).symlink_to("gone")
    assert [each.name for each in needs({}).members] == ["a"]
