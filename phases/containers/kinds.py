"""The kinds of runs about images, apps, volumes and servers: which module plans them. Read by the command line."""

from __future__ import annotations

import importlib
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from installer.manifest import Manifest
    from installer.model import Action, Context, Facts, Json, Planned

# kind, as `history` shows it: a module with `plan(verb, args, manifest, facts) -> Planned` and its own `ACTIONS`
_PLANNERS: Mapping[str, str] = MappingProxyType(
    {
        "images": "phases.containers.images.plans",
        "apps": "phases.containers.apps.plans",
        "volumes": "phases.containers.volumes.plans",
        "servers": "phases.containers.servers.plans",
    }
)


_FIRST = "engine.prepare"  # the step of every plan that notes the way back


def plan(kind: str, wish: Json, manifest: Manifest, facts: Facts) -> Planned:
    """The steps of the run; `wish` is {"verb": …, "args": {…}}, as it was noted when the run began."""
    yield from importlib.import_module(_PLANNERS[kind]).plan(wish["verb"], wish["args"], manifest, facts)


def actions(kind: str) -> Mapping[str, Action]:
    """What their steps name."""
    from phases.containers import taking_back

    found = {**taking_back.ACTIONS, **importlib.import_module(_PLANNERS[kind]).ACTIONS}
    return {name: _noting(action) if name == _FIRST else action for name, action in found.items()}


def _noting(action: Action) -> Action:
    """The first step of a plan, which also notes whose the things are that the others make."""

    def first(args: Mapping[str, Any], context: Context) -> Mapping[str, Any] | None:
        from phases.containers import projects

        projects.note(context.root)
        return action(args, context)

    return first
