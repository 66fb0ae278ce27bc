"""The rows of servers in SQLite, each changed in a transaction of the database's own."""

from __future__ import annotations

import sqlite3
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

Status = Literal["running", "stopped"]
_PATIENCE = 60  # seconds for another writer
_TABLE = (
    "create table if not exists servers "
    "(identifier text primary key, container text not null, status text not null, token text not null)"
)


@contextmanager
def transaction(database: Path) -> Iterator[sqlite3.Connection]:
    """All that is done within, or nothing of it: an error takes back, and a kill, too. One writer at a time."""
    with closing(sqlite3.connect(database, timeout=_PATIENCE, isolation_level=None)) as connection:
        connection.execute("pragma synchronous = full")
        connection.execute(_TABLE)
        connection.execute("begin immediate")
        try:
            yield connection
        except BaseException:
            if connection.in_transaction:
                connection.execute("rollback")
            raise
        if connection.in_transaction:
            connection.execute("commit")


def rows(database: Path) -> list[tuple[str, str, str]]:
    """(identifier, status, token) of every server, by identifier; the token is of the call that last had it running."""
    with transaction(database) as connection:
        return list(connection.execute("select identifier, status, token from servers order by identifier"))


def add(connection: sqlite3.Connection, identifier: str, token: str) -> None:
    """A server that is about to be."""
    connection.execute("insert into servers values (?, '', 'stopped', ?)", (identifier, token))


def started(connection: sqlite3.Connection, identifier: str, container: str, token: str) -> None:
    """It runs, in that container."""
    connection.execute(
        "update servers set container = ?, status = 'running', token = ? where identifier = ?",
        (container, token, identifier),
    )


def stopped(connection: sqlite3.Connection, identifier: str) -> None:
    """It does not run."""
    connection.execute("update servers set status = 'stopped' where identifier = ?", (identifier,))


def has(connection: sqlite3.Connection, identifier: str) -> bool:
    """Is there a server called so?"""
    return connection.execute("select 1 from servers where identifier = ?", (identifier,)).fetchone() is not None


def container(connection: sqlite3.Connection, identifier: str) -> str:
    """The id of the container of that server, as it was noted; "" for none."""
    found = connection.execute("select container from servers where identifier = ?", (identifier,)).fetchone()
    return str(found[0]) if found is not None else ""


def knows(database: Path, identifier: str) -> bool:
    """The same of a database that may not be there yet, and is not made."""
    if not database.exists():
        return False
    with transaction(database) as connection:
        return has(connection, identifier)
