"""The environment of a project, as other rooms ask about it: its places, its identity, its state."""

from __future__ import annotations

from typing import TYPE_CHECKING

from phases.python.environments import wanted
from phases.python.environments.freshness import up_to_date, whole
from phases.python.environments.places import (
    ACTIVE,
    MARKER,
    Current,
    EnvPaths,
    current,
    folder,
    generations,
    paths,
    python,
    read_marker,
    scripts,
    site_packages,
)
from phases.python.environments.wanted import inputs

if TYPE_CHECKING:
    from installer.manifest import Manifest
    from installer.model import Facts
    from phases.python.needs import Needs

__all__ = [
    "ACTIVE",
    "MARKER",
    "Current",
    "EnvPaths",
    "current",
    "folder",
    "generations",
    "inputs",
    "key",
    "paths",
    "python",
    "read_marker",
    "scripts",
    "site_packages",
    "up_to_date",
    "whole",
]


def key(manifest: Manifest, facts: Facts, needs: Needs) -> str:
    """One word for everything that the environment is made from."""
    return wanted.key(wanted.asked(manifest, facts, needs))
