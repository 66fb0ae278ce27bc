"""`images`: what is here, what is missing, what there is new; fetched only on command."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from installer.cli.image_files import build, load, save
from installer.cli.image_names import being_pulled, managed
from installer.cli.image_pulls import prune, pull, rollback
from installer.cli.image_updates import affected, update
from installer.cli.image_views import check_updates, compare, history, info
from installer.cli.options import Asked, group, verb
from installer.cli.output import emit, say, table
from installer.cli.selftest_words import size
from installer.cli.session import open_session
from installer.i18n import tr
from installer.show.words import clean, marks

if TYPE_CHECKING:
    from installer.model import Json


@verb(
    tr("Are all images here that the manifest requires? Exit 6 if one is missing. Nothing is fetched."),
    example="manage.py images validate",
)
@click.argument("references", metavar="[REF]...", nargs=-1)
def validate(asked: Asked, references: tuple[str, ...]) -> int:
    """Check that images are here."""
    from phases.containers.images import required

    names = managed(open_session(asked), references)
    missing = required.validate(names)
    if asked.as_json:
        emit("images", action="validate", images=list(names), missing=missing)
    if missing:
        raise required.absent(missing)
    if not asked.as_json:
        say(tr("All images are here.") if names else tr("The manifest requires no images."))
    return 0


@verb(
    tr("Show the images: here or missing, being fetched, used by whom, and whether there is a newer one."),
    example="manage.py images status --json",
)
@click.argument("references", metavar="[REF]...", nargs=-1)
def status(asked: Asked, references: tuple[str, ...]) -> int:
    """Show how images stand."""
    from phases.containers.client import connected
    from phases.containers.images import memory
    from phases.containers.images import status as view

    session = open_session(asked)
    names = managed(session, references)
    entries: list[Json] = []
    if names:
        with connected() as client:
            entries = view.of(client, names, pulling=being_pulled(session), checks=memory.read(session.store.folder))
    if asked.as_json:
        emit("images", action="status", images=entries, **view.aggregates(entries))
    elif not entries:
        say(tr("The manifest requires no images."))
    else:
        say(*table([row for each in entries for row in _rows(each)]))
    return 0


def _rows(entry: Json) -> list[tuple[str, ...]]:
    mark = marks(sys.stdout)
    sign = {"ready": mark["done"], "pulling": mark["running"]}.get(entry["state"], mark["failed"])
    words = {
        "ready": tr("here"),
        "pulling": tr("is being fetched"),
        "missing": tr("image missing, download it manually"),
    }
    news = tr("there is a newer one") if entry["update"] == "available" else ""
    used = tr("used by {names}", names=", ".join(entry["used_by"])) if entry["used_by"] else ""
    facts = [entry["id"].removeprefix("sha256:")[:12], size(entry["size"])] if entry["present"] else []
    said = ", ".join(clean(each) for each in (words[entry["state"]], *facts, used, news) if each)
    return [(f"{sign} {clean(entry['name'])}", said)]


images = group(
    tr("The images of containers: what is here, what is missing, what is new. Nothing is fetched but on command."),
    example="manage.py images status",
    default=status,
    verbs=[
        validate,
        pull,
        check_updates,
        info,
        compare,
        history,
        rollback,
        prune,
        save,
        load,
        build,
        affected,
        update,
    ],
)
