"""`images pull`, `rollback`, `prune`: what tags name, and what is kept of what they named."""

from __future__ import annotations

import click

from installer.cli.containers import carry_out
from installer.cli.image_names import must_be_named
from installer.cli.options import Asked, verb
from installer.cli.session import open_session
from installer.i18n import tr

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
