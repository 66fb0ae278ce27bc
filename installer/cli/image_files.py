"""`images save`, `load`, `build`: images from files and into files."""

from __future__ import annotations

import os

import click

from installer.cli.containers import carry_out
from installer.cli.image_pulls import KIND
from installer.cli.options import Asked, verb
from installer.cli.session import Session, open_session
from installer.i18n import tr
from installer.model import RelPath
from phases.containers.references import parse


@verb(
    tr("Save images to a file of the project, with its sha256 beside: for a machine without a registry."),
    example="manage.py images save bundle.tar redis:7",
    changing=True,
)
@click.argument("file", metavar="FILE")
@click.argument("references", metavar="REF...", nargs=-1, required=True)
def save(asked: Asked, file: str, references: tuple[str, ...]) -> int:
    """Save images."""
    session = open_session(asked)
    args = {"file": _below(session, file), "images": list(dict.fromkeys(references))}
    return carry_out(session, KIND, "save", args, tr("Saved: {path}", path=args["file"]))


@verb(
    tr("Load images from a file that `images save` made. One that is not what its sha256 says is refused."),
    example="manage.py images load bundle.tar",
    changing=True,
)
@click.argument("file", metavar="FILE")
def load(asked: Asked, file: str) -> int:
    """Load images."""
    return carry_out(open_session(asked), KIND, "load", {"file": os.path.abspath(file)}, tr("The images are here"))


@verb(
    tr(
        "Build an image from CONTEXT, a folder of the project (default: all of it).\n\n"
        "The images that it starts from have to be here. `--build-arg NAME` takes the value from the environment."
    ),
    example="manage.py images build . -t team/web:3",
    changing=True,
)
@click.argument("context", metavar="[CONTEXT]", default=".")
@click.option("-t", "--tag", metavar="REF", required=True, help=tr("What it will be called."))
@click.option("-f", "--file", metavar="PATH", default="Dockerfile", help=tr("The Dockerfile, below CONTEXT."))
@click.option("--build-arg", "variables", multiple=True, metavar="NAME", help=tr("A variable to pass; repeated."))
def build(asked: Asked, context: str, *, tag: str, file: str, variables: tuple[str, ...]) -> int:
    """Build an image."""
    session = open_session(asked)
    args = {
        "context": _below(session, context),
        "tag": str(parse(tag)),
        "file": RelPath(file),
        "variables": sorted(set(variables)),
    }
    return carry_out(session, KIND, "build", args, tr("Built: {image}", image=args["tag"]))


def _below(session: Session, path: str) -> RelPath:
    """A path as people give it, from the project's root. Raises `Refused` for one outside."""
    return RelPath(os.path.relpath(os.path.realpath(path), os.path.realpath(session.root)).replace(os.sep, "/"))
