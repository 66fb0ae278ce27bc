"""What the steps of an update do, each one thing: make the new one, rename, stop, start, prove, put an old one away."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from installer.errors import StepFailed
from installer.i18n import tr
from phases.containers import labels, undoing
from phases.containers.updates import proving
from phases.containers.updates.affected import BEFORE, image
from phases.containers.updates.comparing import differences
from phases.containers.updates.configuration import body, networks, primary_network
from phases.containers.volumes import archives, plain

if TYPE_CHECKING:
    from collections.abc import Mapping

    from installer.model import Action, Context, Json
    from phases.containers.undoing import Engine


def create(args: Mapping[str, Any], context: Context) -> Json:
    """Make the new container beside the old one, of the very image. Raises `StepFailed` for a field that differs."""
    marks = labels.of(context.root, context.install_id, args["step"])
    with plain.asked(args["engine"]) as engine:
        made = made_by(engine, marks[labels.STEP])
        old = _inspect(engine, args["old"])
        target, before = image(engine, args["image"]), image(engine, old["Image"])
        if target is None or before is None:
            raise StepFailed("update.image", tr("the image {name} is gone", name=args["image"]))
        host = str(engine.must("GET", "/info").get("Name", ""))
        if not made:
            wanted = body(old, before["Config"] or {}, host)
            wanted["Labels"] = {**wanted["Labels"], **marks}
            made = _make(engine, args, wanted, target["Id"])
        new = _connected(engine, made, old)
        wrong = differences(old, new, (before["Config"] or {}, target["Config"] or {}), host)
    if wrong:
        raise StepFailed(
            "update.faithful",
            tr("{name} would not be the same: {fields}", name=args["name"], fields=", ".join(wrong)),
            hint=tr("leave it out with --except {name}, and make it anew by hand", name=args["name"]),
        )
    return {"id": new["Id"], "image": target["Id"]}


def _make(engine: Engine, args: Mapping[str, Any], wanted: Json, target: str) -> str:
    """By its name, as people know it, if that names the image; a tag that moves at this moment changes nothing."""
    named = image(engine, args["reference"])
    names = [args["reference"]] if named and named["Id"] == target else []
    for name in [*names, args["image"]]:
        query = {"name": args["temporary"]}
        made = str(engine.must("POST", "/containers/create", query=query, body={**wanted, "Image": name})["Id"])
        if _inspect(engine, made)["Image"] == target:
            return made
        engine.must("DELETE", "/containers/" + made, query={"v": "1"})
    raise StepFailed("update.image", tr("the image {name} is gone", name=args["image"]))


def _connected(engine: Engine, made: str, old: Json) -> Json:
    """The new container, in the other networks of the old one, too: one request a network."""
    now, primary = networks(_inspect(engine, made)), primary_network(old)
    for name, endpoint in networks(old).items():
        if name != primary and name not in now:
            engine.must("POST", "/networks/" + name + "/connect", body={"Container": made, "EndpointConfig": endpoint})
    return _inspect(engine, made)


def hold(args: Mapping[str, Any], _context: Context) -> Json:
    """The old one is not started again by the engine when that starts: two of them would be at the same data."""
    with plain.asked(args["engine"]) as engine:
        undoing.restart_policy(engine, args["id"], "no", "0")
    return {}


def rename(args: Mapping[str, Any], _context: Context) -> Json:
    """The container of that id, or of that deed, is called so."""
    with plain.asked(args["engine"]) as engine:
        undoing.name_container(engine, args["id"] or _must_be(engine, args["deed"]), args["to"])
    return {}


def stop(args: Mapping[str, Any], _context: Context) -> Json:
    """The old one ends, in its own time."""
    with plain.asked(args["engine"]) as engine:
        undoing.stop_container(engine, args["id"], str(args["seconds"]))
    return {}


def seal(args: Mapping[str, Any], context: Context) -> Json:
    """Every archive is what was kept: from here on the data may change."""
    with plain.asked(args["engine"]):
        for archive in args["archives"]:
            archives.proven(str(context.root / archive))
    return {}


def start(args: Mapping[str, Any], _context: Context) -> Json:
    """The new one starts."""
    with plain.asked(args["engine"]) as engine:
        undoing.start_container(engine, _must_be(engine, args["deed"]))
    return {}


def prove(args: Mapping[str, Any], _context: Context) -> Json:
    """The new one is well. Raises `StepFailed` with the end of what it said."""
    with plain.asked(args["engine"]) as engine:
        made = _must_be(engine, args["deed"])
        how = proving.wait(engine, made, args["name"], wait=args["wait"], steady=args["steady"])
        down = proving.between(_inspect(engine, args["old"]), _inspect(engine, made))
    return {"name": args["name"], "how": how, "down": down}


def put_away(args: Mapping[str, Any], _context: Context) -> Json:
    """The one that an earlier update kept goes; its volumes stay. One that runs, or is called otherwise, stays."""
    with plain.asked(args["engine"]) as engine:
        found = engine.must("GET", "/containers/" + args["id"] + "/json", 404)
        if found and BEFORE.fullmatch(found["Name"].lstrip("/")) and not found["State"]["Running"]:
            engine.must("DELETE", "/containers/" + args["id"], 404)
    return {}


def made_by(engine: Engine, deed: str) -> str:
    """The id of the container that the deed made; empty for none."""
    found = engine.labelled("containers/json", labels.STEP, deed)
    return str(found[0]["Id"]) if found else ""


def _must_be(engine: Engine, deed: str) -> str:
    made = made_by(engine, deed)
    if not made:
        raise StepFailed("update.gone", tr("the new container was removed by somebody else"))
    return made


def _inspect(engine: Engine, identity: str) -> Json:
    return dict(engine.must("GET", "/containers/" + identity + "/json"))


ACTIONS: Mapping[str, Action] = {
    "updates.create": create,
    "updates.hold": hold,
    "updates.rename": rename,
    "updates.stop": stop,
    "updates.seal": seal,
    "updates.start": start,
    "updates.prove": prove,
    "updates.put_away": put_away,
}
