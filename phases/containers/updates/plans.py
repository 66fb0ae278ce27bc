"""`images update`: fetch, then make the containers anew, one after the other or all at once, each proven."""

from __future__ import annotations

from typing import TYPE_CHECKING

from installer.errors import Precondition
from installer.i18n import tr
from phases.containers import client, taking_back
from phases.containers.images import pulling
from phases.containers.references import parse
from phases.containers.updates import affected, deeds, helping, survey
from phases.containers.updates.steps import Mover
from phases.containers.volumes import deeds as volumes
from phases.containers.volumes import plain

if TYPE_CHECKING:
    from collections.abc import Mapping

    from installer.manifest import Manifest
    from installer.model import Action, Facts, Json, Planned, Step
    from phases.containers.client import Address

PHASE = "images"
DEFAULTS: Json = {
    "recreate": False,
    "together": False,
    "backup_volumes": True,
    "local": False,
    "wait": 60.0,
    "steady": 3.0,
    "except": [],
    "helper": "",
    "only": [],  # names; empty: all that are affected
    "anew": False,  # also those that are on the image already
}


def plan(args: Json, manifest: Manifest, facts: Facts, phase: str = PHASE) -> Planned:
    """The steps; `args`: references, and what of DEFAULTS is wished otherwise. Nothing to do yields nothing.

    Raises `Precondition` with all that stands in the way, and what a registry refuses.
    """
    args = DEFAULTS | args
    at = client.address()
    decided = taking_back.decided(phase, facts)
    wanted = [] if args["local"] else args["references"] if decided is None else decided["fetch"]
    fetch: list[Step] = []
    if wanted:
        with client.connected(at) as docker:
            fetch = pulling.steps(wanted, manifest, facts, at, docker, phase)
    coming = {step.args["image"]: _exact(step) for step in fetch}
    if decided is None:
        decided = {**_decide(args, at, coming), "fetch": list(coming)}
    images = decided["images"] | {str(parse(text)): exact for text, exact in coming.items()}
    if not fetch and not decided["targets"]:
        return
    yield taking_back.prepare_step(phase, facts, tr("Keep the way back"), **decided)
    yield from fetch
    if args["helper"] and decided["volumes"]:
        image, program = next(iter(decided["volumes"].values()))
        yield helping.step(phase, facts, at, image, program)
    mover = Mover(facts=facts, at=at, phase=phase, wait=args["wait"], steady=args["steady"])
    for number, group in enumerate(survey.groups(decided["targets"], together=args["together"])):
        yield from mover.group(number, group, images, decided["volumes"])
    for each in decided["before"]:
        yield mover.put_away(each)


def _decide(args: Json, at: Address, coming: Mapping[str, str]) -> Json:
    """What the run goes by, also when it is gone on with after a cut: noted by its first step."""
    images: dict[str, str] = {}
    here: dict[str, str] = {}
    with plain.asked(plain.as_args(at)) as engine:
        for text in args["references"]:
            found = affected.image(engine, str(parse(text)))
            if text not in coming and found is None:
                raise Precondition("image.missing", tr("the image {name} is not here", name=text))
            images[str(parse(text))] = coming.get(text) or str(found and found["Id"])
            if text not in coming and found:
                here[text] = str(found["Id"])
        if not args["recreate"]:
            return {"targets": [], "images": images, "volumes": {}, "before": [], "managed": {}}
        seen = survey.look(engine, args, here)
    pairs = [(reference, each) for reference, group in seen.chosen.items() for each in group]
    return {
        "targets": [survey.target(each, reference, number) for number, (reference, each) in enumerate(pairs)],
        "images": images,
        "volumes": {name: list(way) for name, way in seen.ways.items()},
        "before": [
            {"number": number, "id": each["Id"], "name": each["Name"].lstrip("/")}
            for number, each in enumerate(seen.before)
        ],
        "managed": dict(seen.managed),
    }


def _exact(step: Step) -> str:
    """What a step fetches, by a name that never means anything else."""
    return f"{parse(step.args['image']).repository}@{step.args['digest']}"


ACTIONS: Mapping[str, Action] = {**volumes.ACTIONS, **deeds.ACTIONS, **helping.ACTIONS}
