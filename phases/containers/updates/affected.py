"""Which containers an image's update is about: those made by its name, on whichever image, and those of its id."""

from __future__ import annotations

import re
import urllib.parse
from typing import TYPE_CHECKING

from installer.errors import UsageError
from installer.frozen import dataclass
from phases.containers.images.kept import REPOSITORY
from phases.containers.references import Reference, parse
from phases.containers.volumes.archives import HELPER

if TYPE_CHECKING:
    from installer.model import Json
    from phases.containers.undoing import Engine

BEFORE = re.compile(r"(?P<name>.+)\.before-(?P<run>\d{8}_\d{6}\w*)")  # how an update calls the one that it keeps
_ID = re.compile(r"sha256:[0-9a-f]{64}|[0-9a-f]{12,64}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Affected:
    """A container, as inspected; `by`: "name" or "image"; `older`: it is on another image than the name has now."""

    container: Json
    by: str
    older: bool

    @property
    def name(self) -> str:
        """Its name."""
        return str(self.container["Name"]).lstrip("/")


def image(engine: Engine, name: str) -> Json | None:
    """What the engine says of an image, by name, `repository@digest` or id; None for none."""
    found = engine.must("GET", "/images/" + urllib.parse.quote(name, safe="") + "/json", 404)
    return dict(found) if found else None


def find(engine: Engine, text: str) -> list[Affected]:
    """The containers that are about the image `text`, running or not, by name.

    Once a tag has moved, the engine lists what was made from it before by a number only: the container itself still
    knows the name. One that was made by another name of the same image is not meant.
    """
    wanted = parse(text)
    current = image(engine, str(wanted))
    now = str(current["Id"]) if current else ""
    images = {now, *_nameless(engine, wanted)} - {""}
    found = []
    for each in engine.must("GET", "/containers/json", query={"all": "1"}):
        named = _parsed(str(each["Image"]))
        if HELPER in (each.get("Labels") or {}) or (named not in {None, wanted} and each["ImageID"] != now):
            continue  # listed by a name, the engine means that very name
        container = engine.must("GET", "/containers/" + each["Id"] + "/json", 404)
        by = _by(container, wanted, images) if container else ""
        if by and not BEFORE.fullmatch(container["Name"]):
            found.append(Affected(container=container, by=by, older=container["Image"] != now))
    return sorted(found, key=lambda each: each.name)


def _by(container: Json, wanted: Reference, images: set[str]) -> str:
    named = _parsed(container["Config"]["Image"])
    if named is not None:
        same = (named.repository, named.tag) == (wanted.repository, wanted.tag) if wanted.tag else named == wanted
        return "name" if same else ""
    return "image" if container["Image"] in images else ""


def _nameless(engine: Engine, wanted: Reference) -> set[str]:
    """Images that the registry gave for the same repository and that no tag but ours names any more."""
    return {
        each["Id"]
        for each in engine.must("GET", "/images/json")
        if all(tag.startswith(("<none>", REPOSITORY + ":")) for tag in each.get("RepoTags") or [])
        and any(digest.partition("@")[0] == wanted.repository for digest in each.get("RepoDigests") or [])
    }


def _parsed(text: str) -> Reference | None:
    """The name; None for an id, in full or cut short."""
    if _ID.fullmatch(text):
        return None
    try:
        return parse(text)
    except UsageError:
        return None
