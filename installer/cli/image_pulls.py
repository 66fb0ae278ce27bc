"""`images pull`, `rollback`, `prune`: what tags name, and what is kept of what they named."""

from __future__ import annotations

import click

from installer.cli import plans
from installer.cli.containers import carry_out
from installer.cli.image_names import must_be_named
from installer.cli.options import Asked, verb
from installer.cli.session import open_session
from installer.i18n import tr
from phases.containers.references import parse

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
        "What a container uses stays, and so does everything that was not kept by this project."
    ),
    example="manage.py images prune --keep-latest 1",
    changing=True,
)
@click.argument("references", metavar="[REF]...", nargs=-1)
@click.option(
    "--keep-latest", "keep", type=click.IntRange(min=0), metavar="N", required=True, help=tr("How many of each stay.")
)
def prune(asked: Asked, references: tuple[str, ...], *, keep: int) -> int:
    """Delete kept images."""
    session = open_session(asked)
    if not plans.is_open(session.store.current()):
        session.must_agree(tr("Delete kept images for good? [y/N]"))
    args = {"images": [str(parse(each)) for each in references], "keep": keep}
    return carry_out(session, KIND, "prune", args, tr("The others are gone"))
