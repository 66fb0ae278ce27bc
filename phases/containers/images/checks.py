"""Is there a newer one? By what the registry says now, against what the engine has. Nothing is fetched."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from installer.errors import InstallerError
from phases.containers.images import local, manifests, registry
from phases.containers.references import parse

if TYPE_CHECKING:
    from collections.abc import Iterable

    from docker import DockerClient

    from installer.model import Json

_PINNED, _MISSING, _CURRENT, _AVAILABLE, _UNKNOWN, _FAILED = (
    "pinned",  # a digest names one image for ever
    "missing",  # not here at all
    "current",
    "available",
    "unknown",  # made here, or from a bundle, and the registry does not tell enough
    "failed",
)


def of(client: DockerClient, names: Iterable[str]) -> dict[str, Json]:
    """Name: `result`, the local `id` and digests, the `remote` digest, when it was asked.

    Where the registry did not answer: `failed`, with `error` as JSON; the others are asked all the same.
    """
    return {name: _one(client, name) for name in dict.fromkeys(names)}


def _one(client: DockerClient, name: str) -> Json:
    reference = parse(name)
    found = local.inspect(client, local.name_of(reference))
    known = local.digests(found, reference)
    told: Json = {
        "id": found["Id"] if found else "",
        "local": list(known),
        "remote": "",
        "checked": datetime.now(UTC).isoformat(timespec="seconds"),
    }
    if reference.digest:
        return {**told, "result": _PINNED if found else _MISSING}
    try:
        remote = registry.describe(client, reference)["digest"]
    except InstallerError as error:
        return {**told, "result": _FAILED, "error": error.as_json()}
    told["remote"] = remote
    if found is None:
        return {**told, "result": _MISSING}
    if remote in known:
        return {**told, "result": _CURRENT}
    same = manifests.same(client, reference, remote, found, known)
    if same is None:
        return {**told, "result": _AVAILABLE if known else _UNKNOWN}
    return {**told, "result": _CURRENT if same else _AVAILABLE}


def worth_keeping(found: dict[str, Json]) -> dict[str, Json]:
    """What `memory` keeps, by the whole name: what was not answered leaves what was known."""
    fine = {name: each for name, each in found.items() if each["result"] in {_CURRENT, _AVAILABLE, _UNKNOWN}}
    return {str(parse(name)): each for name, each in fine.items()}


def worst(found: dict[str, Json]) -> int:
    """The exit code: 8 outranks 7, 7 outranks 6."""
    return max((int(each["error"]["exit_code"]) for each in found.values() if "error" in each), default=0)
