"""Forgets the row of a server that a run created. Also kept beside the undo script of a run, as `servers.py`.

usage: python -I -B servers.py ENGINE CERTIFICATES VERB ARGUMENTS… [, VERB ARGUMENTS…]…

The verbs are those of `undoing`, and `forget-server`. Standard library only.
"""

from __future__ import annotations

import importlib
import os
import sqlite3
import sys
from contextlib import closing
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from phases.containers.talking import Engine

_ALONE = __name__ == "__main__"
if _ALONE:
    sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))  # -I leaves it out
undoing: Any = importlib.import_module("engine" if _ALONE else "phases.containers.undoing")
_PATIENCE = 60  # seconds for another writer


def forget_server(engine: Engine, label: str, value: str, database: str, identifier: str) -> None:
    """The row of that identifier goes if it is of the container of that label; one of another container stays."""
    if not os.path.exists(database):
        return
    with closing(sqlite3.connect(database, timeout=_PATIENCE, isolation_level=None)) as rows:
        if not rows.execute("select 1 from sqlite_master where type = 'table' and name = 'servers'").fetchone():
            return
        rows.execute("begin immediate")
        found = rows.execute("select container from servers where identifier = ?", (identifier,)).fetchone()
        if found is None:
            return
        if found[0] not in {each["Id"] for each in engine.labelled("containers/json", label, value)}:
            msg = f"the server {identifier} has another container since; its row stays"
            raise undoing.InTheWay(msg)
        rows.execute("delete from servers where identifier = ?", (identifier,))
        rows.execute("commit")


VERBS: Mapping[str, Callable[..., None]] = {**undoing.VERBS, "forget-server": forget_server}

if _ALONE:
    sys.exit(undoing.main(sys.argv[1:], verbs=VERBS))
