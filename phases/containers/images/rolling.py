"""`images rollback`: a tag names what it named before. No network is needed: the image was kept."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from installer.errors import Precondition
from installer.i18n import tr
from installer.model import Effect, Step
from phases.containers import client as engines
from phases.containers import taking_back
from phases.containers.images import kept, local, moving
from phases.containers.references import parse

if TYPE_CHECKING:
    from collections.abc import Mapping

    from docker import DockerClient

    from installer.manifest import Manifest
    from installer.model import Action, Context, Facts, Json, Planned
    from phases.containers.client import Address
    from phases.containers.references import Reference

PHASE = "images"
ACTION = "images.point"
_STEP = f"{PHASE}.01.rollback"


def plan(args: Json, manifest: Manifest, facts: Facts) -> Planned:
    """Point `args["image"]` to what the run `args["to"]` kept, or, where that is empty, to the newest that is another.

    Raises `Precondition` where nothing was kept, naming what was.
    """
    del manifest
    engine, reference = engines.address(), parse(args["image"])
    moving.must_have_tag(reference)
    with engines.connected(engine) as client:
        seen = facts.results.get(_STEP) or _seen(client, facts, reference, args["to"])
        yield from moving.with_script(PHASE, facts, [_step(reference, facts, engine, seen)] if seen else [])


def _seen(client: DockerClient, facts: Facts, reference: Reference, to: str) -> Json | None:
    old = local.identity(local.inspect(client, local.tag_of(reference)))
    there = kept.of(client, facts.root, reference)
    wanted = [each for each in there if (each.run == to if to else each.image != old)]
    if not wanted:
        raise _nothing(reference, there, to)
    return {"old": old, "new": wanted[0].image} if wanted[0].image != old else None


def _step(reference: Reference, facts: Facts, engine: Address, seen: Json) -> Step:
    tag = moving.keeping(facts, reference, seen["old"])
    back = moving.deeds(reference, old=seen["old"], new=seen["new"], tag=tag)
    return Step(
        id=_STEP,
        phase=PHASE,
        title=tr("Let {image} name {id} again", image=str(reference), id=seen["new"].removeprefix("sha256:")[:12]),
        action=ACTION,
        args={
            "image": str(reference),
            "kept": tag,
            "engine": moving.where(engine),
            "old": seen["old"],
            "new": seen["new"],
        },
        effect=Effect(inverse=taking_back.inverse(facts, engine, *back)),
    )


def point(args: Mapping[str, Any], context: Context) -> Json:
    """Keep what the tag names, and let it name the other."""
    del context
    with engines.connected(engines.Address(**args["engine"])) as client:
        if args["kept"]:
            moving.point(client, args["kept"], args["old"])
        moving.point(client, local.tag_of(parse(args["image"])), args["new"])
    return {"image": args["image"], "old": args["old"], "new": args["new"]}


def _nothing(reference: Reference, there: list[kept.Kept], to: str) -> Precondition:
    known = ", ".join(each.run for each in there)
    return Precondition(
        "image.not-kept",
        tr("of {image} nothing was kept by the run {run}", image=str(reference), run=to)
        if to
        else tr("of {image} no other image was kept", image=str(reference)),
        hint=tr("there are: {names}", names=known) if known else tr("`manage.py images pull` keeps what it replaces"),
    )


ACTIONS: Mapping[str, Action] = {ACTION: point}
