"""The kinds of runs about images, apps, volumes and servers: which module plans them. Read by the command line."""

from __future__ import annotations

import importlib
from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from installer.manifest import Manifest
    from installer.model import Action, Facts, Json, Planned

# kind, as `history` shows it: a module with `plan(verb, args, manifest, facts) -> Planned` and its own `ACTIONS`
_PLANNERS: Mapping[str, str] = MappingProxyType(
    {
        "images": "phases.containers.images.plans",
        "apps": "phases.containers.apps.plans",
        "volumes": "phases.containers.volumes.plans",
        "servers": "phases.containers.servers.plans",
    }
)


def plan(kind: str, wish: Json, manifest: Manifest, facts: Facts) -> Planned:
    """The steps of the run; `wish` is {"verb": …, "args": {…}}, as it was noted when the run began."""
    yield from importlib.import_module(_PLANNERS[kind]).plan(wish["verb"], wish["args"], manifest, facts)


def actions(kind: str) -> Mapping[str, Action]:
    """What their steps name."""
    from phases.containers import taking_back

    return {**taking_back.ACTIONS, **importlib.import_module(_PLANNERS[kind]).ACTIONS}
