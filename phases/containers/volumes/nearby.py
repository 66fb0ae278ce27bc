"""What is in a volume of this very machine, read without the engine: only where that is proven to be the same volume.

The containers that have it may run, and may be nobody's friends: no link is ever followed, and nothing but a regular
file is ever opened. Linux only.
"""

from __future__ import annotations

import hashlib
import os
import stat
import sys
import tarfile
from contextlib import contextmanager, suppress
from typing import IO, TYPE_CHECKING, NamedTuple

from phases.containers.volumes.archives import TOP, Entry

if TYPE_CHECKING:
    from collections.abc import Iterator
    from gzip import GzipFile

    from installer.model import Json

_TRUSTED = frozenset(
    {"ext2", "ext3", "ext4", "xfs"}
)  # what changes, through a mapping too, has other times from then on
_CAPABILITY = "security.capability"
_KINDS = {
    stat.S_IFDIR: tarfile.DIRTYPE,
    stat.S_IFREG: tarfile.REGTYPE,
    stat.S_IFLNK: tarfile.SYMTYPE,
    stat.S_IFCHR: tarfile.CHRTYPE,
    stat.S_IFBLK: tarfile.BLKTYPE,
    stat.S_IFIFO: tarfile.FIFOTYPE,
}
_CHUNK = 1 << 18


class Unsuited(Exception):
    """It can be read through the engine only."""


class Found(NamedTuple):
    """One thing in it: its path below the root ("." for that), how it is, the target of a link of either kind.

    `descriptor` is good until the next one is asked for; by it nothing can be read yet (`opened`).
    """

    path: str
    status: os.stat_result
    kind: bytes
    target: str
    descriptor: int


def folder_of(container: Json, volume: str, place: str, mountpoint: str) -> str:
    """The folder of the volume, if it is what the running `container` has at `place`: seen through its own process.

    Raises `Unsuited` for an engine of another machine, and where we may not look.
    """
    pid = int(container["State"].get("Pid") or 0)
    held = any(each.get("Name") == volume and each["Destination"] == place for each in container.get("Mounts") or [])
    if not sys.platform.startswith("linux") or not pid or not held or not mountpoint:
        raise Unsuited(volume)
    try:
        here, there = os.stat(mountpoint), os.stat(f"/proc/{pid}/root{place}")
        with open(f"/proc/{pid}/cgroup", encoding="ascii") as stream:
            is_its_own = container["Id"] in stream.read()
    except (OSError, ValueError) as problem:
        raise Unsuited(volume) from problem
    if not is_its_own or (here.st_dev, here.st_ino) != (there.st_dev, there.st_ino):
        raise Unsuited(volume)
    return mountpoint


def is_trusted(folder: str) -> bool:
    """Does its file system note a time for every change? Else only a file's bytes tell whether it changed."""
    device = os.stat(folder).st_dev
    number = f"{os.major(device)}:{os.minor(device)}"
    with open("/proc/self/mountinfo", encoding="utf-8", errors="surrogateescape") as stream:
        lines = [line.split() for line in stream]
    kinds = {line[line.index("-") + 1] for line in lines if line[2] == number}
    return bool(kinds) and kinds <= _TRUSTED


def walk(folder: str) -> Iterator[Found]:
    """Everything in it, in the order of the engine's own archives. Raises `Unsuited` for another file system."""
    root = os.open(folder, os.O_PATH | os.O_DIRECTORY | os.O_NOFOLLOW)
    try:
        status = os.fstat(root)
        yield Found(".", status, tarfile.DIRTYPE, "", root)
        yield from _below(root, "", status.st_dev, {})
    finally:
        os.close(root)


def _below(folder: int, prefix: str, device: int, known: dict[int, str]) -> Iterator[Found]:
    with os.scandir(f"/proc/self/fd/{folder}") as listed:
        names = sorted((each.name for each in listed), key=os.fsencode)
    for name in names:
        try:
            descriptor = os.open(name, os.O_PATH | os.O_NOFOLLOW, dir_fd=folder)
        except FileNotFoundError:
            continue  # it went this moment
        try:
            status = os.fstat(descriptor)
            kind = _KINDS.get(stat.S_IFMT(status.st_mode), b"")
            if status.st_dev != device:
                raise Unsuited(name)
            path, target = prefix + name, ""
            if kind == tarfile.SYMTYPE:
                target = os.readlink("", dir_fd=descriptor)
            elif kind == tarfile.REGTYPE and status.st_nlink > 1:
                target = known.setdefault(status.st_ino, path)
                kind, target = (kind, "") if target == path else (tarfile.LNKTYPE, target)
            if kind:  # a socket is in no archive
                yield Found(path, status, kind, target, descriptor)
            if kind == tarfile.DIRTYPE:
                yield from _below(descriptor, path + "/", device, known)
        finally:
            os.close(descriptor)


@contextmanager
def opened(found: Found) -> Iterator[IO[bytes]]:
    """The very file that was found. Raises `Unsuited` for one with rights of a kind that is not kept here."""
    way = f"/proc/self/fd/{found.descriptor}"
    with suppress(OSError):
        os.getxattr(way, _CAPABILITY)
        raise Unsuited(found.path)
    with open(way, "rb", buffering=0) as stream:
        yield stream


def entry(found: Found, sha256: str = "") -> Entry:
    """As an archive's listing has it."""
    status, is_file = found.status, found.kind == tarfile.REGTYPE
    is_device = found.kind in {tarfile.CHRTYPE, tarfile.BLKTYPE, tarfile.FIFOTYPE}
    numbers = (f"{status.st_mode & 0o7777:o}", str(status.st_uid), str(status.st_gid))
    size = str(status.st_size if is_file else 0)
    return (found.path, found.kind.decode(), *numbers, size, found.target, sha256, _device(found) if is_device else "")


def digest(found: Found) -> str:
    """Of a file's bytes."""
    made = hashlib.sha256()
    with opened(found) as stream:
        while chunk := stream.read(_CHUNK):
            made.update(chunk)
    return made.hexdigest()


def add(found: Found, sink: GzipFile) -> Entry:
    """Put it into the tar `sink`; what it is there. A file that shrinks meanwhile is filled up with zeros."""
    sink.write(_header(found))
    if found.kind != tarfile.REGTYPE:
        return entry(found)
    made, left = hashlib.sha256(), found.status.st_size
    with opened(found) as stream:
        while left:
            chunk = stream.read(min(left, _CHUNK)) or bytes(min(left, _CHUNK))
            made.update(chunk)
            sink.write(chunk)
            left -= len(chunk)
    sink.write(bytes(-found.status.st_size % tarfile.BLOCKSIZE))
    return entry(found, made.hexdigest())


def _header(found: Found) -> bytes:
    info = tarfile.TarInfo(TOP if found.path == "." else f"{TOP}/{found.path}")
    info.type, info.mode = found.kind, found.status.st_mode & 0o7777
    info.uid, info.gid, info.mtime = found.status.st_uid, found.status.st_gid, int(found.status.st_mtime)
    info.size = found.status.st_size if found.kind == tarfile.REGTYPE else 0
    info.linkname = f"{TOP}/{found.target}" if found.kind == tarfile.LNKTYPE else found.target
    if found.kind in {tarfile.CHRTYPE, tarfile.BLKTYPE}:
        info.devmajor, info.devminor = os.major(found.status.st_rdev), os.minor(found.status.st_rdev)
    return info.tobuf(tarfile.GNU_FORMAT, "utf-8", "surrogateescape")


def _device(found: Found) -> str:
    if found.kind == tarfile.FIFOTYPE:
        return "0:0"
    return f"{os.major(found.status.st_rdev)}:{os.minor(found.status.st_rdev)}"
