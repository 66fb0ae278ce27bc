"""`extras`: optional libraries of the tool itself, added to its own environment, for this user."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import click

from installer import extras as known
from installer import files, toolenv
from installer.cli.options import Asked, group, verb
from installer.cli.output import emit, foretell, say, table
from installer.errors import Precondition, UsageError
from installer.i18n import tr
from installer.nearest import nearest

if TYPE_CHECKING:
    from collections.abc import Iterable


@verb(tr("List the extras of Surefoot: what each is for, and whether it is here."), example="manage.py extras list")
def list_(asked: Asked) -> int:
    """List the extras."""
    added = _wanted()
    if asked.as_json:
        found = [
            {"name": name, "purpose": each.purpose, "added": name in added, "usable": known.usable(name)}
            for name, each in known.EXTRAS.items()
        ]
        emit("extras", action="list", extras=found)
    else:
        say(*table([(name, _state(name, added), tr(each.purpose)) for name, each in known.EXTRAS.items()]))
    return 0


def _wanted() -> tuple[str, ...]:
    return toolenv.extras(root) if (root := known.clone()) else ()


def _state(name: str, added: Iterable[str]) -> str:
    return tr("installed") if known.usable(name) else tr("added") if name in added else tr("not installed")


@verb(
    tr(
        "Add extras to the tool: an environment with them is made beside the present one.\n\n"
        "It is used from the next start, by every clone of this user."
    ),
    example="manage.py extras add cloud",
    changing=True,
)
@click.argument("names", nargs=-1, required=True)
def add(asked: Asked, names: tuple[str, ...]) -> int:
    """Add extras."""
    return _change(asked, "add", names)


@verb(
    tr("Remove extras from the tool. The environment with them goes when nobody used it for 60 days."),
    example="manage.py extras remove cloud",
    changing=True,
)
@click.argument("names", nargs=-1, required=True)
def remove(asked: Asked, names: tuple[str, ...]) -> int:
    """Remove extras."""
    return _change(asked, "remove", names)


def _change(asked: Asked, action: str, names: tuple[str, ...]) -> int:
    root = _clone(names)
    before = toolenv.recorded_extras()
    wished = dict.fromkeys(name for name in names if (name in before) != (action == "add"))
    if asked.dry_run:
        sentence = tr("would add the extra {name}") if action == "add" else tr("would remove the extra {name}")
        return foretell(asked, "extras", action, [sentence.format(name=name) for name in wished])
    _prepare(root, _after(before, action, names))  # first: a record of what cannot be had would stop the next start
    after = _record(action, names) if wished else before
    if asked.as_json:
        emit(
            "extras", action=action, extras=sorted(after), **{f"{action}{'ed' if action == 'add' else 'd'}": [*wished]}
        )
    elif not wished:
        say(tr("Nothing to do."))
    else:
        sentence = tr("added: {name}") if action == "add" else tr("removed: {name}")
        say(*(sentence.format(name=name) for name in wished))
    if toolenv.EXTRAS in os.environ and not asked.as_json:
        say(tr("{variable} is set, and outranks this", variable=toolenv.EXTRAS))
    return 0


def _clone(names: tuple[str, ...]) -> str:
    """The clone whose tool is meant. Raises `UsageError` for an unknown name, `Precondition` for a wheel."""
    for name in names:
        if name not in known.EXTRAS:
            near = nearest(name, tuple(known.EXTRAS))
            raise UsageError(
                "extras.unknown",
                tr("there is no extra `{name}`", name=name),
                hint=tr("did you mean `{near}`?", near=near)
                if near
                else tr("there are: {names}", names=", ".join(known.EXTRAS)),
            )
    root = known.clone()
    if not root:
        raise Precondition(
            "extras.wheel",
            tr("Surefoot is installed as a package here: its installer adds and removes extras"),
            hint=tr("install it with `{command}`", command=known.remedy(names[0])),
        )
    return root


def _after(before: Iterable[str], action: str, names: tuple[str, ...]) -> list[str]:
    return sorted({*before, *names} if action == "add" else {*before} - {*names})


def _prepare(root: str, names: list[str]) -> None:
    """Have the environment that the next start will use: what cannot be installed fails here."""
    from installer.toolbuild import make

    base = toolenv.base_interpreter()
    locks = toolenv.locks_of(root, tuple(name for name in toolenv.known_extras(root) if name in names))
    place = os.path.join(toolenv.tools_folder(), toolenv.key_of(locks, base))
    if not toolenv.is_whole(place):
        make(place, base, locks)


def _record(action: str, names: tuple[str, ...]) -> list[str]:
    """Write the names down, whole or not at all; two commands at once do so one after the other."""
    from installer.toolbuild import alone, prepare

    tools, path = toolenv.tools_folder(), Path(toolenv.extras_file())
    prepare(tools)
    with alone(tools):
        after = _after(toolenv.recorded_extras(), action, names)
        try:
            files.make_folder(path.parent)
            files.replace(path, "".join(f"{name}\n" for name in after).encode())
        except OSError as error:
            raise Precondition(
                "extras.unwritable",
                tr("cannot write {path}: {reason}", path=path, reason=error.strerror or error),
                hint=tr("mend its permissions, or `export SUREFOOT_CONFIG_DIR=…` with a folder of your own"),
            ) from error
    return after


extras = group(
    tr("Optional libraries of Surefoot itself, installed for this user."),
    example="manage.py extras add cloud",
    default=list_,
    verbs=(add, remove),
)
