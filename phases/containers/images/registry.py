"""What a registry has, asked through the engine: it knows the mirrors, the proxies and the certificates."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from phases.containers import failures
from phases.containers.images import door
from phases.containers.images.local import name_of

if TYPE_CHECKING:
    from docker import DockerClient

    from installer.model import Json
    from phases.containers.references import Reference


def describe(client: DockerClient, reference: Reference) -> Json:
    """`digest`, `mediaType` and `platforms` of what the registry has under that name now. Nothing is fetched.

    Raises as `failures.said`: no such image (6), not reached or asked too often (7), not allowed (8).
    """
    with failures.translated(str(client.api.base_url)), door.helper():
        answer = cast("Any", client.api).inspect_distribution(name_of(reference))
    descriptor = answer.get("Descriptor") or {}
    return {
        "digest": str(descriptor.get("digest", "")),
        "media_type": str(descriptor.get("mediaType", "")),
        "platforms": [
            "/".join(filter(None, (each.get("os"), each.get("architecture"), each.get("variant"))))
            for each in answer.get("Platforms") or ()
        ],
    }
