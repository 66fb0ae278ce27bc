"""What the steps of an app in a container do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from phases.containers import labels
from phases.containers.apps import config as configs
from phases.containers.apps.container import deeds, looks, making, names, waiting
from phases.containers.client import Address, connected

if TYPE_CHECKING:
    from collections.abc import Mapping
    from contextlib import AbstractContextManager

    from docker import DockerClient

    from installer.model import Action, Context, Json


def make_network(args: Mapping[str, Any], context: Context) -> Json:
    """Have the network there."""
    with _engine(args) as client:
        deeds.make_network(client, args["name"], _marks(args, context))
    return {}


def make_volume(args: Mapping[str, Any], context: Context) -> Json:
    """Have the volume there."""
    with _engine(args) as client:
        deeds.make_volume(client, args["name"], _marks(args, context))
    return {}


def put_aside(args: Mapping[str, Any], context: Context) -> Json:
    """Give the container of before another name, if it still has the one that it had."""
    del context
    with _engine(args) as client:
        if client.api.inspect_container(args["id"])["Name"] == "/" + args["name"]:
            deeds.call(client, args["id"], args["to"])
    return {"id": args["id"], "name": args["name"], "to": args["to"]}


def create(args: Mapping[str, Any], context: Context) -> Json:
    """Create the container as the manifest says. Raises `Conflict` where it says something else than was planned."""
    app = args["app"]
    wish = configs.wished(context.root, app)
    if configs.digest(wish) != args["digest"]:
        raise configs.changed(app)
    marks = labels.of(context.root, context.install_id, args["step"], app=app)
    shape = making.shape(
        context.root,
        names.of(context.root),
        app,
        wish,
        image=args["image"],
        version=args["version"],
        marks=marks,
        carried=args.get("carried", {}),
    )
    with _engine(args) as client:
        made = deeds.make_container(client, shape, context.root)
        return {"id": made, "image": args["image"]}


def start(args: Mapping[str, Any], context: Context) -> Json:
    """Start it; one that runs is left alone."""
    with _engine(args) as client:
        container = args["id"] or _made(client, args["app"], context)
        client.api.start(container)
    return {"id": args["id"], "container": container}


def stop(args: Mapping[str, Any], context: Context) -> Json:
    """Stop it; it is given its time."""
    del context
    with _engine(args, timeout=args["seconds"] + 60) as client:
        if looks.is_running(client.api.inspect_container(args["id"])):
            client.api.stop(args["id"], timeout=args["seconds"])
    return {"id": args["id"]}


def wait(args: Mapping[str, Any], context: Context) -> Json:
    """Wait until it is well."""
    wish = configs.wished(context.root, args["app"])
    with _engine(args) as client:
        container = args["id"] or _made(client, args["app"], context)
        return {"id": args["id"], "health": waiting.until_well(client, args["app"], wish, container)}


def drop(args: Mapping[str, Any], context: Context) -> Json:
    """Remove them, if they still are ours and were put aside."""
    own = names.of(context.root).container(args["app"])
    with _engine(args) as client:
        for identity in args["ids"]:
            found = looks.find(client, identity)
            if found and looks.is_ours(found, context.root, args["app"]) and found["Name"] != "/" + own:
                client.api.remove_container(identity, v=True, force=True)
    return {"ids": args["ids"]}


def _made(client: DockerClient, app: str, context: Context) -> str:
    from phases.containers.apps.container.steps import named

    return deeds.of_deed(client, labels.mark(context.root, context.install_id, named("create", app)))


def _marks(args: Mapping[str, Any], context: Context) -> dict[str, str]:
    return labels.of(context.root, context.install_id, args["step"])


def _engine(args: Mapping[str, Any], timeout: float = 60) -> AbstractContextManager[DockerClient]:
    return connected(Address(**args["engine"]), timeout=timeout)


ACTIONS: Mapping[str, Action] = {
    "app.docker.network": make_network,
    "app.docker.volume": make_volume,
    "app.docker.aside": put_aside,
    "app.docker.create": create,
    "app.docker.start": start,
    "app.docker.stop": stop,
    "app.docker.wait": wait,
    "app.docker.drop": drop,
}
