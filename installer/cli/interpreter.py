"""The interpreter that a project is installed for. No parser in here: a plain way back asks, too."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from installer.errors import Precondition
from installer.i18n import tr

if TYPE_CHECKING:
    from installer.cli.session import Session
    from phases.python.environments.places import Layout

_BIN, _EXE = ("Scripts", "python.exe") if os.name == "nt" else ("bin", "python")


def interpreter(session: Session) -> Path:
    """The interpreter of the project's environment."""
    if session.manifest.environment == "active":
        return Path(active(session).python)
    python = session.root / session.manifest.environment / _BIN / _EXE
    if not python.exists():
        raise Precondition(
            "environment.missing",
            tr("there is no environment at `{path}`", path=session.manifest.environment),
            hint=tr("run `quickstart.py` first"),
        )
    return python


def active(session: Session) -> Layout:
    """The environment that is active. Raises `Precondition` if there is none but our own."""
    from phases.python.active import chosen

    return chosen.choose(session.root, session.settings.text("python"))
