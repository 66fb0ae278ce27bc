"""The staging environment: an empty virtual environment below the state folder, that can be moved when it is done."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from installer import files
from installer.i18n import tr
from installer.model import Action, Context, Effect, Facts, Json, Step
from phases.python.environments import activation, places, prechecks

if TYPE_CHECKING:
    from collections.abc import Mapping

    from installer.manifest import Manifest
    from phases.python.needs import Interpreter


def make_step(phase: str, manifest: Manifest, facts: Facts, interpreter: Interpreter, why: str) -> Step:
    """A step that makes the staging environment of this run. `why` is told to the reader."""
    staging = places.paths(facts.root, facts.state, facts.install_id).staging
    version = ".".join(map(str, interpreter.version))
    title = (
        tr("Make a place beside it to build in, with Python {version} ({why})", version=version, why=why)
        if manifest.environment == places.ACTIVE
        else tr("Make an environment with Python {version} ({why})", version=version, why=why)
    )
    return Step(
        id=f"{phase}.02.make_environment",
        phase=phase,
        title=title,
        action="environment.make",
        args={
            "environment": staging,
            "python": interpreter.executable,
            "version": version,
            "backend": facts.options.backend,
            "prompt": prompt(manifest, facts),
            "used": manifest.environment,
        },
        effect=Effect(scratch=(staging,)),
    )


def prompt(manifest: Manifest, facts: Facts) -> str:
    """What a shell shows while the environment is active: the project's name, without what a shell could run."""
    name = facts.root.name if manifest.name == "Surefoot" else manifest.name
    return re.sub(r"[^\w .+-]+", "-", name).strip(" -") or "project"


def make(args: Mapping[str, Any], context: Context) -> Json:
    """Make it anew, whatever an earlier attempt left. Nothing is downloaded."""
    from phases.python.backends import backend

    for concern in prechecks.concerns(context.root, args["used"]):
        context.warn(concern)
    staging = context.root / args["environment"]
    files.remove_tree(staging)
    files.make_folder(staging.parent)
    backend(args["backend"]).make_environment(staging, args["python"], args["prompt"], context)
    activation.name_place(staging, context.root / args["used"])
    return {"python": args["python"], "version": args["version"]}


ACTIONS: Mapping[str, Action] = {"environment.make": make}
