"""`images pull`: the very image that the registry has now, by its digest; then, and only then, the tag names it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from installer.errors import Refused
from installer.i18n import tr
from installer.model import Effect, Step
from phases.containers import client as engines
from phases.containers import taking_back
from phases.containers.images import door, local, moving, registry
from phases.containers.images.layers import Layers
from phases.containers.references import parse

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from docker import DockerClient

    from installer.manifest import Manifest
    from installer.model import Action, Context, Facts, Json, Planned
    from phases.containers.client import Address
    from phases.containers.references import Reference

PHASE = "images"
ACTION = "images.pull"


def plan(args: Json, manifest: Manifest, facts: Facts) -> Planned:
    """A step for every one of `args["images"]` that the registry has in another version than the engine."""
    engine = engines.address()
    with engines.connected(engine) as client:
        yield from moving.with_script(PHASE, facts, steps(args["images"], manifest, facts, engine, client))


def steps(
    names: Iterable[str], manifest: Manifest, facts: Facts, engine: Address, client: DockerClient, phase: str = PHASE
) -> list[Step]:
    """The steps that fetch `names`; one that is done stays the same whatever the registry has by now.

    Raises what the registry refuses, before anything is changed: see `registry.describe`.
    """
    made: list[Step] = []
    coming: set[str] = set()  # what an earlier step brings is not for a later one to take away
    for number, name in enumerate(dict.fromkeys(names), start=1):
        reference = parse(name)
        moving.must_be_allowed(manifest, reference)
        step = f"{phase}.{number:02}.pull"
        seen = facts.results.get(step) or _seen(client, reference)
        if not seen:
            continue
        exact = f"{reference.repository}@{seen['digest']}"
        fresh = bool(seen["fresh"]) and exact not in coming
        coming.add(exact)
        made.append(_step(step, name, reference, facts, engine, {**seen, "fresh": fresh}))
    return made


def _seen(client: DockerClient, reference: Reference) -> Json | None:
    """What the tag names now and what the registry has for it; None where that is the same."""
    tag = local.tag_of(reference)
    now = local.inspect(client, tag) if tag else None
    digest = reference.digest or registry.describe(client, reference)["digest"]
    exact = local.inspect(client, f"{reference.repository}@{digest}")
    if exact is not None and (not tag or local.identity(exact) == local.identity(now)):
        return None
    return {"old": local.identity(now), "digest": digest, "fresh": exact is None}


def _step(step: str, name: str, reference: Reference, facts: Facts, engine: Address, seen: Json) -> Step:
    exact = f"{reference.repository}@{seen['digest']}"
    kept = moving.keeping(facts, reference, seen["old"])
    back = [*moving.deeds(reference, old=seen["old"], new=exact, tag=kept)]
    if seen["fresh"]:
        back.insert(1 if reference.tag else 0, ("point-tag", exact, moving.NOTHING))
    return Step(
        id=step,
        phase=step.partition(".")[0],
        title=tr("Fetch {image}", image=name),
        action=ACTION,
        args={
            "image": name,
            "kept": kept,
            "engine": moving.where(engine),
            "old": seen["old"],
            "digest": seen["digest"],
            "fresh": seen["fresh"],
        },
        effect=Effect(inverse=taking_back.inverse(facts, engine, *back)),
    )


def pull(args: Mapping[str, Any], context: Context) -> Json:
    """Keep what the tag names, fetch the image, make sure of it, let the tag name it."""
    reference, digest = parse(args["image"]), str(args["digest"])
    exact = f"{reference.repository}@{digest}"
    with engines.connected(engines.Address(**args["engine"])) as client:
        if args["kept"]:
            moving.point(client, args["kept"], args["old"])
        if local.inspect(client, exact) is None:
            fetch(client, reference, digest, context)
        found = local.inspect(client, exact)
        if found is None or digest not in local.digests(found, reference):
            raise _another(exact)
        if reference.tag:
            moving.point(client, local.tag_of(reference), local.identity(found))
        new = local.identity(found)
    return {"image": args["image"], "old": args["old"], "new": new, "digest": digest, "fresh": args["fresh"]}


def fetch(client: DockerClient, reference: Reference, digest: str, context: Context) -> None:
    """Fetch `digest`. Raises what the engine says, also in the middle of its answer, and for another digest."""
    layers = Layers(context.report, context.note)
    answer = door.stream(
        client,
        "POST",
        "/images/create",
        params={"fromImage": reference.repository, "tag": digest},
        headers=door.credentials(client, reference),
    )
    for message in door.messages(answer):
        layers.take(message)
    if layers.digest and layers.digest != digest:
        raise _another(f"{reference.repository}@{digest}")


def _another(exact: str) -> Refused:
    return Refused(
        "image.digest",
        tr("what came is not {image}", image=exact),
        hint=tr("run the same command again; if it stays so, do not trust that registry"),
    )


ACTIONS: Mapping[str, Action] = {ACTION: pull}
