"""Which local projects are built, and may find files left in their folders, when one is asked or installed."""

from __future__ import annotations

import re
import tomllib
from typing import TYPE_CHECKING

from phases.python.records import normalise

if TYPE_CHECKING:
    from pathlib import Path

    from phases.python.needs import Member


def unquiet(root: Path, member: Member) -> bool:
    """True unless all of its metadata stand in a `[project]` table, where uv reads them."""
    try:
        with (root / member.path / "pyproject.toml").open("rb") as stream:
            project = tomllib.load(stream).get("project")
    except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError):
        return True
    if not member.static or not isinstance(project, dict) or "name" not in project:
        return True
    # uv asks the backend whenever anything is dynamic, be it the version alone: setuptools-scm then writes a file
    return bool(project.get("dynamic"))


def build_siblings(root: Path, member: Member, members: tuple[Member, ...]) -> tuple[Member, ...]:
    """The other members that `member` is built with: they are to come from the tree, not from an index."""
    others = {other.name: other for other in members if other.name in member.needs}
    if not others:
        return ()
    try:
        with (root / member.path / "pyproject.toml").open("rb") as stream:
            requires = tomllib.load(stream)["build-system"]["requires"]
    except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError, KeyError, TypeError):
        return ()
    names = [normalise(found[0]) for line in requires if (found := re.match(r"[A-Za-z0-9][\w.-]*", str(line)))]
    return tuple(others[name] for name in dict.fromkeys(names) if name in others)
