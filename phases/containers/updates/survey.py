"""What an update of images is about: which containers, what stands in the way, in which groups they move."""

from __future__ import annotations

from typing import TYPE_CHECKING

from installer.errors import Precondition
from installer.frozen import dataclass
from installer.i18n import tr
from phases.containers.references import parse
from phases.containers.updates import affected, obstacles
from phases.containers.updates.mounts import readable, written

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from installer.model import Json
    from phases.containers.undoing import Engine
    from phases.containers.updates.affected import Affected

_STOPPING = 10  # seconds that the engine gives a container to end by itself


@dataclass(frozen=True, slots=True, kw_only=True)
class Survey:
    """`chosen`: reference: containers to be made anew; `managed`: name: the command of whoever manages it.

    `ways`: volume: the image, and the path of its `rm`, by which it can be emptied. `before`: containers, as listed,
    that earlier updates of the chosen kept.
    """

    chosen: Mapping[str, Sequence[Affected]]
    managed: Mapping[str, str]
    ways: Mapping[str, Sequence[str]]
    before: Sequence[Json]


def look(engine: Engine, args: Json, images: Mapping[str, str]) -> Survey:
    """Read all of it; `images`: reference: the id of the image that is wanted, where it is here already.

    Raises `Precondition` with everything that stands in the way.
    """
    chosen: dict[str, list[Affected]] = {}
    managed: dict[str, str] = {}
    for reference in args["references"]:
        name = str(parse(reference))
        for each in affected.find(engine, reference):
            if each.name in args["except"] or (args["only"] and each.name not in args["only"]):
                continue
            if each.container["Image"] == images.get(reference) and not args["anew"]:
                continue
            if command := obstacles.manager(each.container):
                managed[each.name] = command
            elif each.container["Id"] not in {one.container["Id"] for group in chosen.values() for one in group}:
                chosen.setdefault(name, []).append(each)
    mine = [each for group in chosen.values() for each in group]
    listed = engine.must("GET", "/containers/json", query={"all": "1"}) if mine else []
    every = [one for each in listed if (one := engine.must("GET", "/containers/" + each["Id"] + "/json", 404))]
    problems = [text for each in mine for text in obstacles.of_container(engine, each, every)]
    problems += [
        tr("{name} is not here, and not there to be left out", name=name)
        for name in args["except"]
        if name not in {one["Name"].lstrip("/") for one in every} and mine
    ]
    ways: dict[str, list[str]] = {}
    if args["backup_volumes"]:
        found, ways = obstacles.of_volumes(engine, mine, args["helper"])
        problems += found
    if problems:
        raise Precondition(
            "update.obstacles",
            tr("not everything can be made anew as it is; nothing was touched"),
            details=tuple(problems),
            hint=tr("--except NAME leaves a container alone; --no-backup-volumes does without copies of the data"),
        )
    names = {each.name for each in mine}
    before = [
        one for one in every if (told := affected.BEFORE.fullmatch(one["Name"].lstrip("/"))) and told["name"] in names
    ]
    return Survey(chosen=chosen, managed=managed, ways=ways, before=before)


def target(each: Affected, reference: str, number: int) -> Json:
    """What the steps have to know of a container; nothing of it is secret."""
    config = each.container["HostConfig"].get("RestartPolicy") or {}
    seconds = each.container["Config"].get("StopTimeout")
    return {
        "number": number,
        "name": each.name,
        "id": each.container["Id"],
        "image": each.container["Image"],
        "reference": reference,
        "running": bool(each.container["State"]["Running"]),
        "timeout": _STOPPING if seconds is None else int(seconds),
        "policy": [str(config.get("Name") or ""), int(config.get("MaximumRetryCount") or 0)],
        "volumes": written(each.container),
        "places": readable(each.container),
    }


def groups(targets: Sequence[Json], *, together: bool) -> list[list[Json]]:
    """Those that move at the same time: all, or else those that write to the same volumes.

    A volume that one of them goes on writing to has no exact copy, and could not be brought back beneath it.
    """
    found: list[list[Json]] = []
    for each in targets:
        near = [
            group for group in found if together or any(set(one["volumes"]) & set(each["volumes"]) for one in group)
        ]
        merged = [one for group in near for one in group] + [each]
        found = [group for group in found if group not in near] + [merged]
    return sorted(found, key=lambda group: min(int(one["number"]) for one in group))
