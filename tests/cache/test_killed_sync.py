"""The poisoned cache of the wild: a job was killed while `uv sync` linked packages, and its `.venv` was saved.

LD_PRELOAD is Linux's: elsewhere `test_restored.py` makes such states by hand.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest

from phases.python import records
from tests.faults.interposer import Fault, Interposer
from tests.whole import kit

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from tests.cache.conftest import Server

pytestmark = pytest.mark.slow

_PROJECT = """\
[project]
name = "poisoned"
version = "1"
requires-python = ">=3.11"
dependencies = ["idna==3.6", "six==1.16.0", "attrs==23.1.0", "pygments==2.17.2"]

[tool.uv]
package = false
"""
_TRIES = 40


def uv(server: Server, *words: str, more: Mapping[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    from uv import find_uv_bin

    variables = {"UV_CACHE_DIR": server.variables["UV_CACHE_DIR"], "UV_PYTHON": str(kit.PYTHON)}
    return subprocess.run(
        [os.fspath(find_uv_bin()), *words],
        cwd=server.project,
        env=kit.environment(variables | dict(more or {})),
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture
def locked(server: Server) -> Server:
    """A project with a lock of uv's, whose cache is warm."""
    shutil.rmtree(server.project)
    kit.write(server.project, {"pyproject.toml": _PROJECT})
    done = uv(server, "sync")
    assert done.returncode == 0, done.stderr
    return server


def broken(server: Server) -> list[str]:
    """The packages that are there by name, and not by their files."""
    found = records.check(server.site, deep=True)
    return sorted({each.distribution for each in found})


def poison(server: Server, folder: Path, pristine: Path, *words: str) -> list[str]:
    """Kill `uv sync` at one change or another, until what it leaves is believed by the next `uv sync`; what is broken.

    What it left is in `folder`, as "poisoned"; in the environment is what the next `uv sync` made of it.
    """
    interposer = Interposer(folder, server.env)
    put(pristine, server.env)
    counted = uv(server, *words, more=interposer.set(Fault("count")))
    assert counted.returncode == 0, counted.stderr
    count = interposer.count()
    for number in range(1, _TRIES + 1):
        put(pristine, server.env)
        uv(server, *words, more=interposer.set(Fault("tree", at=count - count * number // (_TRIES + 1))))
        interposer.quiet()
        put(server.env, folder / "poisoned")
        if any(server.env.glob("lib/*/site-packages")) and (names := broken(server)):
            again = uv(server, "sync")
            if again.returncode == 0 and broken(server):
                return names
    pytest.fail(f"uv was killed at {_TRIES} of {count} changes, and left nothing half-installed")


def put(saved: Path, place: Path) -> None:
    shutil.rmtree(place, ignore_errors=True)
    if saved.exists():
        shutil.copytree(saved, place, symlinks=True)


def test_uv_believes_what_a_killed_sync_left_and_quickstart_repairs_it(locked: Server, tmp_path: Path) -> None:
    shutil.rmtree(locked.env)
    installed = kit.run("quickstart.py", "-y", cwd=locked.project, env=locked.variables)
    assert installed.status == 0, installed.said
    ours = tmp_path / "ours"
    put(locked.env, ours)
    names = poison(locked, tmp_path, ours, "sync", "--reinstall")
    shutil.rmtree(locked.project / ".surefoot")
    put(tmp_path / "poisoned", locked.env)
    said = locked.quickstart()
    assert "Repair the restored `.venv`: packages are not what was installed: " in said
    assert [name for name in names if f"{name} (" not in said] == []
    assert records.check(locked.site, deep=True) == []


def test_a_first_sync_that_was_killed_leaves_nothing_to_be_used(locked: Server, tmp_path: Path) -> None:
    poison(locked, tmp_path, tmp_path / "none", "sync")
    put(tmp_path / "poisoned", locked.env)
    assert "`.venv` was not made by this tool, or not to its end" in locked.quickstart()
    assert records.check(locked.site, deep=True) == []
