"""Wheels made entry by entry, so that each can be wrong in one way."""

from __future__ import annotations

import base64
import hashlib
import io
import stat
import struct
import zipfile
from dataclasses import dataclass, field


@dataclass
class Wheel:
    """A pure wheel of one module, `name.py`, and whatever else is put into it.

    entries   further (name, content) pairs, names as they stand in the archive, also twice
    links     (name, target) of symbolic links
    record    further lines of RECORD
    scripts   the text of entry_points.txt
    """

    name: str
    version: str = "1.0"
    entries: list[tuple[str, bytes]] = field(default_factory=list)
    links: list[tuple[str, str]] = field(default_factory=list)
    record: list[str] = field(default_factory=list)
    scripts: str = ""
    requires: tuple[str, ...] = ()
    compress: bool = False

    @property
    def file(self) -> str:
        return f"{self.name}-{self.version}-py3-none-any.whl"

    @property
    def info(self) -> str:
        return f"{self.name}-{self.version}.dist-info"

    def build(self) -> bytes:
        """The archive."""
        parts = [(f"{self.name}.py", f"version = {self.version!r}\n".encode()), *self.entries, *self._metadata()]
        lines = [f"{name},sha256={_sum(content)},{len(content)}" for name, content in parts if "\0" not in name]
        lines += [*self.record, f"{self.info}/RECORD,,", ""]
        parts.append((f"{self.info}/RECORD", "\n".join(lines).encode()))
        target = io.BytesIO()
        with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED if self.compress else zipfile.ZIP_STORED) as archive:
            for name, content in parts:
                _add(archive, name, content, stat.S_IFREG | 0o644)
            for name, to in self.links:
                _add(archive, name, to.encode(), stat.S_IFLNK | 0o777)
        return target.getvalue()

    def _metadata(self) -> list[tuple[str, bytes]]:
        needs = "".join(f"Requires-Dist: {each}\n" for each in self.requires)
        text = f"Metadata-Version: 2.1\nName: {self.name}\nVersion: {self.version}\n{needs}"
        found = [
            (f"{self.info}/METADATA", text.encode()),
            (f"{self.info}/WHEEL", b"Wheel-Version: 1.0\nGenerator: x\nRoot-Is-Purelib: true\nTag: py3-none-any\n"),
        ]
        return found + ([(f"{self.info}/entry_points.txt", self.scripts.encode())] if self.scripts else [])


def lying_about_size(archive: bytes, name: str, size: int) -> bytes:
    """`archive` with another uncompressed size of `name` in the central folder, the local header as it was."""
    at = archive.index(b"PK\x01\x02")
    while archive[at : at + 4] == b"PK\x01\x02":
        length, extra, comment = struct.unpack_from("<HHH", archive, at + 28)
        if archive[at + 46 : at + 46 + length] == name.encode():
            return archive[: at + 24] + struct.pack("<I", size) + archive[at + 28 :]
        at += 46 + length + extra + comment
    raise KeyError(name)


def sdist(name: str, files: dict[str, str], version: str = "1.0") -> bytes:
    """A source distribution with these files."""
    import tarfile

    target = io.BytesIO()
    with tarfile.open(fileobj=target, mode="w:gz") as archive:
        for path, text in files.items():
            info = tarfile.TarInfo(f"{name}-{version}/{path}")
            info.size = len(text.encode())
            archive.addfile(info, io.BytesIO(text.encode()))
    return target.getvalue()


def _add(archive: zipfile.ZipFile, name: str, content: bytes, mode: int) -> None:
    import warnings

    entry = zipfile.ZipInfo("x")
    entry.filename = name  # as it is: the constructor would cut it at a NUL
    entry.external_attr = mode << 16
    entry.compress_type = archive.compression
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a name that is there twice
        archive.writestr(entry, content)


def _sum(content: bytes) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(content).digest()).decode().rstrip("=")
