"""`images prune`: of what was kept for `rollback`, only the newest stay; never one that a container uses."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from installer.i18n import tr
from installer.model import Effect, Step
from phases.containers import client as engines
from phases.containers import taking_back
from phases.containers.images import kept, local, moving
from phases.containers.references import parse

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from docker import DockerClient

    from installer.manifest import Manifest
    from installer.model import Action, Context, Facts, Json, Planned
    from phases.containers.client import Address

PHASE = "images"
ACTION = "images.forget"


def plan(args: Json, manifest: Manifest, facts: Facts) -> Planned:
    """Forget what is older than the `args["keep"]` newest of every tag (of `args["images"]`; none: of all)."""
    del manifest
    engine = engines.address()
    with engines.connected(engine) as client:
        known = kept.of(client, facts.root)
        names = {kept.short(parse(each)) for each in args["images"]}
        going = [each for each in _too_many(known, args["keep"]) if not names or each.name in names]
        users = local.users(client)
        free = [each for each in going if each.image not in users]
        yield from moving.with_script(PHASE, facts, _steps(client, facts, engine, free))


def _too_many(known: list[kept.Kept], keep: int) -> Iterable[kept.Kept]:
    """`known` goes from new to old."""
    seen: dict[str, int] = {}
    for each in known:
        seen[each.name] = seen.get(each.name, 0) + 1
        if seen[each.name] > keep:
            yield each


def _steps(client: DockerClient, facts: Facts, engine: Address, going: list[kept.Kept]) -> list[Step]:
    """What only loses a name comes first: it can be taken back; what is deleted with its last name comes last."""
    tags = {each.tag for each in going}
    ours: dict[str, list[str]] = {}
    for each in going:
        ours.setdefault(each.image, []).append(each.tag)
    steps: list[Step] = []
    for image, names in ours.items():
        found = local.inspect(client, image) or {}
        others = set(found.get("RepoTags") or ()) - tags
        digests = [] if others else sorted(found.get("RepoDigests") or ())  # else it would stay, by these alone
        steps.append(_step(facts, engine, image, sorted(names), digests, lasting=not others))
    return sorted(steps, key=lambda each: (bool(each.effect.lasting), each.id))


def _step(facts: Facts, engine: Address, image: str, names: list[str], digests: list[str], *, lasting: bool) -> Step:
    short = image.removeprefix("sha256:")[:12]
    back = [("point-tag", name, image) for name in names]
    effect = (
        Effect(lasting=tr("the image is deleted for good"), repeatable=True)
        if lasting
        else Effect(inverse=taking_back.inverse(facts, engine, *back))
    )
    return Step(
        id=f"{PHASE}.{'20' if lasting else '10'}.{short}",
        phase=PHASE,
        title=tr("Delete the kept image {id}", id=short) if lasting else tr("Keep {id} no longer", id=short),
        action=ACTION,
        args={"engine": moving.where(engine), "id": image, "names": [*names, *digests]},
        effect=effect,
    )


def forget(args: Mapping[str, Any], context: Context) -> Json:
    """Take the names away; the engine deletes the image with the last one, and refuses where a container uses it."""
    with engines.connected(engines.Address(**args["engine"])) as client:
        if local.users(client).get(args["id"]):
            context.note(tr("a container uses {id} by now; it stays", id=str(args["id"])))
            return {}
        for name in args["names"]:
            if local.identity(local.inspect(client, name)) == args["id"]:
                client.api.remove_image(name)
    return {}


ACTIONS: Mapping[str, Action] = {ACTION: forget}
