"""Help texts whose frame is in the user's language, too: click's own words are English."""

from __future__ import annotations

import click

from installer.i18n import tr


class HelpForm(click.HelpFormatter):
    """Help with its headings in the user's language."""

    def write_usage(self, prog: str, args: str = "", prefix: str | None = None) -> None:
        """As click does, with our word for it."""
        super().write_usage(prog, args, tr("Usage: ") if prefix is None else prefix)

    def write_heading(self, heading: str) -> None:
        """As click does, with our words for the two that there are."""
        word = {"Options": tr("Options"), "Commands": tr("Commands")}.get(heading, heading)
        self.write(f"{'':>{self.current_indent}}{tr('{heading}:', heading=word)}\n")


class HelpContext(click.Context):
    """A context whose help is ours."""

    formatter_class = HelpForm


class Verb(click.Command):
    """A verb. `-h` is explained in the user's language."""

    context_class = HelpContext

    def get_help_option(self, ctx: click.Context) -> click.Option | None:
        """As click does, with our words."""
        return translated(super().get_help_option(ctx))


def translated(option: click.Option | None) -> click.Option | None:
    """The option `--help`, explained in the user's language."""
    if option is not None:
        option.help = tr("Show this help.")
    return option
