"""Does asking a project what it depends on run its build backend, which may leave files in its folder?"""

from __future__ import annotations

import tomllib
from pathlib import Path

from phases.python.needs import Member


def unquiet(root: Path, member: Member) -> bool:
    """True unless its dependencies stand in a `[project]` table, where every installer reads them."""
    try:
        with (root / member.path / "pyproject.toml").open("rb") as stream:
            project = tomllib.load(stream).get("project")
    except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError):
        return True
    if not member.static or not isinstance(project, dict) or "name" not in project:
        return True
    dynamic = project.get("dynamic", [])
    return not isinstance(dynamic, list) or any(key in dynamic for key in ("dependencies", "optional-dependencies", "requires-python"))
