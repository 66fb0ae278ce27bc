"""What the steps about volumes do: make one, keep it in an archive, fill it from one, remove it."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from installer import files
from installer.errors import Conflict
from installer.i18n import tr
from installer.model import RelPath
from phases.containers import labels, undoing
from phases.containers.volumes import archives, early, plain, refilling

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from installer.model import Action, Context, Json


def create(args: Mapping[str, Any], context: Context) -> Json:
    """Make the volume; one that somebody else made meanwhile is not taken for ours."""
    name = args["name"]
    marks = labels.of(context.root, context.install_id, args["step"])
    body = {
        "Name": name,
        "Driver": args["driver"],
        "DriverOpts": args["options"],
        "Labels": {**args["labels"], **marks},
    }
    with plain.asked(args["engine"]) as engine:
        made = engine.must("POST", "/volumes/create", body=body)
    if (made.get("Labels") or {}).get(labels.STEP) != marks[labels.STEP]:
        raise there(name)
    return {"name": name}


def copy(args: Mapping[str, Any], context: Context) -> Json:
    """Copy a volume that containers still write to, if it is on this machine; `keep` goes on from there."""
    if not args["source"][0]:
        return {"copied": False}
    with plain.asked(args["engine"]) as engine:
        copied = early.copy(engine, args["volume"], *_pair(args["source"]), context.root / args["early"])
    return {"copied": copied}


def keep(args: Mapping[str, Any], context: Context) -> Json:
    """Put the volume into an archive, read back and compared."""
    target = os.path.join(context.root, args["target"])
    if args.get("early") and (made := early.finish(context.root / args["early"], context.root / args["target"])):
        return _kept(made, target)
    marks = labels.of(context.root, context.install_id, args["step"])
    with plain.asked(args["engine"]) as engine:
        undoing.remove_container(engine, labels.STEP, marks[labels.STEP])  # of a try that was cut short
        image = args.get("image") or an_image(engine, args["volume"])
        made = archives.keep(engine, args["volume"], image, target, marks, tuple(args.get("source") or ("", "")))
    return _kept(made, target)


def _pair(words: Sequence[str]) -> tuple[str, str]:
    return words[0], words[1]


def _kept(made: Json, target: str) -> Json:
    return {name: made[name] for name in ("volume", "sha256", "bytes", "unpacked", "entries")} | {"archive": target}


def fill(args: Mapping[str, Any], context: Context) -> Json:
    """The volume holds what the archive does; what it held before is taken away first, by `remover`, if given."""
    archive = os.path.join(context.root, args["archive"])
    marks = labels.of(context.root, context.install_id, args["step"])
    with plain.asked(args["engine"]) as engine:
        undoing.remove_container(engine, labels.STEP, marks[labels.STEP])
        image = args["image"] or an_image(engine, args["volume"])
        refilling.refill(engine, args["volume"], archive, image, args["remover"], marks)
    return {"volume": args["volume"]}


def remove(args: Mapping[str, Any], _context: Context) -> Json:
    """Remove the volume, whose archive is there. One that came into use is left alone (`Conflict`)."""
    with plain.asked(args["engine"]) as engine:
        undoing.drop_volume(engine, args["volume"])
    return {"volume": args["volume"]}


def forget(args: Mapping[str, Any], context: Context) -> Json:
    """Delete an archive; its manifest last, so that one that was cut short is found again."""
    place = context.root / RelPath(args["archive"])
    files.remove(place)
    files.remove(place.with_name(place.name + ".json"))
    return {"archive": args["archive"]}


def an_image(engine: undoing.Engine, volume: str) -> str:
    """Any image from which a container can be made: of one that has the volume, or the smallest.

    Raises `Failed` where the engine has none.
    """
    for each in users(engine, volume):
        return str(each["ImageID"])
    images = engine.must("GET", "/images/json")
    if not images:
        msg = tr("there is no image here to make a container from that reads the volume")
        raise undoing.Failed(msg)
    return str(min(images, key=lambda each: each["Size"])["Id"])


def users(engine: undoing.Engine, volume: str) -> list[Json]:
    """The containers that have the volume, running or not, but for our own helpers."""
    query = {"all": "1", "filters": '{"volume":["' + volume + '"]}'}
    found = engine.must("GET", "/containers/json", query=query)
    return [each for each in found if archives.HELPER not in (each.get("Labels") or {}) and _has(each, volume)]


def _has(container: Json, volume: str) -> bool:
    """The engine's filter looks at folders, too."""
    return any(each.get("Type") == "volume" and each.get("Name") == volume for each in container.get("Mounts") or [])


def there(name: str) -> Conflict:
    """The volume is there, and not ours."""
    return Conflict(
        "volume.exists",
        tr("there is a volume {name} already", name=name),
        hint=tr("choose another name; `manage.py volumes list` shows them"),
    )


ACTIONS: Mapping[str, Action] = {
    "volumes.create": create,
    "volumes.copy": copy,
    "volumes.keep": keep,
    "volumes.fill": fill,
    "volumes.remove": remove,
    "volumes.forget": forget,
}
