"""The few keys of a manifest that the checkpoint API needs. Standard library only, and it complains of nothing.

`installer.manifest` reads and checks all of it; that costs more than a whole checkpoint update, and an update must not
fail because of a key that it has no use for.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from installer.frozen import dataclass, field
from installer.model import RelPath
from installer.project import MANIFEST, STATE

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

_OFF = frozenset(("", "0", "false", "no", "off"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Brand:
    """How a project names things: its variables, its state folder, its environment, its phases."""

    prefix: str = "SUREFOOT"
    state: RelPath = field(default_factory=lambda: RelPath(STATE))
    environment: str = ".venv"
    mode: str = "standard"
    language: str = ""
    phase_names: Mapping[str, str] = field(default_factory=dict)

    def variable(self, name: str, environ: Mapping[str, str] = os.environ) -> str:
        """The value of `<PREFIX>_<name>`, or else of `SUREFOOT_<name>`."""
        return environ.get(f"{self.prefix}_{name}") or environ.get(f"SUREFOOT_{name}", "")

    def switch(self, name: str, environ: Mapping[str, str] = os.environ) -> bool:
        """Is the variable set to anything but a no?"""
        return self.variable(name, environ).strip().lower() not in _OFF


def read(root: Path) -> Brand:
    """The brand of the project at `root`; the defaults where its manifest says nothing usable. Raises `Refused`."""
    table = _table(root)
    names = table.get("phase-names")
    return Brand(
        prefix=_text(table, "env-prefix", "SUREFOOT"),
        state=RelPath(_text(table, "state-dir", STATE)),
        environment=_text(table, "environment", ".venv"),
        mode=_text(table, "mode", "standard"),
        language=_text(table, "language", ""),
        phase_names={str(own): str(shown) for own, shown in names.items()} if isinstance(names, dict) else {},
    )


def is_certain(root: Path) -> bool:
    """Is `read` right about where the state is? Not where a text that is no TOML mentions what would say so."""
    own = _bytes(root / MANIFEST)
    text = own if own is not None else _bytes(root / "pyproject.toml") or b""
    return bool(_parsed(text)) or not any(key in text for key in (b"state-dir", b"env-prefix"))


def _text(table: Mapping[str, Any], key: str, default: str) -> str:
    value = table.get(key, default)
    return value if isinstance(value, str) and value else default


def _table(root: Path) -> Mapping[str, Any]:  # Any: TOML, looked at key by key
    own = _bytes(root / MANIFEST)
    if own is not None:
        return _parsed(own)
    project = _bytes(root / "pyproject.toml")
    if project is None or b"surefoot" not in project:
        return {}
    tool = _parsed(project).get("tool")
    table = tool.get("surefoot") if isinstance(tool, dict) else None
    return table if isinstance(table, dict) else {}


def _bytes(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except OSError:
        return None


def _parsed(data: bytes) -> Mapping[str, Any]:
    import tomllib  # 14 ms: only where there is something to read

    try:
        return tomllib.loads(data.decode("utf-8-sig"))
    except ValueError:
        return {}
