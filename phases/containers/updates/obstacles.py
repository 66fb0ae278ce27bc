"""What stands in the way of making a container anew: found by reading, told all at once, before anything is touched."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from installer.i18n import tr
from phases.containers.updates.affected import image
from phases.containers.updates.mounts import written
from phases.containers.volumes import deeds, removers
from phases.containers.volumes.plans import no_way

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from installer.model import Json
    from phases.containers.undoing import Engine
    from phases.containers.updates.affected import Affected

_COMPOSE = "com.docker.compose."
_SWARM = "com.docker.swarm."
_MODES = ("NetworkMode", "IpcMode", "PidMode")


def manager(container: Json) -> str:
    """The command by which whoever manages the container moves it to the new image; empty for nobody."""
    labels = container["Config"].get("Labels") or {}
    if service := labels.get(_COMPOSE + "service"):
        folder = labels.get(_COMPOSE + "project.working_dir", "")
        project = labels.get(_COMPOSE + "project", "")
        where = f"-p {project} --project-directory {folder} " if folder else f"-p {project} "
        return f"docker-compose {where}up -d {service}"
    if any(name.startswith(_SWARM) for name in labels):
        return f"docker service update --image {container['Config']['Image']} {labels.get(_SWARM + 'service.name', '')}"
    return ""


def of_container(engine: Engine, each: Affected, every: Sequence[Json]) -> list[str]:
    """Why it cannot be made anew as it is; `every`: all containers of the engine, as inspected."""
    container, config, name = each.container, each.container["HostConfig"], each.name
    found = []
    if config.get("AutoRemove"):
        found.append(tr("{name} was started with --rm: stopped, it is gone, and could not come back", name=name))
    within = [field for field in _MODES if str(config.get(field) or "").startswith("container:")]
    found += [tr("{name} lives in another container ({field})", name=name, field=field) for field in within]
    if container["State"].get("Paused"):
        found.append(tr("{name} is paused", name=name))
    if image(engine, container["Image"]) is None:
        found.append(
            tr("the image that {name} was made from is gone: its own settings cannot be told from it", name=name)
        )
    for other in every:
        if other["Id"] != container["Id"] and _leans_on(other, container):
            found.append(
                tr("{other} leans on {name}, and would be left with the old one", other=_name(other), name=name)
            )
    return found


def of_volumes(engine: Engine, chosen: Iterable[Affected], helper: str) -> tuple[list[str], dict[str, list[str]]]:
    """Why volumes could not be kept and brought back; and, of each that can, [image, path of its `rm`]."""
    affected = [each for each in chosen if each.container["State"]["Running"]]
    ids = {each.container["Id"] for each in affected}
    found, ways = [], {}
    for volume in sorted({name for each in affected for name in written(each.container)}):
        users = deeds.users(engine, volume)
        others = [
            each for each in users if each["Id"] not in ids and each["State"] in {"running", "paused", "restarting"}
        ]
        if others:
            names = ", ".join(str(each["Names"][0]).lstrip("/") for each in others)
            found.append(
                tr(
                    "the volume {name} is in use by {names}, which goes on: no exact copy can be made",
                    name=volume,
                    names=names,
                )
            )
            continue
        way = removers.of_image(engine, helper) if helper else removers.find(engine, [each["Id"] for each in users])
        if not way[0]:
            found.append(no_way(volume))
        ways[volume] = list(way)
    return found, ways


def risks(affected: Iterable[Affected], engine: Engine) -> list[str]:
    """What is lost, or may surprise: said before anybody agrees."""
    found = []
    for each in affected:
        changes = engine.must("GET", "/containers/" + each.container["Id"] + "/changes") or []
        mounted = {one["Destination"] for one in each.container.get("Mounts") or []}
        inside = [one["Path"] for one in changes if one["Kind"] == 1 and not _is_below(one["Path"], mounted)]
        if inside:
            found.append(
                tr(
                    "{name}: {count} files that were written outside of its volumes stay in the old one",
                    name=each.name,
                    count=len(inside),
                )
            )
        if any(one.get("Type") == "bind" and one.get("RW") for one in each.container.get("Mounts") or []):
            found.append(tr("{name}: folders of this machine that it writes to are not copied", name=each.name))
    return found


def _is_below(path: str, mounted: Iterable[str]) -> bool:
    return any(
        path == each or path.startswith(each.rstrip("/") + "/") or each.startswith(path + "/") for each in mounted
    )


def _leans_on(other: Json, container: Json) -> bool:
    config, name = other["HostConfig"], container["Name"].lstrip("/")
    modes = [str(config.get(field) or "") for field in _MODES]
    known = {f"container:{container['Id']}", f"container:{name}"}
    linked = [each.split(":")[0].lstrip("/") for each in config.get("Links") or []]
    sources = [each.split(":")[0] for each in config.get("VolumesFrom") or []]
    return bool(known & set(modes)) or name in linked or bool({name, container["Id"]} & set(sources))


def _name(container: Json) -> str:
    return os.path.basename(str(container["Name"]))
