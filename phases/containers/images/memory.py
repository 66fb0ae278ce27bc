"""What the last question to the registries found, kept below the state folder for `images status`."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from installer import files

if TYPE_CHECKING:
    from pathlib import Path

    from installer.model import Json

_SCHEMA = 1
_MOST = 1 << 20  # bytes that such a file may have


def read(state: Path) -> dict[str, Json]:
    """Image: what was found, and when. What cannot be read is forgotten: it is only a memory."""
    try:
        told: Any = json.loads(files.content(_path(state), most=_MOST))
    except (OSError, ValueError):
        return {}
    checks = told.get("checks") if isinstance(told, dict) and told.get("schema") == _SCHEMA else None
    return {str(name): each for name, each in checks.items() if isinstance(each, dict)} if checks else {}


def note(state: Path, found: dict[str, Json]) -> None:
    """Add `found`. The state folder is there."""
    known = read(state) | found
    files.make_folder(_path(state).parent)
    files.replace(_path(state), json.dumps({"schema": _SCHEMA, "checks": known}, indent=1, sort_keys=True).encode())


def _path(state: Path) -> Path:
    return state / "images" / "checks.json"
