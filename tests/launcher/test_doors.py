"""Both scripts parse on every Python since 2.7 and say what to do; a package of another's is told from ours."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from installer import oldpython

if TYPE_CHECKING:
    from tests.launcher.conftest import Copy

ROOT = Path(__file__).resolve().parents[2]
ANCIENT = ("quickstart.py", "manage.py", "installer/__init__.py", "installer/door.py", "installer/oldpython.py")
TOO_NEW = (ast.JoinedStr, ast.AnnAssign, ast.NamedExpr, ast.AsyncFunctionDef, ast.Nonlocal, ast.YieldFrom, ast.Starred)


def old_interpreters() -> list[Path]:
    """Every interpreter before 3.11 that pyenv has on this machine."""
    versions = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"
    return [
        folder / "bin" / "python"
        for folder in sorted(versions.glob("[23].*"))
        if tuple(map(int, folder.name.split(".")[:2])) < (3, 11)
    ]


@pytest.mark.parametrize("script", ["quickstart.py", "manage.py"])
def test_a_python_too_old_is_told_what_to_run(surefoot: Copy, script: str) -> None:
    for python in old_interpreters():
        child = subprocess.run(
            [python, surefoot.root / script, "-C", "it's here"],
            env=surefoot.variables(),
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
        sentence, _, hint = child.stderr.partition("\n\nhint: ")
        assert child.returncode == 6
        assert sentence.startswith("error: Surefoot needs Python 3.11 or newer, this is Python ")
        assert str(python) in sentence
        assert f"{surefoot.root}/{script} -C 'it'\"'\"'s here'`\n" in hint
    assert not list(surefoot.root.rglob("*.pyc"))


@pytest.mark.parametrize("name", ANCIENT)
def test_what_an_old_python_reads_has_no_new_syntax(name: str) -> None:
    for node in ast.walk(ast.parse((ROOT / name).read_bytes(), feature_version=(3, 4))):
        assert not isinstance(node, TOO_NEW)
        if isinstance(node, ast.FunctionDef):
            arguments = node.args
            assert not any((node.returns, arguments.kwonlyargs, arguments.posonlyargs))
            assert not any(argument.annotation for argument in arguments.args)


@pytest.mark.parametrize("name", ANCIENT)
def test_what_an_old_python_reads_is_ascii(name: str) -> None:
    assert (ROOT / name).read_bytes().isascii()


def test_the_newer_python_that_is_named_starts(surefoot: Copy) -> None:
    advice = oldpython.advice((3, 11), str(surefoot.root / "manage.py"), ["a b"])
    command = advice.partition("hint: run `")[2].rstrip().rstrip("`")
    assert subprocess.run(["sh", "-c", command], env=surefoot.variables(), check=False).returncode == 7


def test_without_a_newer_python_the_way_to_one_is_named() -> None:
    advice = oldpython.advice((3, 99), "/x/quickstart.py", [])
    assert advice.startswith(f"error: Surefoot needs Python 3.99 or newer, this is Python 3.{sys.version_info.minor}.")
    assert "get one by `" in advice
    assert advice.endswith("then run `python3.12 /x/quickstart.py`\n")


@pytest.mark.parametrize(
    ("program", "remedy"),
    [
        ("uv", "`uv python install 3.12`"),
        ("apt-get", "`sudo apt install python3.12 python3.12-venv`"),
        ("brew", "`brew install python@3.12`"),
        ("nothing", "-m pip install --user uv` and `uv python install 3.12`"),
    ],
)
def test_the_way_to_a_newer_python_is_the_machines_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, program: str, remedy: str
) -> None:
    (tmp_path / program).touch(mode=0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert remedy in oldpython.remedy()


def test_a_shim_or_a_program_that_does_not_start_is_no_newer_python(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for folder in ("shims", "bin", "sbin"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "python3.13").write_text("#!/bin/sh\nexit 127\n")
        (tmp_path / folder / "python3.13").chmod(0o755)
    (tmp_path / "sbin" / "python3.12").symlink_to("/gone")
    monkeypatch.setenv("PATH", os.pathsep.join(str(tmp_path / folder) for folder in ("shims", "bin", "sbin")))
    monkeypatch.setenv("HOME", str(tmp_path))
    for name in ("PYENV_ROOT", "XDG_DATA_HOME", "UV_PYTHON_INSTALL_DIR"):
        monkeypatch.delenv(name, raising=False)
    assert oldpython.which("python3.13") == str(tmp_path / "bin" / "python3.13")
    assert oldpython.newer_python((3, 11)) is None


def test_pyenvs_and_uvs_interpreters_are_found_off_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for folder, name in ((".pyenv/versions/3.13.0", "python"), (".local/share/uv/python/cpython-3.12.1-x", "python3")):
        (tmp_path / folder / "bin").mkdir(parents=True)
        (tmp_path / folder / "bin" / name).symlink_to(sys.executable)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("PATH", str(tmp_path))
    for name in ("PYENV_ROOT", "XDG_DATA_HOME", "UV_PYTHON_INSTALL_DIR"):
        monkeypatch.delenv(name, raising=False)
    assert oldpython.candidates((3, 11)) == [
        str(tmp_path / ".pyenv/versions/3.13.0/bin/python"),
        str(tmp_path / ".local/share/uv/python/cpython-3.12.1-x/bin/python3"),
    ]


def test_another_projects_package_is_named(surefoot: Copy) -> None:
    (surefoot.root / "installer" / "__init__.py").write_text('__version__ = "0.7.0"\n')
    overwritten = surefoot.start()
    (surefoot.root / "installer" / "door.py").unlink()
    replaced = surefoot.start()
    assert (overwritten.code, replaced.code) == (6, 6)
    assert "another distribution's package `installer` has overwritten Surefoot's" in overwritten.err
    assert f"the package `installer` beside {surefoot.root}/quickstart.py is not Surefoot's" in replaced.err
    assert "uv tool install --reinstall surefoot" in overwritten.err
    assert "uv tool install --reinstall surefoot" in replaced.err
