"""Environments change places by rename: staging, the generations, the one in use. Nothing is copied or deleted."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, Any

from installer import files, lazily
from installer.i18n import tr
from installer.model import Action, Context, Effect, Facts, Json, RelPath, Step
from phases.python.environments import contents, places

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

_ORIGINAL = "original"
_EARLIER = "_earlier"
_TOOLS = frozenset(("pip", "setuptools", "wheel"))  # what `python -m venv` brings along
_ID = lazily.pattern(r"[A-Za-z0-9][\w.-]*")


def is_original(name: str) -> bool:
    """Is this the generation of an environment that the user made?"""
    return re.fullmatch(rf"{_ORIGINAL}(_\d+)?", name) is not None


def is_name(name: str) -> bool:
    """May a generation be called so? The marker of an environment is a file that anybody can edit."""
    return _ID.fullmatch(name) is not None and not is_original(name)


def publish_step(phase: str, source: RelPath, target: RelPath) -> Step:
    """A step that makes the sealed staging environment a generation."""
    return Step(
        id=f"{phase}.09.publish",
        phase=phase,
        title=tr("Keep the environment as a generation"),
        action="environment.publish",
        args={"source": source, "target": target},
        effect=Effect(carries=((source, target),), repeatable=True),
    )


def switch_steps(phase: str, facts: Facts, environment: str, generation: RelPath, mark: str) -> Iterator[Step]:
    """Steps that put `generation`, sealed by the run `mark`, in the place of the environment in use."""
    current = RelPath(environment)
    first = f"{phase}.10.switch"
    old = _old(facts, current, first, mark)
    if not old:
        yield from _folder_steps(f"{phase}.09.folder", phase, facts, current.parent)
        title = tr("Switch to the environment")
        yield move_step(first, phase, title, generation, current, old="")
        return
    kept = places.generations(facts.state) / old
    if _can_exchange(facts.root / facts.state) and not _bears(old, mark):
        yield Step(
            id=first,
            phase=phase,
            title=tr("Switch to the new environment"),
            action="environment.exchange",
            args={"current": current, "generation": generation, "old": old, "mark": mark},
            effect=Effect(exchanges=((current, generation, mark),)),
        )
        yield move_step(
            f"{phase}.11.keep", phase, tr("Keep the earlier environment as {name}", name=old), generation, kept
        )
        return
    title = tr("Set the earlier environment aside as {name}", name=old)
    yield move_step(first, phase, title, current, kept, old=old, against=generation)
    yield move_step(f"{phase}.11.enter", phase, tr("Switch to the new environment"), generation, current)


def move_step(step: str, phase: str, title: str, source: RelPath, target: RelPath, **more: str) -> Step:
    """A step that renames `source` to `target`. `more`: what the action reports, and whom it compares."""
    return Step(
        id=step,
        phase=phase,
        title=title,
        action="environment.move",
        args={"source": source, "target": target, **more},
        effect=Effect(moves=((source, target),)),
    )


def exchange(args: Mapping[str, Any], context: Context) -> Json:
    """Swap the environment in use with the generation. What the old one alone had is reported first."""
    current, generation = context.root / args["current"], context.root / args["generation"]
    lost = report_undeclared(current, generation, context)
    if _mark(current) != args["mark"]:
        files.exchange(current, generation)
    return {"old": args["old"], "undeclared": lost}


def move(args: Mapping[str, Any], context: Context) -> Json:
    """Rename a tree to a name that is free."""
    source, target = context.root / args["source"], context.root / args["target"]
    lost = report_undeclared(source, context.root / args["against"], context) if args.get("against") else []
    files.make_folder(target.parent)
    files.rename(source, target)
    return {"old": args.get("old", ""), "undeclared": lost}


def publish(args: Mapping[str, Any], context: Context) -> Json:
    """Rename the sealed staging environment to its generation, in the place of one that this run made and took back."""
    source, target = context.root / args["source"], context.root / args["target"]
    if files.exists(source):
        if files.exists(target) and _mark(target) == context.install_id:
            files.remove_tree(target)
        files.make_folder(target.parent)
        files.rename(source, target)
    return {}


def make_folder(args: Mapping[str, Any], context: Context) -> Json:
    """Make the folder that the environment lies in."""
    files.make_folder(context.root / args["path"], mode=0o755)
    return {}


def undeclared(old: Path, new: Path) -> list[str]:
    """What was put into `old` by hand, or by another tool, and is not in `new`: "name version"."""
    sealed = contents.read(old)
    ours = sealed.packages.keys() if sealed else _TOOLS
    held = contents.packages(old)
    return [f"{name} {held[name]}" for name in sorted(held.keys() - ours - contents.packages(new).keys())]


def report_undeclared(old: Path, new: Path, context: Context) -> list[str]:
    """Name what the user loses from sight by the switch."""
    lost = undeclared(old, new)
    if lost:
        context.warn(
            tr(
                "nothing declares these packages of the earlier environment, so the new one is without them: {names}",
                names=", ".join(lost),
            )
        )
    return lost


def _folder_steps(step: str, phase: str, facts: Facts, folder: RelPath) -> Iterator[Step]:
    """On resume the folder is there because this run made it: the plan must not change by that."""
    if folder == "." or folder.within(facts.state) or (files.exists(facts.root / folder) and step not in facts.results):
        return
    yield Step(
        id=step,
        phase=phase,
        title=tr("Make the folder {path}", path=folder),
        action="environment.folder",
        args={"path": folder},
        effect=Effect(touches=(folder,)),
    )


def _old(facts: Facts, current: RelPath, step: str, mark: str) -> str:
    """The name under which the environment in use will be kept; "" where there is none.

    One that bears the very `mark` of the new one is of this run too: the end of the journal was lost after a switch.
    Once the switch is done the place holds the new one: then what the step said counts.
    """
    if step in facts.results:
        return str(facts.results[step]["old"])
    place = facts.root / current
    if not files.exists(place):
        return ""
    folder = facts.root / places.generations(facts.state)
    marker = places.read_marker(place)
    if marker and is_name(marker.install_id) and marker.install_id == mark:
        return _free(folder, mark + _EARLIER)
    if marker and is_name(marker.install_id) and not files.exists(folder / marker.install_id):
        return marker.install_id
    return _free(folder, _ORIGINAL)


def _bears(old: str, mark: str) -> bool:
    """Does the earlier environment bear the mark by which a swap is known to have happened?"""
    return bool(mark) and old.startswith(mark + _EARLIER)


def _free(folder: Path, base: str) -> str:
    name, number = base, 1
    while files.exists(folder / name):
        number += 1
        name = f"{base}_{number}"
    return name


def _mark(env: Path) -> str:
    marker = places.read_marker(env)
    return marker.install_id if marker else ""


def _can_exchange(folder: Path) -> bool:
    """Before the state folder is there (a dry run), nothing is tried: a plan does not write."""
    return files.can_exchange(folder) if folder.is_dir() else os.name == "posix"


ACTIONS: Mapping[str, Action] = {
    "environment.exchange": exchange,
    "environment.move": move,
    "environment.publish": publish,
    "environment.folder": make_folder,
}
