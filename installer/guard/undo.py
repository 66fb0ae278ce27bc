"""Bringing a tree back to what it held. May be run again after being cut short at any line."""

from __future__ import annotations

import stat
from pathlib import Path
from typing import TYPE_CHECKING

from installer import files
from installer.errors import InstallerError
from installer.frozen import dataclass, replace
from installer.guard.aside import is_artefact, move_aside, outermost
from installer.guard.capture import Changes, changes, identity, mode_of, told, told_before
from installer.guard.listing import Entry, Listing, is_looked_into, load

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


@dataclass(frozen=True, slots=True)
class Outcome:
    """What `revert` could not do, what it left as the user has it, and what it set aside."""

    problems: tuple[str, ...] = ()
    conflicts: tuple[str, ...] = ()
    kept: tuple[str, ...] = ()


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
    went = frozenset(found.went)
    there = {name: entry for name, entry in listing.rows() if entry.copy and name not in went}
    changed = tuple(dict.fromkeys((*found.changed, *there)))
    return replace(found, before={**found.before, **there}, changed=changed)


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
                self._trying(name, self._put_back, name, found.before[name])
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
        elif is_artefact(self.tree, name) and (name.endswith(".pyc") or told(path) == (self.ours or {})[name]):
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
        now = told(path)
        if now == told_before(entry) or (entry.kind == "file" and not entry.copy and _is_untouched(path, entry)):
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
        self._make_way(name, path, entry, now)
        self._bring(path, entry)

    def _make_way(self, name: str, path: Path, entry: Entry, now: str) -> None:
        """What is ours is written over; a folder, and what nobody knows the origin of, is set aside."""
        self._open(path.parent)
        if now == "folder" or (self.ours is None and now != "absent"):
            move_aside(path, self.kept / name)
            self.moved.append(name)
        elif now != "absent" and entry.kind == "folder":
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
        mode = mode_of(folder)
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


def _is_untouched(path: Path, entry: Entry) -> bool:
    """Say whether a file of which there is no copy has its size and time still: only its mode may have changed."""
    return identity(path) == _size_and_time(entry)


def _size_and_time(entry: Entry) -> str:
    return ":".join(entry.identity.split(":")[:2])
