"""`quickstart.py --no-state`: a layer of an image has the environment and nothing else, the same bytes each time."""

from __future__ import annotations

import os
import shutil
from typing import TYPE_CHECKING

import pytest

from tests.whole import kit

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.slow

_PROJECT = """\
[project]
name = "app"
version = "1"
description = "An app."
dependencies = ["idna==3.6", "six==1.16.0"]

[build-system]
requires = ["flit_core>=3.8"]
build-backend = "flit_core.buildapi"
"""
_EPOCH = "1700000000"


def make(project: Path) -> None:
    shutil.rmtree(project, ignore_errors=True)
    kit.write(project, {"pyproject.toml": _PROJECT, "app/__init__.py": '"""An app."""\n'})


def build(project: Path, cache: Path) -> kit.Ended:
    """As in an image: a fresh tree, fresh caches of the installers', and the time that the source has."""
    variables = {"UV_CACHE_DIR": str(cache), "SUREFOOT_PYTHON": str(kit.PYTHON), "SOURCE_DATE_EPOCH": _EPOCH}
    return kit.run("quickstart.py", "-y", "--no-state", cwd=project, env=variables)


def layer(project: Path) -> dict[str, str]:
    """What a layer would hold: every path with kind, mode, content and time."""
    found = kit.picture(project / ".venv")
    return {name: f"{word} {os.lstat(project / '.venv' / name).st_mtime}" for name, word in found.items()}


def test_the_same_inputs_give_the_same_bytes_and_nothing_else(tmp_path: Path) -> None:
    project, made = tmp_path / "project", []
    for number in range(2):
        make(project)
        ended = build(project, tmp_path / f"cache-{number}")
        assert ended.status == 0, ended.said
        made.append(layer(project))
    assert sorted(path.name for path in project.iterdir()) == [".venv", "app", "pyproject.toml"]
    assert kit.differences(*made) == []
    assert {word.rpartition(" ")[2] for word in made[0].values()} == {f"{_EPOCH}.0"}
    assert [name for name in made[0] if name.endswith((".pyc", "uv_cache.json"))] == []
    assert kit.versions(project / ".venv")["idna"] == "3.6"


def test_in_the_image_it_is_proven_and_used(tmp_path: Path) -> None:
    make(tmp_path / "project")
    assert build(tmp_path / "project", tmp_path / "cache").status == 0
    variables = {"SUREFOOT_PYTHON": str(kit.PYTHON)}
    ended = kit.run("quickstart.py", "-y", cwd=tmp_path / "project", env=variables)
    assert "Use the restored `.venv` as it is: it is proven (packages: 3)" in ended.said


def test_a_way_back_is_not_given_up_by_the_way(tmp_path: Path) -> None:
    project = tmp_path / "project"
    make(project)
    variables = {"SUREFOOT_PYTHON": str(kit.PYTHON)}
    assert kit.run("quickstart.py", "-y", cwd=project, env=variables).status == 0
    refused = build(project, tmp_path / "cache")
    assert (refused.status, "could still be taken back" in refused.said) == (6, True)
    assert (project / ".surefoot" / "checkpoints" / "journal.jsonl").is_file()
