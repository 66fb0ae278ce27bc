"""`images prune`: of what was kept for `rollback`, only the newest stay; never one that a container uses."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from installer.frozen import dataclass
from installer.i18n import tr
from installer.model import Effect, Step
from phases.containers import client as engines
from phases.containers import taking_back
from phases.containers.images import kept, local, moving
from phases.containers.references import parse
from phases.containers.updates.affected import BEFORE
from phases.containers.volumes import plain

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from docker import DockerClient

    from installer.manifest import Manifest
    from installer.model import Action, Context, Facts, Json, Planned
    from phases.containers.client import Address

PHASE = "images"
ACTION = "images.forget"


def plan(args: Json, manifest: Manifest, facts: Facts) -> Planned:
    """Forget what is older than the `args["keep"]` newest of every tag (of `args["images"]`; none: of all).

    With `args["kept"]` the containers go, too, that updates kept for their way back, where nothing else holds an image.
    """
    del manifest
    engine = engines.address()
    with engines.connected(engine) as client:
        held = holders(client, facts.root, args)
        away = [one for each in held for one in each.kept if not each.others] if args.get("kept") else []
        going = {each.image for each in held if not each.kept and not each.others}
        going |= {each.image for each in held if not each.others} if args.get("kept") else set()
        free = [each for each in _going(client, facts.root, args) if each.image in going]
        steps = _steps(client, facts, engine, free)
        soft = [each for each in steps if not each.effect.lasting]
        hard = [each for each in steps if each.effect.lasting]
        yield from moving.with_script(PHASE, facts, [*soft, *(_put_away(engine, *one) for one in away), *hard])


@dataclass(frozen=True, slots=True, kw_only=True)
class Holders:
    """Who has an image that would go: `kept` are [id, name] of containers that updates kept; `others` are names."""

    image: str
    kept: tuple[tuple[str, str], ...]
    others: tuple[str, ...]


def holders(client: DockerClient, root: Path, args: Json) -> list[Holders]:
    """Of every image that is too old to be kept."""
    images = dict.fromkeys(each.image for each in _going(client, root, args))
    found: dict[str, list[tuple[str, str, bool]]] = {image: [] for image in images}
    for each in client.api.containers(all=True) if images else ():
        if each["ImageID"] in found:
            name = str((each.get("Names") or [each["Id"][:12]])[0]).removeprefix("/")
            is_kept = bool(BEFORE.fullmatch(name)) and each["State"] in {"exited", "created", "dead"}
            found[each["ImageID"]].append((each["Id"], name, is_kept))
    return [
        Holders(
            image=image,
            kept=tuple(sorted((one[0], one[1]) for one in users if one[2])),
            others=tuple(sorted(one[1] for one in users if not one[2])),
        )
        for image, users in found.items()
    ]


def _going(client: DockerClient, root: Path, args: Json) -> list[kept.Kept]:
    names = {kept.short(parse(each)) for each in args["images"]}
    return [each for each in _too_many(kept.of(client, root), args["keep"]) if not names or each.name in names]


def _put_away(engine: Address, identity: str, name: str) -> Step:
    return Step(
        id=f"{PHASE}.15.{identity[:12]}",
        phase=PHASE,
        title=tr("Remove {name}, which an earlier update kept", name=name),
        action="updates.put_away",
        args={"engine": plain.as_args(engine), "id": identity},
        effect=Effect(lasting=tr("it is removed for good; its volumes stay"), repeatable=True),
    )


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
