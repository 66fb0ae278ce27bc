"""How we know what is ours in an engine that we share: labels. What does not carry them is never touched."""

from __future__ import annotations

from typing import TYPE_CHECKING

from phases.containers import projects

if TYPE_CHECKING:
    from pathlib import Path

_PREFIX = "dev.surefoot."
PROJECT = _PREFIX + "project"  # whose it is: `project_id`
RUN = _PREFIX + "run"  # the run that made it: an install id
STEP = _PREFIX + "step"  # the very deed that made it: PROJECT/RUN/STEP-ID; what undo and a retry look for
APP = _PREFIX + "app"  # the app that it belongs to


def project_id(root: Path) -> str:
    """16 hex digits that stand for the project at `root`, wherever it is moved to; see `projects`."""
    return projects.known(root)


def deed(install_id: str, step_id: str) -> str:
    """What tells a step's deed from all others of the project."""
    return f"{install_id}/{step_id}"


def mark(root: Path, install_id: str, step_id: str) -> str:
    """The value of STEP: chosen by us before the engine is asked, so that what came of it is found after a cut.

    Two projects may begin a run in the same second, at the same engine: none may take the other's things for its own.
    """
    return f"{project_id(root)}/{deed(install_id, step_id)}"


def of(root: Path, install_id: str, step_id: str, **more: str) -> dict[str, str]:
    """All labels of what the step makes."""
    own = {PROJECT: project_id(root), RUN: install_id, STEP: mark(root, install_id, step_id)}
    return own | {_PREFIX + name: value for name, value in more.items()}
