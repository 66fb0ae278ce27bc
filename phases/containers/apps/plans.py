"""The plans about apps: which steps a verb needs, app by app, each in its own mode."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from phases.containers.apps import config, migrating, modes
from phases.containers.apps.container import plans as container
from phases.containers.apps.manager import refuse_system
from phases.containers.apps.process import plans as process

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from types import ModuleType

    from installer.manifest import Manifest
    from installer.model import Action, Facts, Json, Planned, Step

# Each driver is a module with `plan(verb, name, app, facts, args)`, `strays(known, facts)` and `ACTIONS`.


def plan(verb: str, args: Json, manifest: Manifest, facts: Facts) -> Planned:
    """The steps of `verb` for `args["apps"]` (all where none is named); `args["mode"]` is the mode of the flag.

    What several apps need, each names; it is done once.
    """
    named: set[str] = set()
    for step in _steps(verb, args, manifest, facts):
        if step.id not in named:
            named.add(step.id)
            yield step


def _steps(verb: str, args: Json, manifest: Manifest, facts: Facts) -> Iterator[Step]:
    chosen = config.chosen(manifest, args["apps"])
    if verb == "migrate":
        for name, app in chosen.items():
            yield from migrating.plan(name, app, facts, args["to"])
        return
    used = {name: modes.of(app, manifest, facts.root, flag=args.get("mode", "")) for name, app in chosen.items()}
    for mode in _looked_at(used) if verb == "reconcile" and not args["apps"] else ():
        for name in driver(mode).strays([each for each in used if used[each] == mode], facts):
            yield from driver(mode).plan(verb, name, None, facts, args)
    for name, app in chosen.items():
        yield from driver(used[name]).plan(verb, name, app, facts, args)


def _looked_at(used: Mapping[str, str]) -> list[str]:
    """The modes in which something may run that is not wanted so: those in use, and processes, which cost nothing."""
    return sorted({*used.values(), *(("process",) if os.name == "posix" else ())})


def driver(mode: str) -> ModuleType:
    """The module that plans for a mode. Raises `Precondition` on a system that the mode cannot work on."""
    if mode == "docker":
        return container
    refuse_system()
    return process


ACTIONS: Mapping[str, Action] = {**process.ACTIONS, **container.ACTIONS}
