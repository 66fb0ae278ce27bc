"""`servers create`: a server as a run of the engine, whole or not at all, resumed, taken back, and in `history`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from installer.errors import Conflict
from installer.i18n import tr
from installer.model import Effect, RelPath, Step
from phases.containers import labels, taking_back
from phases.containers.apps import config as configs
from phases.containers.apps.container import deeds, prechecks, waiting
from phases.containers.apps.container.shape import create as create_container
from phases.containers.client import Address, address, connected
from phases.containers.images import moving
from phases.containers.servers import configuring, creating, records, wished
from phases.containers.servers.server import DATA, PLUGINS, SERVER, Server, shape
from phases.containers.volumes import deeds as volumes
from phases.containers.volumes.steps import create_step

if TYPE_CHECKING:
    from collections.abc import Mapping
    from contextlib import AbstractContextManager

    from docker import DockerClient

    from installer.manifest import Manifest
    from installer.model import Action, Context, Facts, Json, Planned

PHASE = "servers"
_CREATE = f"{PHASE}.20.create"


def plan(verb: str, args: Json, manifest: Manifest, facts: Facts) -> Planned:
    """The steps; `args` as `wished.server` has them. Raises for all that can be known before the first change."""
    del verb
    app, at = configs.chosen(manifest, [args["like"]])[args["like"]], address()
    server = wished.server(args, app, facts.root)
    decided = taking_back.decided(PHASE, facts)
    if decided is None:
        decided = {"files": wished.hashes(args, facts.root), "app": configs.digest(app)}
        with connected(at) as client:
            prechecks.networks(client, server.identifier, server.app)
            creating.refuse(client, server, at, facts.root / RelPath(args["database"]))
    yield taking_back.prepare_step(PHASE, facts, tr("Keep the way back"), **decided)
    for which in (DATA, PLUGINS):
        name, step = server.volume(which), f"{PHASE}.10.{which}"
        yield create_step(facts, at, name, "local", {}, {SERVER: server.identifier}, step=step, phase=PHASE)
    yield from _steps(server, {"wish": args, **decided}, facts, at)


def _steps(server: Server, known: Json, facts: Facts, at: Address) -> Planned:
    """From the container on. The row comes last, with the id of a container that is well."""
    name, deed = server.identifier, taking_back.of_this_deed(facts, _CREATE)
    database = str(known["wish"]["database"])

    def step(number: int, verb: str, title: str, *back: str) -> Step:
        inverse = taking_back.inverse(facts, at, back) if back else ()
        return Step(
            id=f"{PHASE}.{number}.{verb}",
            phase=PHASE,
            title=title,
            action=f"servers.{verb}",
            args={"engine": moving.where(at), **known},
            effect=Effect(inverse=inverse, repeatable=True),
        )

    yield step(20, "create", tr("Create the container of {app}", app=name), "remove-container", *deed)
    if known["files"]:
        yield step(30, "configure", tr("Write the configuration of {name}", name=name))
    yield step(40, "start", tr("Start {app}", app=name), "stop-labelled", *deed, "10")
    yield step(50, "wait", tr("Wait until {app} is well", app=name))
    title = tr("Note {name} in {database}", name=name, database=database)
    yield step(60, "record", title, "forget-server", *deed, database, name)


def create(args: Mapping[str, Any], context: Context) -> Json:
    """Make the container; one that this step made before it was cut short is taken."""
    server, own = _server(args, context), _own(args, context)
    with _engine(args) as client:
        found = client.api.containers(all=True, filters={"label": [f"{labels.STEP}={own[labels.STEP]}"]})
        made = str(found[0]["Id"]) if found else create_container(client, shape(server, own), context.root)
    return {"container": made}


def configure(args: Mapping[str, Any], context: Context) -> Json:
    """Write its files into its volume, and read them back."""
    server = wished.with_files(_server(args, context), args["wish"], context.root, args["files"])
    with _engine(args) as client:
        configuring.write(client, _made(client, args, context), server.data_at, server.configuration)
    return {}


def start(args: Mapping[str, Any], context: Context) -> Json:
    """Start it."""
    with _engine(args) as client:
        client.api.start(_made(client, args, context))
    return {}


def wait(args: Mapping[str, Any], context: Context) -> Json:
    """Wait until it is well."""
    server = _server(args, context)
    with _engine(args) as client:
        health = waiting.until_well(client, server.identifier, server.app, _made(client, args, context))
    return {"health": health}


def record(args: Mapping[str, Any], context: Context) -> Json:
    """Note it: from here on the server exists. Raises `Conflict` for a row that somebody else made meanwhile."""
    name, deed = args["wish"]["name"], _own(args, context)[labels.STEP]
    with _engine(args) as client:
        container = _made(client, args, context)
    with records.transaction(context.root / RelPath(args["wish"]["database"])) as rows:
        if not records.has(rows, name):
            records.add(rows, name, deed)
            records.started(rows, name, container, deed)
        elif records.container(rows, name) != container:
            raise Conflict("server.there", tr("`{name}` is there already; it stays as it is", name=name), name=name)
    return {"container": container}


def _server(args: Mapping[str, Any], context: Context) -> Server:
    wish = args["wish"]
    app = configs.wished(context.root, wish["like"])
    if configs.digest(app) != args["app"]:
        raise configs.changed(wish["like"])
    return wished.server(wish, app, context.root)


def _own(args: Mapping[str, Any], context: Context) -> dict[str, str]:
    return labels.of(context.root, context.install_id, _CREATE, server=args["wish"]["name"])


def _made(client: DockerClient, args: Mapping[str, Any], context: Context) -> str:
    return deeds.of_deed(client, _own(args, context)[labels.STEP])


def _engine(args: Mapping[str, Any]) -> AbstractContextManager[DockerClient]:
    return connected(Address(**args["engine"]))


ACTIONS: Mapping[str, Action] = {
    **volumes.ACTIONS,
    "servers.create": create,
    "servers.configure": configure,
    "servers.start": start,
    "servers.wait": wait,
    "servers.record": record,
}
