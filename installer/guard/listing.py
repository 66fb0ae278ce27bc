"""A tree as it was: one entry a line in a file beside the journal, so that nobody needs to hold all of it.

The file is JSON with a checksum (`installer.sealed`), its entries in the order of `walk`. Those of earlier versions had
no lines and another order: they are read whole.
"""

from __future__ import annotations

import json
import os
import stat
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, NamedTuple

from installer import files, sealed
from installer.frozen import dataclass
from installer.hashing import sha256

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

_NEVER = frozenset({".git", "node_modules"})
_FIRST = b'{"entries": {\n'
_LAST = b"}, "
_BLOCK = 1 << 16  # bytes written at once


class Entry(NamedTuple):
    """One thing in a tree: its kind, mode, identity, link target, and the name of its copy ("" = none was made)."""

    kind: str
    mode: int = 0
    identity: str = ""
    target: str = ""
    copy: str = ""
    sha256: str = ""


@dataclass(frozen=True, slots=True)
class Listing:
    """A tree as it was, in `file`. `skipped` are folders below it that the guard does not look into; `mode` its own."""

    file: Path
    skipped: tuple[str, ...]
    uncopied: int = 0
    mode: int = 0

    def rows(self) -> Iterator[tuple[str, Entry]]:
        """Every entry with its path in the tree, in the order of `walk`. Raises as `load`, at any of them."""
        for name, value in _rows(self.file):
            if not files.is_below(name):
                raise ValueError("a name that leaves the tree")
            yield name, _loaded(value, self.file.parent)

    def some(self, names: Collection[str]) -> dict[str, Entry]:
        """The entries of that name."""
        return {name: entry for name, entry in self.rows() if name in names} if names else {}


def load(file: Path) -> Listing:
    """Read a listing. Raises `OSError`, `ValueError`, `KeyError` or `TypeError` if any of it is damaged."""
    data = _tail(file) or sealed.load(files.content(file))
    listing = Listing(file=file, skipped=tuple(data["skipped"]), uncopied=data["uncopied"], mode=data.get("mode", 0))
    if not all(map(files.is_below, listing.skipped)):
        raise ValueError("a name that leaves the tree")
    for _ in listing.rows():
        pass
    return listing


def written(name: str, entry: Entry, folder: Path) -> bytes:
    """An entry as a listing in `folder` has it: its copy is named from there, so that the project may be moved."""
    value = {key: each for key, each in zip(Entry._fields, entry, strict=True) if each or key == "kind"}
    if entry.copy:
        value["copy"] = os.path.relpath(entry.copy, folder)
    return f"{json.dumps(name)}: {json.dumps(value)}".encode()


def sealed_lines(lines: Iterator[bytes], last: dict[str, Any]) -> Iterator[bytes]:
    """The bytes of a listing, of its entries and then of what `last` holds when they came to their end."""
    total, block, comma = sha256(), bytearray(_FIRST), b""
    for line in lines:
        block += comma + line
        comma = b",\n"
        if len(block) > _BLOCK:
            total.update(block)
            yield bytes(block)
            block.clear()
    block += b"\n" + _LAST + json.dumps(last).encode()[1:-1]
    total.update(block)
    yield bytes(block) + sealed.mark(total)


def _open(file: Path) -> IO[bytes]:
    descriptor = os.open(file, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0))
    stream = os.fdopen(descriptor, "rb")
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        stream.close()
        raise ValueError("it is no ordinary file")
    return stream


def _tail(file: Path) -> dict[str, Any] | None:
    """What follows the entries, the checksum being right; None for a file without lines."""
    total, before = sha256(), b""
    with _open(file) as stream:
        if stream.readline(len(_FIRST) + 1) != _FIRST:
            return None
        total.update(_FIRST)
        for line in stream:
            total.update(before)
            before = line
    body, _, _ = before.rpartition(sealed.SUM)
    total.update(body)
    if before != body + sealed.mark(total) or not body.startswith(_LAST):
        raise ValueError("it is not as it was written")
    data = json.loads(b"{" + body[len(_LAST) :] + b"}")
    if not isinstance(data, dict):
        raise ValueError("it is no list of ours")  # noqa: TRY004 -- a damaged file, not a wrong argument
    return data


def _rows(file: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    with _open(file) as stream:
        if stream.readline(len(_FIRST) + 1) != _FIRST:
            entries = sealed.load(files.content(file))["entries"]
            yield from sorted(entries.items(), key=lambda each: order(each[0]))
            return
        for line in stream:
            if line.startswith(_LAST):
                return
            if line != b"\n":
                yield from json.loads(b"{" + line.rstrip(b",\n") + b"}").items()


def _loaded(value: dict[str, Any], folder: Path) -> Entry:
    if copy := value.get("copy", ""):
        if os.path.isabs(copy):
            raise ValueError("a copy outside of the stash")
        return Entry(**value | {"copy": os.path.normpath(os.path.join(folder, copy))})
    return Entry(**value)


def order(name: str) -> list[str]:
    """By what `walk` sorts the paths of a tree."""
    return name.split("/")


def walk(tree: Path, skip: frozenset[Path], skipped: list[str]) -> Iterator[tuple[str, os.DirEntry[str]]]:
    """Everything in `tree` by its path in it, each folder at once followed by what it holds.

    Folders that no guard looks into, those of `skip` among them, are added to `skipped` instead.
    """
    open_folders = [("", _children(os.fspath(tree)))]
    while open_folders:
        prefix, children = open_folders[-1]
        if (found := next(children, None)) is None:
            open_folders.pop()
            continue
        relative = prefix + found.name
        is_folder = found.is_dir(follow_symlinks=False)
        if is_folder and _is_skipped(found, skip):
            skipped.append(relative)
            continue
        yield relative, found
        if is_folder:
            open_folders.append((relative + "/", _children(found.path)))


def _children(folder: str) -> Iterator[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as entries:
            return iter(sorted(entries, key=lambda each: each.name))
    except (FileNotFoundError, NotADirectoryError, PermissionError):
        return iter(())  # what we may not read, no build of ours writes


def _is_skipped(found: os.DirEntry[str], skip: frozenset[Path]) -> bool:
    """Git's own folder, our state, an environment: nothing that a build may leave its mark in."""
    return found.name in _NEVER or Path(found.path) in skip or os.path.exists(os.path.join(found.path, "pyvenv.cfg"))


def is_looked_into(folder: Path) -> bool:
    """Say whether a guard minds what is in `folder`: not in git's own, node's, or an environment."""
    return folder.name not in _NEVER and not os.path.exists(folder / "pyvenv.cfg")


def entry_of(found: os.DirEntry[str]) -> Entry:
    """What a listing says of it, but for a copy."""
    status = found.stat(follow_symlinks=False)
    mode = stat.S_IMODE(status.st_mode)
    if stat.S_ISLNK(status.st_mode):
        return Entry("link", 0, "", os.readlink(found.path))
    if stat.S_ISDIR(status.st_mode):
        return Entry("folder", mode)
    kind = "file" if stat.S_ISREG(status.st_mode) else "special"
    return Entry(kind, mode, f"{identity_of(status)}:{status.st_ino}:{status.st_ctime_ns}")


def identity_of(status: os.stat_result) -> str:
    """Size and time of the last change of a file, else its kind."""
    if stat.S_ISREG(status.st_mode):
        return f"{status.st_size}:{status.st_mtime_ns}"
    return "folder" if stat.S_ISDIR(status.st_mode) else "special"
