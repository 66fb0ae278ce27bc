"""An environment of virtualenv and pip works wherever it is moved."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

from installer.model import Context, Options, RelPath
from phases.python import records
from phases.python.environments import places, relocate

if TYPE_CHECKING:
    from pathlib import Path

Project = Any  # conftest.Project: with importmode=importlib it has no name to import
STAGING = ".surefoot/staging/20260101_000000"


@pytest.fixture
def staged(project: Project) -> Path:
    """A staging environment by virtualenv, with a command that pip installed."""
    env: Path = project.root / STAGING
    quietly("-m", "virtualenv", "--no-download", "--no-periodic-update", str(env))
    wheel = project.wheel(
        "alpha",
        files={"alpha/__init__.py": "import sys\ndef main(): print('alpha', *sys.argv[1:])\n"},
        entry_points="[console_scripts]\nalpha = alpha:main\n",
    )
    quietly("-m", "pip", "install", "--no-index", str(wheel), python=str(places.python(env)))
    assert env.is_dir()
    return env


def quietly(*words: str, python: str = sys.executable) -> None:
    subprocess.run([python, *words], check=True, capture_output=True, cwd="/")


def moved(project: Project, env: Path) -> None:
    relocate.relocate({"environment": STAGING, "place": ".venv"}, context(project))
    env.rename(project.env)


def context(project: Project) -> Context:
    def nothing(*_: object, **__: object) -> Any:
        raise AssertionError("relocating needs no program")

    return Context(
        root=project.root,
        state=RelPath(".surefoot"),
        install_id="20260101_000000",
        options=Options(),
        scratch=project.root,
        run=nothing,
        report=nothing,
        note=nothing,
        warn=nothing,
    )


def test_its_commands_run_after_the_move(project: Project, staged: Path) -> None:
    moved(project, staged)
    shown = subprocess.run(
        [project.env / "bin/alpha", "a b", "'c'"], check=True, capture_output=True, text=True, cwd="/"
    )
    assert shown.stdout == "alpha a b 'c'\n"


def test_pip_itself_runs_after_the_move(project: Project, staged: Path) -> None:
    moved(project, staged)
    shown = subprocess.run([project.env / "bin/pip", "--version"], check=True, capture_output=True, text=True, cwd="/")
    assert str(project.env) in shown.stdout


def test_its_records_hold_after_the_move(project: Project, staged: Path) -> None:
    moved(project, staged)
    assert [each for site in places.site_packages(project.env) for each in records.check(site, deep=True)] == []


def test_nothing_names_the_old_place_after_the_move(project: Project, staged: Path) -> None:
    moved(project, staged)
    places_named = [*(project.env / "bin").iterdir(), project.env / "pyvenv.cfg"]
    naming = [path.name for path in places_named if STAGING.encode() in path.read_bytes()]
    assert naming == []


@pytest.mark.parametrize("shell", ["sh", "bash"])
def test_its_activation_script_names_the_new_place(project: Project, staged: Path, shell: str) -> None:
    moved(project, staged)
    script = '. "$1/bin/activate" && command -v alpha'
    shown = subprocess.run(
        [shell, "-c", script, shell, str(project.env)], check=True, capture_output=True, text=True, cwd="/"
    )
    assert shown.stdout.strip() == str(project.env / "bin/alpha")


def test_relocating_twice_is_relocating_once(project: Project, staged: Path) -> None:
    relocate.relocate({"environment": STAGING, "place": ".venv"}, context(project))
    before = project.tree()
    assert relocate.relocate({"environment": STAGING, "place": ".venv"}, context(project)) == {"rewritten": 0}
    assert project.tree() == before
