"""Images that a tag named before: kept under a local tag of ours, so that they can be had again without a network."""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING

from installer.frozen import dataclass
from phases.containers import labels
from phases.containers.images.local import tag_of

if TYPE_CHECKING:
    from pathlib import Path

    from docker import DockerClient

    from phases.containers.references import Reference

REPOSITORY = "surefoot/kept"
_TAG = re.compile(r"(?P<project>[0-9a-f]{16})-(?P<name>[0-9a-f]{12})-(?P<run>\d{8}_\d{6}(?:_\d+)?)", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """What a tag (`name` stands for it) named before the run; `tag` is by what it goes now, `image` its id."""

    tag: str
    name: str
    run: str
    image: str


def tag_for(root: Path, reference: Reference, run: str) -> str:
    """By what the image goes that the tag of `reference` named before `run`."""
    return f"{REPOSITORY}:{labels.project_id(root)}-{short(reference)}-{run}"


def short(reference: Reference) -> str:
    """12 hex digits that stand for a tag."""
    return hashlib.sha256(tag_of(reference).encode()).hexdigest()[:12]


def of(client: DockerClient, root: Path, reference: Reference | None = None) -> list[Kept]:
    """What this project kept, of one tag or of all, newest first."""
    found = []
    for image in client.api.images(name=REPOSITORY):
        for tag in image.get("RepoTags") or ():
            match = _TAG.fullmatch(tag.removeprefix(f"{REPOSITORY}:"))
            if match and match["project"] == labels.project_id(root):
                found.append(Kept(tag=tag, name=match["name"], run=match["run"], image=str(image["Id"])))
    wanted = [each for each in found if reference is None or each.name == short(reference)]
    return sorted(wanted, key=lambda each: (each.run[:15], int(each.run[16:] or 1)), reverse=True)
