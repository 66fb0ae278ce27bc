"""The real lock from the real index, and the wheel as `uv tool install` installs it."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from installer import __version__

if TYPE_CHECKING:
    from tests.launcher.conftest import Copy

ROOT = Path(__file__).resolve().parents[2]
LOCKS = ("tool.txt", "dev.txt")
CLOSED = "http://127.0.0.1:9"
MODULES = ("click", "filelock", "git", "packaging", "platformdirs", "pydantic", "rich", "uv", "virtualenv")
pytestmark = pytest.mark.slow


def uv() -> str:
    """The uv of the environment that the tests run in."""
    from uv import find_uv_bin

    return os.fsdecode(find_uv_bin())


def test_the_real_tools_are_made_in_an_empty_home_and_start_offline_afterwards(real_surefoot: Copy) -> None:
    shutil.copytree(ROOT / "phases", real_surefoot.root / "phases", ignore=shutil.ignore_patterns("__pycache__"))
    help_text = real_surefoot.start("--help")
    version = real_surefoot.start("--version", script="manage.py")
    assert (help_text.code, help_text.out.splitlines()[0]) == (0, "Usage: quickstart.py [OPTIONS]")
    assert (version.code, version.out, version.err) == (0, f"surefoot {__version__}\n", "")

    real_surefoot.stand_in(*MODULES)
    first = real_surefoot.start()
    offline = real_surefoot.start(PIP_INDEX_URL=CLOSED, HTTPS_PROXY=CLOSED, HTTP_PROXY=CLOSED)
    assert first.told == offline.told
    assert offline.err == ""
    assert {path.split("/site-packages/")[0] for path in first.told["modules"].values()} == {
        f"{first.told['prefix']}/lib/python{sys.version_info.major}.{sys.version_info.minor}"
    }


def test_the_lock_names_no_index_and_a_hash_for_everything() -> None:
    for name in (*LOCKS, "backend.txt"):
        text = (ROOT / "locks" / name).read_text()
        assert "://" not in text
        pins = re.findall(r"^[a-z0-9].*?(?=^[a-z0-9]|\Z)", text, re.MULTILINE | re.DOTALL)
        assert pins
        assert all("==" in pin and "--hash=sha256:" in pin for pin in pins)


def test_the_lock_holds_every_dependency_within_its_bounds() -> None:
    from packaging.requirements import Requirement

    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    wanted = {"tool.txt": project["project"]["dependencies"]}
    wanted["dev.txt"] = wanted["tool.txt"] + project["dependency-groups"]["dev"]
    for name, requirements in wanted.items():
        pinned = dict(re.findall(r"^([a-z0-9.-]+)==([^\s;]+)", (ROOT / "locks" / name).read_text(), re.MULTILINE))
        for requirement in map(Requirement, requirements):
            assert requirement.specifier.contains(pinned[requirement.name])


def test_the_locks_are_what_refreshing_makes_of_the_project(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "locks", tmp_path / "locks")
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    variables = {**os.environ, "PATH": os.pathsep.join((str(Path(uv()).parent), os.environ["PATH"]))}
    subprocess.run([sys.executable, tmp_path / "locks" / "refresh.py"], env=variables, check=True)
    for name in (*LOCKS, "backend.txt"):
        assert (tmp_path / "locks" / name).read_text() == (ROOT / "locks" / name).read_text()


def test_both_locks_agree() -> None:
    tool, dev = (set(re.findall(r"^\S+==\S+", (ROOT / "locks" / name).read_text(), re.MULTILINE)) for name in LOCKS)
    assert tool <= dev


def test_the_wheel_works_as_a_tool_and_names_a_package_that_overwrites_it(real_surefoot: Copy, tmp_path: Path) -> None:
    real_surefoot.stand_in(*MODULES)
    (real_surefoot.root / "phases").mkdir()
    (real_surefoot.root / "phases" / "__init__.py").touch()
    shutil.copytree(ROOT / "locks", real_surefoot.root / "locks", dirs_exist_ok=True)
    for name in ("pyproject.toml", "LICENSE"):
        shutil.copy(ROOT / name, real_surefoot.root)
    (real_surefoot.root / "README.md").write_text("Surefoot")
    tools, programs = tmp_path / "tools", tmp_path / "programs"
    variables = real_surefoot.variables(UV_TOOL_DIR=str(tools), UV_TOOL_BIN_DIR=str(programs))

    def run(*command: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(command, env=variables, cwd=tmp_path, capture_output=True, text=True, check=False)

    built = run(uv(), "build", "--quiet", "--wheel", "--out-dir", str(tmp_path), str(real_surefoot.root))
    (wheel,) = tmp_path.glob("surefoot-*.whl")
    assert built.returncode == 0, built.stderr
    installed = run(uv(), "tool", "install", "--quiet", "--python", sys.executable, str(wheel))
    assert installed.returncode == 0, installed.stderr

    quick, manage = (run(str(programs / name), "-y") for name in ("surefoot", "surefoot-manage"))
    told = json.loads(quick.stdout)
    assert (told["door"], told["argv"], told["prefix"]) == ("quickstart", ["-y"], str(tools / "surefoot"))
    assert (manage.returncode, real_surefoot.made) == (7, [])

    foreign = ("pip", "install", "--quiet", "--python", str(tools / "surefoot"), "installer==0.7.0")
    assert run(uv(), *foreign).returncode == 0
    shadowed = run(str(programs / "surefoot"))
    assert shadowed.returncode == 6
    assert "another distribution's package `installer` has overwritten Surefoot's" in shadowed.stderr
    assert "uv tool install --reinstall surefoot" in shadowed.stderr
