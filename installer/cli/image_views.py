"""`images check-updates`, `info`, `compare`, `history`: what there is to know of images, without changing any."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from installer.cli.image_names import must_be_named
from installer.cli.options import Asked, verb
from installer.cli.output import emit, say, table
from installer.cli.selftest_words import size
from installer.cli.session import Session, open_session
from installer.i18n import tr
from installer.show.words import clean, marks, moment

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


@verb(
    tr("Tell what is known of an image that is here, and what is kept of its tag."),
    example="manage.py images info redis:7",
)
@click.argument("reference", metavar="REF")
def info(asked: Asked, reference: str) -> int:
    """Show an image."""
    from phases.containers.client import connected
    from phases.containers.images import comparing, kept, local, memory
    from phases.containers.references import parse

    session = open_session(asked)
    with connected() as client:
        found = local.must_inspect(client, reference)
        there = [] if local.is_id(reference) else kept.of(client, session.root, parse(reference))
        users = local.users(client).get(str(found["Id"]), [])
    check = {} if local.is_id(reference) else memory.read(session.store.folder).get(str(parse(reference)), {})
    told = {
        **comparing.told(found),
        "used_by": users,
        "checked": check.get("checked", ""),
        "kept": [{"run": each.run, "id": each.image} for each in there],
    }
    if asked.as_json:
        emit("images", action="info", name=reference, **told)
    else:
        rows = [(name.replace("_", " "), _words(each)) for name, each in told.items() if each]
        say(*table([(name, first) for name, lines in rows for name, first in _under(name, lines)]))
    return 0


@verb(
    tr("How does the image B differ from A? Layers, size, settings; of variables the names only."),
    example="manage.py images compare redis:7 redis:8",
)
@click.argument("first", metavar="A")
@click.argument("second", metavar="B")
def compare(asked: Asked, first: str, second: str) -> int:
    """Compare two images."""
    from phases.containers.client import connected
    from phases.containers.images import comparing, local

    open_session(asked)
    with connected() as client:
        found = comparing.compared(local.must_inspect(client, first), local.must_inspect(client, second))
    if asked.as_json:
        emit("images", action="compare", first=first, second=second, **found)
    elif found["same"]:
        say(tr("They are the same image."))
    else:
        say(*table(_differences(found)))
    return 0


@verb(
    tr("Which run gave which image to a tag, and when; newest first. With REF: of this tag only."),
    example="manage.py images history redis:7",
)
@click.argument("reference", metavar="[REF]", default="")
def history(asked: Asked, reference: str) -> int:
    """Show what runs did to images."""
    from phases.containers.references import parse

    session = open_session(asked)
    wanted = str(parse(reference)) if reference else ""
    changes = [each for each in _changes(session) if wanted in {"", str(parse(each["image"]))}]
    if asked.as_json:
        emit("images", action="history", changes=changes)
    elif not changes:
        say(tr("No run changed an image yet."))
    else:
        head = (tr("Install ID"), tr("Begun"), tr("Verb"), tr("Image"), tr("Before"), tr("After"), tr("State"))
        say(*table([head, *map(_change_row, changes)]))
    return 0


def _changes(session: Session) -> list[Json]:
    """Every tag that a run moved, as the journals have it; one that was taken back is told as that."""
    return [
        {
            "run": run.install_id,
            "begun": run.started,
            "verb": str(run.facts.get("wish", {}).get("verb", "")),
            "image": str(change["image"]),
            "old": str(change["old"]).removeprefix("-"),
            "new": str(change["new"]),
            "state": each.status,
        }
        for run in session.store.history()
        for each in reversed(run.attempts)
        for change in each.result.get("changes", [each.result])
        if run.kind == "images" and {"image", "old", "new"} <= change.keys()
    ]


def _change_row(change: Json) -> tuple[str, ...]:
    state = tr("taken back") if change["state"] == "undone" else ""
    begun = moment(change["begun"])
    return (change["run"], begun, change["verb"], clean(change["image"]), _id(change["old"]), _id(change["new"]), state)


def _differences(found: Json) -> list[tuple[str, str]]:
    layers, sizes = found["layers"], found["size"]
    sign = "+" if sizes["difference"] >= 0 else "-"
    rows = [
        (
            tr("layers"),
            tr(
                "{shared} in both, {first} only in the first, {second} only in the second",
                shared=layers["shared"],
                first=layers["only_first"],
                second=layers["only_second"],
            ),
        ),
        (tr("size"), f"{size(sizes['first'])} → {size(sizes['second'])} ({sign}{size(abs(sizes['difference']))})"),
    ]
    for name, what in ((tr("variables"), found["variables"]), (tr("labels"), found["labels"])):
        marks_of = {"added": "+", "removed": "-", "changed": "~"}
        said = " ".join(f"{marks_of[kind]}{clean(each)}" for kind, names in what.items() for each in names)
        rows += [(name, said)] if said else []
    for name, (one, other) in found["settings"].items():
        rows.append((name.replace("_", " "), f"{' '.join(_words(one))} → {' '.join(_words(other))}"))
    return rows


def _words(value: object) -> list[str]:
    """A value in lines."""
    if isinstance(value, dict):
        return [clean(f"{name}={each}") for name, each in value.items()]
    if isinstance(value, list):
        return [" ".join(_words(each)) for each in value]
    return [clean(str(value))] if value is not None else []


def _under(name: str, lines: list[str]) -> list[tuple[str, str]]:
    return [(name if number == 0 else "", line) for number, line in enumerate(lines)]


def _id(text: str) -> str:
    return text.removeprefix("sha256:")[:12] or "–"
