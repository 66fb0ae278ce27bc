"""Creating a server, whole or not at all, whatever fails and whenever the program is killed.

The row has a transaction of its own, which is committed last: that is the moment at which the server exists. What the
engine is asked for has none, so that its way back is in a journal before it is asked, and goes by a label that only
this creation has: harmless for what was never made, blind for what somebody else made.
"""

from __future__ import annotations

import uuid
from pathlib import Path
from typing import TYPE_CHECKING

from installer.errors import Conflict
from installer.i18n import tr
from installer.rollback_manager import RollbackManager
from phases.containers import labels, taking_back
from phases.containers.apps.container import deeds, looks, prechecks, waiting
from phases.containers.apps.container.shape import create
from phases.containers.client import address, connected
from phases.containers.servers import configuring, records
from phases.containers.servers.server import DATA, PLUGINS, Server, checked, marks, shape

if TYPE_CHECKING:
    from docker import DockerClient

    from phases.containers.client import Address

JOURNAL = ".journal"  # behind the name of the database
BACK = ".back"  # likewise: the folder of the scripts that the journal names


def create_server(server: Server, database: Path, *, patience: float = waiting.PATIENCE) -> str:
    """Create and start `server`; returns the id of its container once it is well.

    Whatever is raised, everything is as before, also things of those names that were there before: they are a
    `Conflict`. After a kill the next call (or `settle`) takes back what was left, or finds the server whole.
    """
    server, database = checked(server), Path(database)
    settle(database)
    where, token = address(), uuid.uuid4().hex
    own = marks(server, database.parent, token)
    deed = own[labels.STEP]
    with connected(where) as client:
        refuse(client, server, where, database)
        with RollbackManager(journal=journal(database)) as created, records.transaction(database) as rows:
            taking_back.keep(scripts(database))
            if records.has(rows, server.identifier):
                raise _there(server.identifier)
            records.add(rows, server.identifier, token)
            for which in (DATA, PLUGINS):
                name = server.volume(which)
                undo = back(database, where, "remove-volume", deed)
                created.add_action("volume", f"{name} {token}", "Create the volume", undo)
                _volume(client, server, name, own)
            undo = back(database, where, "remove-container", deed)
            created.add_action("container", f"{server.name} {token}", "Create and start", undo)
            container = create(client, shape(server, own), database.parent)
            configuring.write(client, container, server.data_at, server.configuration)
            client.api.start(container)
            waiting.until_well(client, server.identifier, server.app, container, patience=patience)
            records.started(rows, server.identifier, container, token)
            rows.execute("commit")  # from here on it exists: a kill before the journal is cleared changes nothing
            return container


def settle(database: Path) -> bool:
    """End what a killed program left: its row is there, and all is kept, or it is not, and all is taken back.

    Says whether there was anything. Raises `RollbackFailed` where something could not be taken back: call it again.
    """
    database = Path(database)
    if not journal(database).exists():
        return False
    left = RollbackManager.recover(journal(database))
    if not left.count():
        return False
    known = {token for _, _, token in records.rows(database)}
    if any(action.resource.rpartition(" ")[2] in known for action in left.actions()):
        left.clear()
    else:
        left.rollback()
    return True


def journal(database: Path) -> Path:
    """Where the ways back are noted."""
    return database.with_name(database.name + JOURNAL)


def scripts(database: Path) -> Path:
    """Where the scripts are kept that go these ways: they work whatever becomes of the package."""
    return database.with_name(database.name + BACK)


def back(database: Path, where: Address, verb: str, deed: str, *more: str) -> tuple[str, ...]:
    """The command that takes back what carries the label of the deed."""
    return taking_back.command(scripts(database).absolute(), where, (verb, labels.STEP, deed, *more))


def refuse(client: DockerClient, server: Server, where: Address, database: Path) -> None:
    """Raise for all that can be known before the first change."""
    if records.knows(database, server.identifier):
        raise _there(server.identifier)
    deeds.need_image(client, server.app.image)
    prechecks.processors(client, server.identifier, server.app)
    prechecks.ports(where.url, {server.identifier: server.app})
    if looks.find(client, server.name) is not None:
        raise _there(server.name)
    for which in (DATA, PLUGINS):
        _must_be_new(client, server.volume(which))


def _volume(client: DockerClient, server: Server, name: str, own: dict[str, str]) -> None:
    """The engine gives one that is there already for a new one: its label tells."""
    client.api.create_volume(name, driver="local", driver_opts=dict(server.volume_options), labels=own)
    if (client.api.inspect_volume(name).get("Labels") or {}).get(labels.STEP) != own[labels.STEP]:
        raise _there(name)


def _must_be_new(client: DockerClient, name: str) -> None:
    import docker.errors

    try:
        client.api.inspect_volume(name)
    except docker.errors.NotFound:
        return
    raise _there(name)


def _there(name: str) -> Conflict:
    return Conflict("server.there", tr("`{name}` is there already; it stays as it is", name=name), name=name)
