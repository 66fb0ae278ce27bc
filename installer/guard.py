"""The tree guard: what a tree of the user's held before a third-party command, and bringing it back to that.

A build backend writes where it likes (`build/`, `*.egg-info`, a compiled `.so` beside its source). `note` lists the
tree and copies what it holds, up to a limit; `changes` says afterwards what came, changed or went; `revert` undoes it.
A guard cannot tell a build's file from one that the user saved in the same minute: what came is moved to the kept
folder, but for names that only build tools use.
"""

from __future__ import annotations

import os
import stat
from contextlib import suppress
from fnmatch import fnmatch
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from installer import files, sealed
from installer.errors import InstallerError
from installer.frozen import dataclass, field, replace

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

LIMIT_BYTES = 64 << 20
LIMIT_FILES = 20_000
_LARGEST = 16 << 20
_NEVER = frozenset({".git", "node_modules"})
ARTEFACTS = (
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
    """A tree as it was. `skipped` are folders below it that the guard does not look into; `mode` is its own."""

    entries: Mapping[str, Entry]
    skipped: tuple[str, ...]
    uncopied: int = 0
    mode: int = 0


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
    left_out: int = 0  # files over the limit, in all listings so far


def note(tree: Path, listing_file: Path, *, skip: frozenset[Path], copies: Copies) -> Listing:
    """List `tree` and copy what it holds beside `listing_file`. Writes only there; durable after the caller's sync."""
    folder = listing_file.with_suffix(".files")
    files.make_folder(folder, durable=False)
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
                with suppress(PermissionError):  # what we may not read, a build of ours does not change
                    copies.known[key] = (str(target), files.copy(Path(found.path), target, durable=False))
                    room -= size
            copy, digest = copies.known.get(key, ("", ""))
            uncopied += not copy
            entry = Entry(entry.kind, entry.mode, entry.identity, "", copy, digest)
        entries[relative] = entry
    mode = stat.S_IMODE(tree.stat().st_mode)
    copies.left_out += uncopied
    listing = Listing(entries=entries, skipped=tuple(skipped), uncopied=uncopied, mode=mode)
    files.replace(listing_file, _dump(listing, listing_file.parent), lasting="nothing")
    return listing


def changes(tree: Path, listing: Listing, *, skip: frozenset[Path]) -> Changes:
    """What came, changed or went since `listing` was noted. What came and is not looked into is named as a whole."""
    skipped: list[str] = []
    now = {relative: _entry(found) for relative, found in _walk(tree, skip | _skipped(tree, listing), skipped)}
    whole = [
        name
        for name in skipped
        if name not in listing.skipped and tree / name not in skip and name.rpartition("/")[2] != ".git"
    ]
    return Changes(
        came=(*(name for name in now if name not in listing.entries), *whole),
        changed=tuple(name for name, entry in now.items() if _differs(listing.entries.get(name), entry)),
        went=tuple(name for name in listing.entries if name not in now and name not in whole),
    )


def revert(
    tree: Path,
    listing_file: Path,
    kept: Path,
    *,
    skip: frozenset[Path],
    ours: Mapping[str, str] | None,
    suffix: str,
) -> Outcome:
    """Bring `tree` back to what `listing_file` says. May be run again after being cut short at any line.

    `ours` maps what the finished step left changed to its digest then: what the user edited since is left, with the
    earlier version beside it as `<name><suffix>`; a change that is not in it is the user's too. None: the step was cut
    short, so that nobody knows whose a change is; whatever must give way is set aside.
    """
    try:
        listing = load(listing_file)
    except (OSError, ValueError, KeyError, TypeError) as error:
        return Outcome(problems=(f"{tree}: the note of what it held cannot be read: {error}",))
    if tree.is_symlink() or (files.exists(tree) and not tree.is_dir()):
        return Outcome(problems=(f"{tree}: it was a folder and is none now; nothing was changed",))
    found = changes(tree, listing, skip=skip)
    return _Revert(tree, listing, kept, ours, suffix).perform(found if ours is not None else _doubted(found, listing))


def _doubted(found: Changes, listing: Listing) -> Changes:
    """A power cut may keep the bytes that were written over a file and lose its new time: by its copy it is told."""
    there = (name for name, entry in listing.entries.items() if entry.copy and name not in found.went)
    return replace(found, changed=tuple(dict.fromkeys((*found.changed, *there))))


def left_behind(tree: Path, listing: Listing, *, skip: frozenset[Path]) -> dict[str, str]:
    """What a finished step made, changed or removed, with its digest now: given to `revert` as `ours`."""
    found = changes(tree, listing, skip=skip)
    left = {name: _told(tree / name) for name in (*found.came, *found.went)}
    for name in found.changed:
        now, before = _told(tree / name), listing.entries[name]
        if now != _before(before) or _mode(tree / name) != before.mode:
            left[name] = now
    if tree.is_dir() and _mode(tree) != listing.mode:
        left["."] = "folder"
    return left


def load(listing_file: Path) -> Listing:
    """Read a listing. Raises `OSError`, `ValueError`, `KeyError` or `TypeError` if it is damaged."""
    data = sealed.load(files.content(listing_file))
    if not all(files.is_below(name) for name in (*data["entries"], *data["skipped"])):
        raise ValueError("a name that leaves the tree")
    entries = {name: _loaded(value, listing_file.parent) for name, value in data["entries"].items()}
    return Listing(entries=entries, skipped=tuple(data["skipped"]), uncopied=data["uncopied"], mode=data.get("mode", 0))


def identity(path: Path) -> str:
    """Size and time of the last change of a file, a link's target, "absent", or its kind: enough to see a change."""
    try:
        status = path.lstat()
    except (FileNotFoundError, NotADirectoryError):
        return "absent"
    return "link:" + os.readlink(path) if stat.S_ISLNK(status.st_mode) else _identity(status)


def _identity(status: os.stat_result) -> str:
    if stat.S_ISREG(status.st_mode):
        return f"{status.st_size}:{status.st_mtime_ns}"
    return "folder" if stat.S_ISDIR(status.st_mode) else "special"


def _told(path: Path) -> str:
    try:
        return files.digest(path)
    except PermissionError:
        return "other"


def _before(entry: Entry) -> str:
    """The digest that an entry had."""
    match entry.kind:
        case "file":
            return f"sha256:{entry.sha256}"
        case "link":
            return f"link:{entry.target}"
        case "folder":
            return "folder"
    return "other"


def _mode(path: Path) -> int:
    status = path.lstat()
    return 0 if stat.S_ISLNK(status.st_mode) else stat.S_IMODE(status.st_mode)


def _walk(tree: Path, skip: frozenset[Path], skipped: list[str]) -> Iterator[tuple[str, os.DirEntry[str]]]:
    pending = [("", os.fspath(tree))]
    while pending:
        prefix, folder = pending.pop()
        try:
            entries = sorted(os.scandir(folder), key=lambda each: each.name)
        except (
            FileNotFoundError,
            NotADirectoryError,
            PermissionError,
        ):  # what we may not read, no build of ours writes
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
    return any(fnmatch(part, pattern) for part in name.split("/") for pattern in ARTEFACTS)


def outermost(names: tuple[str, ...]) -> list[str]:
    """Of a set of paths those that are not below another of them."""
    chosen: list[str] = []
    for name in sorted(names, key=lambda each: each.split("/")):
        if not chosen or not name.startswith(chosen[-1] + "/"):
            chosen.append(name)
    return chosen


def move_aside(path: Path, target: Path, *, durable: bool = True) -> None:
    """Move what is at `path` to `target`, or to the first free name after it. `durable`: as in `files.rename`."""
    folder = _folder(target.parent)
    free, number = folder / target.name, 1
    while files.exists(free):
        number += 1
        free = folder / f"{target.name}_{number}"
    try:
        files.rename(path, free, durable=durable)
    except PermissionError:
        if path.is_symlink() or not path.is_dir():
            raise
        mode = _mode(path)
        files.change_mode(path, 0o700, durable=False)  # a read-only folder cannot be given another parent
        files.rename(path, free, durable=durable)
        files.change_mode(free, mode, durable=durable)


def _folder(path: Path) -> Path:
    """A folder at `path`, or at the first name after it that is no file."""
    if path.is_dir():
        return path
    parent = _folder(path.parent)
    free, number = parent / path.name, 1
    while files.exists(free) and not free.is_dir():
        number += 1
        free = parent / f"{path.name}_{number}"
    files.make_folder(free)
    return free


class _Revert:
    """One way back: what it knows, and what came of it."""

    def __init__(self, tree: Path, listing: Listing, kept: Path, ours: Mapping[str, str] | None, suffix: str) -> None:
        self.tree = tree
        self.listing = listing
        self.kept = kept
        self.ours = ours
        self.suffix = suffix
        self.moved: list[str] = []
        self.problems: list[str] = []
        self.conflicts: list[str] = []
        self._modes: dict[Path, int] = {}
        self._touched = False  # was a mode or a time put right?

    def perform(self, found: Changes) -> Outcome:
        """Take away what came, put back the rest, folders before what they hold; the folders' modes come last."""
        for name in found.came:
            if files.is_temporary(name.rpartition("/")[2]):
                files.remove(self.tree / name, durable=False)
        came = [name for name in found.came if not files.is_temporary(name.rpartition("/")[2])]
        self._take_away(came)
        for name in sorted((*found.changed, *found.went)):
            if self.ours is None or name in self.ours:
                self._trying(name, self._put_back, name, self.listing.entries[name])
        if self.listing.mode and self.tree.is_dir() and (self.ours is None or "." in self.ours):
            self._modes[self.tree] = self.listing.mode
        for path in sorted(filter(files.exists, self._modes), reverse=True):
            self._trying(str(path), self._change_mode, path, self._modes[path])
        if (found.came or self._touched) and self.tree.is_dir():
            files.sync_tree(self.tree)  # once for all that needs no order among itself
        return Outcome(problems=tuple(self.problems), conflicts=tuple(self.conflicts), kept=tuple(self.moved))

    def _trying(self, name: str, deed: Callable[..., None], *args: object) -> None:
        """One that cannot be done does not stop the others."""
        try:
            deed(*args)
        except OSError as error:
            self.problems.append(f"{self.tree / name}: {error.strerror or error}")
        except InstallerError as error:
            self.problems.append(f"{self.tree / name}: {error}")

    def _take_away(self, came: list[str]) -> None:
        if self.ours is None:
            for name in outermost(tuple(came)):
                self._trying(name, self._discard if is_artefact(self.tree, name) else self._set_aside, name)
            return
        for name in sorted(came, reverse=True):  # file by file, what a folder holds before the folder
            if name in self.ours:
                self._trying(name, self._take_away_one, name)

    def _take_away_one(self, name: str) -> None:
        """What the user added to a folder of the step's stays, and so the folder does."""
        path = files.below(self.tree, name)
        if path.is_dir() and not path.is_symlink() and is_looked_into(path):
            self._open(path.parent)
            files.remove_folder(path, durable=False)
        elif is_artefact(self.tree, name) and (name.endswith(".pyc") or _told(path) == (self.ours or {})[name]):
            self._discard(name)
        else:
            self._set_aside(name)

    def _discard(self, name: str) -> None:
        files.remove_tree(files.below(self.tree, name), durable=False)

    def _set_aside(self, name: str) -> None:
        path = files.below(self.tree, name)
        if files.exists(path):
            self._open(path.parent)
            move_aside(path, self.kept / name, durable=False)  # nothing takes its place: `perform` syncs at its end
            self.moved.append(name)

    def _put_back(self, name: str, entry: Entry) -> None:
        path = files.below(self.tree, name)
        now = _told(path)
        if now == _before(entry) or (entry.kind == "file" and not entry.copy and _is_untouched(path, entry)):
            self._as_it_was(path, entry)
            return
        if entry.kind == "file" and not entry.copy:
            self.problems.append(
                f"{path} was changed and is too large to have been copied; your version control has it"
            )
            return
        if entry.kind == "special":
            self.problems.append(f"{path} was a pipe, a socket or a device, which cannot be brought back")
            return
        if entry.kind == "file" and files.digest(Path(entry.copy)) != f"sha256:{entry.sha256}":
            self.problems.append(f"{path}: its backup {entry.copy} is missing or damaged; nothing was changed")
            return
        if self.ours is not None and now not in {self.ours[name], "absent"}:
            self._put_beside(path, entry)
            self.conflicts.append(name)
            return
        self._make_way(name, path, now)
        self._bring(path, entry)

    def _make_way(self, name: str, path: Path, now: str) -> None:
        """What is ours is written over; a folder, and what nobody knows the origin of, is set aside."""
        self._open(path.parent)
        if now == "folder" or (self.ours is None and now != "absent"):
            move_aside(path, self.kept / name)
            self.moved.append(name)
        elif now != "absent" and self.listing.entries[name].kind == "folder":
            files.remove(path)

    def _bring(self, path: Path, entry: Entry) -> None:
        if entry.kind == "link":
            files.link(entry.target, path)
            return
        if entry.kind == "folder":
            files.make_folder(path, mode=entry.mode | 0o700)
        else:
            files.copy(Path(entry.copy), path, mode=entry.mode)
        self._as_it_was(path, entry)

    def _as_it_was(self, path: Path, entry: Entry) -> None:
        """Mode and time: an earlier step's account of the file goes by its time, and so does the user's `make`."""
        if entry.kind == "folder":
            self._modes[path] = entry.mode
        elif entry.kind != "link":
            self._change_mode(path, entry.mode)
        if entry.kind == "file" and identity(path) != _size_and_time(entry):
            files.set_time(path, int(entry.identity.split(":")[1]))
            self._touched = True

    def _open(self, folder: Path) -> None:
        """Make `folder` if it is gone, and writable while we work in it."""
        if not folder.is_dir():
            mode = self.listing.mode if folder == self.tree and self.listing.mode else 0o755
            files.make_folder(folder, mode=mode)
        mode = _mode(folder)
        if not (mode & stat.S_IWUSR and mode & stat.S_IXUSR):
            self._modes.setdefault(folder, mode)
            self._change_mode(folder, mode | 0o700)

    def _change_mode(self, path: Path, mode: int) -> None:
        self._touched |= files.change_mode(path, mode, durable=False)

    def _put_beside(self, path: Path, entry: Entry) -> None:
        beside = path.with_name(path.name + self.suffix)
        if not path.parent.is_dir() or files.exists(beside):
            return
        if entry.kind == "link":
            files.link(entry.target, beside)
        elif entry.kind == "file":
            files.copy(Path(entry.copy), beside, mode=entry.mode)


def is_looked_into(folder: Path) -> bool:
    """Say whether a guard minds what is in `folder`: not in git's own, node's, or an environment."""
    return folder.name not in _NEVER and not os.path.exists(folder / "pyvenv.cfg")


def _is_untouched(path: Path, entry: Entry) -> bool:
    """Say whether a file of which there is no copy has its size and time still: only its mode may have changed."""
    return identity(path) == _size_and_time(entry)


def _size_and_time(entry: Entry) -> str:
    return ":".join(entry.identity.split(":")[:2])


def _loaded(value: dict[str, Any], folder: Path) -> Entry:
    """An entry of a listing in `folder`; its copy is named from there, so that the project may be moved."""
    copy = value.get("copy", "")
    if os.path.isabs(copy):
        raise ValueError("a copy outside of the stash")
    return Entry(**value | ({"copy": os.path.normpath(folder / copy)} if copy else {}))


def _dump(listing: Listing, folder: Path) -> bytes:
    entries: dict[str, dict[str, Any]] = {
        name: {key: value for key, value in zip(Entry._fields, entry, strict=True) if value or key == "kind"}
        for name, entry in listing.entries.items()
    }
    for each in entries.values():
        if "copy" in each:
            each["copy"] = os.path.relpath(each["copy"], folder)
    whole = {"entries": entries, "skipped": listing.skipped, "uncopied": listing.uncopied, "mode": listing.mode}
    return sealed.dump(whole)
