"""The plans about apps: which steps a verb needs, app by app, each in its own mode."""

from __future__ import annotations

from typing import TYPE_CHECKING

from installer.errors import UsageError
from installer.i18n import tr
from phases.containers.apps import config, modes
from phases.containers.apps.manager import refuse_system
from phases.containers.apps.process import plans as process

if TYPE_CHECKING:
    from collections.abc import Mapping
    from types import ModuleType

    from installer.manifest import Manifest
    from installer.model import Action, Facts, Json, Planned

# Each driver is a module with `plan(verb, name, app, facts, args) -> Planned` and `ACTIONS`.


def plan(verb: str, args: Json, manifest: Manifest, facts: Facts) -> Planned:
    """The steps of `verb` for `args["apps"]` (all where none is named); `args["mode"]` is the mode of the flag.

    What several apps need, each names; it is done once.
    """
    named: set[str] = set()
    for name, app in config.chosen(manifest, args["apps"]).items():
        mode = modes.of(app, manifest, facts.root, flag=args.get("mode", ""))
        for step in driver(mode).plan(verb, name, app, facts, args):
            if step.id not in named:
                named.add(step.id)
                yield step


def driver(mode: str) -> ModuleType:
    """The module that plans for a mode. Raises `Precondition` on a system that the mode cannot work on."""
    if mode == "docker":
        raise UsageError("apps.mode", tr("docker mode is not there yet"))
    refuse_system()
    return process


ACTIONS: Mapping[str, Action] = {**process.ACTIONS}
