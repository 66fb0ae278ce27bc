"""`images check-updates`, `info`, `compare`, `history`: what there is to know of images, without changing any."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from installer.cli.image_names import must_be_named
from installer.cli.options import Asked, verb
from installer.cli.output import emit, say, table
from installer.cli.session import Session, open_session
from installer.i18n import tr
from installer.show.words import clean, marks

if TYPE_CHECKING:
    from installer.model import Json


@verb(
    tr(
        "Ask the registries whether there are newer images; nothing is fetched.\n\n"
        "Exit 6: a registry does not have one; 7: one was not reached, or wants fewer requests; 8: not allowed. "
        "`manage.py images status` remembers the answers."
    ),
    example="manage.py images check-updates",
)
@click.argument("references", metavar="[REF]...", nargs=-1)
def check_updates(asked: Asked, references: tuple[str, ...]) -> int:
    """Ask for newer images."""
    from phases.containers.client import connected
    from phases.containers.images import checks

    session = open_session(asked)
    names = must_be_named(session, references)
    with connected() as client:
        found = checks.of(client, names)
    _remember(session, checks.worth_keeping(found))
    if asked.as_json:
        emit("images", action="check-updates", results=found)
    else:
        say(*table([_check_row(name, each) for name, each in found.items()]))
    return checks.worst(found)


def _remember(session: Session, found: dict[str, Json]) -> None:
    from phases.containers.images import memory

    if found:
        session.store.enter()
        memory.note(session.store.folder, found)


def _check_row(name: str, found: Json) -> tuple[str, str]:
    mark = marks(sys.stdout)
    words = {
        "current": tr("up to date"),
        "available": tr("there is a newer one: {digest}", digest=found["remote"][:19]),
        "missing": tr("image missing, download it manually"),
        "pinned": tr("names one image for ever"),
        "unknown": tr("cannot be told: it did not come from there"),
        "failed": clean(str(found.get("error", {}).get("message", ""))),
    }
    signs = {"current": "done", "pinned": "done", "failed": "failed"}
    return f"{mark[signs.get(found['result'], 'warning')]} {clean(name)}", words[found["result"]]
