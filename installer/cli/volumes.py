"""`volumes`: the volumes of the engine, their archives, and plans that make, keep, bring back and remove them."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING

import click

from installer.cli import plans
from installer.cli.containers import carry_out
from installer.cli.options import Asked, group, verb
from installer.cli.output import emit, say, table
from installer.cli.session import open_session
from installer.errors import Precondition, Refused, UsageError
from installer.i18n import tr
from installer.show.words import clean

if TYPE_CHECKING:
    from installer.cli.session import Session
    from installer.model import Json

_KIND = "volumes"
_SECRET = re.compile(r"(?i)(?:passw|secret|token|api_?key)[^=,]*=")


@verb(
    tr("List the volumes of the engine: who uses them, and which archives of them are kept here."),
    example="manage.py volumes list --json",
)
def list_(asked: Asked) -> int:
    """List the volumes."""
    from phases.containers import client, labels
    from phases.containers.volumes import deeds, plain, store

    session = open_session(asked)
    archives = store.known(session.store.folder)
    own = labels.project_id(session.root)
    with plain.asked(plain.as_args(client.address())) as engine:
        volumes = engine.must("GET", "/volumes").get("Volumes") or []
        found = [
            {
                "name": each["Name"],
                "driver": each["Driver"],
                "ours": (each.get("Labels") or {}).get(labels.PROJECT) == own,
                "used_by": [str(one["Names"][0]).lstrip("/") for one in deeds.users(engine, each["Name"])],
                "archives": [one["path"] for one in archives.get(each["Name"], ())],
            }
            for each in sorted(volumes, key=lambda each: str(each["Name"]))
        ]
    gone = sorted(archives.keys() - {each["name"] for each in found})
    if asked.as_json:
        emit("volumes", volumes=found, removed={name: [one["path"] for one in archives[name]] for name in gone})
        return 0
    if not found and not gone:
        say(tr("There are no volumes."))
        return 0
    rows = [
        (
            clean(each["name"]),
            clean(each["driver"]),
            tr("of this project") if each["ours"] else "",
            tr("used by {names}", names=clean(", ".join(each["used_by"]))) if each["used_by"] else tr("not used"),
            _count(len(each["archives"])),
        )
        for each in found
    ]
    rows += [(clean(name), "", "", tr("removed"), _count(len(archives[name]))) for name in gone]
    say(*table(rows))
    return 0


def _count(archives: int) -> str:
    return tr("archives: {count}", count=archives) if archives else ""


@verb(
    tr("Make a volume. A rollback removes it again, with what came into it."),
    example="manage.py volumes create data --label team=web",
    changing=True,
)
@click.argument("name")
@click.option("--driver", default="local", metavar="NAME", help=tr("What keeps it."))
@click.option("--opt", "options", multiple=True, metavar="NAME=VALUE", help=tr("An option of the driver; repeated."))
@click.option("--label", "labels", multiple=True, metavar="NAME=VALUE", help=tr("A label; repeated."))
def create(asked: Asked, name: str, driver: str, options: tuple[str, ...], labels: tuple[str, ...]) -> int:
    """Make a volume."""
    _no_secrets((*options, *labels))
    args: Json = {"name": name, "driver": driver, "options": _pairs(options), "labels": _pairs(labels)}
    return carry_out(open_session(asked), _KIND, "create", args, tr("Done: the volume {name} is there", name=name))


@verb(
    tr(
        "Keep volumes in archives with a checksum, below the state folder or in --to FILE.\n\n"
        "What a running container writes meanwhile may be in it by half: stop it for an exact copy."
    ),
    example="manage.py volumes backup data",
    changing=True,
)
@click.argument("names", nargs=-1, required=True)
@click.option("--to", default="", metavar="FILE", help=tr("Write the archive there; a file must not be there yet."))
def backup(asked: Asked, names: tuple[str, ...], to: str) -> int:
    """Keep volumes in archives."""
    session = open_session(asked)
    if to and len(names) > 1:
        raise UsageError("usage", tr("--to is for one volume"))
    run = session.store.current()
    if to and os.path.lexists(to) and (run.outcome or run.kind != _KIND):
        raise UsageError("archive.exists", tr("there is a file {path} already", path=to))
    args: Json = {"names": list(names), "to": _below(session, to) if to else ""}
    return carry_out(session, _KIND, "backup", args, tr("Done: kept in archives"))


@verb(
    tr(
        "Bring a volume back from an archive: what it holds now is kept in another one first.\n\n"
        "Without --from, the newest archive of it. The archive is proven before anything is touched, the volume after."
    ),
    example="manage.py volumes restore data",
    changing=True,
)
@click.argument("name")
@click.option("--from", "archive", default="", metavar="FILE", help=tr("The archive; its manifest lies beside it."))
@click.option("--helper", default="", metavar="IMAGE", help=tr("An image with `rm`, to empty the volume with."))
def restore(asked: Asked, name: str, archive: str, helper: str) -> int:
    """Bring a volume back."""
    session = open_session(asked)
    args: Json = {"name": name, "archive": _below(session, archive or _newest(session, name)), "helper": helper}
    session.must_agree(tr("Replace what is in the volume {name}? It is kept in an archive first. [y/N]", name=name))
    return carry_out(session, _KIND, "restore", args, tr("Done: {name} holds what the archive does", name=name))


@verb(
    tr("Remove volumes that no container uses. Each is kept in an archive first; `rollback` brings it back."),
    example="manage.py volumes remove data --yes",
    changing=True,
)
@click.argument("names", nargs=-1, required=True)
def remove(asked: Asked, names: tuple[str, ...]) -> int:
    """Remove volumes."""
    session = open_session(asked)
    session.must_agree(tr("Remove {names}? Each is kept in an archive first. [y/N]", names=", ".join(names)))
    return carry_out(session, _KIND, "remove", {"names": list(names)}, tr("Done: removed; archives are kept"))


@verb(
    tr(
        "Delete archives of volumes, but for the newest of each.\n\n"
        "A run that an archive was made for cannot bring that data back any more. No volume is touched."
    ),
    example="manage.py volumes prune --keep-latest 2",
    changing=True,
)
@click.argument("names", metavar="[NAME]...", nargs=-1)
@click.option(
    "--keep-latest", "keep", type=click.IntRange(min=0), metavar="N", required=True, help=tr("How many of each stay.")
)
def prune(asked: Asked, names: tuple[str, ...], keep: int) -> int:
    """Delete archives."""
    session = open_session(asked)
    if not plans.is_open(session.store.current()):
        session.must_agree(tr("Delete archives of volumes for good? [y/N]"))
    args: Json = {"names": list(names), "keep": keep}
    return carry_out(session, _KIND, "prune", args, tr("Done: deleted"))


def _no_secrets(words: tuple[str, ...]) -> None:
    """A command line is seen by everybody on the machine, and is noted. Raises `Refused`."""
    if any(_SECRET.search(word) for word in words):
        raise Refused(
            "volume.secret",
            tr("a password has no place on a command line, in a journal or in a label"),
            hint=tr("give it to the driver in a file that only you can read (for cifs: `credentials=FILE`)"),
        )


def _pairs(given: tuple[str, ...]) -> dict[str, str]:
    for each in given:
        if "=" not in each:
            raise UsageError("usage", tr("`{text}` is not NAME=VALUE", text=each))
    return dict(each.split("=", 1) for each in given)


def _below(session: Session, path: str) -> str:
    """As seen from the project, where it lies in it; else absolute."""
    full = os.path.abspath(path)
    inside = os.path.relpath(full, session.root)
    return full if inside.startswith("..") else inside


def _newest(session: Session, name: str) -> str:
    from phases.containers.volumes import store

    archives = store.known(session.store.folder).get(name)
    if not archives:
        raise Precondition(
            "archive.missing",
            tr("there is no archive of the volume {name} here", name=name),
            hint=tr("name one with --from FILE"),
        )
    return str(archives[-1]["path"])


volumes = group(
    tr("The volumes of the engine: list them, make them, keep them in archives, bring them back, remove them."),
    example="manage.py volumes backup data",
    default=list_,
    verbs=(create, backup, restore, remove, prune),
)
