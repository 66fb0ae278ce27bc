"""The manifest's own steps: commands of the project's that join a phase, at its start or its end."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from installer import files
from installer.errors import StepFailed
from installer.hashing import sha256
from installer.i18n import tr
from installer.model import Action, Context, Effect, Facts, Json, RelPath, Step
from phases import step_inputs
from phases.python import environment
from phases.python.environments import places, programs

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from installer.manifest import CustomStep, Manifest


def before(phase: str, manifest: Manifest, facts: Facts) -> Iterator[Step]:
    """The manifest's steps at the start of `phase`, but for those that are done already."""
    yield from _steps(phase, "start", manifest, facts)


def after(phase: str, manifest: Manifest, facts: Facts) -> Iterator[Step]:
    """The manifest's steps at the end of `phase`, but for those that are done already."""
    yield from _steps(phase, "end", manifest, facts)


def _steps(phase: str, place: str, manifest: Manifest, facts: Facts) -> Iterator[Step]:
    wanted = [
        (number, each) for number, each in enumerate(manifest.steps, 1) if each.phase == phase and each.after == place
    ]
    if not wanted:
        return
    generation = _generation(manifest, facts)
    for number, custom in wanted:
        stamp = facts.state / "steps" / f"{number}.json"
        inputs: Json = step_inputs.digests(facts.root, custom.inputs, (facts.state, manifest.environment))
        if not _is_done(custom, stamp, inputs, generation, facts):
            yield _step(number, custom, stamp, inputs, generation, manifest)


def _step(
    number: int, custom: CustomStep, stamp: RelPath, inputs: Json, generation: str, manifest: Manifest
) -> Step:  # a step is made of these
    order = "00" if custom.after == "start" else "90"
    word = re.sub(r"\W+", "_", custom.title or custom.run[0]).strip("_").lower()[:30]
    environment = places.folder(manifest.environment, stamp.parent.parent)
    return Step(
        id=f"{custom.phase}.{order}.{number}_{word}",
        phase=custom.phase,
        title=custom.title or tr("Run `{command}`", command=" ".join(custom.run)),
        action="project.run",
        args={
            "run": list(custom.run),
            "check": list(custom.check),
            "inputs": inputs,
            "outputs": list(custom.outputs),
            "environment": environment,
            "generation": generation,
            "stamp": stamp,
        },
        effect=Effect(
            touches=(*custom.outputs, stamp),
            guards=() if custom.outputs else (RelPath("."),),
            inverse=custom.undo,
        ),
        on_failure="warn" if custom.optional else "stop",
    )


def run(args: Mapping[str, Any], context: Context) -> Json:
    """Run the command unless its check says that there is nothing to do, and note for what it was done."""
    env = _place(args["environment"], context)
    variables = programs.variables(env) if env.is_dir() else {}
    if args["check"] and _argv_ends_well(args["check"], env, variables, context):
        context.note(tr("`{command}` says that there is nothing to do", command=" ".join(args["check"])))
        skipped = True
    else:
        context.run(_argv(args["run"], env), env=variables)
        skipped = False
    missing = [path for path in args["outputs"] if not files.exists(context.root / path)]
    if missing:
        raise StepFailed(
            "custom.outputs",
            tr("`{command}` did not make {paths}", command=" ".join(args["run"]), paths=", ".join(missing)),
        )
    stamp = context.root / args["stamp"]
    files.make_folder(stamp.parent)
    files.replace(stamp, json.dumps({"digest": _digest(args), "run": context.install_id}).encode())
    return {"skipped": skipped}


def _argv_ends_well(argv: list[str], env: Path, variables: Mapping[str, str], context: Context) -> bool:
    return context.run(_argv(argv, env), env=variables, check=False, quiet=True).status == 0


def _argv(argv: list[str], env: Path) -> list[str]:
    return [programs.resolve(env, argv[0]), *argv[1:]]


def _place(name: str, context: Context) -> Path:
    """The environment that is being made, else the one in use."""
    staging = places.paths(context.root, context.state, context.install_id).staging
    return context.root / (staging if (context.root / staging).is_dir() else name)


def _generation(manifest: Manifest, facts: Facts) -> str:
    """The environment for which a step is done: the one in use if it stays, else the one that this run makes."""
    from phases.python.sources import read_needs

    needs = read_needs(facts.root, manifest, facts.options.mode)
    if environment.up_to_date(manifest, facts, needs):
        return facts.install_id
    marker = places.current(facts.root, places.folder(manifest.environment, facts.state))
    return marker.install_id if marker else facts.install_id


def _is_done(custom: CustomStep, stamp: RelPath, inputs: Json, generation: str, facts: Facts) -> bool:
    """In an earlier run, for these inputs and this environment, and its outputs are there.

    What this very run did stays in the plan: the engine knows it as done.
    """
    try:
        told = json.loads((facts.root / stamp).read_bytes())
        done, by = told["digest"], told["run"]
    except (OSError, ValueError, KeyError, TypeError):
        return False
    now = _digest({"run": list(custom.run), "inputs": inputs, "generation": generation})
    return by != facts.install_id and done == now and all(files.exists(facts.root / path) for path in custom.outputs)


def _digest(args: Mapping[str, Any]) -> str:
    text = json.dumps([args["run"], args["inputs"], args["generation"]], sort_keys=True)
    return sha256(text.encode()).hexdigest()


ACTIONS: Mapping[str, Action] = {"project.run": run}
