"""What the engine has: images by name, who uses them, and by which names each goes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from installer.extras import need
from phases.containers.client import EXTRA
from phases.containers.references import Reference, parse

if TYPE_CHECKING:
    from docker import DockerClient

    from installer.model import Json


def name_of(reference: Reference) -> str:
    """By what the engine knows it: the digest outranks the tag."""
    return f"{reference.repository}@{reference.digest}" if reference.digest else tag_of(reference)


def tag_of(reference: Reference) -> str:
    """`repository:tag`; empty where there is none."""
    return f"{reference.repository}:{reference.tag}" if reference.tag else ""


def inspect(client: DockerClient, name: str) -> Json | None:
    """What the engine says of the image; None where it has none of that name."""
    errors = cast("Any", need(EXTRA, "docker.errors"))
    try:
        return dict(cast("Any", client.api).inspect_image(name))
    except errors.NotFound:
        return None


def must_inspect(client: DockerClient, text: str) -> Json:
    """The same for a name, or an id, that people gave. Raises `Precondition` for one that is not here."""
    from phases.containers.images.required import absent

    found = inspect(client, text if is_id(text) else name_of(parse(text)))
    if found is None:
        raise absent([text])
    return found


def is_id(text: str) -> bool:
    """Is it the id of an image, as `status` shows it?"""
    return text.startswith("sha256:") and "@" not in text


def identity(found: Json | None) -> str:
    """Its id; `-`, as the undo script has it, for none."""
    return str(found["Id"]) if found else "-"


def digests(found: Json | None, reference: Reference) -> tuple[str, ...]:
    """The digests by which the registry of `reference` knows the image; none for one that was made here."""
    texts = (found or {}).get("RepoDigests") or ()
    known = (parse(each) for each in texts if not each.startswith("<none>"))
    return tuple(each.digest for each in known if each.repository == reference.repository)


def users(client: DockerClient) -> dict[str, list[str]]:
    """Image id: the names of the containers made from it, running or not."""
    found: dict[str, list[str]] = {}
    for each in client.api.containers(all=True):
        names = each.get("Names") or [each["Id"][:12]]
        found.setdefault(str(each["ImageID"]), []).append(str(names[0]).removeprefix("/"))
    return {image: sorted(names) for image, names in found.items()}
