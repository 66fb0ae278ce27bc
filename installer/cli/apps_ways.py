"""`apps migrate`, `apps compose`, `apps metrics`: from one mode to the other, and what others read of apps."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from installer.cli.options import Asked, verb
from installer.cli.session import open_session
from installer.i18n import tr

if TYPE_CHECKING:
    from installer.model import Json


@verb(
    tr(
        "Have an app that runs in one mode run in the other.\n\n"
        "The new one is started and asked for its health, then the old one is stopped; where the app has ports, the "
        "old one is stopped before. `manage.py rollback` is the way back."
    ),
    example="manage.py apps migrate web --to docker",
    changing=True,
)
@click.argument("name")
@click.option("--to", required=True, metavar="MODE", help=tr("process or docker."))
def migrate(asked: Asked, name: str, to: str) -> int:
    """Move an app."""
    from installer.cli.containers import carry_out

    args: Json = {"apps": [name], "to": to}
    done = tr('Moved. For the next start, too: have `mode = "{mode}"` in the manifest.', mode=to)
    return carry_out(open_session(asked), "apps", "migrate", args, done)


@verb(
    tr("Print apps as a Compose file, for `docker-compose -f - up` in the project's folder."),
    example="manage.py apps compose > compose.yaml",
)
@click.argument("names", nargs=-1, metavar="[NAME]...")
def compose(asked: Asked, names: tuple[str, ...]) -> int:
    """Print a Compose file."""
    from installer.cli.output import emit
    from phases.containers.apps import config
    from phases.containers.apps.container import compose as file

    session = open_session(asked)
    text = file.text(session.root, session.store.state, config.chosen(session.manifest, names))
    if asked.as_json:
        emit("compose", text=text)
    else:
        sys.stdout.write(text)
    return 0


@verb(
    tr("Print the state of apps and what they use, in the text format of Prometheus."),
    example="manage.py apps metrics",
)
@click.argument("names", nargs=-1, metavar="[NAME]...")
@click.option("--mode", "run_mode", metavar="MODE", default="", help=tr("How they run: process or docker."))
def metrics(asked: Asked, names: tuple[str, ...], run_mode: str) -> int:
    """Print metrics."""
    from installer.cli.apps_views import each_app
    from installer.cli.output import emit
    from phases.containers.apps import metrics as prometheus

    found = each_app(open_session(asked), names, run_mode)
    text = prometheus.text((status, manager.usage(status.name)) for status, manager in found)
    if asked.as_json:
        emit("metrics", text=text)
    else:
        sys.stdout.write(text)
    return 0
