"""An empty environment that is put down again is the one that uv would make."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import pytest

from phases.python import memory, uv
from phases.python.environments import blank

if TYPE_CHECKING:
    from pathlib import Path

Project = Any  # conftest.Project: with importmode=importlib it has no name to import


@pytest.fixture(autouse=True)
def _a_cache_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SUREFOOT_CACHE_DIR", str(tmp_path / "surefoot"))


def shown(env: Path) -> dict[str, str]:
    """Every name below `env`: its kind, mode and content."""
    return {
        path.relative_to(env).as_posix(): f"{path.lstat().st_mode:o} "
        + (os.readlink(path) if path.is_symlink() else path.read_text() if path.is_file() else "")
        for path in env.rglob("*")
    }


@pytest.mark.parametrize("mask", [0o022, 0o077, 0o002])
def test_it_is_what_uv_makes(project: Project, tmp_path: Path, mask: int) -> None:
    old = os.umask(mask)
    try:
        for name in ("one", "two"):
            words = ["venv", "-q", "--relocatable", "--no-project", "--prompt", "a b", "--", str(tmp_path / name)]
            project.uv(*words)
        blank.put(blank.observe(tmp_path / "one"), tmp_path / "three")
    finally:
        os.umask(old)
    assert shown(tmp_path / "three") == shown(tmp_path / "two")
    assert project.python("import sys; print(sys.prefix)", tmp_path / "three") == str(tmp_path / "three")


def test_uv_is_asked_once(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[list[str]] = []

    def noting(context: Any, words: list[str], **more: Any) -> Any:
        asked.append(words[:1])
        return call(context, words, **more)

    call = uv.call
    monkeypatch.setattr(uv, "call", noting)
    assert project.quickstart().state == "done"
    before = shown(project.env)
    project.write("requirements.txt", "# other\n")
    assert project.quickstart().state == "done"
    assert asked == [["venv"]]
    changed = {name for name, text in shown(project.env).items() if before.get(name) != text}
    assert changed == {"surefoot-contents", "surefoot-generation"}
    (place,) = memory.folder(blank.KIND).iterdir()
    place.write_bytes(place.read_bytes()[:-1])
    project.write("requirements.txt", "# third\n")
    assert project.quickstart().state == "done"
    assert asked == [["venv"]] * 2


def test_another_uv_interpreter_or_prompt_has_another_name(tmp_path: Path) -> None:
    for name in ("uv", "uv2", "python", "python2"):
        (tmp_path / name).write_text(name)
    program, interpreter = str(tmp_path / "uv"), str(tmp_path / "python")
    names = {
        blank.key(program, interpreter, "a"),
        blank.key(program, interpreter, "b"),
        blank.key(str(tmp_path / "uv2"), interpreter, "a"),
        blank.key(program, str(tmp_path / "python2"), "a"),
    }
    (tmp_path / "python").write_text("upgraded")
    names.add(blank.key(program, interpreter, "a"))
    assert len(names) == 5
    assert blank.key(program, str(tmp_path / "gone"), "a") == ""


def test_what_names_its_place_is_not_remembered(tmp_path: Path) -> None:
    env = tmp_path / "env"
    env.mkdir()
    (env / "activate").write_text("plain")
    assert blank.observe(env)
    (env / "link").symlink_to(env / "activate")
    assert blank.observe(env) == b""
    (env / "link").unlink()
    (env / "activate").write_text(f"cd {env}")
    assert blank.observe(env) == b""
    (env / "activate").write_text("plain")
    (env / "activate").chmod(0o755)
    assert blank.observe(env) == b""
