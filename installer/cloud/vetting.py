"""May a journal from elsewhere be believed? Its undo lists are what a rollback here would do.

The checksums of a journal show damage, not an author. So what a run of Surefoot's own never does is refused; what it
may do, but what would hand the machine to whoever can write to the store, needs `trust`: commands, git's own files,
links that leave the project.
"""

from __future__ import annotations

import json
import posixpath
from pathlib import Path
from typing import TYPE_CHECKING

from installer import journal
from installer.cloud.manifest import refused
from installer.errors import Damaged, InstallerError, Refused
from installer.i18n import tr
from installer.model import Command, Delete, Exchange, Guard, Intent, Move, Opened, Prune, RelPath, Restore, Undo
from installer.state import Run, fold

if TYPE_CHECKING:
    from collections.abc import Iterator

    from installer.cloud.parcel import Parcel


def vet(parcel: Parcel, *, environment: str, trust: bool) -> Run:
    """The run in the parcel. Raises `Refused` if its journal is none, or would do what must not be done."""
    made = parcel.manifest
    try:
        reading = journal.decode(parcel.journal, Path("journal.jsonl"))
        run = fold(reading.entries)
    except Damaged as error:
        if error.code == "journal.newer":
            raise
        raise refused(error.message) from error
    except (InstallerError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise refused(tr("its journal cannot be read")) from error
    last = reading.entries[-1] if reading.entries else None
    if reading.torn or last is None or (last.seq, last.checksum) != (made.records, made.head):
        raise refused(tr("its journal is not the one that its list names"))
    opened = [each for each in reading.entries if isinstance(each.record, Opened)]
    if len(opened) != 1 or opened[0].seq != 1 or run.install_id != made.install_id:
        raise refused(tr("its journal is not the one that its list names"))
    inspector = _Inspector(parcel, environment)
    for entry in reading.entries:
        if isinstance(entry.record, Intent):
            for undo in entry.record.undo:
                inspector.look(undo)
    if inspector.far and not trust:
        raise Refused(
            "parcel.trust",
            tr(
                "taking this checkpoint back would reach further than a stranger's should: {what}",
                what=inspector.far[0],
            ),
            hint=tr("if you trust everyone who can write to that address, add --trust"),
        )
    return run


class _Inspector:
    """Looks at undo lists; `far` collects what needs trust."""

    def __init__(self, parcel: Parcel, environment: str) -> None:
        self.listings = parcel.listings
        state = parcel.manifest.state
        self.ours = (state, environment)
        self.stash = state / "stash" / parcel.manifest.install_id
        self.far: list[str] = []

    def look(self, undo: Undo) -> None:
        """Refuse what no run of ours has; note what needs trust."""
        for path in _paths(undo):
            if ".git" in path.casefold().split("/"):
                self.far.append(path)
        match undo:
            case Command(argv=argv):
                self.far.append(" ".join(map(str, argv)))
            case Delete(path=path, scratch=True) | Prune(path=path):
                if not any(path.within(tree) for tree in self.ours):
                    raise refused(tr("it would delete what is yours: {path}", path=path))
            case Restore(backup=backup, kind=kind):
                if kind == "file" and not self._in_stash(backup):
                    raise refused(tr("its copies lie elsewhere: {path}", path=backup))
                if kind == "link":
                    self._link(undo.path, undo.target)
            case Guard(path=path, listing=listing):
                self._listing(path, listing)

    def _in_stash(self, path: str) -> bool:
        return RelPath(path).within(self.stash) and path != self.stash

    def _link(self, path: str, target: str) -> None:
        if posixpath.isabs(target) or posixpath.normpath(posixpath.join(posixpath.dirname(path), target))[:2] == "..":
            self.far.append(f"{path} -> {target}")

    def _listing(self, tree: RelPath, listing: RelPath) -> None:
        """A listing names files of a tree and their copies: none may be elsewhere."""
        if not self._in_stash(listing):
            raise refused(tr("its copies lie elsewhere: {path}", path=listing))
        data = self.listings.get(RelPath("stash/" + listing[len(self.stash) + 1 :]))
        try:
            entries = json.loads(data or b"")["entries"]
            for name, entry in entries.items():
                path = RelPath(name)
                copy = posixpath.normpath(posixpath.join(listing.parent, entry["copy"])) if entry.get("copy") else ""
                if path != name or (copy and not self._in_stash(copy)):
                    raise refused(tr("its copies lie elsewhere: {path}", path=ascii(name)))
                if ".git" in name.casefold().split("/"):
                    self.far.append(name)
                if entry.get("target"):
                    self._link(tree / name, entry["target"])
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
            raise refused(tr("a list of copies cannot be read: {path}", path=listing)) from error


def _paths(undo: Undo) -> Iterator[str]:
    match undo:
        case Delete() | Restore() | Prune() | Guard():
            yield undo.path
        case Move():
            yield from (undo.path, undo.home)
        case Exchange():
            yield from (undo.first, undo.second)
