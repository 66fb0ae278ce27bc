"""A project with an awkward name, and the ways to call the API on it."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from installer import checkpoint, i18n
from installer.shell_api import render

REPOSITORY = Path(__file__).resolve().parents[2]
PHASES = ("fetch", "build", "verify")

Shell = Callable[..., "subprocess.CompletedProcess[str]"]

_MANAGE = f"""
import sys
sys.path.insert(0, {str(REPOSITORY)!r})
from installer.checkpoint_door import open_door
code = open_door(sys.argv[1:])
sys.exit(70 if code is None else code)
"""


@pytest.fixture(autouse=True)
def _alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing of the machine's settings, nothing of the test before."""
    for name in list(os.environ):
        if name.startswith(("SUREFOOT_", "SAGE_")):
            monkeypatch.delenv(name)
    monkeypatch.setattr(checkpoint, "_last_root", None)
    i18n.use("en")


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Configuration files of every kind, in a folder whose name no shell should ever see unquoted."""
    root = tmp_path / 'a project\'s "home" $(touch pwned)\nüñï'
    (root / "requirements").mkdir(parents=True)
    (root / "requirements.txt").write_bytes(b"six==1.16.0\r\n# caf\xe9\n")
    (root / "requirements.txt").chmod(0o640)
    (root / "requirements" / "base.txt").write_text("idna\n")
    (root / "pyproject.toml").write_text("[project]\nname = 'x'\nversion = '1'\n")
    (root / ".venv").mkdir()
    (root / ".venv" / "pyvenv.cfg").write_text("home = /usr/bin\n")
    return root


@pytest.fixture
def begun(project: Path) -> Path:
    """The project, with an installation of three phases under way."""
    checkpoint.init_checkpoint_system(project, phases=PHASES)
    return project


@pytest.fixture
def shell(project: Path, tmp_path: Path) -> Shell:
    """Runs a script that has the shell API, far away from the project."""
    manage = tmp_path / "it's a\n$(manage).py"
    manage.write_text(_MANAGE)
    functions = tmp_path / "functions.sh"
    functions.write_bytes(os.fsencode(render(sys.executable, str(manage), root=str(project))))

    def run(
        script: str, *arguments: str | bytes, program: str = "sh", env: dict[str, str] | None = None, stdin: str = ""
    ) -> subprocess.CompletedProcess[str]:
        body = 'functions=$1; shift; api=$(cat -- "$functions"); eval "$api"\n' + script
        return subprocess.run(
            [program, "-c", body, program, str(functions), *arguments],
            cwd="/",
            env=dict(os.environ) | (env or {}),
            input=stdin,
            capture_output=True,
            text=True,
            errors="surrogateescape",
            check=False,
        )

    return run
