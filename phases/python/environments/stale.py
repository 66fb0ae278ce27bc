"""The local packages whose built part says nothing of the present sources: copies, and what left products in the tree.

No input and no digest covers their sources. On the machine that built them somebody saw it; elsewhere they are built
anew.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from installer.i18n import tr
from phases.python import records
from phases.python.environments import places

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from installer.model import Json
    from phases.python.environments.contents import Contents
    from phases.python.needs import Needs

_COMPILED = (".so", ".pyd", ".dylib")


def built(results: Mapping[str, Json]) -> list[str]:
    """Of the packages that this run installed from the tree those that are more than a way to their sources."""
    members = ((step.split(".", 2), result) for step, result in results.items())
    return sorted(
        parts[2]
        for parts, result in members
        if parts[0] == "packages" and parts[2:] and not (result.get("editable") and result.get("products") is False)
    )


def of(env: Path) -> Iterator[str]:
    """The packages in `env` that were installed from a folder, and have code of their own here."""
    for site in places.site_packages(env):
        for folder, name, _ in records.distributions(site):
            origin = _origin(site / folder / "direct_url.json")
            if "dir_info" in origin and not _is_pure(origin, site / folder / "RECORD"):
                yield name


def reason(sealed: Contents, needs: Needs) -> str:
    """Why a restored environment is not used as it is, though it is whole; empty if it may be."""
    names = names_of(sealed, needs)
    return tr("what was built of the project's own packages may be stale: {names}", names=", ".join(names)) * bool(
        names
    )


def names_of(sealed: Contents, needs: Needs) -> tuple[str, ...]:
    """The packages that are built anew. A seal that does not say so (it is of an earlier version): all local ones."""
    if sealed.stale is not None:
        return sealed.stale
    return tuple(sorted(records.normalise(member.name) for member in needs.members))


def _is_pure(origin: Json, record: Path) -> bool:
    editable = isinstance(origin["dir_info"], dict) and origin["dir_info"].get("editable") is True
    return editable and not any(path.endswith(_COMPILED) for path, _, _ in records.lines(record))


def _origin(place: Path) -> Json:
    """PEP 610; empty where it says nothing."""
    try:
        told = json.loads(place.read_bytes())
    except (OSError, ValueError, RecursionError):
        return {}
    return told if isinstance(told, dict) else {}
