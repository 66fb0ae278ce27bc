"""Is the new container what it should be? Every field is compared, before the old one is touched."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from phases.containers.updates import mounts
from phases.containers.updates.configuration import FOLLOW, OURS, SAME, links, networks, own

if TYPE_CHECKING:
    from installer.model import Json

_APART = frozenset({"Binds", "Mounts", "Links", "ContainerIDFile"})  # said in other words: compared by their sense


def differences(old: Json, new: Json, images: tuple[Json, Json], host: str = "") -> list[str]:
    """The fields in which the new container is not what it should be; names only, as values may be secrets.

    `images`: the Config of the old image and of the new one.
    """
    return [
        *_of_config(own(old, images[0], host), new["Config"], images[1]),
        *_of_host(old, new),
        *mounts.missing(old, new),
        *_of_networks(networks(old), networks(new)),
    ]


def _of_config(said: Json, now: Json, image: Json) -> list[str]:
    wanted: Json = {name: said.get(name) for name in SAME}
    wanted |= {name: said.get(name) or image.get(name) for name in FOLLOW}
    entrypoint = said.get("Entrypoint")
    wanted["Entrypoint"] = [each for each in entrypoint if each] if entrypoint else image.get("Entrypoint")
    wanted["Cmd"] = said.get("Cmd") or (None if entrypoint else image.get("Cmd"))
    wanted["ExposedPorts"] = {**(image.get("ExposedPorts") or {}), **said["ExposedPorts"]}
    wanted["Healthcheck"] = {**(image.get("Healthcheck") or {}), **(said.get("Healthcheck") or {})}
    if said.get("Hostname"):
        wanted["Hostname"] = said["Hostname"]
    wrong = [f"Config.{name}" for name, value in wanted.items() if _bare(value) != _bare(now.get(name))]
    if {**_pairs(image.get("Env")), **_pairs(said["Env"])} != _pairs(now.get("Env")):
        wrong.append("Config.Env")
    labels = {**(image.get("Labels") or {}), **said["Labels"]}
    if labels != {
        name: value for name, value in (now.get("Labels") or {}).items() if name in labels or not _is_ours(name)
    }:
        wrong.append("Config.Labels")
    return wrong


def _is_ours(label: str) -> bool:
    return label.startswith(OURS)


def _of_host(old: Json, new: Json) -> list[str]:
    before, now = old["HostConfig"], new["HostConfig"]
    wrong = [
        f"HostConfig.{name}" for name in before if name not in _APART and _bare(before[name]) != _bare(now.get(name))
    ]
    return wrong + (["HostConfig.Links"] if links(old) != links(new) else [])


def _of_networks(before: dict[str, Json], now: dict[str, Json]) -> list[str]:
    wrong = [f"Networks.{name}" for name in sorted(before.keys() ^ now.keys())]
    for name in sorted(before.keys() & now.keys()):
        for field in sorted(before[name].keys() | now[name].keys()):
            one, other = before[name].get(field), now[name].get(field)
            if set(one or ()) - set(other or ()) if field == "Aliases" else _bare(one) != _bare(other):
                wrong.append(f"Networks.{name}.{field}")
    return wrong


def _pairs(env: list[str] | None) -> dict[str, str]:
    return {name: value for name, _, value in (each.partition("=") for each in env or [])}


def _bare(value: Any) -> Any:  # noqa: ANN401 -- JSON
    """Nothing is nothing, in whichever way it is said."""
    return value or None
