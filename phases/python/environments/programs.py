"""Programs that run as if the environment were active."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from phases.python.environments import places

if TYPE_CHECKING:
    from pathlib import Path


def resolve(env: Path, program: str) -> str:
    """The environment's own program of that name, if it has one: a bare name is looked for on *our* PATH otherwise."""
    if "/" not in program and "\\" not in program:
        own = places.scripts(env) / program
        for place in (own, own.with_name(f"{program}.exe")):
            if place.is_file():
                return str(place)
    return program


def variables(env: Path) -> dict[str, str]:
    """The environment active, its commands first on PATH; no window is opened, no bytecode is left in the tree."""
    path = os.pathsep.join((str(places.scripts(env)), os.environ.get("PATH", os.defpath)))
    return {"VIRTUAL_ENV": str(places.prefix(env)), "PATH": path, "PYTHONDONTWRITEBYTECODE": "1", "MPLBACKEND": "Agg"}
