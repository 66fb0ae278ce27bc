"""The steps by which a run installs into the active environment: note it, build beside it, compare, put in place."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from installer.errors import Precondition
from installer.i18n import tr
from installer.model import Effect, Facts, Json, RelPath, Step
from phases.python.active import chosen, marker, transfer
from phases.python.environments import places, wanted
from phases.python.needs import Interpreter

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from installer.manifest import Manifest
    from phases.python.environments.places import Layout
    from phases.python.needs import Needs


_NOTE = ".01.note"


def checked(facts: Facts, needs: Needs) -> tuple[Layout, list[Precondition]]:
    """The active environment, and what stands against installing into it. Raises `Precondition` if there is none."""
    active = chosen.choose(facts.root, facts.options.python)
    begun = [result["prefix"] for step, result in facts.results.items() if step.endswith(_NOTE)]
    others = [prefix for prefix in begun if prefix != active.prefix]
    if others and not facts.options.python:
        raise Precondition(
            "environment.another",
            tr("this run was begun in {old}, and now {new} is active", old=others[0], new=active.prefix),
            hint=tr("activate {old} to go on, or take the run back with `manage.py rollback`", old=others[0]),
        )
    return active, list(chosen.objections(active, needs.python))


def interpreter(active: Layout) -> Interpreter:
    """The one behind the active environment: what is built beside it is built with that."""
    major, minor, micro = active.numbers
    return Interpreter(executable=active.base, version=(major, minor, micro), origin=active.python)


def note_step(phase: str, facts: Facts, active: Layout) -> Step:
    """A step that notes what is in the active environment, in the run's folder."""
    note = facts.state / "runs" / facts.install_id / "active.json"
    shared = chosen.is_shared(active, facts.root)
    title = (
        tr("Note every version in {path}, which lies outside of the project", path=active.prefix)
        if shared
        else tr("Note every version in {path}", path=active.prefix)
    )
    overruled = bool(active.managed) and chosen.overruled()
    return Step(
        id=phase + _NOTE,
        phase=phase,
        title=title,
        action="active.note",
        args={"layout": active.as_json(), "note": note, "shared": shared, "overruled": overruled},
        effect=Effect(touches=(note,)),
    )


def install_steps(phase: str, facts: Facts, needs: Needs, staging: RelPath) -> Iterator[Step]:
    """Steps that put what staging holds into the active environment. Their undo brings back the versions before."""
    active = chosen.choose(facts.root, facts.options.python)
    compare, install = f"{phase}.00.compare", f"{phase}.00.install"
    folder, stands_for = compared(phase, facts), places.folder(places.ACTIVE, facts.state)
    common: Json = {"environment": staging, "layout": active.as_json(), "folder": folder, "made": made(facts, staging)}
    members = [member.name for member in needs.members]
    yield Step(
        id=compare,
        phase=phase,
        title=tr("Compare with what is in {path}", path=active.prefix),
        action="active.compare",
        args={**common, "members": members},
        effect=Effect(repeatable=True),
    )
    yield Step(
        id=install,
        phase=phase,
        title=tr("Install in place into {path}: a rollback brings back versions, not bytes", path=active.prefix),
        action="active.install",
        args={
            **common,
            "stands_for": stands_for,
            "again": install in facts.results and not _holds(facts, active, compare),
        },
        effect=Effect(inverse=undo_argv(active, folder), touches=(stands_for / places.LAYOUT,)),
        needs=(compare,),
    )


def mark_step(phase: str, manifest: Manifest, facts: Facts, needs: Needs, missing: tuple[str, ...]) -> Step:
    """A step that notes in the state folder what was installed, and where."""
    active = chosen.choose(facts.root, facts.options.python)
    folder = places.folder(places.ACTIVE, facts.state)
    return Step(
        id=f"{phase}.08.mark",
        phase=phase,
        title=tr("Note what was installed"),
        action="active.mark",
        args={
            "folder": folder,
            "layout": active.as_json(),
            "compared": compared(phase, facts),
            "asked": wanted.asked(manifest, facts, needs),
            "wish": facts.options.python,
            "missing": list(missing),
        },
        effect=Effect(touches=tuple(folder / name for name in marker.FILES)),
    )


def undo_argv(active: Layout, folder: RelPath) -> tuple[str, ...]:
    """The command that brings back what was there; its paths are relative to the project, which may be moved."""
    return (active.python, "-I", "-B", f"{folder}/{transfer.UNDO}", f"{folder}/{transfer.CHANGES}")


def compared(phase: str, facts: Facts) -> RelPath:
    """Where the comparison is written: a folder of its own for every attempt, as a rollback may still need the last."""
    compare = f"{phase}.00.compare"
    if compare in facts.results:
        return RelPath(str(facts.results[compare]["folder"]))
    stash = facts.state / "stash" / facts.install_id
    number = 1
    while os.path.lexists(facts.root / stash / f"active-{number}"):
        number += 1
    return stash / f"active-{number}"


def _holds(facts: Facts, active: Layout, compare: str) -> bool:
    """Is what this run put in place still there, whole? Asked on resume."""
    from phases.python import records

    names = frozenset(facts.results.get(compare, {}).get("changes", {}))
    sites = [facts.root / site for site in active.sites]
    there = {name for site in sites for name in records.installed(site)}
    return names <= there and not any(records.check(site, deep=facts.options.deep, only=names) for site in sites)


def made(facts: Facts, staging: RelPath) -> int:
    """Which staging environment: one that was made again is compared again."""
    configuration: Path = facts.root / staging / "pyvenv.cfg"
    return int(configuration.stat().st_mtime_ns) if configuration.is_file() else 0
