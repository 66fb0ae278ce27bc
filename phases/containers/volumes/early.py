"""A volume is copied while its containers still run; once they have stopped, only what changed since is added.

What the archive holds in the end is what the volume held when nobody wrote to it: every file is proven to be the one
that was copied, by its size, its times and its number on a file system that notes each change, else by its bytes; all
others are copied anew. Source of the doubt about times: Git, "racy git problem" (Documentation/technical).

The early copy is a tar without an end, packed by itself; what is added is packed by itself behind it, with the end:
one archive to every reader, in which the later of two entries counts.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import os
import time
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from installer import files
from phases.containers.undoing import Failed
from phases.containers.volumes import archives, nearby

if TYPE_CHECKING:
    from installer.model import Json
    from phases.containers.undoing import Engine
    from phases.containers.volumes.nearby import Found

_DOUBT = 2_000_000_000  # nanoseconds: what changed so shortly before the copy began may change again at the same time
_END = bytes(1024)
_NOT_HERE = (nearby.Unsuited, OSError, RecursionError)  # the last of folders in folders in folders
_sums: dict[str, Any] = {}  # of early copies that this process made: their SHA-256 so far


def copy(engine: Engine, volume: str, container: str, place: str, target: Path) -> bool:
    """Copy the volume that the running `container` has at `place`; `target` and its index, `….json`, come of it.

    False, and nothing is there, where it cannot be read without the engine.
    """
    try:
        about = _about(engine, volume, container, place)
        files.make_folder(target.parent)
        files.sync_tree(Path(about["folder"]))  # what was written through a mapping has its time from here on
        index = {**about, **_copied(about, target)}
        files.replace(_index(target), json.dumps(index, separators=(",", ":")).encode())
    except _NOT_HERE:
        for path in (target, _index(target)):
            files.remove(path)
        return False
    return True


def finish(early: Path, target: Path) -> Json | None:
    """Make the archive `target` of the early copy and of what changed since; its manifest. None: there is none.

    Nobody writes to the volume meanwhile. Raises `Failed` for an archive that does not hold what was put into it.
    """
    try:
        index = json.loads(files.content(_index(early)))
        status = os.stat(index["folder"])
        if [status.st_dev, status.st_ino] != index["is"] or early.stat().st_size < index["length"]:
            return None  # unmounted, or another one by now
        files.make_folder(target.parent)
        found, added, begin = _finished(index, early)
    except (*_NOT_HERE, ValueError, KeyError):
        return None
    with early.open("rb") as stream:
        stream.seek(begin)
        with gzip.GzipFile(fileobj=stream) as unpacked:
            if archives.listing(unpacked) != added:
                msg = f"{index['volume']}: the archive does not hold what the volume does"
                raise Failed(msg)
    manifest = archives.settle(
        os.fspath(early), os.fspath(target), index["about"], archives.TOP, archives.told(found), _sum(early)
    )
    files.remove(_index(early))
    return manifest


def _about(engine: Engine, volume: str, container: str, place: str) -> Json:
    if not engine.url.startswith("unix://"):
        raise nearby.Unsuited(volume)
    told = archives.about(engine, volume)
    seen = engine.must("GET", "/containers/" + container + "/json")
    security = engine.must("GET", "/info").get("SecurityOptions") or []
    if any("userns" in each or "rootless" in each for each in security):
        raise nearby.Unsuited(volume)  # the owners of files are others within
    folder = nearby.folder_of(seen, volume, place, str(told.get("Mountpoint") or ""))
    status = os.stat(folder)
    trusted = nearby.is_trusted(folder)
    return {"volume": volume, "about": told, "folder": folder, "is": [status.st_dev, status.st_ino], "trusted": trusted}


def _copied(about: Json, target: Path) -> Json:
    """Write the copy, and read it back."""
    began = time.time_ns()
    entries: list[archives.Entry] = []
    marks: list[list[int]] = []
    with _Summed(target, 0) as sink, gzip.GzipFile("", "wb", 1, sink, mtime=0) as packed:
        for each in nearby.walk(about["folder"]):
            entries.append(nearby.add(each, packed))
            late = os.fstat(each.descriptor)
            mark = _mark(late)
            sure = mark == _mark(each.status) and max(late.st_mtime_ns, late.st_ctime_ns) < began - _DOUBT
            marks.append(mark if sure else [])
    if archives.of_archive(os.fspath(target)) != entries:
        msg = f"{about['volume']}: the copy is not what was copied"
        raise Failed(msg)
    return {"length": target.stat().st_size, "entries": entries, "marks": marks}


def _finished(index: Json, early: Path) -> tuple[list[archives.Entry], list[archives.Entry], int]:
    """All that the volume holds; what of it was added, and from which byte of the file on."""
    noted = {each[0]: (tuple(each), mark) for each, mark in zip(index["entries"], index["marks"], strict=True)}
    found: list[archives.Entry] = []
    added: list[archives.Entry] = []
    linked = False
    with _Summed(early, index["length"]) as sink, gzip.GzipFile("", "wb", 1, sink, mtime=0) as packed:
        for each in nearby.walk(index["folder"]):
            linked = linked or (each.status.st_nlink > 1 and each.kind in {b"0", b"1"})
            was, mark = noted.pop(each.path, ((), []))
            now = _known(each, was, mark, trusted=index["trusted"])
            if now is None:
                now = nearby.add(each, packed)
                added.append(now)
            found.append(now)
        packed.write(_END)
    if noted or (added and linked):  # nothing can be taken out of an archive, and links are of their first copy
        return _whole(index, early)
    return found, added, index["length"]


def _whole(index: Json, early: Path) -> tuple[list[archives.Entry], list[archives.Entry], int]:
    with _Summed(early, 0) as sink, gzip.GzipFile("", "wb", 1, sink, mtime=0) as packed:
        found = [nearby.add(each, packed) for each in nearby.walk(index["folder"])]
        packed.write(_END)
    return found, found, 0


def _known(each: Found, was: archives.Entry, mark: list[int], *, trusted: bool) -> archives.Entry | None:
    """What was copied, if it is that still."""
    if trusted and mark and mark == _mark(each.status):
        return was
    if not was or each.kind != b"0":
        return was if was and was == nearby.entry(each) else None
    alike = was == nearby.entry(each, was[7])  # all but its bytes
    return was if alike and nearby.digest(each) == was[7] else None


def _mark(status: os.stat_result) -> list[int]:
    """What a file is known by."""
    times = [status.st_mtime_ns, status.st_ctime_ns]
    return [status.st_ino, status.st_size, *times, status.st_mode, status.st_uid, status.st_gid, status.st_nlink]


def _index(early: Path) -> Path:
    return early.with_name(early.name + ".json")


def _sum(path: Path) -> str:
    """The SHA-256 of the file; known already where this process wrote it."""
    if known := _sums.pop(os.fspath(path), None):
        return str(known.hexdigest())
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


class _Summed(io.RawIOBase):
    """The file, written from `begin` on, synced when it is closed, and its SHA-256 kept for `_sum`."""

    def __init__(self, path: Path, begin: int) -> None:
        self._path = os.fspath(path)
        self._sum = _sums.pop(self._path, None) if begin else hashlib.sha256()
        self._file: IO[bytes] = open(path, "r+b" if begin else "wb", opener=archives.private)  # noqa: SIM115 -- closed by us
        self._file.truncate(begin)
        self._file.seek(begin)

    def writable(self) -> bool:
        """It is."""
        return True

    def write(self, data: Any) -> int:  # noqa: ANN401 -- whatever holds bytes
        """Pass it on."""
        if self._sum is not None:
            self._sum.update(data)
        return self._file.write(data)

    def close(self) -> None:
        """Have it on the disk."""
        if self.closed:
            return
        try:
            self._file.flush()
            os.fsync(self._file.fileno())
        finally:
            self._file.close()
            super().close()
        if self._sum is not None:
            _sums[self._path] = self._sum
