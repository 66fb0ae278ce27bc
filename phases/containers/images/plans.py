"""Which module plans which verb about images."""

from __future__ import annotations

from typing import TYPE_CHECKING

from phases.containers.images import building, bundles, pruning, pulling, rolling
from phases.containers.updates import plans as updating

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from installer.manifest import Manifest
    from installer.model import Action, Facts, Json, Planned

PLANS: Mapping[str, Callable[[Json, Manifest, Facts], Planned]] = {
    "pull": pulling.plan,
    "rollback": rolling.plan,
    "prune": pruning.plan,
    "save": bundles.plan_save,
    "load": bundles.plan_load,
    "build": building.plan,
    "update": updating.plan,
}


def plan(verb: str, args: Json, manifest: Manifest, facts: Facts) -> Planned:
    """The steps of `verb`."""
    yield from PLANS[verb](args, manifest, facts)


ACTIONS: Mapping[str, Action] = {
    **pulling.ACTIONS,
    **rolling.ACTIONS,
    **pruning.ACTIONS,
    **bundles.ACTIONS,
    **building.ACTIONS,
    **updating.ACTIONS,
}
