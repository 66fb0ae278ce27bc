"""A tag that gets another image: what it named before is kept, and how all of it is taken back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from installer.errors import Precondition, Refused
from installer.i18n import tr
from phases.containers import taking_back
from phases.containers.images import kept
from phases.containers.images.local import tag_of
from phases.containers.images.section import ImagesSection
from phases.containers.references import parse

if TYPE_CHECKING:
    from collections.abc import Iterator

    from docker import DockerClient

    from installer.manifest import Manifest
    from installer.model import Facts, Json, Planned, Step
    from phases.containers.client import Address
    from phases.containers.references import Reference

NOTHING = "-"  # as the undo script has it


def where(engine: Address) -> Json:
    """The engine, as the arguments of a step name it: with another one, it is another step."""
    return {"url": engine.url, "certificates": engine.certificates}


def keeping(facts: Facts, reference: Reference, old: str) -> str:
    """The tag under which `old` will be kept; empty where there is nothing to keep."""
    return "" if old == NOTHING or not reference.tag else kept.tag_for(facts.root, reference, facts.install_id)


def deeds(reference: Reference, *, old: str, new: str, tag: str) -> Iterator[tuple[str, ...]]:
    """The way back: the tag names `old` again, if nobody else moved it since, and what was kept as `tag` needs it not.

    `new`: the image that it gets, an id or `repository@digest`.
    """
    if reference.tag:
        yield "point-tag", tag_of(reference), old, new
    if tag:
        yield "point-tag", tag, NOTHING


def point(client: DockerClient, tag: str, image: str) -> None:
    """`tag` names `image`."""
    repository, _, name = tag.rpartition(":")
    client.api.tag(image, repository, name)


def with_script(phase: str, facts: Facts, steps: list[Step]) -> Planned:
    """The steps, after the one that puts the undo script in place; nothing where there are none."""
    if steps:
        yield taking_back.prepare_step(phase, facts, tr("Prepare the way back"))
        yield from steps


def must_be_allowed(manifest: Manifest, reference: Reference) -> None:
    """Raise `Refused` for an image that does not come from where the manifest lets it."""
    allowed = manifest.section(ImagesSection).allowed
    if not allowed or any(_fits(reference, each) for each in allowed):
        return
    raise Refused(
        "image.refused",
        tr("images of {repository} are not allowed here", repository=reference.repository),
        hint=tr("the manifest lists what is, in `[images]` as `allowed`"),
    )


def _fits(reference: Reference, pattern: str) -> bool:
    if pattern.endswith("/*"):
        return reference.repository.startswith(pattern[:-1])
    return reference.repository == parse(pattern).repository


def must_have_tag(reference: Reference) -> None:
    """Raise `Precondition` for a name that is no tag: a digest never names another image."""
    if not reference.tag:
        raise Precondition(
            "image.no-tag", tr("{image} names one image for ever; only tags can be moved", image=str(reference))
        )
