"""`verify --repair` with toy phases, on an environment of which little is there."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING

from phases.python.environments.places import MARKER

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.conftest import Project


def broken(project: Project) -> Path:
    """An environment of the last run, of which everything but its mark is missing."""
    env = project.root / ".venv"
    (env / "bin").mkdir(parents=True)
    (env / "bin" / "python").symlink_to(sys.executable)
    install_id = json.loads(project.manage("history", "--json").out)["runs"][0]["install_id"]
    (env / MARKER).write_text(f"{install_id}\n{'0' * 64}\n{project.root}\n")
    return env


def test_the_hint_repairs_what_was_found_as_it_was_found(project: Project) -> None:
    project.quickstart("-q")
    broken(project)
    assert "hint: `manage.py verify --repair` installs it anew" in project.manage("verify").out
    assert "hint: `manage.py verify --deep --repair` installs it anew" in project.manage("verify", "--deep").out
