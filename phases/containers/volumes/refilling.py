"""Volumes get back what they held. Also kept beside the undo script of a run, as `volumes.py`: standard library only.

usage: python -I -B volumes.py ENGINE CERTIFICATES VERB ARGUMENTS… [, VERB ARGUMENTS…]…

The verbs are those of `undoing`, and the last three public functions here. Only to empty a volume a container runs,
and that runs `rm`, without network, without rights but those to delete.
"""

from __future__ import annotations

import importlib
import json
import os
import sys
import urllib.parse
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from phases.containers.undoing import Engine

_ALONE = __name__ == "__main__"
if _ALONE:
    sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))  # -I leaves it out
archives: Any = importlib.import_module("archives" if _ALONE else "phases.containers.volumes.archives")
undoing: Any = archives.undoing
_RUNNING = ["running", "paused", "restarting"]


def refill(engine: Engine, volume: str, archive: str, image: str, remover: str, labels: Mapping[str, str]) -> None:
    """The volume holds what the archive does, and nothing else; read back and compared.

    Without a `remover` nothing is taken away first: for a volume that is new.
    """
    manifest = archives.proven(archive)
    content, top = manifest["content"], manifest["top"]
    with archives.helper(engine, volume, image, labels, remover or "/", top) as container:
        there = f"{archives.PLACE}/{top}"
        if remover:
            engine.must("POST", "/containers/" + container + "/start")
            engine.must("POST", "/containers/" + container + "/wait", seconds=archives.LONG)
            if len(archives.read(engine, container, path=there)) > 1:
                msg = f"the volume {volume} could not be emptied"
                raise undoing.Failed(msg)
        put_into = "/containers/" + container + "/archive"
        with open(archive, "rb") as stream:
            engine.must("PUT", put_into, query={"path": archives.PLACE}, body=stream, seconds=archives.LONG)
        if archives.told(archives.read(engine, container, path=there))["content"] != content:
            msg = f"the volume {volume} does not hold what {archive} does"
            raise undoing.Failed(msg)


def bring_back(engine: Engine, volume: str, archive: str, kept: str, image: str, remover: str) -> None:
    """The volume holds again what `archive` does; what it held since, if that is something else, is in `kept`.

    Not while a container runs on it.
    """
    content = archives.proven(archive)["content"]
    undoing.remove_container(engine, archives.HELPER, volume)
    if _absent(engine, volume):
        recreate_volume(engine, archive, image)
        return
    image = _image(engine, image)
    with archives.helper(engine, volume, image, {}) as container:
        if archives.told(archives.read(engine, container))["content"] == content:
            return
    query = {"filters": json.dumps({"volume": [volume], "status": _RUNNING})}
    if users := engine.must("GET", "/containers/json", query=query):
        names = ", ".join(each["Names"][0].lstrip("/") for each in users)
        msg = f"the volume {volume} is in use by {names}; what it held before is in {archive}"
        raise undoing.InTheWay(msg)
    try:
        archives.proven(kept)  # an earlier try got as far: the volume may be half empty by now
    except undoing.Failed:
        archives.keep(engine, volume, image, kept, {})
    refill(engine, volume, archive, image, remover, {})


def recreate_volume(engine: Engine, archive: str, image: str) -> None:
    """The volume of the archive is there again, with what it held. One that holds other things is somebody else's."""
    manifest = archives.proven(archive)
    volume = manifest["volume"]
    undoing.remove_container(engine, archives.HELPER, volume)
    if _absent(engine, volume):
        body = {"Name": volume, "Driver": manifest["driver"], "DriverOpts": manifest["options"]}
        engine.must("POST", "/volumes/create", body={**body, "Labels": manifest["labels"]})
    image = _image(engine, image)
    with archives.helper(engine, volume, image, {}) as container:
        found = archives.read(engine, container)
    if archives.told(found)["content"] == manifest["content"]:
        return
    if {each[0] for each in found} - {each[0] for each in archives.of_archive(archive)}:  # no half of an earlier try
        msg = f"the volume {volume} was made anew since; what it held before is in {archive}"
        raise undoing.InTheWay(msg)
    refill(engine, volume, archive, image, "", {})


def withdraw_volume(engine: Engine, label: str, value: str, kept: str) -> None:
    """The volume that a step made, known by its label, goes; what it holds by now is in the archive `kept`."""
    for each in engine.labelled("volumes", label, value):
        undoing.remove_container(engine, archives.HELPER, each["Name"])
        image = _image(engine)
        with archives.helper(engine, each["Name"], image, {}) as container:
            is_empty = len(archives.read(engine, container)) <= 1
        if not is_empty:
            archives.keep(engine, each["Name"], image, kept, {})
        undoing.drop_volume(engine, each["Name"])


def _absent(engine: Engine, volume: str) -> bool:
    return engine.must("GET", "/volumes/" + urllib.parse.quote(volume, safe=""), 404) is None


def _image(engine: Engine, image: str = "") -> str:
    """That image, or any other if it is gone: to read and to fill, nothing of it is used."""
    if image and engine.must("GET", "/images/" + image + "/json", 404) is not None:
        return image
    others = engine.must("GET", "/images/json")
    if not others:
        msg = "there is no image to make a container from"
        raise undoing.Failed(msg)
    return str(others[0]["Id"])


VERBS: Mapping[str, Callable[..., None]] = {
    **undoing.VERBS,
    "bring-back": bring_back,
    "recreate-volume": recreate_volume,
    "withdraw-volume": withdraw_volume,
}

if _ALONE:
    sys.exit(undoing.main(sys.argv[1:], verbs=VERBS))
