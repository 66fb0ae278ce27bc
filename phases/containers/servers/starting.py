"""Starting a server that there is: rebuilt where it is not as wished, and as before where it does not get well."""

from __future__ import annotations

import uuid
from pathlib import Path
from typing import TYPE_CHECKING

from installer.errors import Precondition
from installer.i18n import tr
from installer.rollback_manager import RollbackManager
from phases.containers import labels, taking_back
from phases.containers.apps.container import deeds, looks, prechecks, waiting
from phases.containers.apps.container.shape import create
from phases.containers.client import address, connected
from phases.containers.servers import records
from phases.containers.servers.creating import back, journal, scripts, settle
from phases.containers.servers.server import SERVER, Server, checked, marks, shape

if TYPE_CHECKING:
    from docker import DockerClient

    from installer.model import Json
    from phases.containers.client import Address

_BEFORE = "-before"


def start_server(server: Server, database: Path, *, patience: float = waiting.PATIENCE) -> str:
    """Have the server run as `server` says; returns the id of its container once it is well.

    Its data stay in their volumes, also where the container is rebuilt. Whatever is raised, the container of before is
    there again, stopped, and so says its row.
    """
    server, database = checked(server), Path(database)
    settle(database)
    where = address()
    with connected(where) as client:
        deeds.need_image(client, server.app.image)
        found = _found(client, server, database)
        _drop_before(client, server)
        if looks.is_running(found):
            return str(found["Id"])
        prechecks.ports(where.url, {server.identifier: server.app})
        with records.transaction(database) as rows:
            records.stopped(rows, server.identifier)
        with RollbackManager(journal=journal(database)) as created, records.transaction(database) as rows:
            taking_back.keep(scripts(database))
            token, deed = uuid.uuid4().hex, looks.label_of(found)[labels.STEP]
            if looks.label_of(found).get(looks.DIGEST) == server.digest:
                container = str(found["Id"])
                stop = back(database, where, "stop-labelled", deed, "10")
                created.add_action("container", f"{server.name} {token}", "Start", stop)
            else:
                container = _rebuilt(client, server, found, created, (where, database, token))
            client.api.start(container)
            waiting.until_well(client, server.identifier, server.app, container, patience=patience)
            records.started(rows, server.identifier, container, token)
            rows.execute("commit")
        _drop_before(client, server)
        return container


def _found(client: DockerClient, server: Server, database: Path) -> Json:
    """Its container. Raises `Precondition` for a server that there is not."""
    found = looks.find(client, server.name)
    with records.transaction(database) as rows:
        is_known = records.has(rows, server.identifier)
    if found is None or not is_known or labels.STEP not in looks.label_of(found):
        raise Precondition("server.unknown", tr("there is no server `{name}`", name=server.identifier))
    return found


def _rebuilt(
    client: DockerClient, server: Server, found: Json, created: RollbackManager, of: tuple[Address, Path, str]
) -> str:
    """A new container under the old one's name, which has another one until the new one is well."""
    (where, database, token), old = of, str(found["Id"])
    own = marks(server, database.parent, token)
    again = taking_back.command(scripts(database).absolute(), where, ("name-container", old, server.name))
    created.add_action("container", f"{server.name} {token}", "Put the old container aside", again)
    deeds.call(client, old, f"{server.name}{_BEFORE}")
    undo = back(database, where, "remove-container", own[labels.STEP])
    created.add_action("container", f"{server.name} {token}", "Create and start", undo)
    return create(client, shape(server, own), database.parent)


def _drop_before(client: DockerClient, server: Server) -> None:
    """The container that a rebuilt one took the place of goes, now that the new one is noted."""
    found = looks.find(client, f"{server.name}{_BEFORE}")
    if found is not None and looks.label_of(found).get(SERVER) == server.identifier:
        client.api.remove_container(found["Id"], v=True, force=True)
