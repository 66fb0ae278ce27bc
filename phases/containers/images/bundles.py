"""Images in a file, for a machine without a registry: the engine's own archive, with its sha256 beside."""

from __future__ import annotations

import hashlib
import json
import os
import tarfile
from typing import TYPE_CHECKING, Any

from installer import files
from installer.errors import Conflict, Precondition, Refused
from installer.i18n import tr
from installer.model import Effect, RelPath, Step
from phases.containers import client as engines
from phases.containers import taking_back
from phases.containers.images import door, local, moving
from phases.containers.references import parse

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from docker import DockerClient

    from installer.manifest import Manifest
    from installer.model import Action, Context, Facts, Json, Planned
    from phases.containers.client import Address

PHASE = "images"
_SAVE, _LOAD = f"{PHASE}.01.save", f"{PHASE}.01.load"
_BESIDE = ".sha256"
_BLOCK = 1 << 20
_MOST = 4 << 20  # bytes that the list of contents may have


def plan_save(args: Json, manifest: Manifest, facts: Facts) -> Planned:
    """Put `args["images"]` into `args["file"]`, which is below the project and not there yet."""
    del manifest
    engine, file = engines.address(), RelPath(args["file"])
    with engines.connected(engine) as client:
        done = facts.results.get(_SAVE)
        found = done["ids"] if done else {each: local.must_inspect(client, each)["Id"] for each in args["images"]}
    if done is None and (files.exists(facts.root / file) or files.exists(facts.root / f"{file}{_BESIDE}")):
        raise Conflict("bundle.there", tr("{path} is there already", path=file), hint=tr("choose another name"))
    yield Step(
        id=_SAVE,
        phase=PHASE,
        title=tr("Save {names} to {path}", names=", ".join(args["images"]), path=file),
        action="images.save",
        args={"file": file, "ids": found, "engine": moving.where(engine)},
        effect=Effect(touches=(file, RelPath(f"{file}{_BESIDE}"))),
    )


def save(args: Mapping[str, Any], context: Context) -> Json:
    """Write the archive beside, then give it its name and its sum."""
    file = context.root / args["file"]
    partial = context.scratch / "bundle.tar"
    names = [each if local.is_id(each) else local.name_of(parse(each)) for each in args["ids"]]
    with engines.connected(engines.Address(**args["engine"])) as client, partial.open("wb") as target:
        size = 0
        for piece in door.stream(client, "GET", "/images/get", params={"names": names}):
            target.write(piece)
            size += len(piece)
            context.report(size >> 20, 0)
    contents(partial)  # a connection that was cut leaves no archive
    files.make_folder(file.parent, mode=0o755)
    total = files.copy(partial, file, mode=0o644)
    files.replace(file.parent / f"{file.name}{_BESIDE}", f"{total}  {file.name}\n".encode(), mode=0o644)
    return {"ids": dict(args["ids"]), "sha256": total}


def plan_load(args: Json, manifest: Manifest, facts: Facts) -> Planned:
    """Load `args["file"]`. Raises `Refused` if it is not what its sum says, or holds what is not allowed here."""
    engine, file = engines.address(), facts.root / args["file"]
    total = checked(file)
    held = contents(file)
    for tag in (tag for tags in held.values() for tag in tags):
        moving.must_be_allowed(manifest, parse(tag))
    with engines.connected(engine) as client:
        seen = facts.results.get(_LOAD) or _seen(client, held)
        if not seen:
            return
        steps = [_load_step(facts, engine, args["file"], total, seen)]
        yield from moving.with_script(PHASE, facts, steps)


def _seen(client: DockerClient, held: dict[str, list[str]]) -> Json | None:
    """What its tags name now, and which images are here; None where all is here and so named."""
    here = {image: local.inspect(client, image) is not None for image in held}
    tags = {tag: local.identity(local.inspect(client, tag)) for tags in held.values() for tag in tags}
    if all(here.values()) and all(tags[tag] == image for image, names in held.items() for tag in names):
        return None
    return {"held": held, "here": here, "tags": tags}


def _load_step(facts: Facts, engine: Address, file: str, total: str, seen: Json) -> Step:
    kept: dict[str, str] = {}
    back: list[tuple[str, ...]] = []
    for image, tags in seen["held"].items():
        for tag in tags:
            reference, old = parse(tag), seen["tags"][tag]
            kept[tag] = moving.keeping(facts, reference, old if old != image else moving.NOTHING)
            back += moving.deeds(reference, old=old, new=image, tag=kept[tag])
    back += [("remove-image", image) for image, here in seen["here"].items() if not here]
    return Step(
        id=_LOAD,
        phase=PHASE,
        title=tr("Load {names} from {path}", names=", ".join(sorted(seen["tags"])) or "–", path=file),
        action="images.load",
        args={
            "file": file,
            "sha256": total,
            "engine": moving.where(engine),
            "kept": kept,
            **{name: seen[name] for name in ("held", "here", "tags")},
        },
        effect=Effect(inverse=taking_back.inverse(facts, engine, *back)),
    )


def load(args: Mapping[str, Any], context: Context) -> Json:
    """Keep what its tags name, load it, make sure that they name what it holds."""
    file = context.root / args["file"]
    if checked(file) != args["sha256"]:
        raise _damaged(file)
    with engines.connected(engines.Address(**args["engine"])) as client:
        for tag, name in args["kept"].items():
            if name:
                moving.point(client, name, args["tags"][tag])
        with file.open("rb") as stream:
            for message in door.messages(door.stream(client, "POST", "/images/load", data=stream)):
                if said := str(message.get("stream", "")).strip():
                    context.note(said)
        changes = [
            {"image": tag, "old": args["tags"][tag], "new": local.must_inspect(client, tag)["Id"]}
            for tag in args["tags"]
        ]
    return {"changes": changes, "held": args["held"], "here": args["here"], "tags": args["tags"]}


def contents(file: Path) -> dict[str, list[str]]:
    """Image id: its tags. Raises `Refused` for a file that is no such archive."""
    try:
        with tarfile.open(file, "r:") as archive:
            member = archive.extractfile("manifest.json")
            listed = json.loads(member.read(_MOST)) if member else []
        return {_id(str(each["Config"])): [str(tag) for tag in each.get("RepoTags") or ()] for each in listed}
    except FileNotFoundError as error:
        raise Precondition("bundle.missing", tr("there is no file {path}", path=file)) from error
    except (tarfile.TarError, KeyError, TypeError, ValueError, OSError) as error:
        raise Refused("bundle.kind", tr("{path} is no archive of images", path=file)) from error


def _id(configuration: str) -> str:
    """Of `HEX.json`, or `blobs/sha256/HEX`."""
    return "sha256:" + os.path.basename(configuration).removesuffix(".json")


def checked(file: Path) -> str:
    """The sha256 of `file`, which is the one that lies beside it. Raises `Refused`, or `Precondition` without one."""
    beside = file.parent / f"{file.name}{_BESIDE}"
    try:
        wanted = files.content(beside, most=_BLOCK).decode("ascii", "replace").split()[:1]
        total = hashlib.sha256()
        with file.open("rb") as stream:
            for block in _blocks(stream):
                total.update(block)
    except FileNotFoundError as error:
        raise Precondition(
            "bundle.missing",
            tr("there is no file {path}", path=str(error.filename)),
            hint=tr("an archive goes with its sum: `sha256sum FILE > FILE.sha256` where it was made"),
        ) from error
    if wanted != [total.hexdigest()]:
        raise _damaged(file)
    return total.hexdigest()


def _blocks(stream: Any) -> Iterator[bytes]:  # noqa: ANN401 -- an open file
    while block := stream.read(_BLOCK):
        yield block


def _damaged(file: Path) -> Refused:
    return Refused(
        "bundle.damaged",
        tr("{path} is not what its sum says: it is damaged, or another one", path=file),
        hint=tr("copy it again, together with its `.sha256`"),
    )


ACTIONS: Mapping[str, Action] = {"images.save": save, "images.load": load}
