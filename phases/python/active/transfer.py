"""The only actions that touch an active environment: compare, install in place, and note that it was done."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from installer import files
from installer.errors import StepFailed
from installer.i18n import tr
from phases.python import dependencies, records
from phases.python.active import difference, installed, marker, sameness, undoing
from phases.python.environments import places
from phases.python.environments.places import layout_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from installer.model import Action, Context, Json
    from phases.python.environments.places import Layout

CHANGES, UNDO = "changes.json", "undo.py"


def note(args: Mapping[str, Any], context: Context) -> Json:
    """Write down every distribution of the active environment, with version and origin, before anything changes."""
    active = layout_of(args["layout"])
    held = [each.as_json() for folders in installed.held(active.sites).values() for each in folders]
    path = context.root / args["note"]
    files.make_folder(path.parent)
    files.replace(path, json.dumps({"layout": args["layout"], "distributions": held}, indent=1).encode() + b"\n")
    if args["shared"]:
        context.warn(
            tr("{path} lies outside of the project: whatever else uses it sees these changes", path=active.prefix)
        )
    if args["overruled"]:
        context.warn(
            tr("{path} belongs to the system's package manager; a variable of yours overrules that", path=active.prefix)
        )
    return {"python": active.python, "prefix": active.prefix, "distributions": len(held)}


def compare(args: Mapping[str, Any], context: Context) -> Json:
    """Note below `folder` what must go and come, and how that is taken back. Changes nothing.

    The folder is in the stash, and not among what the step touches: a rollback that fails is tried again, and needs it.
    """
    active, folder = layout_of(args["layout"]), context.root / args["folder"]
    staging = context.root / args["environment"]
    files.remove_tree(folder)
    files.make_folder(folder)
    lock = context.root / dependencies.lock_path(context.state, context.install_id)
    want = sameness.wanted(staging, lock, args["members"])
    made = difference.changes(staging, active, want, folder, deep=context.options.deep)
    files.replace(folder / UNDO, Path(undoing.__file__).read_bytes())
    told: Json = {
        "prefix": active.prefix,
        "sites": active.sites,
        "kept": ["..", "..", "..", "kept", context.install_id, "active"],
        "folders": list(difference.absent_folders(made)),
        "wanted": sorted(want),
        "changes": [each.as_json() for each in made],
    }
    data = json.dumps(told).encode("utf-8", "surrogateescape")
    files.replace(folder / CHANGES, data)
    files.sync_tree(folder)
    return {
        "folder": args["folder"],
        "changes": {each.name: [each.before, each.new.version] for each in made},
        "packages": {name: each.version for name, each in want.items()},
    }


def transfer(args: Mapping[str, Any], context: Context) -> Json:
    """Put in place what the comparison says, one distribution after the other; then every RECORD of them holds."""
    active, folder = layout_of(args["layout"]), context.root / args["folder"]
    told = read(folder)
    files.make_folder(context.root / args["stands_for"])
    files.replace(context.root / args["stands_for"] / places.LAYOUT, json.dumps(active.as_json()).encode())
    files.sync_tree(context.root / args["environment"])  # what is about to be linked is on the disk first
    total = sum(len(each["in"]) for each in told["changes"])
    done = 0
    for change in told["changes"]:
        _make_room(change, folder, active)
        for path, source, _, mode in change["in"]:
            target = _place(path)
            files.make_folder_unsynced(target.parent)
            files.put(_place(folder / source), target, mode=mode)
            done += 1
        context.report(done, total)
    for site in active.sites:
        if Path(site).is_dir():
            files.sync_tree(Path(site))
    _prove(active, frozenset(change["name"] for change in told["changes"]), deep=context.options.deep)
    _tell(told["changes"], context)
    return {"packages": {change["name"]: change["after"] for change in told["changes"]}}


def mark(args: Mapping[str, Any], context: Context) -> Json:
    """Note in the state folder what the active environment holds of ours: the next run finds nothing to do by it."""
    told = read(context.root / args["compared"])
    marker.write(context.root / args["folder"], {**args, "wanted": told["wanted"]}, context)
    return {}


def read(folder: Path) -> Json:
    """What a comparison wrote."""
    told: Json = json.loads((folder / CHANGES).read_bytes().decode("utf-8", "surrogateescape"))
    return told


def _make_room(change: Json, folder: Path, active: Layout) -> None:
    """Set aside what is replaced, with the folders that are empty by that, and compiled files that fit no longer."""
    for path, backup in change["out"]:
        if os.path.lexists(path) and not os.path.lexists(folder / backup):
            files.displace(_place(path), folder / backup)
            _prune(Path(path).parent, active)
    for path, *_ in change["in"]:
        if path.endswith(".py"):
            for each in installed.compiled(Path(path)):
                files.remove(_place(each))


def _place(path: str | Path) -> Path:
    """The path, its folder without links: an environment's `lib64` is often one, and all of it may lie behind one."""
    folder, name = os.path.split(path)
    return Path(os.path.realpath(folder), name)


def _prune(folder: Path, active: Layout) -> None:
    stop = {Path(each) for each in (*active.sites, active.scripts, active.data)}
    while folder not in stop and any(folder.is_relative_to(each) for each in stop):
        try:
            folder.rmdir()
        except OSError:
            return
        folder = folder.parent


def _prove(active: Layout, names: frozenset[str], *, deep: bool) -> None:
    problems = [each for site in active.sites for each in records.check(Path(site), deep=deep, only=names)]
    missing = names - {name for site in active.sites for name in records.installed(Path(site))}
    if problems or missing:
        raise StepFailed(
            "python.records",
            tr("{count} installed files are not what their RECORD says", count=len(problems) + len(missing)),
            details=(*map(str, problems[:20]), *sorted(missing)),
        )


def _tell(changes: list[Json], context: Context) -> None:
    """Which packages came, and which are another version now."""
    came = [f"{each['name']} {each['after']}" for each in changes if not each["before"]]
    other = [f"{each['name']} {each['before']} → {each['after']}" for each in changes if each["before"]]
    if came:
        context.note(tr("installed: {names}", names=", ".join(came)))
    if other:
        context.note(tr("replaced: {names}", names=", ".join(other)))


ACTIONS: Mapping[str, Action] = {
    "active.note": note,
    "active.compare": compare,
    "active.install": transfer,
    "active.mark": mark,
}
