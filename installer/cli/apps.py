"""`apps`: what the project runs. Changing verbs are plans of steps; the others read and print."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from installer.cli import apps_views as views
from installer.cli.apps_ways import compose, metrics, migrate
from installer.cli.options import Asked, group, verb
from installer.cli.session import open_session
from installer.i18n import tr

if TYPE_CHECKING:
    from installer.cli.options import Body
    from installer.model import Json


def _names(body: Body) -> Body:
    """The apps that are meant, and the mode that outranks all others."""
    mode = click.option("--mode", "run_mode", metavar="MODE", default="", help=tr("How they run: process or docker."))
    named: Body = click.argument("names", nargs=-1, metavar="[NAME]...")(mode(body))
    return named


def _carried_out(asked: Asked, verb_: str, names: tuple[str, ...], mode: str, done: str, **more: object) -> int:
    from installer.cli.containers import carry_out

    args: Json = {"apps": list(names), **({"mode": mode} if mode else {}), **more}
    return carry_out(open_session(asked), "apps", verb_, args, done)


@verb(
    tr("Start apps: those named, or all.\n\nOne that runs already is left as it is."),
    example="manage.py apps start web",
    changing=True,
)
@_names
def start(asked: Asked, names: tuple[str, ...], run_mode: str) -> int:
    """Start apps."""
    return _carried_out(asked, "start", names, run_mode, tr("Started."))


@verb(
    tr("Stop apps: those named, or all.\n\nThey stay stopped until `start` or `restart`."),
    example="manage.py apps stop web",
    changing=True,
)
@_names
def stop(asked: Asked, names: tuple[str, ...], run_mode: str) -> int:
    """Stop apps."""
    return _carried_out(asked, "stop", names, run_mode, tr("Stopped."))


@verb(tr("Stop apps, and start them again."), example="manage.py apps restart web", changing=True)
@_names
def restart(asked: Asked, names: tuple[str, ...], run_mode: str) -> int:
    """Restart apps."""
    return _carried_out(asked, "restart", names, run_mode, tr("Restarted."))


@verb(
    tr("Stop apps, and start them as the manifest has them now, whether that is something new or not."),
    example="manage.py apps recreate web",
    changing=True,
)
@_names
def recreate(asked: Asked, names: tuple[str, ...], run_mode: str) -> int:
    """Make apps anew."""
    return _carried_out(asked, "recreate", names, run_mode, tr("Started anew."))


@verb(
    tr(
        "Bring what the manifest has now: a new release, a new configuration.\n\n"
        "It is fetched and unpacked beside what runs. An app that is not well after it goes back to what it was before."
    ),
    example="manage.py apps update web",
    changing=True,
)
@_names
def update(asked: Asked, names: tuple[str, ...], run_mode: str) -> int:
    """Update apps."""
    views.tell_moved(open_session(asked), names, run_mode)
    return _carried_out(asked, "update", names, run_mode, tr("Updated."))


@verb(
    tr(
        "Go back to the release of an app that was in use before.\n\n"
        "`reconcile` does not bring the newer one again, until the manifest names another. No other app is touched."
    ),
    example="manage.py apps rollback web",
    changing=True,
)
@click.argument("name")
@click.option("--to", default="", metavar="VERSION", help=tr("Another one of its releases."))
@click.option("--mode", "run_mode", metavar="MODE", default="", help=tr("How they run: process or docker."))
def rollback(asked: Asked, name: str, to: str, run_mode: str) -> int:
    """Roll an app back."""
    return _carried_out(asked, "rollback", (name,), run_mode, tr("Rolled back."), **({"to": to} if to else {}))


@verb(
    tr(
        "Have apps run as the manifest wants them.\n\n"
        "Those that are new or gone are started, changed ones updated, those that it no longer has stopped. "
        "What was stopped on command stays stopped. With --watch it does so again and again, until Ctrl-C or TERM, "
        "which leave the apps running."
    ),
    example="manage.py apps reconcile --watch",
    changing=True,
)
@_names
@click.option("--watch", is_flag=True, help=tr("Go on, and look again every few seconds."))
@click.option("--every", type=click.FloatRange(min=0.1), default=5.0, metavar="SECONDS", help=tr("How often to look."))
def reconcile(asked: Asked, names: tuple[str, ...], run_mode: str, *, watch: bool, every: float) -> int:
    """Bring what runs to what is wanted."""
    if watch:
        from installer.cli import apps_watch

        return apps_watch.watch(asked, names, run_mode, every)
    views.tell_moved(open_session(asked), names, run_mode)
    return _carried_out(asked, "reconcile", names, run_mode, tr("All is as the manifest wants it."))


@verb(tr("How apps are."), example="manage.py apps status")
@_names
def status(asked: Asked, names: tuple[str, ...], run_mode: str) -> int:
    """Show how apps are."""
    return views.status(open_session(asked), names, run_mode)


@verb(tr("The apps that there are, and their state."), example="manage.py apps list")
@_names
def list_(asked: Asked, names: tuple[str, ...], run_mode: str) -> int:
    """List apps."""
    return views.listing(open_session(asked), names, run_mode)


@verb(tr("What apps use now: memory, processor time, processes."), example="manage.py apps stats")
@_names
def stats(asked: Asked, names: tuple[str, ...], run_mode: str) -> int:
    """Show what apps use."""
    return views.stats(open_session(asked), names, run_mode)


@verb(
    tr("Whether apps are well: exit 0 if all that have a health check are healthy, 1 if not."),
    example="manage.py apps health web",
)
@_names
def health(asked: Asked, names: tuple[str, ...], run_mode: str) -> int:
    """Show the health of apps."""
    return views.health(open_session(asked), names, run_mode)


@verb(tr("What an app said."), example="manage.py apps logs web --tail 20 -f")
@click.argument("name")
@click.option("--tail", type=click.IntRange(min=0), default=100, metavar="N", help=tr("How many of its last lines."))
@click.option("-f", "--follow", is_flag=True, help=tr("Go on with what it says from now on, until Ctrl-C."))
@click.option("--mode", "run_mode", metavar="MODE", default="", help=tr("How they run: process or docker."))
def logs(asked: Asked, name: str, tail: int, *, follow: bool, run_mode: str) -> int:
    """Show the log of an app."""
    return views.logs(open_session(asked), name, tail, follow=follow, mode=run_mode)


apps = group(
    tr("What the project runs: start, stop, update and watch its apps, as processes or in containers."),
    example="manage.py apps start web",
    default=status,
    verbs=(
        start,
        stop,
        restart,
        recreate,
        update,
        rollback,
        reconcile,
        list_,
        stats,
        health,
        logs,
        migrate,
        compose,
        metrics,
    ),
)
