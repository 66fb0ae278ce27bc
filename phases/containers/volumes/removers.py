"""How can a volume be emptied? By an `rm` that an image brings along; found by looking, nothing is run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from phases.containers import undoing

if TYPE_CHECKING:
    from collections.abc import Iterable

    from phases.containers.undoing import Engine

_PLACES = ("/bin/rm", "/usr/bin/rm", "/busybox/rm", "/usr/local/bin/rm")
_MOST = 50  # containers that are looked into


def find(engine: Engine, containers: Iterable[str] = ()) -> tuple[str, str]:
    """An image and the path of its `rm`: of the first of `containers`, then of any other, that has one; or ("", "")."""
    listed = engine.must("GET", "/containers/json", query={"all": "1"})
    # who looks into a container holds its volumes: not into those that only stand before one, and go at any moment
    others = (each["Id"] for each in listed if undoing.HELPER not in (each.get("Labels") or {}))
    for number, container in enumerate(dict.fromkeys([*containers, *others])):
        if number >= _MOST:
            break
        if path := _of(engine, container):
            found: Any = engine.must("GET", "/containers/" + container + "/json", 404)
            if found and engine.must("GET", "/images/" + found["Image"] + "/json", 404):
                return str(found["Image"]), path
    return "", ""


def of_image(engine: Engine, image: str) -> tuple[str, str]:
    """The same of an image that the user named; ("", "") if no container of it can be looked into."""
    found = engine.must("GET", "/images/" + image + "/json", 404)
    if not found:
        return "", ""
    same = [
        each["Id"]
        for each in engine.must("GET", "/containers/json", query={"all": "1"})
        if each["ImageID"] == found["Id"]
    ]
    path = next(filter(None, (_of(engine, each) for each in same)), "")
    # an image that the user chose for this, and none of whose containers can be asked, is taken by its word: if it has
    # no `rm` there, the step says so before anything is taken away
    return str(found["Id"]), path or _PLACES[0]


def _of(engine: Engine, container: str) -> str:
    for path in _PLACES:
        status, _ = engine.ask("HEAD", "/containers/" + container + "/archive", query={"path": path})
        if status == 200:  # noqa: PLR2004 -- of HTTP
            return path
    return ""
