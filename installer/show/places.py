"""Where in the project's files an error is: for servers that point at the line."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from installer.frozen import dataclass

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from installer.model import Json


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A file, relative to the project, a line and column in it (from 1; 0: unknown), and what is wrong there.

    `text` is empty where the error's own message says it.
    """

    file: str = ""
    line: int = 0
    column: int = 0
    text: str = ""


NOWHERE = Place()


def of(error: Json) -> tuple[Place, ...]:
    """The places that the facts of an error name; one that is nowhere if they name none."""
    facts = error.get("facts")
    found = tuple(_named(facts)) if isinstance(facts, dict) else ()
    return found or (NOWHERE,)


def _named(facts: Mapping[str, object]) -> Iterator[Place]:
    places = facts.get("places")
    for each in places if isinstance(places, list | tuple) else ():
        yield Place(file=str(each["file"]), line=int(each["line"]), text=str(each["text"]))
    if not places and (file := facts.get("file") or facts.get("path")):
        yield Place(file=str(file), line=_number(facts.get("line")), column=_number(facts.get("column")))


def _number(value: object) -> int:
    return value if isinstance(value, int) else 0


def from_workspace(file: str, root: str, workspace: str) -> str:
    """`file` of the project at `root` as the server names it: relative to the clone, with `/`."""
    path = os.path.normpath(os.path.join(root, file))
    base = os.path.realpath(workspace) if workspace else root
    inside = os.path.realpath(os.path.dirname(path)) + os.sep
    if not inside.startswith(base.rstrip(os.sep) + os.sep):
        return file
    return os.path.relpath(os.path.join(inside, os.path.basename(path)), base).replace(os.sep, "/")
