"""The plans about volumes: create, backup, restore, remove. Each kept in an archive before anything in it goes."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from installer.errors import Conflict, Precondition
from installer.i18n import tr
from installer.model import Effect, Facts, Json, Planned, RelPath, Step
from phases.containers import client, labels, taking_back
from phases.containers.volumes import deeds, plain, removers, store
from phases.containers.volumes.steps import PHASE, create_step, keep_step, no_helper

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from installer.manifest import Manifest
    from installer.model import Action
    from phases.containers.client import Address
    from phases.containers.undoing import Engine


def plan(verb: str, args: Json, manifest: Manifest, facts: Facts) -> Planned:
    """The steps of a verb; `args` as the command line has them."""
    del manifest
    yield from _VERBS[verb](args, facts, client.address())


def _create(args: Json, facts: Facts, at: Address) -> Planned:
    known = taking_back.decided(PHASE, facts)
    if known is None:
        with plain.asked(plain.as_args(at)) as engine:
            if _exists(engine, args["name"]):
                raise deeds.there(args["name"])
    yield _prepare(facts)
    yield create_step(facts, at, args["name"], args["driver"], args["options"], args["labels"])


def _backup(args: Json, facts: Facts, at: Address) -> Planned:
    names = tuple(args["names"])
    if taking_back.decided(PHASE, facts) is None:
        with plain.asked(plain.as_args(at)) as engine:
            _must_exist(engine, names)
    yield _prepare(facts)
    for number, name in enumerate(names):
        target = args["to"] or store.archive(facts, name)
        inside = not os.path.isabs(target)
        paths = tuple(RelPath(target + end) for end in ("", ".json", ".part", ".json.part")) if inside else ()
        lasting = "" if inside else tr("the archive {path} stays", path=target)
        yield keep_step(f"{PHASE}.{10 + number}.keep", PHASE, facts, at, name, target, touches=paths, lasting=lasting)


def _restore(args: Json, facts: Facts, at: Address) -> Planned:
    name, archive = args["name"], args["archive"]
    known = taking_back.decided(PHASE, facts)
    if known is None:
        manifest = store.manifest_of(facts.root, archive)
        with plain.asked(plain.as_args(at)) as engine:
            known = {"manifest": _shape(manifest), **_way(engine, name, args["helper"])}
    yield _prepare(facts, **known)
    kept = store.archive(facts, name, ".before")
    way, fill = known["way"], f"{PHASE}.40.fill"
    remover = known["remover"] if way == "refill" else ""
    if way != "create":
        yield keep_step(f"{PHASE}.10.keep", PHASE, facts, at, name, kept)
    if way == "anew":
        yield _remove_step(f"{PHASE}.20.remove", facts, at, name, kept)
    if way != "refill":
        shape = known["manifest"]
        yield create_step(
            facts, at, name, shape["driver"], shape["options"], shape["labels"], step=f"{PHASE}.30.create"
        )
    back = ("bring-back", name, kept, store.set_aside(facts, name), known["image"], remover) if remover else ()
    yield Step(
        id=fill,
        phase=PHASE,
        title=tr("Fill the volume {name} from {archive}", name=name, archive=archive),
        action="volumes.fill",
        args={
            "engine": plain.as_args(at),
            "step": fill,
            "volume": name,
            "archive": archive,
            "image": known["image"],
            "remover": remover,
        },
        effect=Effect(inverse=taking_back.inverse(facts, at, no_helper(facts, fill), *((back,) if back else ()))),
    )


def _remove(args: Json, facts: Facts, at: Address) -> Planned:
    names = tuple(args["names"])
    if taking_back.decided(PHASE, facts) is None:
        with plain.asked(plain.as_args(at)) as engine:
            _must_exist(engine, names)
            for name in names:
                if users := deeds.users(engine, name):
                    raise _in_use(name, users, tr("remove the containers first; nothing was touched"))
    yield _prepare(facts)
    for number, name in enumerate(names):
        kept = store.archive(facts, name)
        yield keep_step(f"{PHASE}.{10 + number}.keep", PHASE, facts, at, name, kept)
        yield _remove_step(f"{PHASE}.{10 + number}.remove", facts, at, name, kept)


def _prune(args: Json, facts: Facts, at: Address) -> Planned:
    """All archives but the newest of each volume; no engine is asked."""
    del at
    found = store.known(facts.root / facts.state)
    for volume in args["names"] or found:
        for each in found.get(volume, [])[: -args["keep"] or None]:
            archive = os.path.relpath(each["path"], facts.root)
            yield Step(
                id=f"{PHASE}.50.forget.{volume}.{os.path.basename(archive)}",
                phase=PHASE,
                title=tr("Delete the archive {path}", path=archive),
                action="volumes.forget",
                args={"archive": archive},
                effect=Effect(
                    lasting=tr(
                        "it is deleted for good; a run that it was made for cannot bring that data back any more"
                    ),
                    repeatable=True,
                ),
            )


def _remove_step(step: str, facts: Facts, at: Address, name: str, kept: str) -> Step:
    return Step(
        id=step,
        phase=PHASE,
        title=tr("Remove the volume {name}", name=name),
        action="volumes.remove",
        args={"engine": plain.as_args(at), "volume": name},
        effect=Effect(inverse=taking_back.inverse(facts, at, ("recreate-volume", kept, "any")), repeatable=True),
    )


def _prepare(facts: Facts, **decided: Any) -> Step:  # noqa: ANN401 -- JSON
    return taking_back.prepare_step(PHASE, facts, tr("Keep the way back"), **({"seen": True} | decided))


# -- looking -----------------------------------------------------------------------------------------------------------


def _way(engine: Engine, name: str, helper: str) -> Json:
    """How the volume gets what the archive holds: "create" it, "refill" it, or make it "anew".

    Raises `Conflict` while a container runs on it, `Precondition` where it can be neither emptied nor made anew.
    """
    if not _exists(engine, name):
        return {"way": "create", "image": "", "remover": ""}
    users = deeds.users(engine, name)
    if running := [each for each in users if each["State"] in {"running", "paused", "restarting"}]:
        raise _in_use(name, running, tr("stop them first; nothing was touched"))
    image, remover = (
        removers.of_image(engine, helper) if helper else removers.find(engine, [each["Id"] for each in users])
    )
    if image:
        return {"way": "refill", "image": image, "remover": remover}
    if users:
        raise Precondition("volume.emptying", no_way(name), hint=tr("name an image that has `rm` with --helper IMAGE"))
    return {"way": "anew", "image": "", "remover": ""}


def no_way(name: str) -> str:
    """The sentence for a volume whose contents could not be taken away again."""
    return tr(
        "no image here has the `rm` by which the volume {name} could be emptied, and it cannot be made anew", name=name
    )


def _must_exist(engine: Engine, names: tuple[str, ...]) -> None:
    for name in names:
        if not _exists(engine, name):
            raise Precondition(
                "volume.unknown",
                tr("there is no volume {name}", name=name),
                hint=tr("`manage.py volumes list` shows them"),
            )


def _exists(engine: Engine, name: str) -> bool:
    return any(each["Name"] == name for each in _all(engine))


def _all(engine: Engine) -> list[Json]:
    return list(engine.must("GET", "/volumes").get("Volumes") or [])


def _in_use(name: str, users: list[Json], hint: str) -> Conflict:
    names = ", ".join(str(each["Names"][0]).lstrip("/") for each in users)
    return Conflict("volume.in_use", tr("the volume {name} is in use by {names}", name=name, names=names), hint=hint)


def _shape(manifest: Json) -> Json:
    """How the volume was made; not whose it was."""
    own = {name: value for name, value in manifest["labels"].items() if name not in {labels.RUN, labels.STEP}}
    return {"driver": manifest["driver"], "options": manifest["options"], "labels": own}


_VERBS: Mapping[str, Callable[[Json, Facts, Address], Planned]] = {
    "create": _create,
    "backup": _backup,
    "restore": _restore,
    "remove": _remove,
    "prune": _prune,
}
ACTIONS: Mapping[str, Action] = deeds.ACTIONS
