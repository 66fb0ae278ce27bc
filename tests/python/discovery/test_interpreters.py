"""The Pythons of a machine. The fake ones are scripts that answer as theirs would."""

from __future__ import annotations

import json
import os
import sys
import venv
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from installer.errors import Precondition, UsageError
from phases.python import interpreters
from phases.python.discovery import probing, searching
from phases.python.needs import Because, PythonWish

OWN = f"{sys.version_info[0]}.{sys.version_info[1]}"
Fake = Callable[..., Path]


@pytest.fixture(autouse=True)
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine without any Python but the one that runs the tests."""
    for name in ("UV_PYTHON_INSTALL_DIR", "ASDF_DATA_DIR", "MISE_DATA_DIR", "XDG_DATA_HOME", "PYENV_ROOT"):
        monkeypatch.delenv(name, raising=False)
    home = tmp_path / "home"
    home.mkdir()
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("PATH", str(home / "bin"))
    monkeypatch.setenv("SUREFOOT_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.setattr(searching, "SYSTEM_ROOTS", ())
    monkeypatch.setattr(searching, "SYSTEM_COMMANDS", ())
    return home


@pytest.fixture
def fake(machine: Path) -> Fake:
    """Put a Python of this version into a folder of the home; `says` is what it says of itself, beside its version."""

    def fake(version: str, folder: str = "", *, command: str = "bin/python3", **says: Any) -> Path:
        path = machine / (folder or f".pyenv/versions/{version}") / command
        path.parent.mkdir(parents=True, exist_ok=True)
        numbers = [int(part) for part in version.split(".")]
        answer = {"version": numbers, "level": "final", "implementation": "cpython", "free": False}
        answer |= {"base": str(path), "prefix": "/x", "base_prefix": "/x"}
        path.write_text(f"#!/bin/sh\necho asked >> {path}.log\necho '{json.dumps(answer | says)}'\n")
        path.chmod(0o755)
        return path

    return fake


def found(root: Path, wish: PythonWish | None = None, **options: Any) -> list[str]:
    """The versions that are found, best first; the tests' own is `own`."""
    everything = interpreters.find(root, wish or PythonWish(), **options)
    own = searching.own().executable
    return ["own" if each.executable == own else ".".join(map(str, each.version)) for each in everything]


def test_the_tools_own_comes_first_and_then_the_newest(fake: Fake, tmp_path: Path) -> None:
    for version in ("3.8.18", "3.99.1", "3.9.2"):
        fake(version)
    assert found(tmp_path) == ["own", "3.99.1", "3.9.2", "3.8.18"]


@pytest.mark.parametrize(
    ("requires", "prefers", "expected"),
    [
        ("<3.10", (), ["3.9.2", "3.8.18"]),
        ("", ("3.9",), ["3.9.2", "own", "3.99.1", "3.8.18"]),
        ("", ("3.9.2",), ["3.9.2", "own", "3.99.1", "3.8.18"]),
        ("", ("3.9.7", "3.8"), ["3.9.2", "3.8.18", "own", "3.99.1"]),
        ("", ("3.77", "3.8"), ["3.8.18", "own", "3.99.1", "3.9.2"]),
        ("", (">=3.8,<3.10",), ["3.9.2", "3.8.18", "own", "3.99.1"]),
        (">=3.9", ("3.8",), ["own", "3.99.1", "3.9.2"]),
        ("", ("pypy3.9",), ["own", "3.99.1", "3.9.2", "3.8.18"]),
    ],
)
def test_a_wish_decides_where_it_can_be_followed(
    fake: Fake, tmp_path: Path, requires: str, prefers: tuple[str, ...], expected: list[str]
) -> None:
    for version in ("3.8.18", "3.99.1", "3.9.2"):
        fake(version)
    assert found(tmp_path, PythonWish(requires=requires, prefers=prefers)) == expected


@pytest.mark.parametrize(
    ("reject", "expected"),
    [
        ({"3.99"}, ["own", "3.9.2", "3.8.18"]),
        ({OWN, ">=3.90"}, ["3.9.2", "3.8.18"]),
        ({"3.9.2"}, ["own", "3.99.1", "3.8.18"]),
    ],
)
def test_what_a_resolution_refused_is_left_out(
    fake: Fake, tmp_path: Path, reject: set[str], expected: list[str]
) -> None:
    for version in ("3.8.18", "3.99.1", "3.9.2"):
        fake(version)
    assert found(tmp_path, reject=frozenset(reject)) == expected


@pytest.mark.parametrize(
    "explicit", ["3.9", "3.9.2", "python3.9", "cpython@3.9", ">=3.9,<3.10", "==3.9.*", "<3.10,>3.8.20"]
)
def test_the_users_word_counts(fake: Fake, tmp_path: Path, explicit: str) -> None:
    for version in ("3.8.18", "3.99.1", "3.9.2"):
        fake(version)
    assert found(tmp_path, explicit=explicit) == ["3.9.2"]


def test_every_manager_of_versions_is_searched(fake: Fake, tmp_path: Path, machine: Path) -> None:
    fake("3.8.1", ".pyenv/versions/3.8.1")
    fake("3.8.2", ".local/share/uv/python/cpython-3.8.2-linux-x86_64-gnu")
    fake("3.8.3", ".asdf/installs/python/3.8.3")
    fake("3.8.4", ".local/share/mise/installs/python/3.8.4")
    (machine / ".local/share/mise/installs/python/3.8").symlink_to("3.8.4")
    assert found(tmp_path) == ["own", "3.8.4", "3.8.3", "3.8.2", "3.8.1"]


def test_their_folders_may_be_elsewhere(
    fake: Fake, tmp_path: Path, machine: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for variable, place in (
        ("PYENV_ROOT", "{}/versions/3.8.1"),
        ("UV_PYTHON_INSTALL_DIR", "{}/cpython-3.8.2-linux"),
        ("ASDF_DATA_DIR", "{}/installs/python/3.8.3"),
        ("MISE_DATA_DIR", "{}/installs/python/3.8.4"),
    ):
        monkeypatch.setenv(variable, str(machine / variable))
        fake(f"3.8.{place.rstrip('-linux')[-1]}", place.format(variable))
    assert found(tmp_path) == ["own", "3.8.4", "3.8.3", "3.8.2", "3.8.1"]


@pytest.mark.parametrize(
    ("version", "folder", "says", "asked"),
    [
        ("3.10.1", ".pyenv/versions/pypy3.10-7.3.12", {"implementation": "pypy"}, "pypy3.10"),
        ("3.13.0", ".local/share/uv/python/cpython-3.13.0+freethreaded-linux", {"free": True}, "3.13t"),
        ("3.15.0", ".pyenv/versions/3.15.0a2", {"level": "alpha"}, "3.15.0a2"),
        ("3.15.0", ".pyenv/versions/3.15-dev", {"level": "alpha"}, "3.15-dev"),
        ("2.7.18", ".pyenv/versions/2.7.18", {}, "2.7"),
    ],
)
def test_an_odd_one_is_taken_only_where_it_is_asked_for(
    fake: Fake, tmp_path: Path, version: str, folder: str, says: dict[str, Any], asked: str
) -> None:
    fake(version, folder, **says)
    assert found(tmp_path) == ["own"]
    assert found(tmp_path, explicit=asked) == [version]
    assert found(tmp_path, PythonWish(prefers=(asked,)))[0] == version


def test_condas_are_taken_only_by_their_path(fake: Fake, tmp_path: Path) -> None:
    path = fake("3.12.9", ".pyenv/versions/miniconda3-latest")
    assert found(tmp_path) == ["own"]
    assert found(tmp_path, explicit=str(path)) == ["3.12.9"]


def test_one_that_does_not_start_is_passed_over(fake: Fake, tmp_path: Path) -> None:
    fake("3.9.2").write_text("#!/bin/sh\nexit 1\n")
    fake("3.8.1")
    assert found(tmp_path, PythonWish(requires="<3.10")) == ["3.8.1"]


def test_one_that_is_another_than_its_folder_says_is_passed_over(fake: Fake, tmp_path: Path) -> None:
    fake("3.7.1", ".pyenv/versions/3.9.2")
    fake("3.8.1")
    assert found(tmp_path, PythonWish(requires="<3.10")) == ["3.8.1"]


@pytest.mark.parametrize("content", ["#!/bin/sh\necho 3\n", ""])
def test_scripts_and_stubs_on_the_path_are_no_pythons(machine: Path, tmp_path: Path, content: str) -> None:
    shim = machine / "bin" / "python3.9"
    shim.parent.mkdir()
    shim.write_text(content)
    shim.chmod(0o755)
    assert found(tmp_path) == ["own"]


def test_the_same_one_is_found_once(machine: Path, tmp_path: Path) -> None:
    (machine / "bin").mkdir()
    for name in ("python", "python3", f"python{OWN}"):
        (machine / "bin" / name).symlink_to(searching.own().executable)
    assert found(tmp_path) == ["own"]


def test_an_environment_stands_for_the_python_that_made_it(machine: Path, tmp_path: Path) -> None:
    place = tmp_path / "somewhere"
    venv.create(place, symlinks=True, with_pip=False)
    for path in (place, place / "bin" / "python"):
        assert found(tmp_path, explicit=str(path)) == ["own"]


def test_an_environment_on_the_path_does_so_too(
    fake: Fake, machine: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    base = fake("3.8.1", "base")
    place = machine / "env"
    (place / "bin").mkdir(parents=True)
    (place / "pyvenv.cfg").write_text(f"home = {base.parent}\nversion = 3.8.1\n")
    monkeypatch.setenv("PATH", f"relative:{place / 'bin'}")
    assert found(tmp_path) == ["own", "3.8.1"]


def test_environments_beside_the_installations_are_none(fake: Fake, machine: Path, tmp_path: Path) -> None:
    fake("3.8.1", ".pyenv/versions/work")
    (machine / ".pyenv/versions/work/pyvenv.cfg").write_text("home = /x\n")
    assert found(tmp_path) == ["own"]


def test_a_path_of_the_users_may_be_relative_to_the_project(fake: Fake, machine: Path) -> None:
    fake("3.8.1", "tools")
    assert found(machine, explicit="./tools/bin/python3") == ["3.8.1"]


def test_an_interpreter_is_asked_once_until_it_changes(fake: Fake, tmp_path: Path) -> None:
    path = fake("3.8.1")
    log = path.with_name("python3.log")
    for _ in range(3):
        assert found(tmp_path, explicit="3.8") == ["3.8.1"]
    assert log.read_text() == "asked\n"
    fake("3.8.2", ".pyenv/versions/3.8.1", hint="another size")
    assert found(tmp_path, explicit=str(path)) == ["3.8.2"]


@pytest.mark.parametrize("damage", ["", "{", "[]", '{"x": 3, "y": {}}', '{"x": {"version": "3"}}', "[" * 100_000])
def test_a_damaged_cache_is_ignored(fake: Fake, tmp_path: Path, damage: str) -> None:
    fake("3.8.1")
    place = tmp_path / "cache" / "interpreters.json"
    place.parent.mkdir()
    place.write_text(damage)
    assert found(tmp_path, explicit="3.8") == ["3.8.1"]
    assert len(json.loads(place.read_text())) == 1


def test_without_a_cache_folder_it_is_asked_each_time(
    fake: Fake, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("SUREFOOT_CACHE_DIR", str(tmp_path / "file" / "below"))
    fake("3.8.1")
    assert found(tmp_path, explicit="3.8") == ["3.8.1"]


def test_the_real_one_says_what_it_is() -> None:
    own = searching.own()
    asked = probing.probe(sys.executable)
    assert asked is not None
    assert (asked.executable, asked.version, asked.implementation) == (own.executable, own.version, own.implementation)


def test_what_is_no_python_says_nothing(tmp_path: Path) -> None:
    plain = tmp_path / "plain"
    plain.write_text("hello")
    silent = tmp_path / "silent"
    silent.write_text("#!/bin/sh\n")
    silent.chmod(0o755)
    assert [probing.probe(str(path)) for path in (plain, silent, tmp_path / "gone")] == [None, None, None]


def test_where_none_satisfies_the_error_names_all_that_counts(fake: Fake, tmp_path: Path) -> None:
    fake("3.8.18")
    wish = PythonWish(
        requires=">=3.14,<3.15", sources=(Because(what=">=3.14,<3.15", why="what pyproject.toml requires"),)
    )
    with pytest.raises(Precondition) as caught:
        found(tmp_path, wish)
    error = caught.value
    assert (error.exit_code, error.code) == (6, "python.missing")
    assert error.message == "no Python on this machine is >=3.14,<3.15"
    assert error.details[0] == ">=3.14,<3.15: what pyproject.toml requires"
    assert any(each.startswith("found 3.8.18 at ") for each in error.details)
    assert error.hint == "`uv python install 3.14` brings one, then run the same command again"


def test_the_users_word_and_the_projects_must_agree(fake: Fake, tmp_path: Path) -> None:
    path = fake("3.8.18")
    for explicit in ("3.8", str(path)):
        with pytest.raises(Precondition, match=r">=3\.9"):
            found(tmp_path, PythonWish(requires=">=3.9"), explicit=explicit)


def test_the_hint_names_the_implementation_that_was_asked_for(tmp_path: Path) -> None:
    with pytest.raises(Precondition) as caught:
        found(tmp_path, explicit="pypy3.10")
    assert caught.value.hint.startswith("`uv python install pypy3.10`")


@pytest.mark.parametrize("explicit", ["nonsense", "3.x", "; rm"])
def test_a_word_that_names_no_python_is_refused(tmp_path: Path, explicit: str) -> None:
    with pytest.raises(UsageError, match="names no Python"):
        found(tmp_path, explicit=explicit)


def test_a_path_that_is_no_python_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Precondition, match="is no Python that starts"):
        found(tmp_path, explicit=os.fspath(tmp_path / "gone"))
