"""What is in a volume, and an archive of it. No shell and no path of the host is needed.

A volume is read through the engine's archive API of a container that is made for that and never started. Also kept
beside the undo script of a run, as `archives.py`, and used by a plain Python when the tool is gone: standard library
only.

An archive is a tar.gz whose one folder, `top`, is the volume's root. Beside it lies its manifest,
ARCHIVE.json: format, top, volume, driver, options, labels, sha256 and bytes of the archive, entries, unpacked (bytes of
all files), and content: a hash of every path, type, mode, owner, size, target and of every file's bytes. Times are
kept, not compared.
"""

# ruff: noqa: ANN401 (answers are JSON)

from __future__ import annotations

import gzip
import hashlib
import importlib
import json
import os
import tarfile
import time
import urllib.parse
from contextlib import ExitStack, contextmanager, suppress
from typing import IO, TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from phases.containers.undoing import Engine

# kept with a run they lie beside each other, by these names
undoing: Any = importlib.import_module("phases.containers.undoing" if "." in __name__ else "engine")

FORMAT = 1
HELPER = undoing.HELPER  # the label of the containers that stand before a volume, and its name
PLACE, TOP = "/surefoot", "data"
LONG = 600  # seconds without a byte, while a large volume is written to the disk
_CHUNK = 1 << 16

Entry = tuple[str, ...]  # path, type, mode, uid, gid, size, target, sha256, device


@contextmanager
def helper(
    engine: Engine, volume: str, image: str, labels: Mapping[str, str], remover: str = "", top: str = TOP
) -> Iterator[str]:
    """A container that has the volume, made from any image that is there: the engine wants one. Gone at the end.

    With `remover`, the path of an `rm` in the image, it may write, and started it empties the volume.
    """
    there = f"{PLACE}/{top}"
    mount = {"Type": "volume", "Source": volume, "Target": there, "VolumeOptions": {"NoCopy": True}}
    body: dict[str, Any] = {
        "Image": image,
        "Entrypoint": [remover or "/"],
        "Cmd": ["-rf", there],  # what is in it goes; it cannot go itself, being mounted
        "User": "0:0",
        "Labels": {HELPER: volume, **labels},
        "Healthcheck": {"Test": ["NONE"]},
        "HostConfig": {
            "NetworkMode": "none",
            "CapDrop": ["ALL"],
            "CapAdd": ["DAC_OVERRIDE", "FOWNER"],
            "SecurityOpt": ["no-new-privileges"],
            "Mounts": [{**mount, "ReadOnly": not remover}],
        },
    }
    made = _create(engine, body, alone=bool(remover))
    try:
        yield made
    finally:
        engine.ask("DELETE", "/containers/" + made, query={"force": "1", "v": "1"})


def _create(engine: Engine, body: dict[str, Any], *, alone: bool) -> str:
    """The container. An image that goes meanwhile stops nothing: any other will do, unless it is to be that `alone`."""
    made = engine.must("POST", "/containers/create", 404, body=body)
    others = [] if made or alone else sorted(engine.must("GET", "/images/json"), key=lambda each: each["Created"])
    for each in others:  # the oldest is the last to go
        made = made or engine.must("POST", "/containers/create", 404, body={**body, "Image": each["Id"]})
    if not made:
        msg = f"there is no image {body['Image']} to make a container from"
        raise undoing.Failed(msg)
    return str(made["Id"])


def read(engine: Engine, container: str, sink: Any = None, path: str = f"{PLACE}/{TOP}") -> list[Entry]:
    """What is in the volume that the container has at `path`; its tar is written to `sink`."""
    connection = engine.connection(LONG)
    try:
        where = f"/{engine.version}/containers/{container}/archive?path={urllib.parse.quote(path)}"
        connection.request("GET", where, headers={"Host": "engine"})
        answer = connection.getresponse()
        if answer.status != 200:  # noqa: PLR2004 -- of HTTP
            msg = f"the engine gives no archive: {answer.status} {answer.read(_CHUNK).decode(errors='replace')}"
            raise undoing.Failed(msg)
        return listing(_Tee(answer, sink))
    finally:
        connection.close()


def listing(stream: Any) -> list[Entry]:
    """What the tar that `stream` gives holds; it is read to its end. Raises `Failed` for one that was cut off."""
    found: dict[str, Entry] = {}  # the later of two of one name is what comes out of it
    try:
        with tarfile.open(fileobj=stream, mode="r|") as tar:
            for each in tar:
                sha256 = _digest(tar.extractfile(each)) if each.isreg() else ""
                target = _below(each.linkname) if each.islnk() else each.linkname
                device = f"{each.devmajor}:{each.devminor}" if each.isdev() else ""
                size = each.size if each.isreg() else 0
                numbers = f"{each.mode & 0o7777:o}", str(each.uid), str(each.gid), str(size)
                path = _below(each.name)
                found[path] = (path, each.type.decode(), *numbers, target, sha256, device)
        while stream.read(_CHUNK):
            pass
    except (tarfile.TarError, EOFError) as problem:
        msg = f"an archive that was cut off: {problem}"
        raise undoing.Failed(msg) from problem
    return list(found.values())


def told(found: list[Entry]) -> dict[str, Any]:
    """content, entries, unpacked: of what was found."""
    text = "\n".join(sorted(map(json.dumps, found)))
    unpacked = sum(int(each[5]) for each in found)
    return {"content": hashlib.sha256(text.encode()).hexdigest(), "entries": len(found), "unpacked": unpacked}


def of_archive(archive: str) -> list[Entry]:
    """What an archive on the disk holds."""
    with gzip.open(archive, "rb") as stream:
        return listing(stream)


def keep(
    engine: Engine, volume: str, image: str, target: str, labels: Mapping[str, str], source: tuple[str, str] = ("", "")
) -> dict[str, Any]:
    """Put the volume into the archive `target`, which appears whole or not at all; returns its manifest.

    `source`: a container that has the volume and does not run, and where: quicker than a helper. The archive is
    read back before it counts: what is on the disk has the content that the volume had.
    """
    shape = about(engine, volume)
    os.makedirs(os.path.dirname(target), mode=0o700, exist_ok=True)
    try:
        found, sha256 = _packed(engine, volume, image, target + ".part", labels, source)
    except BaseException:
        with suppress(OSError):
            os.unlink(target + ".part")
        raise
    return settle(target + ".part", target, shape, os.path.basename(source[1]) or TOP, found, sha256)


def about(engine: Engine, volume: str) -> dict[str, Any]:
    """What the engine says of it."""
    return dict(engine.must("GET", "/volumes/" + urllib.parse.quote(volume, safe="")))


def settle(
    part: str, target: str, about: Mapping[str, Any], top: str, found: Mapping[str, Any], sha256: str
) -> dict[str, Any]:
    """Have `part`, which is on the disk, be the archive `target`; its manifest. `found`: what `told` says of it."""
    manifest = {
        "format": FORMAT,
        "top": top,
        "volume": about["Name"],
        "driver": about.get("Driver") or "local",
        "options": about.get("Options") or {},
        "labels": about.get("Labels") or {},
        "made": time.strftime("%Y-%m-%dT%H:%M:%S%z"),
        "archive": os.path.basename(target),
        "sha256": sha256,
        "bytes": os.path.getsize(part),
        **found,
    }
    os.replace(part, target)
    with open(target + ".json.part", "wb", opener=private) as file:
        file.write(json.dumps(manifest, indent=1, sort_keys=True).encode() + b"\n")
        file.flush()
        os.fsync(file.fileno())
    os.replace(target + ".json.part", target + ".json")
    _sync_folder(os.path.dirname(target))
    return manifest


def _packed(
    engine: Engine, volume: str, image: str, target: str, labels: Mapping[str, str], source: tuple[str, str]
) -> tuple[dict[str, Any], str]:
    """What is told of the volume, now in `target`; its sha256."""
    with ExitStack() as stack:
        container = source[0] or stack.enter_context(helper(engine, volume, image, labels))
        file = stack.enter_context(open(target, "wb", opener=private))
        with gzip.GzipFile("", "wb", 1, file, mtime=0) as packed:
            found = told(read(engine, container, packed, source[1] or f"{PLACE}/{TOP}"))
        file.flush()
        os.fsync(file.fileno())
    if told(of_archive(target)) != found:
        msg = f"{volume}: the archive does not hold what the volume does"
        raise undoing.Failed(msg)
    with open(target, "rb") as stream:
        return found, _digest(stream)


def proven(archive: str) -> dict[str, Any]:
    """The manifest of an archive whose bytes are those that were kept. Raises `Failed` for any other."""
    try:
        with open(archive + ".json", "rb") as stream:
            manifest = json.loads(stream.read(1 << 20))
        with open(archive, "rb") as stream:
            whole = isinstance(manifest, dict) and manifest.get("sha256") == _digest(stream)
    except (OSError, ValueError) as problem:
        msg = f"{archive}: {problem}"
        raise undoing.Failed(msg) from problem
    if not whole or manifest.get("format") != FORMAT:
        msg = f"{archive}: it is not what its manifest says"
        raise undoing.Failed(msg)
    return dict(manifest)


class _Tee:
    """Reads, and writes what it read."""

    def __init__(self, source: Any, sink: IO[bytes] | None) -> None:
        self.source = source
        self.sink = sink

    def read(self, size: int) -> bytes:
        """The next bytes."""
        data: bytes = self.source.read(size)
        if self.sink is not None:
            self.sink.write(data)
        return data


def _digest(stream: Any) -> str:
    sum_of_all = hashlib.sha256()
    while chunk := stream.read(_CHUNK):
        sum_of_all.update(chunk)
    return sum_of_all.hexdigest()


def _below(name: str) -> str:
    return name.partition("/")[2].strip("/") or "."


def private(path: str, flags: int) -> int:
    """Opens a file for its owner only."""
    return os.open(path, flags | getattr(os, "O_NOFOLLOW", 0), 0o600)


def _sync_folder(folder: str) -> None:
    if os.name != "posix":
        return
    opened = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)
