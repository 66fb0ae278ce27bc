"""Which environment is active."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest

from installer.errors import Precondition
from phases.python.active import chosen, commands
from phases.python.needs import PythonWish
from tests.python.active.prefixes import BASE, LIBRARY, installation, virtual

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="module")
def places(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """A virtual environment, and an installation like conda's."""
    folder = tmp_path_factory.mktemp("places")
    return {"virtual": virtual(folder / "virtual"), "conda": installation(folder / "conda")}


def test_the_order_is_flag_then_virtual_then_conda_then_who_started_us(places: dict[str, Path], tmp_path: Path) -> None:
    starter = {"SUREFOOT_LAUNCHED_BY": str(BASE / "bin" / "python3")}
    conda = {**starter, "CONDA_PREFIX": str(places["conda"])}
    both = {**conda, "VIRTUAL_ENV": str(places["virtual"])}
    assert chosen.choose(tmp_path, str(places["conda"]), both).prefix == str(places["conda"])
    assert chosen.choose(tmp_path, "", both).prefix == str(places["virtual"])
    assert chosen.choose(tmp_path, "", conda).prefix == str(places["conda"])
    assert chosen.choose(tmp_path, "", starter).prefix == str(BASE)


def test_its_parts_are_as_its_own_interpreter_says(places: dict[str, Path], tmp_path: Path) -> None:
    found = chosen.choose(tmp_path, str(places["virtual"]), {})
    assert found.sites == (str(places["virtual"] / LIBRARY / "site-packages"),)
    assert found.base == str((BASE / "bin" / "python3").resolve())
    assert found.numbers == sys.version_info[:3]
    assert not found.managed


def test_a_shim_is_seen_through(places: dict[str, Path], tmp_path: Path) -> None:
    shim = tmp_path / "python3"
    shim.write_text(f'#!/bin/sh\nexec {places["virtual"]}/bin/python "$@"\n')
    shim.chmod(0o755)
    assert chosen.choose(tmp_path, str(shim), {}).python == str(places["virtual"] / "bin" / "python")


def test_a_version_is_the_active_one_if_that_has_it(places: dict[str, Path], tmp_path: Path) -> None:
    active = {"VIRTUAL_ENV": str(places["virtual"])}
    version = ".".join(map(str, sys.version_info[:2]))
    assert chosen.choose(tmp_path, version, active).prefix == str(places["virtual"])


def test_the_tools_own_is_never_active(places: dict[str, Path], tmp_path: Path) -> None:
    own = virtual(tmp_path / "own")
    (own / "surefoot-tools").write_text("end")
    conda = {"VIRTUAL_ENV": str(own), "CONDA_PREFIX": str(places["conda"])}
    assert chosen.choose(tmp_path, "", conda).prefix == str(places["conda"])
    for wish, variables in (("", {"VIRTUAL_ENV": sys.prefix}), (str(own), {})):
        with pytest.raises(Precondition, match="no environment is active"):
            chosen.choose(tmp_path, wish, {"SUREFOOT_LAUNCHED_BY": sys.executable, **variables})


def test_a_variable_that_leads_nowhere_is_not_passed_over(tmp_path: Path) -> None:
    with pytest.raises(Precondition, match="is no Python that starts") as refused:
        chosen.choose(tmp_path, "", {"VIRTUAL_ENV": str(tmp_path / "gone")})
    assert "VIRTUAL_ENV" in refused.value.details[0]


def test_a_virtual_environment_of_a_managed_python_is_not_managed(tmp_path: Path) -> None:
    system = installation(tmp_path / "system")
    (system / LIBRARY / "EXTERNALLY-MANAGED").write_text("")
    found = chosen.choose(tmp_path, str(system), {})
    assert found.managed == str(system / LIBRARY / "EXTERNALLY-MANAGED")
    assert [each.code for each in chosen.objections(found, PythonWish(), {})] == ["environment.managed"]
    assert list(chosen.objections(found, PythonWish(), {"PIP_BREAK_SYSTEM_PACKAGES": "true"})) == []
    inner = virtual(tmp_path / "inner", python=str(system / "bin" / "python"))
    assert list(chosen.objections(chosen.choose(tmp_path, str(inner), {}), PythonWish(), {})) == []


def test_commands_start_the_active_interpreter(tmp_path: Path) -> None:
    by_shell = b"#!/bin/sh\n'''exec' \"$(dirname -- \"$(realpath -- \"$0\")\")\"/'python' \"$0\" \"$@\"\n' '''\nbody\n"
    plain = f"#!{tmp_path}/bin/python3\nbody\n".encode()
    for content in (by_shell, plain):
        assert commands.rewritten(content, tmp_path, "/env/bin/python") == b"#!/env/bin/python\nbody\n"
        long = commands.rewritten(content, tmp_path, "/with space/python")
        assert long == b"#!/bin/sh\n'''exec' \"/with space/python\" \"$0\" \"$@\"\n' '''\nbody\n"
    for content in (b"#!/bin/sh\necho\n", b"\x7fELF", b"#!/usr/bin/env python3\n"):
        assert commands.rewritten(content, tmp_path, "/env/bin/python") == content
