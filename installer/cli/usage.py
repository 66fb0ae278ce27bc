"""A command line that click cannot read, said in our own words and in the user's language."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import click

from installer.i18n import tr

if TYPE_CHECKING:
    from collections.abc import Sequence

_ALIKE = 0.6  # of 1, as difflib counts


def sentence(error: click.ClickException) -> str:
    """What is wrong with the command line; click's own words for what is rare."""
    match error:
        case click.NoSuchOption():
            near = _near(error.option_name, error.possibilities or ())
            hint = tr("; did you mean `{near}`?", near=near) if near else ""
            return tr("there is no option `{name}`", name=error.option_name) + hint
        case click.BadOptionUsage(option_name=name):
            takes_none = "not take" in error.message
            return tr("`{name}` takes no value", name=name) if takes_none else tr("`{name}` needs a value", name=name)
        case click.MissingParameter(param=click.Parameter() as parameter):
            return tr("`{name}` is missing", name=_name(parameter))
        case click.BadParameter(param=click.Parameter() as parameter):
            return _bad_value(parameter, error)
    if extra := re.fullmatch(r"Got unexpected extra arguments? \((.*)\)", error.message):
        return tr("this is too much: {words}", words=extra[1])
    return error.format_message().rstrip(".")


def _near(name: str, known: Sequence[str]) -> str:
    """The first of `known` that may have been meant; the dashes, which click counts, make nothing alike."""
    import difflib  # only where somebody mistyped

    own = name.lstrip("-")
    words = ((each, each.lstrip("-")) for each in known)
    alike = (each for each, word in words if difflib.SequenceMatcher(None, own, word).ratio() >= _ALIKE)
    return next(alike, "")


def _bad_value(parameter: click.Parameter, error: click.BadParameter) -> str:
    match parameter.type:
        case click.Choice(choices=known):
            return tr("`{name}` should be one of {known}", name=_name(parameter), known=_joined(known))
        case click.IntRange(min=least):
            return tr("`{name}` should be a whole number, {least} or more", name=_name(parameter), least=least)
        case _:
            return error.format_message().rstrip(".")


def _name(parameter: click.Parameter) -> str:
    return parameter.opts[-1] if parameter.param_type_name == "option" else (parameter.name or "").upper()


def _joined(known: Sequence[object]) -> str:
    return ", ".join(map(str, known))
