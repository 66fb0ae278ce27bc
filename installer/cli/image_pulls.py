"""`images pull`, `rollback`, `prune`: what tags name, and what is kept of what they named."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from installer.cli import plans
from installer.cli.containers import carry_out
from installer.cli.image_names import must_be_named
from installer.cli.options import Asked, verb
from installer.cli.output import emit, say
from installer.cli.session import open_session
from installer.i18n import tr
from installer.show.words import clean
from phases.containers.references import parse

if TYPE_CHECKING:
    from installer.cli.session import Session
    from installer.model import Json
    from phases.containers.images.pruning import Holders

KIND = "images"


@verb(
    tr(
        "Fetch images: those named, else those that the manifest requires.\n\n"
        "The registry is asked first; what is here already is not fetched again. What a tag named before is kept, for "
        "`manage.py images rollback`."
    ),
    example="manage.py images pull redis:7",
    changing=True,
)
@click.argument("references", metavar="[REF]...", nargs=-1)
def pull(asked: Asked, references: tuple[str, ...]) -> int:
    """Fetch images."""
    session = open_session(asked)
    names = must_be_named(session, references)
    return carry_out(session, KIND, "pull", {"images": list(names)}, tr("The images are here"))


@verb(
    tr(
        "Let a tag name again what it named before, without a network: the image was kept.\n\n"
        "Without --to that is the newest that was kept and is another than now; `manage.py images info` lists them."
    ),
    example="manage.py images rollback redis:7",
    changing=True,
)
@click.argument("reference", metavar="REF")
@click.option("--to", metavar="RUN", default="", help=tr("What the tag named before this run of `images history`."))
def rollback(asked: Asked, reference: str, *, to: str) -> int:
    """Go back to an earlier image."""
    args = {"image": str(parse(reference)), "to": to}
    return carry_out(open_session(asked), KIND, "rollback", args, tr("The earlier image is back"))


@verb(
    tr(
        "Delete what is kept for `images rollback`, but for the newest of every tag.\n\n"
        "What a container uses stays, and so does everything that was not kept by this project. With --include-kept, "
        "the stopped containers go as well that updates kept for their rollback (NAME.before-RUN)."
    ),
    example="manage.py images prune --keep-latest 1",
    changing=True,
)
@click.argument("references", metavar="[REF]...", nargs=-1)
@click.option(
    "--keep-latest", "keep", type=click.IntRange(min=0), metavar="N", required=True, help=tr("How many of each stay.")
)
@click.option("--include-kept", "containers", is_flag=True, help=tr("Containers that updates kept go, too."))
def prune(asked: Asked, references: tuple[str, ...], *, keep: int, containers: bool) -> int:
    """Delete kept images."""
    session = open_session(asked)
    args: Json = {"images": [str(parse(each)) for each in references], "keep": keep}
    args |= {"kept": True} if containers else {}
    if not plans.is_open(session.store.current()):
        _tell_holders(session, args)
    if not plans.is_open(session.store.current()):
        session.must_agree(tr("Delete kept images for good? [y/N]"))
    return carry_out(session, KIND, "prune", args, tr("The others are gone"))


def _tell_holders(session: Session, args: Json) -> None:
    """Why some of them stay: who has them."""
    from phases.containers.client import connected
    from phases.containers.images import pruning

    with connected() as client:
        found = [each for each in pruning.holders(client, session.root, args) if each.kept or each.others]
    if session.asked.as_json:
        told = [{"id": each.image, "kept": [one[1] for one in each.kept], "used_by": each.others} for each in found]
        emit("images", action="prune", held=told)
    elif session.asked.volume != "quiet":
        say(*(_holder(each, going=bool(args.get("kept"))) for each in found if each.others or not args.get("kept")))


def _holder(each: Holders, *, going: bool) -> str:
    short = each.image.removeprefix("sha256:")[:12]
    if each.others or going:
        return tr("{id} stays: used by {names}", id=short, names=clean(", ".join(each.others)))
    names = clean(", ".join(name for _, name in each.kept))
    return tr("{id} stays: kept for a rollback as {names} (--include-kept removes that)", id=short, names=names)
