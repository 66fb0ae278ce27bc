"""Environments of ours go: those of dead runs, and generations too many. What the user put into one is set aside."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, Any

from installer import files, guard
from installer.i18n import tr
from installer.model import Action, Context, Effect, Facts, Json, RelPath, Step
from phases.python.environments import contents, edits, places

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


def superseded(facts: Facts, keep: int) -> list[str]:
    """The generations of ours beyond the `keep` newest."""
    folder = facts.root / places.generations(facts.state)
    ours = sorted((name for name in names(folder) if places.read_marker(folder / name)), key=_age)
    return ours[: len(ours) - keep] if keep < len(ours) else []


def names(folder: Path) -> list[str]:
    """What is in a folder, sorted; nothing where it is not there."""
    try:
        return sorted(os.listdir(folder))
    except (FileNotFoundError, NotADirectoryError):
        return []


def remove_step(step: str, phase: str, title: str, path: RelPath) -> Step:
    """A step that deletes an environment of ours for good."""
    return Step(
        id=step,
        phase=phase,
        title=title,
        action="environment.remove",
        args={"environment": path, "kept": "kept"},
        effect=Effect(scratch=(path,), repeatable=True),
    )


def remove(args: Mapping[str, Any], context: Context) -> Json:
    """Delete it; what came into it after it was sealed is moved to the kept folder, and said so."""
    env = context.root / args["environment"]
    sealed = contents.read(env)
    aside = _set_aside(env, context) if sealed and args["kept"] else []
    files.remove_tree(env)
    return {"kept": aside}


def set_aside(env: Path, target: Path) -> list[str]:
    """Move what was put into, or edited in, an environment of ours since it was sealed to the folder `target`.

    Returns the paths: whole folders where all of a folder is new.
    """
    sealed = contents.read(env)
    moved = guard.outermost((*contents.foreign(env, sealed), *edits.since_seal(env))) if sealed else []
    for path in moved:
        if files.exists(env / path) and not files.exists(target / path):
            files.make_folder((target / path).parent)
            files.rename(env / path, target / path)
    return moved


def _set_aside(env: Path, context: Context) -> list[str]:
    relative = context.state / "kept" / context.install_id / env.name
    moved = set_aside(env, context.root / relative)
    if moved:
        context.warn(tr("what was added to an old environment by hand is now in {path}", path=relative))
    return moved


def _age(install_id: str) -> tuple[str, int]:
    """By their ids, whose second part counts the runs of one second."""
    found = re.fullmatch(r"(\d{8}_\d{6})(?:_(\d+))?", install_id)
    return (found[1], int(found[2] or 1)) if found else (install_id, 0)


ACTIONS: Mapping[str, Action] = {"environment.remove": remove}
