"""What every verb has in common: its flags, gathered as one frozen `Asked`, and the form of its help."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import Any

import click

from installer import ci
from installer.cli.asked import Asked
from installer.cli.helping import HelpContext, Verb, translated
from installer.i18n import LANGUAGES, tr
from installer.nearest import nearest

__all__ = ["CONTEXT", "Asked", "Body", "Group", "group", "verb"]

Body = Callable[..., int | None]  # a verb: (Asked, its own options) -> exit code

CONTEXT = {"help_option_names": ["-h", "--help"], "max_content_width": 110}


def verb(
    text: str, *, example: str, changing: bool = False, installing: bool = False
) -> Callable[[Body], click.Command]:
    """Make a click command of a function that takes `Asked` first. `changing` adds --dry-run and --yes to its flags."""

    def decorate(body: Body) -> click.Command:
        @functools.wraps(body)
        def call(**given: Any) -> int | None:  # noqa: ANN401 -- click's values
            return body(_asked(given), **given)

        own = len(getattr(body, "__click_params__", ()))  # click appends to this very list below
        decorated: Callable[..., int | None] = call
        for option in reversed(
            (*(_installing() if installing else ()), *(_changing() if changing else ()), *_common())
        ):
            decorated = option(decorated)
        name = body.__name__.removesuffix("_").replace("_", "-")
        made = click.command(
            name,
            cls=Verb,
            help=text,
            short_help=text.partition("\n\n")[0],
            epilog=tr("Example: {example}", example=example),
            context_settings=CONTEXT,
        )(decorated)
        made.params = [*made.params[len(made.params) - own :], *made.params[: len(made.params) - own]]
        return made

    return decorate


class Group(click.Group):
    """Verbs under a verb. Without one, or with only flags, the default is run."""

    default: click.Command | None = None
    context_class = HelpContext

    def get_help_option(self, ctx: click.Context) -> click.Option | None:
        """As click does, with our words."""
        return translated(super().get_help_option(ctx))

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Put the default's name before arguments that name no verb."""
        asks_for_help = {"-h", "--help"} & set(args[:1])
        if self.default is not None and not asks_for_help and (not args or args[0].startswith("-")):
            args = [str(self.default.name), *args]
        return super().parse_args(ctx, args)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """As click does; for a verb that is not there, the nearest one is named."""
        known = self.list_commands(ctx)
        if args and args[0] not in known and not args[0].startswith("-"):
            near = nearest(args[0], known)
            hint = tr("; did you mean `{near}`?", near=near) if near else ""
            raise click.UsageError(tr("there is no command `{name}`", name=args[0]) + hint, ctx)
        return super().resolve_command(ctx, args)


def group(
    text: str, *, example: str, verbs: Sequence[click.Command], default: click.Command | None = None
) -> click.Group:
    """A verb with `verbs` of its own. It is named where it is put in the tree."""
    alone = f"\n\n{tr('Without a verb: `{name}`.', name=default.name)}" if default else ""
    made = Group(
        help=text + alone, short_help=text, epilog=tr("Example: {example}", example=example), context_settings=CONTEXT
    )
    for each in (*((default,) if default else ()), *verbs):
        made.add_command(each)
    made.default = default
    return made


def _asked(given: dict[str, Any]) -> Asked:
    """Take the common flags out of `given`; what the verb has of its own stays."""
    context = click.get_current_context()
    loud, quiet = given.pop("verbose", 0), given.pop("quiet", False)
    if loud and quiet:
        raise click.UsageError(tr("-v and -q exclude each other"))
    given.pop("debug", None)
    given.pop("ci", None)  # it was needed before anything could be said: see `main`
    above = context.obj or {}
    flags = {name: given.pop(name) for name in _SETTINGS if name in given}
    flags["lang"] = flags.get("lang") or above.get("lang")
    return Asked(
        directory=given.pop("directory", "") or above.get("directory", ""),
        as_json=given.pop("as_json", False),
        volume="verbose" if loud else "quiet" if quiet else "normal",
        dry_run=given.pop("dry_run", False),
        detailed=given.pop("detailed_exitcode", False),
        yes=flags.get("yes"),
        until=given.pop("until", ""),
        skip=given.pop("skip", ()),
        flags=flags,
    )


_SETTINGS = (
    "mode",
    "lang",
    "backend",
    "python",
    "as_of",
    "offline",
    "locked",
    "require_hashes",
    "no_build",
    "allow_file_submodules",
    "jobs",
    "retries",
    "on_failure",
    "no_wait",
    "yes",
)

Option = Callable[[Callable[..., int | None]], Callable[..., int | None]]


def _common() -> tuple[Option, ...]:
    return (
        click.option("-C", "--directory", default="", metavar="DIR", help=tr("The project; default: here, upwards.")),
        click.option("--json", "as_json", is_flag=True, help=tr("Speak JSON, one object a line, on standard output.")),
        click.option(
            "-v", "--verbose", count=True, help=tr("Show the output of commands; -vv: traces of errors, too.")
        ),
        click.option("-q", "--quiet", is_flag=True, help=tr("Only errors and the last line.")),
        click.option("--debug", is_flag=True, help=tr("Show the trace of an unexpected error.")),
        click.option("--lang", type=click.Choice(LANGUAGES), help=tr("The language of messages.")),
    )


def _changing() -> tuple[Option, ...]:
    return (
        click.option("--dry-run", is_flag=True, help=tr("Show the plan, change nothing.")),
        click.option(
            "--detailed-exitcode", is_flag=True, help=tr("With --dry-run: exit 11 when something would change.")
        ),
        click.option("-y", "--yes", is_flag=True, default=None, help=tr("Answer every question with yes.")),
        click.option(
            "--no-wait", is_flag=True, default=None, help=tr("Exit 3 when another run holds the project; do not wait.")
        ),
        click.option(
            ci.FLAG,
            "ci",
            type=click.Choice(ci.NAMES),
            default="auto",
            help=tr("Speak to this build server; auto: to the one that runs us."),
        ),
    )


def _installing() -> tuple[Option, ...]:
    return (
        click.option(
            "--mode", metavar="NAME", help=tr("What to install: minimal, standard, dev, full, or the project's own.")
        ),
        *(
            click.option(f"--{name}", "mode", flag_value=name, help=tr("The same as --mode {name}.", name=name))
            for name in ("minimal", "standard", "dev", "full")
        ),
        click.option("--backend", type=click.Choice(("uv", "pip")), help=tr("What installs the packages.")),
        click.option("--python", metavar="SPEC", help=tr("The interpreter: a version, a range, or a path.")),
        click.option("--offline", is_flag=True, default=None, help=tr("Use only what is on this machine.")),
        click.option(
            "--locked", is_flag=True, default=None, help=tr("Fail when the lock file does not fit the project.")
        ),
        click.option(
            "--require-hashes",
            is_flag=True,
            default=None,
            help=tr("Install nothing whose hash is not known beforehand."),
        ),
        click.option("--no-build", is_flag=True, default=None, help=tr("Install wheels only; build nothing.")),
        click.option("--as-of", metavar="DATE", help=tr("Resolve as the index was on this date, or at this commit.")),
        click.option("--jobs", type=click.IntRange(min=1), metavar="N", help=tr("How much to do at the same time.")),
        click.option(
            "--retries",
            type=click.IntRange(min=0),
            metavar="N",
            help=tr("How often to try again what a network refused."),
        ),
        click.option(
            "--allow-file-submodules",
            is_flag=True,
            default=None,
            help=tr("Allow submodules that are folders on this machine."),
        ),
        click.option(
            "--on-failure",
            type=click.Choice(("phase", "keep", "run")),
            help=tr("What a failure takes back: its phase, nothing, or the whole run."),
        ),
        click.option(
            "--until",
            metavar="PHASE",
            default="",
            help=tr("Stop after this phase. Before `verification`, no environment is put in place."),
        ),
        click.option(
            "--skip",
            metavar="PHASE",
            multiple=True,
            help=tr("Leave this phase out; may be repeated. Without `verification`, no environment is put in place."),
        ),
    )
