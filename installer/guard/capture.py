"""What a tree holds before a third-party command, and what is different after it."""

from __future__ import annotations

import os
import stat
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from installer import files
from installer.frozen import dataclass, field
from installer.guard import listing as listings
from installer.guard.listing import Entry, Listing, identity_of, order, walk

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

LIMIT_BYTES = 64 << 20
LIMIT_FILES = 20_000
_LARGEST = 16 << 20


@dataclass(frozen=True, slots=True)
class Changes:
    """What is different from a listing, by relative path; `before` has what was listed of what changed or went."""

    before: Mapping[str, Entry]
    came: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    went: tuple[str, ...] = ()


class _Copy(NamedTuple):
    """A copy: its folder, its name in there, its sha256. As small as can be: there are twenty thousand."""

    folder: str
    name: int
    sha256: bytes


@dataclass(slots=True)
class Copies:
    """Copies that this run made already, by path and identity: a file is copied once however many guards see it."""

    known: dict[str, _Copy] = field(default_factory=dict)
    left_out: int = 0  # files over the limit, in all listings so far


class _Noting:
    """One look at a tree: what could not be copied, and how many bytes still may."""

    def __init__(self, tree: Path, listing_file: Path, skip: frozenset[Path], copies: Copies) -> None:
        self.tree = tree
        self.skip = skip
        self.copies = copies
        self.folder = os.fspath(listing_file.with_suffix(".files"))
        self.beside = listing_file.parent
        self.skipped: list[str] = []
        self.last: dict[str, Any] = {}  # Any: JSON
        self.uncopied = 0
        self.room = LIMIT_BYTES

    def lines(self) -> Iterator[bytes]:
        mode = stat.S_IMODE(self.tree.stat().st_mode)
        for number, (relative, found) in enumerate(walk(self.tree, self.skip, self.skipped)):
            entry = listings.entry_of(found)
            yield listings.written(relative, self._kept(found, entry, number), self.beside)
        self.last.update({"skipped": self.skipped, "uncopied": self.uncopied, "mode": mode})

    def _kept(self, found: os.DirEntry[str], entry: Entry, number: int) -> Entry:
        """The entry with its copy, which is made if there is room for it."""
        if entry.kind != "file":
            return entry
        key = f"{found.path}\0{entry.identity}"
        known = self.copies.known
        size = found.stat(follow_symlinks=False).st_size
        if key not in known and size <= min(self.room, _LARGEST) and len(known) < LIMIT_FILES:
            with suppress(PermissionError):  # what we may not read, a build of ours does not change
                digest = files.copy(Path(found.path), Path(self.folder, str(number)), durable=False)
                known[key] = _Copy(self.folder, number, bytes.fromhex(digest))
                self.room -= size
        if (copy := known.get(key)) is None:
            self.uncopied += 1
            return entry
        return entry._replace(copy=f"{copy.folder}{os.sep}{copy.name}", sha256=copy.sha256.hex())


def note(tree: Path, listing_file: Path, *, skip: frozenset[Path], copies: Copies) -> Listing:
    """List `tree` and copy what it holds beside `listing_file`. Writes only there; durable after the caller's sync."""
    noting = _Noting(tree, listing_file, skip, copies)
    files.make_folder(Path(noting.folder), durable=False)
    files.replace(listing_file, listings.sealed_lines(noting.lines(), noting.last), lasting="nothing")
    copies.left_out += noting.uncopied
    last = noting.last
    return Listing(file=listing_file, skipped=tuple(last["skipped"]), uncopied=last["uncopied"], mode=last["mode"])


def changes(tree: Path, listing: Listing, *, skip: frozenset[Path]) -> Changes:
    """What came, changed or went since `listing` was noted. What came and is not looked into is named as a whole."""
    skipped: list[str] = []
    came: list[str] = []
    changed: dict[str, Entry] = {}
    went: dict[str, Entry] = {}
    known = skip | frozenset(tree / name for name in listing.skipped)
    rows = listing.rows()
    before = next(rows, None)
    for name, found in walk(tree, known, skipped):
        while before and before[0] != name and order(before[0]) < order(name):
            went[before[0]] = before[1]
            before = next(rows, None)
        if before and before[0] == name:
            if _differs(before[1], listings.entry_of(found)):
                changed[name] = before[1]
            before = next(rows, None)
        else:
            came.append(name)
    while before:
        went[before[0]] = before[1]
        before = next(rows, None)
    whole = [
        name
        for name in skipped
        if name not in listing.skipped and tree / name not in skip and name.rpartition("/")[2] != ".git"
    ]
    return Changes(
        before=changed | went,
        came=(*came, *whole),
        changed=tuple(changed),
        went=tuple(name for name in went if name not in whole),
    )


def left_behind(tree: Path, listing: Listing, *, skip: frozenset[Path]) -> dict[str, str]:
    """What a finished step made, changed or removed, with its digest now: given to `revert` as `ours`."""
    found = changes(tree, listing, skip=skip)
    left = {name: told(tree / name) for name in (*found.came, *found.went)}
    for name in found.changed:
        now, before = told(tree / name), found.before[name]
        if now != told_before(before) or mode_of(tree / name) != before.mode:
            left[name] = now
    if tree.is_dir() and mode_of(tree) != listing.mode:
        left["."] = "folder"
    return left


def identity(path: Path) -> str:
    """Size and time of the last change of a file, a link's target, "absent", or its kind: enough to see a change."""
    try:
        status = path.lstat()
    except (FileNotFoundError, NotADirectoryError):
        return "absent"
    return "link:" + os.readlink(path) if stat.S_ISLNK(status.st_mode) else identity_of(status)


def identities(tree: Path) -> dict[str, str]:
    """The `identity` of everything below `tree`, by relative path."""
    found: dict[str, str] = {}
    for name, entry in files.walk(tree):
        with suppress(FileNotFoundError):
            status = entry.stat(follow_symlinks=False)
            found[name] = "link:" + os.readlink(entry.path) if entry.is_symlink() else identity_of(status)
    return found


def told(path: Path) -> str:
    """The digest of what is at `path` now."""
    try:
        return files.digest(path)
    except PermissionError:
        return "other"


def told_before(entry: Entry) -> str:
    """The digest that an entry had."""
    match entry.kind:
        case "file":
            return f"sha256:{entry.sha256}"
        case "link":
            return f"link:{entry.target}"
        case "folder":
            return "folder"
    return "other"


def mode_of(path: Path) -> int:
    """The permission bits; 0 of a link."""
    status = path.lstat()
    return 0 if stat.S_ISLNK(status.st_mode) else stat.S_IMODE(status.st_mode)


def _differs(before: Entry, now: Entry) -> bool:
    return (before.kind, before.mode, before.identity, before.target) != (
        now.kind,
        now.mode,
        now.identity,
        now.target,
    )
