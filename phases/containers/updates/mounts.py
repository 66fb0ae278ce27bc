"""What a container has mounted, and how to say it again. A volume that nobody named has a name: a long number."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from installer.model import Json


def said(container: Json) -> Json:
    """Binds and Mounts of the HostConfig, with every volume that nobody named said by the name that it got."""
    config = container["HostConfig"]
    got = {each["Destination"]: each for each in container.get("Mounts") or [] if each.get("Type") == "volume"}
    binds = list(config.get("Binds") or [])
    mounts = [_named(each, got) for each in config.get("Mounts") or []]
    spoken = {_target(each) for each in binds} | {each["Target"] for each in mounts}
    binds += [
        f"{each['Name']}:{path}" + ("" if each.get("RW", True) else ":ro")
        for path, each in sorted(got.items())
        if path not in spoken
    ]
    return {"Binds": binds, "Mounts": mounts}


def written(container: Json) -> list[str]:
    """The volumes that the container may write to, by name."""
    mounted = container.get("Mounts") or []
    return sorted({each["Name"] for each in mounted if each.get("Type") == "volume" and each.get("RW", True)})


def readable(container: Json) -> dict[str, str]:
    """Volume: where the container has it, for those below which nothing else is mounted."""
    mounted = container.get("Mounts") or []
    places = [each["Destination"] for each in mounted]
    alone = [each for each in mounted if not any(one.startswith(each["Destination"] + "/") for one in places)]
    return {each["Name"]: each["Destination"] for each in alone if each.get("Type") == "volume"}


def missing(old: Json, new: Json) -> list[str]:
    """What the old one has and the new one has not, or has otherwise: each as it was, and as it is."""
    now = {each["Destination"]: _essence(each) for each in new.get("Mounts") or []}
    pairs = [(_essence(each), now.get(each["Destination"])) for each in old.get("Mounts") or []]
    return [f"Mounts.{one[2]} ({' '.join(one)} / {' '.join(other or ())})" for one, other in pairs if one != other]


def _named(mount: Json, got: dict[str, Json]) -> Json:
    if mount.get("Type") == "volume" and not mount.get("Source") and mount["Target"] in got:
        return {**mount, "Source": got[mount["Target"]]["Name"]}
    return mount


def _target(bind: str) -> str:
    """SOURCE:TARGET[:OPTIONS]; no path that the engine takes has a colon."""
    parts = bind.split(":")
    return parts[1] if len(parts) > 1 else parts[0]


def _essence(mount: Json) -> tuple[str, ...]:
    kind = str(mount.get("Type", ""))
    what = mount.get("Name") if kind == "volume" else mount.get("Source")
    return (kind, str(what or ""), mount["Destination"], str(mount.get("RW")), str(mount.get("Propagation") or ""))
