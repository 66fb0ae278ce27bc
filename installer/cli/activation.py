"""How a person begins to work in the environment: the line for their shell."""

from __future__ import annotations

import os
import shlex
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

_SCRIPTS = {"fish": "activate.fish", "csh": "activate.csh", "tcsh": "activate.csh"}


def command(environment: Path, *, here: Path, environ: Mapping[str, str] = os.environ) -> str:
    """What activates `environment` in the user's shell, typed in the folder `here`; empty if nothing does."""
    if os.name == "nt":
        script = environment / "Scripts" / "activate"
    else:
        script = environment / "bin" / _SCRIPTS.get(Path(environ.get("SHELL", "")).name, "activate")
    if not script.is_file():
        return ""
    shown = min(os.path.relpath(script, here), str(script), key=len)
    return shown if os.name == "nt" else f"source {shlex.quote(shown)}"
