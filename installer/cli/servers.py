"""`servers`: a row in a database with its container and its volumes, created as a whole or not at all."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import click

from installer.cli.containers import carry_out
from installer.cli.options import Asked, group, verb
from installer.cli.output import emit, say, table
from installer.cli.session import open_session
from installer.errors import UsageError
from installer.i18n import tr
from installer.model import RelPath
from installer.show.words import clean

if TYPE_CHECKING:
    from installer.cli.options import Body
    from installer.cli.session import Session
    from installer.model import Json

_KIND = "servers"


def _database(body: Body) -> Body:
    """Where the rows are."""
    made: Body = click.option(
        "--database", default="servers.db", metavar="FILE", help=tr("Where the rows are; an SQLite file.")
    )(body)
    return made


@verb(
    tr(
        "Create a server: two volumes, a container like an app of the manifest, and a row, last.\n\n"
        "What fails or is cut short leaves nothing of it; `rollback` takes it away again, also later."
    ),
    example="manage.py servers create alpha --like web --file server.ini=conf/alpha.ini",
    changing=True,
)
@click.argument("name")
@click.option("--like", required=True, metavar="APP", help=tr("The app of the manifest whose image, command … it has."))
@click.option(
    "--file",
    "files",
    multiple=True,
    metavar="NAME=PATH",
    help=tr("A file of the project, written into its volume; repeated."),
)
@_database
def create(asked: Asked, name: str, like: str, files: tuple[str, ...], database: str) -> int:
    """Create a server."""
    session = open_session(asked)
    for each in files:
        if not all(each.partition("=")):
            raise UsageError("usage", tr("`{text}` is not NAME=VALUE", text=each))
    paths = {inside: _below(session, path) for inside, _, path in (each.partition("=") for each in files)}
    args: Json = {"name": name, "like": like, "files": paths, "database": _below(session, database)}
    return carry_out(session, _KIND, "create", args, tr("Done: the server {name} runs", name=name))


@verb(tr("List the servers that a database knows."), example="manage.py servers list --json")
@_database
def list_(asked: Asked, database: str) -> int:
    """List the servers."""
    from phases.containers.servers import records

    session = open_session(asked)
    path = session.root / _below(session, database)
    found = [(name, status) for name, status, _ in records.rows(path)] if path.exists() else []
    if asked.as_json:
        emit("servers", servers=[{"name": name, "status": status} for name, status in found])
    elif found:
        say(*table([(clean(name), clean(status)) for name, status in found]))
    else:
        say(tr("There are no servers."))
    return 0


def _below(session: Session, path: str) -> RelPath:
    """As seen from the project. Raises `Refused` for a path that leads out of it."""
    return RelPath(os.path.relpath(os.path.abspath(path), session.root))


servers = group(
    tr("Servers: a row in a database, a container and two volumes that come together, or not at all."),
    example="manage.py servers create alpha --like web",
    default=list_,
    verbs=(create,),
)
