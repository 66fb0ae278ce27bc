"""The seal of a finished environment: who made it, from what, and what it held. After it, only renames."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from installer import files
from installer.i18n import tr
from installer.model import Action, Context, Effect, Facts, Json, RelPath, Step
from phases.python import pylock
from phases.python.environments import contents, places, proven, stale, wanted
from phases.python.records import normalise

if TYPE_CHECKING:
    from collections.abc import Mapping


def seal_step(phase: str, staging: RelPath, facts: Facts, wanted: Json, *, missing: tuple[str, ...]) -> Step:
    """A step that seals `staging` as the environment of this run, made from `wanted`, less `missing`."""
    return Step(
        id=f"{phase}.08.seal",
        phase=phase,
        title=tr("Seal the environment"),
        action="environment.seal",
        args={
            "environment": staging,
            "install_id": facts.install_id,
            "asked": wanted,
            "wish": facts.options.python,
            "first": _first(facts),
            "missing": list(missing),
            "built": stale.built(facts.results),
        },
        effect=Effect(
            touches=(staging / places.MARKER, staging / contents.CONTENTS, proven.path(facts.state)),
            volatile=(proven.NAME,),
        ),
    )


def seal(args: Mapping[str, Any], context: Context) -> Json:
    """Write both files, then have the whole file system flushed: what is switched in must survive a power cut."""
    env = context.root / args["environment"]
    marker = places.Current(install_id=args["install_id"], key=wanted.key(args["asked"]), root=str(context.root))
    held = contents.observe(
        env,
        asked=args["asked"],
        wish=args["wish"],
        first=args["first"],
        missing=tuple(args["missing"]),
        origins=_origins(context),
        stale=tuple(sorted({*map(normalise, args["built"]), *stale.of(env)})),
    )
    files.replace(env / contents.CONTENTS, contents.as_bytes(held), mode=0o644, lasting="nothing")
    files.replace(env / places.MARKER, places.marker_text(marker), mode=0o644, lasting="nothing")
    proven.note(context.root, context.state, env)
    files.sync_tree(env)
    return {"key": marker.key, "packages": held.packages, "python": held.version}


def _first(facts: Facts) -> str:
    """The version of the Python that this run's environment was begun with; a resolution may have moved to another."""
    made = (result for step, result in facts.results.items() if step.endswith(".02.make_environment"))
    return str(next(made, {}).get("version", ""))


def _origins(context: Context) -> dict[str, str]:
    """What this run's lock says of each package; nothing where nothing was resolved."""
    try:
        return pylock.origins((context.root / context.state / "runs" / context.install_id / "pylock.toml").read_text())
    except OSError:
        return {}


ACTIONS: Mapping[str, Action] = {"environment.seal": seal}
