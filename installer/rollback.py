"""How a step is taken back: `capture` notes it before the step runs, `perform` does it.

`capture` reads the disk and writes only below the stash. Every undo here may be run again after being cut short, and
for a step that never began. What the user changed since is left alone or set aside, never deleted.
"""

from __future__ import annotations

import json
import os
import stat
from dataclasses import dataclass
from fnmatch import fnmatch
from typing import TYPE_CHECKING

from installer import files, guard
from installer.errors import InstallerError
from installer.model import (
    Command,
    Delete,
    Effect,
    Exchange,
    Guard,
    Lasting,
    Move,
    Prune,
    RelPath,
    Restore,
    Step,
    Undo,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from pathlib import Path

    from installer.state import StepState

GENERATION = "surefoot-generation"  # the file in an environment whose first line names the run that made it


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where steps work and where their undo is kept. `skip`: trees that no guard looks into."""

    root: Path
    state: RelPath
    install_id: str
    skip: frozenset[Path]
    copies: guard.Copies

    @property
    def stash(self) -> RelPath:
        """The folder of the run's backups."""
        return self.state / "stash" / self.install_id

    @property
    def kept(self) -> Path:
        """Where what is the user's goes when it is in the way."""
        return self.root / self.state / "kept" / self.install_id


@dataclass(frozen=True, slots=True, kw_only=True)
class Undoing:
    """How taking back one step went: what could not be done, what the user must decide, what was set aside."""

    problems: tuple[str, ...] = ()
    conflicts: tuple[str, ...] = ()
    kept: tuple[str, ...] = ()


def capture(step: Step, attempt: int, place: Place) -> tuple[Undo, ...]:
    """Note how to take `step` back. Writes only below the stash; all of it is durable on return."""
    effect = step.effect
    stash = place.stash / f"{step.id}.{attempt}"
    undo: list[Undo] = [Command(argv=effect.inverse)] if effect.inverse else []
    undo += [Exchange(first=first, second=second, mark=mark) for first, second, mark in effect.exchanges]
    undo += [Move(path=target, home=source) for source, target in effect.moves]
    backups = _Backups(place, stash)
    undo += [backups.before(path) for path in effect.touches]
    undo += [backups.guard(path) for path in effect.guards]
    undo += [_before_growth(place.root, path) for path in effect.grows]
    undo += [_absent(place.root, path, scratch=True) for path in effect.scratch]
    if effect.lasting:
        undo.append(Lasting(reason=effect.lasting))
    if backups.used:
        files.sync_tree(place.root / stash)
    return tuple(undo)


def left(step: Step, attempt: int, undo: tuple[Undo, ...], place: Place) -> dict[str, str]:
    """What the finished step left on the disk, by path: so that undo can tell ours from the user's later work.

    A file is named by its digest, a tree by a listing in the stash ("tree:PATH"), a guarded tree by the list of what
    was changed in it ("guard:PATH"), a folder that grew by the names that came ("grew:[…]").
    """
    folder = place.stash / f"{step.id}.{attempt}"
    digests: dict[str, str] = {}
    for number, path in enumerate(step.effect.touches):
        digests[path] = files.digest(place.root / path)
        if digests[path] == "folder":
            digests[path] = "tree:" + _list_tree(place, path, folder / f"left-{number}.json")
    for each in undo:
        if isinstance(each, Guard):
            listing = guard.load(place.root / each.listing)
            changed = guard.left_behind(place.root / each.path, listing, skip=place.skip)
            digests[each.path] = "guard:" + json.dumps(changed)
        elif isinstance(each, Prune):
            digests[each.path] = "grew:" + json.dumps(sorted(set(_names(place.root / each.path)) - set(each.keep)))
    for path in step.effect.scratch:
        digests.setdefault(path, files.digest(place.root / path))
    return digests


def holds(state: StepState, later: Iterable[StepState], root: Path) -> bool:
    """Is what the step left still there? Asked on resume, before the step is passed over.

    `later` are the steps done since: a tree that one of them renamed is looked for under its new name.
    """
    renames = [rename for each in later for rename in _renames(each.step.effect)]
    return all(_holds(root, _renamed(path, renames), left) for path, left in state.digests.items()) and all(
        files.exists(root / _renamed(target, renames)) for _, target in _renames(state.step.effect)
    )


def _renames(effect: Effect) -> list[tuple[RelPath, RelPath]]:
    swaps = [pair for first, second, _ in effect.exchanges for pair in ((first, second), (second, first))]
    return [*effect.carries, *effect.moves, *swaps]


def _renamed(path: str, renames: list[tuple[RelPath, RelPath]]) -> RelPath:
    """Follow `path` through renames, in their order; of a swap only one half applies to it."""
    place = RelPath(path)
    skip = False
    for source, target in renames:
        if skip:
            skip = False
            continue
        if place.within(source):
            skip = (target, source) in renames
            place = RelPath(target + place[len(source) :])
    return place


def _holds(root: Path, path: RelPath, left: str) -> bool:
    kind, _, rest = left.partition(":")
    if kind == "grew":
        return all(files.exists(root / path / name) for name in json.loads(rest))
    if kind == "tree":
        return (root / path).is_dir()
    if kind == "guard":
        return True
    return files.digest(root / path) == left


def perform(  # noqa: C901 -- one arm an undo kind
    undo: Undo, digests: Mapping[str, str], effect: Effect, place: Place, command: Callable[[tuple[str, ...]], None]
) -> Undoing:
    """Take back one effect. Never raises for what the disk or the user did: it says so in what it returns."""
    try:
        match undo:
            case Delete():
                return _delete(undo, digests.get(undo.path, ""), effect, place)
            case Restore():
                return _restore(undo, digests.get(undo.path, ""), effect, place)
            case Move():
                _move(place.root / undo.path, place.root / undo.home)
            case Exchange():
                if generation(place.root / undo.first) == undo.mark:
                    files.exchange(place.root / undo.first, place.root / undo.second)
            case Prune():
                for name in set(_names(place.root / undo.path)) - set(undo.keep):
                    files.remove_tree(files.below(place.root, f"{undo.path}/{name}"))
            case Guard():
                return _revert_guard(undo, digests.get(undo.path, ""), place)
            case Command():
                command(undo.argv)
            case Lasting():
                pass
    except (OSError, InstallerError) as error:
        return Undoing(problems=(f"{_name(undo)}: {error}",))
    return Undoing()


def generation(environment: Path) -> str:
    """The id of the run that made `environment`; empty for one that is not ours or not there."""
    try:
        with (environment / GENERATION).open(encoding="utf-8") as stream:
            return stream.readline().strip()
    except (OSError, UnicodeDecodeError):
        return ""


class _Backups:
    """Reads what is there before a step, copying what must be kept into one folder of the stash."""

    def __init__(self, place: Place, folder: RelPath) -> None:
        self.place = place
        self.folder = folder
        self.used = False
        self._count = 0

    def before(self, path: RelPath) -> Undo:
        source = files.below(self.place.root, path)
        try:
            status = source.lstat()
        except (FileNotFoundError, NotADirectoryError):
            return _absent(self.place.root, path)
        mode = stat.S_IMODE(status.st_mode)
        if stat.S_ISLNK(status.st_mode):
            return Restore(path=path, backup=self.folder, kind="link", target=os.readlink(source))
        if stat.S_ISDIR(status.st_mode):
            if any(True for _ in os.scandir(source)):
                return self.guard(path)
            return Restore(path=path, backup=self.folder, kind="folder", mode=mode)
        backup = self._next()
        digest = files.copy(source, self.place.root / backup, durable=False)
        return Restore(path=path, backup=backup, sha256=digest, mode=mode)

    def guard(self, path: RelPath) -> Undo:
        tree = self.place.root / path
        if not files.exists(tree):
            return _absent(self.place.root, path)
        listing = RelPath(self._next() + ".json")
        guard.note(tree, self.place.root / listing, skip=self.place.skip, copies=self.place.copies)
        return Guard(path=path, listing=listing)

    def _next(self) -> RelPath:
        files.make_folder(self.place.root / self.folder)
        self.used = True
        self._count += 1
        return self.folder / str(self._count)


def _absent(root: Path, path: RelPath, *, scratch: bool = False) -> Delete:
    parents = []
    parent = path.parent
    while parent != "." and not files.exists(root / parent):
        parents.append(parent)
        parent = parent.parent
    return Delete(path=path, empty_parents=tuple(parents), scratch=scratch)


def _before_growth(root: Path, path: RelPath) -> Undo:
    if not files.exists(root / path):
        return _absent(root, path, scratch=True)
    return Prune(path=path, keep=tuple(sorted(_names(root / path))))


def _names(folder: Path) -> list[str]:
    try:
        return os.listdir(folder)
    except (FileNotFoundError, NotADirectoryError):
        return []


def _list_tree(place: Place, path: RelPath, listing: RelPath) -> RelPath:
    found = {name: guard.identity(place.root / path / name) for name, _ in files.walk(place.root / path)}
    files.make_folder((place.root / listing).parent)
    files.replace(place.root / listing, json.dumps(found).encode())
    return listing


def _delete(undo: Delete, ours: str, effect: Effect, place: Place) -> Undoing:
    path = files.below(place.root, undo.path)
    now = files.digest(path)
    kept: list[str] = []
    if now != "absent":
        if not undo.scratch and ours.startswith("tree:"):
            kept = _set_aside_foreign(undo.path, ours[5:], effect, place)
        elif not undo.scratch and ours and now not in {ours, "folder"}:
            return Undoing(conflicts=(f"{undo.path} was changed since; it stays as you left it",))
        files.remove_tree(path)
    for parent in undo.empty_parents:
        if not files.remove_folder(files.below(place.root, parent)):
            break
    return Undoing(kept=tuple(kept))


def _set_aside_foreign(tree: RelPath, listing: str, effect: Effect, place: Place) -> list[str]:
    """Move what others put into, or changed in, a tree that we made to the kept folder."""
    try:
        ours = json.loads((place.root / RelPath(listing)).read_bytes())
    except (OSError, ValueError):
        ours = {}  # without the listing nothing can be told apart: all of it is set aside
    foreign = []
    for name, entry in files.walk(place.root / tree):
        if ours.get(name) == guard.identity(place.root / tree / name) or _volatile(tree, name, effect):
            continue
        if name in ours and entry.is_dir(follow_symlinks=False):
            continue
        foreign.append(name)
    outermost = guard.outermost(tuple(foreign))
    for name in outermost:
        guard.move_aside(place.root / tree / name, place.kept / tree / name)
    return [f"{tree}/{name}" for name in outermost]


def _volatile(tree: str, name: str, effect: Effect) -> bool:
    """Say whether a change of this file by other programs is nobody's work: by its name, or by its path."""
    last = name.rpartition("/")[2]
    if last.endswith(".pyc") or last == "__pycache__":
        return True
    return any(fnmatch(last, each) or fnmatch(f"{tree}/{name}", each) for each in effect.volatile)


def _restore(undo: Restore, ours: str, effect: Effect, place: Place) -> Undoing:
    path = files.below(place.root, undo.path)
    now = files.digest(path)
    if undo.kind == "folder":
        return _restore_folder(undo, ours, effect, place)
    before = f"link:{undo.target}" if undo.kind == "link" else f"sha256:{undo.sha256}"
    if now == before:
        files.change_mode(path, undo.mode) if undo.kind == "file" else None
        return Undoing()
    if undo.kind == "file" and files.digest(place.root / undo.backup) != before:
        return Undoing(problems=(f"{undo.path}: its backup {undo.backup} is missing or damaged; nothing was changed",))
    if ours and now not in {ours, "absent"}:
        _put_beside(undo, path, place)
        return Undoing(conflicts=(f"{undo.path} was changed since; it stays as you left it",))
    kept = _make_way(path, now, ours, undo, place)
    files.make_folder(path.parent, mode=0o755)
    if undo.kind == "link":
        files.link(undo.target, path)
    else:
        files.copy(place.root / undo.backup, path, mode=undo.mode)
    return Undoing(kept=kept)


def _make_way(path: Path, now: str, ours: str, undo: Restore, place: Place) -> tuple[str, ...]:
    """A folder, or a file of unknown origin after a cut, is set aside rather than written over."""
    if now == "absent" or (ours and now == ours and now != "folder"):
        return ()
    guard.move_aside(path, place.kept / undo.path)
    return (undo.path,)


def _restore_folder(undo: Restore, ours: str, effect: Effect, place: Place) -> Undoing:
    """The folder was there, and empty."""
    path = files.below(place.root, undo.path)
    kept = _set_aside_foreign(undo.path, ours[5:], effect, place) if ours.startswith("tree:") else []
    if path.is_symlink() or not path.is_dir():
        files.remove_tree(path)
        files.make_folder(path, mode=undo.mode)
    for name in _names(path):
        files.remove_tree(path / name)
    files.change_mode(path, undo.mode)
    return Undoing(kept=tuple(kept))


def _put_beside(undo: Restore, path: Path, place: Place) -> None:
    beside = path.with_name(f"{path.name}.before-{place.install_id}")
    if undo.kind == "file" and not files.exists(beside):
        files.copy(place.root / undo.backup, beside, mode=undo.mode)


def _move(path: Path, home: Path) -> None:
    if files.exists(path) and not files.exists(home):
        files.make_folder(home.parent)
        files.rename(path, home)


def _revert_guard(undo: Guard, left: str, place: Place) -> Undoing:
    ours = json.loads(left.removeprefix("guard:")) if left else {}
    outcome = guard.revert(
        files.below(place.root, undo.path) if undo.path != "." else place.root,
        place.root / undo.listing,
        place.kept / undo.path,
        skip=place.skip,
        ours=ours,
        finished=bool(left),
        suffix=f".before-{place.install_id}",
    )
    return Undoing(
        problems=outcome.problems,
        conflicts=tuple(f"{undo.path}/{name} was changed since; it stays as you left it" for name in outcome.conflicts),
        kept=tuple(f"{undo.path}/{name}" for name in outcome.kept),
    )


def _name(undo: Undo) -> str:
    match undo:
        case Delete() | Restore() | Move() | Prune() | Guard():
            return undo.path
        case Exchange():
            return undo.first
        case Command():
            return " ".join(undo.argv)
        case Lasting():
            return undo.reason
