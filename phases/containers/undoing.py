"""Takes back what a run did in a Docker Engine. Run by a plain Python, also from rollback.sh, when the tool is gone.

usage: python -I -B undo.py ENGINE CERTIFICATES VERB ARGUMENTS… [, VERB ARGUMENTS…]…

ENGINE is unix://PATH or tcp://HOST:PORT, CERTIFICATES the folder for TLS or `-`. The verbs are the functions below with
`-` for `_`. Standard library only, and of ours `talking.py` in the same folder. Each may be run twice, and for a deed
never begun; what does not carry the label of the deed, or is not the thing of that id, is left alone. Exit 0: all is as
before; 5: something could not be taken back; 10: something of somebody else's is in the way and stays. Each is told on
standard error, a line each.
"""

from __future__ import annotations

import http.client
import importlib
import json
import os
import sys
import tarfile
import time
import urllib.parse
from typing import IO, TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from phases.containers.talking import Engine, Failed, InTheWay
else:
    if __name__ == "__main__":
        sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))  # -I leaves it out
    talking = importlib.import_module("phases.containers.talking" if "." in __name__ else "talking")
    Engine, Failed, InTheWay = talking.Engine, talking.Failed, talking.InTheWay

__all__ = ["CONFLICT", "INCOMPLETE", "VERBS", "Engine", "Failed", "InTheWay", "main"]

INCOMPLETE, CONFLICT = 5, 10
HELPER = "dev.surefoot.helper"  # the label of the containers that stand before a volume, and its name
GOING = 10  # seconds that a volume may be held by nobody who is there


def remove_container(engine: Engine, label: str, value: str) -> None:
    """Remove every container of that label, running or not, with its anonymous volumes."""
    for each in engine.labelled("containers/json", label, value):
        engine.must("DELETE", "/containers/" + each["Id"], 404, query={"force": "1", "v": "1"})


def name_container(engine: Engine, identity: str, name: str) -> None:
    """The container of that id is called so again. One that is gone stays gone, and is told."""
    found = engine.must("GET", "/containers/" + identity + "/json", 404)
    if found is None:
        msg = f"the container {name} ({identity[:12]}) is gone"
        raise Failed(msg)
    if found["Name"] != "/" + name:
        engine.must("POST", "/containers/" + identity + "/rename", query={"name": name})


def start_container(engine: Engine, identity: str) -> None:
    """The container of that id runs again."""
    engine.must("POST", "/containers/" + identity + "/start")


def stop_container(engine: Engine, identity: str, seconds: str) -> None:
    """The container of that id, if there is one, does not run; it is given `seconds` to end by itself."""
    engine.must("POST", "/containers/" + identity + "/stop", 404, query={"t": seconds}, seconds=int(seconds))


def name_labelled(engine: Engine, label: str, value: str, name: str) -> None:
    """The container of that label, if there is one, is called so."""
    for each in engine.labelled("containers/json", label, value):
        name_container(engine, each["Id"], name)


def stop_labelled(engine: Engine, label: str, value: str, seconds: str) -> None:
    """Every container of that label does not run; each is given `seconds` to end by itself."""
    for each in engine.labelled("containers/json", label, value):
        stop_container(engine, each["Id"], seconds)


def restart_policy(engine: Engine, identity: str, name: str, most: str) -> None:
    """The container of that id, if there is one, has this restart policy again."""
    policy = {"Name": name, "MaximumRetryCount": int(most)}
    engine.must("POST", "/containers/" + identity + "/update", 404, body={"RestartPolicy": policy})


def remove_volume(engine: Engine, label: str, value: str) -> None:
    """Remove every volume of that label."""
    for each in engine.labelled("volumes", label, value):
        drop_volume(engine, each["Name"])


def drop_volume(engine: Engine, name: str) -> None:
    """The volume goes. Raises `InTheWay` while a container has it.

    One that is gone may count for the engine a little longer: whoever looks into all containers just then (`docker cp`,
    another run of ours) holds its volumes. That is waited for.
    """
    end = time.monotonic() + GOING
    while True:
        try:
            engine.must("DELETE", "/volumes/" + urllib.parse.quote(name, safe=""), 404)
        except InTheWay:
            remove_container(engine, HELPER, name)
            query = {"all": "1", "filters": json.dumps({"volume": [name]})}
            if time.monotonic() > end or engine.must("GET", "/containers/json", query=query):
                raise
            time.sleep(0.1)
        else:
            return


def remove_network(engine: Engine, label: str, value: str) -> None:
    """Remove every network of that label."""
    for each in engine.labelled("networks", label, value):
        engine.must("DELETE", "/networks/" + each["Id"], 404)


def point_tag(engine: Engine, reference: str, image: str, since: str = "-") -> None:
    """`reference` names `image` again, or nothing (`-`); not if it names neither that nor `since` now.

    `since` is an id, a name by which the image is known, or the label of its deed, `label=value`. A `reference` may be
    `repository@digest`, to go (`-`).
    """
    now = _named(engine, reference)
    if now == image:
        return
    if since != "-" and now not in {"-", since, *_meant(engine, since)}:
        msg = f"{reference} was moved to {now} since; it stays"
        raise InTheWay(msg)
    if image == "-":
        engine.must("DELETE", "/images/" + urllib.parse.quote(reference, safe=""), 404, query={"noprune": "1"})
        return
    repository, _, tag = reference.rpartition(":")
    engine.must("POST", "/images/" + image + "/tag", query={"repo": repository, "tag": tag})


def _named(engine: Engine, reference: str) -> str:
    """The id of what is called so; `-` for nothing."""
    found = engine.must("GET", "/images/" + urllib.parse.quote(reference, safe="") + "/json", 404)
    return str(found["Id"]) if found else "-"


def _meant(engine: Engine, since: str) -> list[str]:
    """The ids of the images that `since` stands for."""
    if "=" not in since:
        return [_named(engine, since)]
    return [each["Id"] for each in engine.labelled("images/json", *since.split("=", 1))]


def remove_images(engine: Engine, label: str, value: str) -> None:
    """Remove every image of that label that has no name left, unless a container uses it."""
    for each in engine.labelled("images/json", label, value):
        remove_image(engine, each["Id"])


def remove_image(engine: Engine, image: str) -> None:
    """The image is not there, unless it has a name or a container uses it: then it is somebody else's, too."""
    found = engine.must("GET", "/images/" + image + "/json", 404)
    if found is not None and not found.get("RepoTags"):
        status, _ = engine.ask("DELETE", "/images/" + image)
        if status not in {200, 404, 409}:
            msg = f"the image {image}: {status}"
            raise Failed(msg)


def fill(engine: Engine, container: str, folder: str, archive: str) -> None:
    """Put the tar `archive` into `folder` of the container: what is there is written over, nothing else goes."""
    tarfile.open(archive).close()  # whole, or it is not begun
    with open(archive, "rb") as stream:
        engine.must("PUT", "/containers/" + container + "/archive", query={"path": folder}, body=stream)


VERBS: Mapping[str, Callable[..., None]] = {
    each.__name__.replace("_", "-"): each
    for each in (
        remove_container,
        name_container,
        start_container,
        stop_container,
        name_labelled,
        stop_labelled,
        restart_policy,
        remove_volume,
        remove_network,
        point_tag,
        remove_image,
        remove_images,
        fill,
    )
}


def main(arguments: list[str], errors: IO[str] = sys.stderr, verbs: Mapping[str, Callable[..., None]] = VERBS) -> int:
    """Do every deed in the order given; one that fails does not stop the others."""
    engine = Engine(arguments[0], arguments[1])
    deeds: list[list[str]] = [[]]
    for word in arguments[2:]:
        deeds.append([]) if word == "," else deeds[-1].append(word)
    worst = 0
    for deed in deeds:
        try:
            verbs[deed[0]](engine, *deed[1:])
        except InTheWay as problem:
            errors.write(f"{problem}\n")
            worst = worst or CONFLICT
        except (Failed, OSError, ValueError, http.client.HTTPException) as problem:
            errors.write("{}: {}\n".format(" ".join(deed), problem))
            worst = INCOMPLETE
    return worst


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
