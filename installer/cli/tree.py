"""Which verb is in which module. A verb's module is imported when the verb is asked for."""

from __future__ import annotations

import importlib
from types import MappingProxyType
from typing import TYPE_CHECKING, cast

import click

from installer import __version__
from installer.cli.options import CONTEXT, Group
from installer.i18n import LANGUAGES, tr

if TYPE_CHECKING:
    from collections.abc import Mapping

_HERE = "installer.cli."

VERBS: Mapping[str, str] = MappingProxyType(
    {
        "status": "views:status",
        "history": "history:history",
        "logs": "views:logs",
        "config": "config:config",
        "init": "init:init",
        "resume": "install:resume",
        "rollback": "undo:rollback",
        "restore": "undo:restore",
        "verify-rollback": "undo:verify_rollback",
        "clean-env": "undo:clean_env",
        "checkpoint": "checkpoints:checkpoint",
        "apps": "apps:apps",
        "images": "images:images",
        "verify": "health:verify",
        "cache-key": "cache:cache_key",
        "doctor": "health:doctor",
        "selftest": "selftest:selftest",
        "test": "tests:test",
        "bench": "bench:bench",
        "build": "builds:build",
        "extras": "extras:extras",
        "volumes": "volumes:volumes",
        "servers": "servers:servers",
        "shell-api": "shell:shell_api",
        "completion": "shell:completion",
    }
)


def command(door: str) -> click.Command:
    """The command behind `quickstart.py` or `manage.py`."""
    return _load("install:quickstart", "quickstart") if door == "quickstart" else _manage()


class Verbs(Group):
    """A group that imports a verb's module only to run the verb or to show help."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 -- click's signature
        """The verbs in the order of the table, which goes by use."""
        return list(VERBS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 -- as above
        """The command of a verb, None for one that is not there."""
        return _load(VERBS[cmd_name], cmd_name) if cmd_name in VERBS else None


def _load(place: str, name: str) -> click.Command:
    module, _, attribute = place.partition(":")
    command = cast("click.Command", getattr(importlib.import_module(_HERE + module), attribute))
    command.name = name
    return command


def _manage() -> click.Command:
    """The group of all verbs. `-C`, `--lang` may stand before the verb, too."""
    made = Verbs(
        name="manage.py",
        help=tr("Look after what `quickstart.py` installed."),
        epilog=tr("Example: {example}", example="manage.py rollback --dry-run"),
        no_args_is_help=True,
        context_settings=CONTEXT,
        callback=_before,
        params=[
            click.Option(
                ("-C", "--directory"), default="", metavar="DIR", help=tr("The project; default: here, upwards.")
            ),
            click.Option(("--lang",), type=click.Choice(LANGUAGES), help=tr("The language of messages.")),
        ],
    )
    return click.version_option(
        __version__, prog_name="surefoot", message="%(prog)s %(version)s", help=tr("Show the version.")
    )(made)


@click.pass_context
def _before(context: click.Context, directory: str, lang: str | None) -> None:
    """What stands before the verb is for the verb."""
    context.obj = {"directory": directory, "lang": lang}
