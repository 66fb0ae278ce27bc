"""`quickstart.py`, and `manage.py resume`, as their command lines have it."""

from __future__ import annotations

import click

from installer import __version__
from installer.cli import installing
from installer.cli.options import Asked, verb
from installer.i18n import tr


@verb(
    tr(
        "Install the project: find out what it needs, make its environment, verify it, switch it in.\n\n"
        "Killed at any moment, the same command goes on. `manage.py rollback` takes everything back."
    ),
    example="quickstart.py --dev -y",
    changing=True,
    installing=True,
)
@click.option(
    "--resume", "unfinished", flag_value="resume", default="", help=tr("Go on with an unfinished run; do not ask.")
)
@click.option("--restart", "unfinished", flag_value="restart", help=tr("Take an unfinished run back and begin anew."))
@click.option(
    "--no-state",
    is_flag=True,
    help=tr("For an image: leave the environment and nothing else, the same bytes each time; there is no way back."),
)
@click.option(
    "--junit", metavar="FILE", default="", help=tr("Write the verification as a JUnit report; a dry run writes none.")
)
@click.version_option(__version__, prog_name="surefoot", message="%(prog)s %(version)s", help=tr("Show the version."))
def quickstart(asked: Asked, unfinished: str, junit: str, *, no_state: bool) -> int:
    """Install the project."""
    return installing.quickstart(asked, unfinished, junit, no_state=no_state)


@verb(tr("Go on with the unfinished run."), example="manage.py resume", changing=True)
def resume(asked: Asked) -> int:
    """Go on with the unfinished run."""
    return installing.resume(asked)
