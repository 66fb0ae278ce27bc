"""What uv said of a lock is believed of the very same files, settings and programs only."""

from __future__ import annotations

import os
import subprocess
from typing import TYPE_CHECKING, Any

import pytest

from phases.python import memory, uv, uv_export, uv_recalled

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.python.installs.conftest import Project, Wheels

PYPROJECT = """[project]
name = "demo"
version = "1"
requires-python = ">=3.9"
dependencies = ["red"]

[dependency-groups]
dev = ["green"]

[tool.uv]
package = false
"""
WORKSPACE = '[tool.uv.workspace]\nmembers = ["parts/*"]\n'


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[str]:
    """The words that uv is asked about locks, one each, as they come."""
    monkeypatch.setenv("SUREFOOT_CACHE_DIR", str(tmp_path / "surefoot"))
    words: list[str] = []

    def noting(context: Any, told: list[str], **more: Any) -> Any:
        words.append(told[0])
        return uv.call(context, told, **more)

    monkeypatch.setattr(uv_export, "call", noting)
    return words


@pytest.fixture
def known(project: Project, wheels: Wheels, asked: list[str]) -> Project:
    """A project whose lock uv was asked about once."""
    for name in ("red", "green"):
        wheels.add(name, "1.0")
    project.file("pyproject.toml", PYPROJECT)
    _lock(project)
    project.run()
    assert asked == ["lock", "export"]
    asked.clear()
    return project


def _lock(project: Project) -> None:
    subprocess.run([uv.executable(), "lock", "-q", "-p", project.interpreter], cwd=project.root, check=True)


def test_the_same_lock_is_not_asked_about_again(known: Project, asked: list[str]) -> None:
    before = known.lock
    known.run()
    assert (asked, known.lock, known.installed()) == ([], before, {"red": "1.0"})


def test_another_folder_with_the_same_files_knows_it_too(known: Project, asked: list[str], tmp_path: Path) -> None:
    before, content = known.lock, (known.root / "uv.lock").read_bytes()
    known.root = tmp_path / "another"
    known.file("pyproject.toml", PYPROJECT)
    known.file("uv.lock", content)
    known.run()
    assert (asked, known.lock, known.installed()) == ([], before, {"red": "1.0"})


def test_a_deep_run_and_a_strict_one_ask(known: Project, asked: list[str]) -> None:
    known.set(deep=True)
    known.run()
    assert asked == ["lock", "export"]
    known.set(deep=False, locked=True)
    known.run()
    assert asked == ["lock", "export"] * 2


def _pyproject(project: Project, _: pytest.MonkeyPatch) -> None:
    project.file("pyproject.toml", PYPROJECT + "# more\n")


def _lock_file(project: Project, _: pytest.MonkeyPatch) -> None:
    place = project.root / "uv.lock"
    place.write_text(place.read_text().replace("\n\n", "\n\n\n"))


def _settings(project: Project, _: pytest.MonkeyPatch) -> None:
    project.file("uv.toml", "offline = false\n")


def _users_settings(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(project.root.parent / "config"))
    place = project.root.parent / "config" / "uv"
    place.mkdir(parents=True)
    (place / "uv.toml").write_text("offline = false\n")


def _above(project: Project, _: pytest.MonkeyPatch) -> None:
    (project.root.parent / "pyproject.toml").write_text('[project]\nname = "above"\nversion = "1"\n')


def _variable(_: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("UV_INDEX_STRATEGY", "unsafe-best-match")


def _group(project: Project, _: pytest.MonkeyPatch) -> None:
    project.set(mode="dev")


def _program(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    wrapper = project.root.parent / "uv"
    wrapper.write_text(f'#!/bin/sh\nexec "{uv.executable()}" "$@"\n')
    wrapper.chmod(0o755)
    monkeypatch.setattr(uv_export, "executable", lambda: str(wrapper))


def _rot(_: Project, _unused: pytest.MonkeyPatch) -> None:
    (place,) = memory.folder(uv_recalled.KIND).iterdir()
    place.write_bytes(place.read_bytes().replace(b'name = "red"', b'name = "rod"'))


def _others(_: Project, _unused: pytest.MonkeyPatch) -> None:
    (place,) = memory.folder(uv_recalled.KIND).iterdir()
    os.chown(place, 65534, 65534)


@pytest.mark.parametrize(
    "change",
    [_pyproject, _lock_file, _settings, _users_settings, _above, _variable, _group, _program, _rot, _others],
)
def test_anything_that_decides_is_noticed(
    known: Project,
    asked: list[str],
    change: Callable[[Project, pytest.MonkeyPatch], None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    change(known, monkeypatch)
    known.run()
    assert asked == ["lock", "export"]
    assert known.installed()["red"] == "1.0"


def test_a_stale_lock_is_told_every_time(known: Project, asked: list[str]) -> None:
    known.file("pyproject.toml", PYPROJECT.replace('["red"]', '["red", "green"]'))
    for _ in range(2):
        known.warnings.clear()
        known.run()
        assert any("uv.lock is older" in warning for warning in known.warnings)
    assert asked == ["lock", "export"] * 2


def test_a_new_member_of_a_workspace_is_noticed(project: Project, wheels: Wheels, asked: list[str]) -> None:
    wheels.add("red", "1.0")
    project.file("pyproject.toml", PYPROJECT.replace('dev = ["green"]', "") + WORKSPACE)
    (project.root / "parts").mkdir()
    _lock(project)
    for _ in range(2):
        project.run()
    assert asked == ["lock", "export"]
    project.file("parts/one/pyproject.toml", '[project]\nname = "one"\nversion = "1"\n[tool.uv]\npackage = false\n')
    project.run()
    assert asked[2:3] == ["lock"]


def test_of_dependencies_that_only_a_build_knows_nothing_is_believed(
    project: Project, wheels: Wheels, asked: list[str]
) -> None:
    for name in ("red", "green"):
        wheels.add(name, "1.0")
    project.file("pyproject.toml", PYPROJECT)
    _lock(project)
    project.file("pyproject.toml", PYPROJECT.replace('dependencies = ["red"]', 'dynamic = ["dependencies"]'))
    members = ["."]
    words: dict[str, Any] = {"program": uv.executable(), "python": project.interpreter, "variables": {}}
    assert uv_recalled.key(["export"], folder=project.root, members=members, **words) == ""
    project.file("pyproject.toml", PYPROJECT)
    assert uv_recalled.key(["export"], folder=project.root, members=members, **words)
    assert asked == []
