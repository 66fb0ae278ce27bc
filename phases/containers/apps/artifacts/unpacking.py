"""Unpacking an archive of somebody else's: nothing leaves its folder, nothing is a device, nothing is endless.

Every name and link is checked before anything of the archive is written, sizes while they are read. Modes are reduced
to who may execute. Links may lead to what is in the archive only.
"""

from __future__ import annotations

import os
import posixpath
import re
import stat
import tarfile
import zipfile
import zlib
from functools import partial
from typing import IO, TYPE_CHECKING

from installer import files
from installer.errors import Refused
from installer.frozen import dataclass
from installer.i18n import tr

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager
    from pathlib import Path

MOST_ENTRIES = 200_000
MOST_BYTES = 50 << 30
RATIO = 1000  # unpacked to packed
FREE = 256 << 20  # bytes for which no ratio is asked
_BLOCK = 1 << 18


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """One entry: a folder, a file to be read by `opened`, or a link to `target`."""

    name: str
    kind: str
    executable: bool = False
    target: str = ""
    opened: Callable[[], AbstractContextManager[IO[bytes]]] | None = None


def unpack(archive: Path, folder: Path, *, strip: int = 0) -> None:
    """Unpack into `folder`, which is not there yet, without the first `strip` parts of names. Raises `Refused`."""
    try:
        if zipfile.is_zipfile(archive):
            with zipfile.ZipFile(archive) as opened_zip:
                _write(_of_zip(opened_zip), archive, folder, strip)
        else:
            with tarfile.open(archive, "r:*") as opened_tar:
                _write(_of_tar(opened_tar), archive, folder, strip)
    except (tarfile.TarError, zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, ValueError, LookupError) as error:
        raise refused(archive, tr("it cannot be unpacked: {reason}", reason=str(error))) from error


def refused(archive: Path, why: str) -> Refused:
    """The error for an archive that must not be unpacked."""
    return Refused(
        "artifact.unsafe",
        tr("the artifact {name} is refused: {why}", name=archive.name, why=why),
        hint=tr("nothing of it is in use"),
    )


def _write(members: Iterator[Member], archive: Path, folder: Path, strip: int) -> None:
    wanted = _placed(members, archive, strip)
    links = {name: each.target for name, each in wanted.items() if each.kind == "link"}
    for name in wanted:
        for above in _above(name):
            if above in links or (above in wanted and wanted[above].kind != "folder"):
                raise refused(archive, tr("a name in it leads through what is no folder: {name}", name=ascii(name)))
    for name, target in links.items():
        if not _is_inside(name, target):
            raise refused(archive, tr("a link in it leads outside: {name}", name=ascii(name)))
    budget = min(MOST_BYTES, max(FREE, archive.stat().st_size * RATIO))
    files.make_folder(folder, mode=0o755, durable=False)
    for name, each in wanted.items():
        path = folder / name
        files.make_folder(path if each.kind == "folder" else path.parent, mode=0o755, durable=False)
        if each.opened is not None:
            with each.opened() as stream:
                budget -= _copied(stream, path, 0o755 if each.executable else 0o644, budget, archive)
    for name, target in links.items():
        files.link(target, folder / name, durable=False)


def _placed(members: Iterator[Member], archive: Path, strip: int) -> dict[str, Member]:
    """All members by where they go. Raises `Refused` for one that cannot go anywhere."""
    found: dict[str, Member] = {}
    for number, each in enumerate(members):
        if number >= MOST_ENTRIES:
            raise refused(archive, tr("it has more than {count} entries", count=MOST_ENTRIES))
        name = each.name.rstrip("/")
        parts = [part for part in name.split("/") if part not in {"", "."}]
        if not _is_name(name) or ".." in parts:
            raise refused(archive, tr("a name in it leads outside: {name}", name=ascii(each.name)[:200]))
        place = "/".join(parts[strip:])
        if not place:
            continue
        if each.kind == "special":
            raise refused(archive, tr("it holds what is neither file, folder nor link: {name}", name=ascii(name)))
        if place in found and not (each.kind == found[place].kind == "folder"):
            raise refused(archive, tr("it holds two of the same name: {name}", name=ascii(place)))
        found[place] = each
    return found


def _is_name(name: str) -> bool:
    """Can it be below a folder, on every system?"""
    return not (name.startswith("/") or "\\" in name or "\0" in name or re.match(r"[A-Za-z]:", name))


def _above(name: str) -> Iterator[str]:
    while name := posixpath.dirname(name):
        yield name


def _is_inside(name: str, target: str) -> bool:
    """Does a link lead to what is below the folder? `..` may only begin it, where the folders are no links."""
    parts = target.split("/")
    ups = next((number for number, part in enumerate(parts) if part != ".."), len(parts))
    inner = ".." in parts[ups:]
    return _is_name(target) and bool(target) and not inner and ups <= name.count("/")


def _copied(stream: IO[bytes], path: Path, mode: int, budget: int, archive: Path) -> int:
    """Write a new file; returns its size."""
    size = 0
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, mode)
    try:
        while block := stream.read(_BLOCK):
            size += len(block)
            if size > budget:
                raise refused(archive, tr("it is far larger unpacked than any app"))
            files.write_all(descriptor, block)
        os.fchmod(descriptor, mode)
    finally:
        os.close(descriptor)
    return size


def _of_zip(archive: zipfile.ZipFile) -> Iterator[Member]:
    for each in archive.infolist():
        mode = each.external_attr >> 16
        if each.is_dir():
            yield Member(name=each.filename, kind="folder")
        elif stat.S_ISLNK(mode):
            if each.file_size > 4096:  # noqa: PLR2004 -- no path is longer
                yield Member(name=each.filename, kind="special")
            else:
                yield Member(name=each.filename, kind="link", target=archive.read(each).decode("utf-8"))
        elif stat.S_IFMT(mode) not in {0, stat.S_IFREG}:
            yield Member(name=each.filename, kind="special")
        else:
            executable = bool(mode & 0o100)
            yield Member(name=each.filename, kind="file", executable=executable, opened=partial(archive.open, each))


def _of_tar(archive: tarfile.TarFile) -> Iterator[Member]:
    for each in archive:
        if each.isdir():
            yield Member(name=each.name, kind="folder")
        elif each.issym():
            yield Member(name=each.name, kind="link", target=each.linkname)
        elif each.isreg() or each.islnk():
            executable = bool(each.mode & 0o100)
            yield Member(name=each.name, kind="file", executable=executable, opened=partial(_tar_file, archive, each))
        else:
            yield Member(name=each.name, kind="special")


def _tar_file(archive: tarfile.TarFile, member: tarfile.TarInfo) -> IO[bytes]:
    found = archive.extractfile(member)
    if found is None:
        raise ValueError(f"{member.name!r} has no content")
    return found
