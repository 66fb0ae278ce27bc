"""How the images stand: here or not, on their way, used by whom, and what the last question to the registry found."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from phases.containers.images import local
from phases.containers.references import parse

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from docker import DockerClient

    from installer.model import Json


def of(
    client: DockerClient, names: Iterable[str], *, pulling: Collection[str], checks: Mapping[str, Json]
) -> list[Json]:
    """One entry a name. `pulling`: what another run is fetching now; `checks`: see `memory`."""
    users = local.users(client)
    busy = {str(parse(each)) for each in pulling}
    return [_one(client, name, users=users, busy=busy, checks=checks) for name in dict.fromkeys(names)]


def _one(
    client: DockerClient, name: str, *, users: Mapping[str, list[str]], busy: set[str], checks: Mapping[str, Json]
) -> Json:
    reference = parse(name)
    found: Json = local.inspect(client, local.name_of(reference)) or {}
    check = checks.get(str(reference), {})
    known = local.digests(found, reference)
    fetched = str(reference) in busy
    return {
        "name": name,
        "present": bool(found),
        "state": "pulling" if fetched else "ready" if found else "missing",  # also an image that is here is fetched
        "pulling": fetched,
        "id": found.get("Id", ""),
        "digest": known[0] if known else "",
        "size": found.get("Size", 0),
        "created": found.get("Created", ""),
        "used_by": users.get(str(found.get("Id", "")), []),
        "update": _update(check, found, known),
        "checked": check.get("checked", ""),
    }


def _update(check: Json, found: Json, known: tuple[str, ...]) -> str:
    """`available`, `current`, or `unknown`: what was found is of use while the image is the one of then."""
    if not found or not check:
        return "unknown"
    if check.get("remote") and check["remote"] in known:
        return "current"
    return str(check.get("result", "unknown")) if check.get("id") == found["Id"] else "unknown"


def aggregates(entries: list[Json]) -> Json:
    """The whole in a few words: may something be started that needs all of them?"""
    pulling = sum(1 for each in entries if each["pulling"])
    lacking = any(not each["present"] for each in entries)
    overall: Any = "pulling" if pulling else "missing" if lacking else "ready"
    return {
        "any_pulling": pulling > 0,
        "any_not_ready": any(each["state"] != "ready" for each in entries),
        "can_start": not lacking,
        "overall_status": overall,
        "pulling_count": pulling,
        "total_images": len(entries),
    }
