"""The tree guard: what a tree of the user's held before a third-party command, and bringing it back to that.

A build backend writes where it likes (`build/`, `*.egg-info`, a compiled `.so` beside its source). `note` lists the
tree and copies what it holds, up to a limit; `changes` says afterwards what came, changed or went; `revert` undoes it.
A guard cannot tell a build's file from one that the user saved in the same minute: what came is moved to the kept
folder, but for names that only build tools use.
"""

from __future__ import annotations

import json
import os
import stat
from dataclasses import dataclass, field
from fnmatch import fnmatch
from pathlib import Path
from typing import TYPE_CHECKING

from installer import files

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

LIMIT_BYTES = 64 << 20
LIMIT_FILES = 20_000
_LARGEST = 16 << 20
_NEVER = frozenset({".git", "node_modules"})
_ARTEFACTS = (
    "*.egg-info",
    "build",
    "__pycache__",
    "*.pyc",
    "*.so",
    "*.pyd",
    "*.dylib",
    "*.o",
    ".eggs",
    "_skbuild",
    ".pdm-build",
    ".mesonpy-*",
)


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing in a tree: its kind, mode, identity, link target, and the name of its copy ("" = none was made)."""

    kind: str
    mode: int = 0
    identity: str = ""
    target: str = ""
    copy: str = ""
    sha256: str = ""


@dataclass(frozen=True, slots=True)
class Listing:
    """A tree as it was. `skipped` are folders below it that the guard does not look into."""

    entries: Mapping[str, Entry]
    skipped: tuple[str, ...]
    uncopied: int = 0


@dataclass(frozen=True, slots=True)
class Changes:
    """What is different from a listing, by relative path."""

    came: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    went: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Outcome:
    """What `revert` could not do, what it left as the user has it, and what it set aside."""

    problems: tuple[str, ...] = ()
    conflicts: tuple[str, ...] = ()
    kept: tuple[str, ...] = ()


@dataclass(slots=True)
class Copies:
    """Copies that this run made already, by path and identity: a file is copied once however many guards see it."""

    known: dict[tuple[str, str], tuple[str, str]] = field(default_factory=dict)


def note(tree: Path, listing_file: Path, *, skip: frozenset[Path], copies: Copies) -> Listing:
    """List `tree` and copy what it holds beside `listing_file`. Writes only there; durable after the caller's sync."""
    folder = listing_file.with_suffix(".files")
    files.make_folder(folder)
    entries: dict[str, Entry] = {}
    skipped: list[str] = []
    room, uncopied = LIMIT_BYTES, 0
    for relative, found in _walk(tree, skip, skipped):
        entry = _entry(found)
        if entry.kind == "file":
            key = (found.path, entry.identity)
            size = found.stat(follow_symlinks=False).st_size
            if key not in copies.known and size <= min(room, _LARGEST) and len(copies.known) < LIMIT_FILES:
                target = folder / str(len(entries))
                digest = files.copy(Path(found.path), target, durable=False)
                copies.known[key] = (str(target), digest)
                room -= size
            copy, digest = copies.known.get(key, ("", ""))
            uncopied += not copy
            entry = Entry(entry.kind, entry.mode, entry.identity, "", copy, digest)
        entries[relative] = entry
    listing = Listing(entries=entries, skipped=tuple(skipped), uncopied=uncopied)
    files.replace(listing_file, _dump(listing))
    return listing


def changes(tree: Path, listing: Listing, *, skip: frozenset[Path]) -> Changes:
    """What came, changed or went since `listing` was noted."""
    now = {relative: _entry(found) for relative, found in _walk(tree, skip | _skipped(tree, listing), [])}
    return Changes(
        came=tuple(name for name in now if name not in listing.entries),
        changed=tuple(name for name, entry in now.items() if _differs(listing.entries.get(name), entry)),
        went=tuple(name for name in listing.entries if name not in now),
    )


def revert(
    tree: Path,
    listing_file: Path,
    kept: Path,
    *,
    skip: frozenset[Path],
    ours: Mapping[str, str],
    finished: bool,
    suffix: str,
) -> Outcome:
    """Bring `tree` back to what `listing_file` says. May be run again after being cut short at any line.

    `ours` maps what the finished step left changed to its identity then: what the user edited since is left, with the
    earlier version beside it as `<name><suffix>`. A change that is in no step's account (`finished`, yet not in `ours`)
    is the user's too.
    """
    try:
        listing = load(listing_file)
    except (OSError, ValueError, KeyError) as error:
        return Outcome(problems=(f"{tree}: the note of what it held cannot be read: {error}",))
    found = changes(tree, listing, skip=skip)
    if finished:
        moved = _take_away(tree, [name for name in found.came if name in ours], kept)
    else:
        moved = [each for each in outermost(found.came) if _set_aside(tree, each, kept)]
    problems: list[str] = []
    conflicts: list[str] = []
    for name in sorted((*found.changed, *found.went)):
        entry = listing.entries[name]
        if finished and name not in ours:
            continue  # the step left it alone: whoever changed it since, it was not us
        if finished and identity(tree / name) != ours[name]:
            _put_beside(tree / name, entry, suffix)
            conflicts.append(name)
        elif problem := _restore(tree / name, entry, kept / name, cut_short=not finished):
            problems.append(problem)
    return Outcome(problems=tuple(problems), conflicts=tuple(conflicts), kept=tuple(moved))


def left_behind(tree: Path, listing: Listing, *, skip: frozenset[Path]) -> dict[str, str]:
    """What a finished step made, changed or removed, with its identity now: given to `revert` as `ours`."""
    found = changes(tree, listing, skip=skip)
    return {name: identity(tree / name) for name in (*found.came, *found.changed, *found.went)}


def load(listing_file: Path) -> Listing:
    """Read a listing. Raises `OSError`, `ValueError` or `KeyError` if it is damaged."""
    data = json.loads(listing_file.read_bytes())
    entries = {name: Entry(**value) for name, value in data["entries"].items()}
    return Listing(entries=entries, skipped=tuple(data["skipped"]), uncopied=data["uncopied"])


def identity(path: Path) -> str:
    """Size and time of the last change of a file, "absent", or its kind: enough to see that somebody wrote to it."""
    try:
        return _identity(path.lstat())
    except FileNotFoundError:
        return "absent"


def _identity(status: os.stat_result) -> str:
    if stat.S_ISREG(status.st_mode):
        return f"{status.st_size}:{status.st_mtime_ns}"
    return "folder" if stat.S_ISDIR(status.st_mode) else "special"


def _walk(tree: Path, skip: frozenset[Path], skipped: list[str]) -> Iterator[tuple[str, os.DirEntry[str]]]:
    pending = [("", os.fspath(tree))]
    while pending:
        prefix, folder = pending.pop()
        try:
            entries = sorted(os.scandir(folder), key=lambda each: each.name)
        except (FileNotFoundError, NotADirectoryError):
            continue
        for entry in entries:
            relative = prefix + entry.name
            if entry.is_dir(follow_symlinks=False):
                if _is_skipped(entry, skip):
                    skipped.append(relative)
                    continue
                pending.append((relative + "/", entry.path))
            yield relative, entry


def _is_skipped(entry: os.DirEntry[str], skip: frozenset[Path]) -> bool:
    """Git's own folder, our state, an environment: nothing that a build may leave its mark in."""
    return entry.name in _NEVER or Path(entry.path) in skip or os.path.exists(os.path.join(entry.path, "pyvenv.cfg"))


def _skipped(tree: Path, listing: Listing) -> frozenset[Path]:
    return frozenset(tree / name for name in listing.skipped)


def _entry(found: os.DirEntry[str]) -> Entry:
    status = found.stat(follow_symlinks=False)
    mode = stat.S_IMODE(status.st_mode)
    if stat.S_ISLNK(status.st_mode):
        return Entry("link", 0, "", os.readlink(found.path))
    if stat.S_ISDIR(status.st_mode):
        return Entry("folder", mode)
    kind = "file" if stat.S_ISREG(status.st_mode) else "special"
    return Entry(kind, mode, f"{_identity(status)}:{status.st_ino}:{status.st_ctime_ns}")


def _differs(before: Entry | None, now: Entry) -> bool:
    return before is not None and (
        (before.kind, before.mode, before.identity, before.target) != (now.kind, now.mode, now.identity, now.target)
    )


def is_artefact(tree: Path, name: str) -> bool:
    """Say whether only a build tool makes this: by its name, that of a folder it lies in, or a `.pyx` beside a `.c`."""
    stem, _, suffix = name.rpartition(".")
    if suffix in {"c", "cpp"} and (tree / f"{stem}.pyx").exists():
        return True
    return any(fnmatch(part, pattern) for part in name.split("/") for pattern in _ARTEFACTS)


def outermost(names: tuple[str, ...]) -> list[str]:
    """Of a set of paths those that are not below another of them."""
    chosen: list[str] = []
    for name in sorted(names, key=lambda each: each.split("/")):
        if not chosen or not name.startswith(chosen[-1] + "/"):
            chosen.append(name)
    return chosen


def _take_away(tree: Path, names: list[str], kept: Path) -> list[str]:
    """Take away what a finished step made, file by file: what the user added to its folders since then stays."""
    moved = []
    for name in sorted(names, reverse=True):  # what a folder holds before the folder
        path = tree / name
        if path.is_dir() and not path.is_symlink():
            files.remove_folder(path)
        elif _set_aside(tree, name, kept):
            moved.append(name)
    return moved


def _set_aside(tree: Path, name: str, kept: Path) -> bool:
    """Remove a build's artefact, move anything else to the kept folder; says whether it was moved."""
    path = tree / name
    if is_artefact(tree, name):
        files.remove_tree(path)
        return False
    move_aside(path, kept / name)
    return True


def move_aside(path: Path, target: Path) -> None:
    """Move what is at `path` to `target`, or to the first free name after it."""
    free, number = target, 1
    while files.exists(free):
        number += 1
        free = target.with_name(f"{target.name}_{number}")
    files.make_folder(free.parent)
    files.rename(path, free)


def _put_beside(path: Path, entry: Entry, suffix: str) -> None:
    beside = path.with_name(path.name + suffix)
    if entry.copy and path.parent.is_dir() and not files.exists(beside):
        files.copy(Path(entry.copy), beside, mode=entry.mode)


def _restore(path: Path, entry: Entry, kept: Path, *, cut_short: bool) -> str:
    """Put back one entry; returns what is wrong, or nothing."""
    try:
        if entry.kind == "folder":
            _restore_folder(path, entry)
        elif entry.kind == "link":
            files.remove_tree(path)
            files.make_folder(path.parent, mode=0o755)
            files.link(entry.target, path)
        elif entry.kind == "file":
            return _restore_file(path, entry, kept, cut_short=cut_short)
    except OSError as error:
        return f"{path}: {error.strerror}"
    return ""


def _restore_folder(path: Path, entry: Entry) -> None:
    if not path.is_dir():
        files.remove_tree(path)
        files.make_folder(path, mode=entry.mode)
    files.change_mode(path, entry.mode)


def _restore_file(path: Path, entry: Entry, kept: Path, *, cut_short: bool) -> str:
    if not entry.copy:
        return f"{path} was changed and is too large to have been copied; your version control has it"
    now = files.digest(path)
    if now == f"sha256:{entry.sha256}":
        _as_it_was(path, entry)
        return ""
    if files.sha256(Path(entry.copy)) != entry.sha256:
        return f"{path}: its backup {entry.copy} is damaged; nothing was changed"
    if cut_short and now.startswith("sha256:"):
        move_aside(path, kept)
    files.make_folder(path.parent, mode=0o755)
    if path.is_dir() and not path.is_symlink():
        move_aside(path, kept)
    files.copy(Path(entry.copy), path, mode=entry.mode)
    _as_it_was(path, entry)
    return ""


def _as_it_was(path: Path, entry: Entry) -> None:
    """Mode and time: an earlier step's account of the file goes by its time, and so does the user's `make`."""
    files.change_mode(path, entry.mode)
    files.set_time(path, int(entry.identity.split(":")[1]))


def _dump(listing: Listing) -> bytes:
    entries = {
        name: {key: value for key in Entry.__slots__ if (value := getattr(entry, key)) or key == "kind"}
        for name, entry in listing.entries.items()
    }
    return json.dumps({"entries": entries, "skipped": listing.skipped, "uncopied": listing.uncopied}).encode()
