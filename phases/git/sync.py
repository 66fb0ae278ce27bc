"""The actions of the phase. Each may be cut off at any line, and does nothing where there is nothing left to do."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from installer.frozen import replace
from installer.i18n import tr
from installer.model import RelPath
from phases.git import command, config, modules, places, registering
from phases.git.fetching import Fetching
from phases.git.modules import Level, Problem, Submodule
from phases.git.wishes import Wishes, from_note

if TYPE_CHECKING:
    from collections.abc import Mapping

    from installer.model import Action, Context
    from phases.git.command import Git


def register(args: Mapping[str, Any], context: Context) -> Mapping[str, Any]:
    """Note the addresses of the project's submodules in `.git/config`, where they are absent or out of date.

    Makes the folders that several of them lie in as well: they are fetched side by side.
    """
    wishes = from_note(args["wishes"], context.options)
    level = modules.read(_git(context), wishes)
    registering.register(level, wishes)
    for folder in places.shared_folders(level.modules):
        (context.root / folder).mkdir(parents=True, exist_ok=True)
    return {"registered": len(level.modules)}


def update(args: Mapping[str, Any], context: Context) -> Mapping[str, Any]:
    """Bring one submodule of the project, and those inside of it, to the recorded commits.

    Raises `Conflict` before it touches a submodule that holds work of the user's.
    """
    settings = config.PATIENCE if args["patience"] else ()
    git = replace(_git(context), protocols=tuple(args["protocols"]), settings=settings)
    module = Submodule(name=args["name"], path=RelPath(args["path"]), url=args["url"], commit=args["commit"])
    fetching = Fetching(wishes=from_note(args["wishes"], context.options), context=context)
    fetching.bring(git, module, prefix="")
    return {"commit": module.commit, "submodules": fetching.done}


def refused(args: Mapping[str, Any], context: Context) -> None:
    """An optional submodule that must not be trusted: raise `Refused`."""
    Level(git=_git(context), problems=(Problem("", args["path"], args["why"]),)).refuse(Wishes())


def missing(args: Mapping[str, Any], context: Context) -> None:
    """Say that the submodules of an unpacked archive are not there."""
    context.warn(
        tr(
            "this is not a git repository, so its submodules cannot be fetched; these folders are empty: {folders}",
            folders=", ".join(args["folders"]),
        )
    )


ACTIONS: Mapping[str, Action] = {
    "submodules.register": register,
    "submodules.update": update,
    "submodules.refused": refused,
    "submodules.missing": missing,
}


def _git(context: Context) -> Git:
    return command.open_repository(context.root, partial(context.run, quiet=True))
