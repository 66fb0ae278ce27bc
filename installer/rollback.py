"""How a step is taken back: `capture` notes it before the step runs, `perform` does it.

`capture` reads the disk and writes only below the stash. Every undo here may be run again after being cut short, and
for a step that never began. What the user changed since is left alone or set aside, never deleted.
"""

from __future__ import annotations

import json
import os
import stat
from fnmatch import fnmatch
from typing import TYPE_CHECKING

from installer import actions, files, guard, pins, renames, sealed
from installer.errors import Conflict, InstallerError, Refused, StepFailed
from installer.frozen import dataclass
from installer.i18n import tr
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
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from pathlib import Path

    from installer.state import StepState

SWAP = ".swap"  # where `rollback.sh` puts one of two trees that exchange their names
_SACRED = frozenset({".", ".git", ".git/objects", ".git/refs"})  # never taken away, whatever a journal says
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
    with pins.pinned(place.root):
        return _capture(step.effect, place.stash / f"{step.id}.{attempt}", place)


def _capture(effect: Effect, stash: RelPath, place: Place) -> tuple[Undo, ...]:
    undo: list[Undo] = [Command(argv=effect.inverse)] if effect.inverse else []
    undo += [Exchange(first=first, second=second, mark=mark) for first, second, mark in effect.exchanges]
    undo += [
        Move(path=target, home=source, empty_parents=_absent(place.root, target).empty_parents)
        for source, target in effect.moves
        if not files.exists(place.root / target)  # else the action refuses, and what is there is not ours to move
    ]
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


def changed_since(step: Step, undo: tuple[Undo, ...], place: Place) -> list[str]:
    """The files that `step` would write over and that are no longer as captured: somebody wrote them a moment ago.

    Folders are not looked at: what came into one is told apart by the way back, and steps that run at once share them.
    """
    return [
        each.path
        for each in undo
        if isinstance(each, Delete | Restore)
        and not (_is_as_captured(each, place.root) or _volatile(".", each.path, step.effect))
    ]


def _is_as_captured(undo: Delete | Restore, root: Path) -> bool:
    if isinstance(undo, Restore) and undo.kind == "folder":
        return True
    now = files.digest(root / undo.path)
    if isinstance(undo, Delete):
        return undo.scratch or now in {"absent", "folder"}
    return now == (f"link:{undo.target}" if undo.kind == "link" else f"sha256:{undo.sha256}")


def left(step: Step, attempt: int, undo: tuple[Undo, ...], place: Place) -> dict[str, str]:
    """What the finished step left on the disk, by path: so that undo can tell ours from the user's later work.

    A file is named by its digest, a tree by a listing in the stash ("tree:PATH"), a guarded tree by the list of what
    was changed in it, in the stash too ("guard:PATH"), a folder that grew by the names that came ("grew:[…]"). What
    third parties wrote is durable on return.
    """
    folder = place.stash / f"{step.id}.{attempt}"
    digests: dict[str, str] = {}
    for number, path in enumerate(step.effect.touches):
        digests[path] = files.digest(place.root / path)
        if digests[path] == "folder":
            digests[path] = "tree:" + _list_tree(place, path, folder / f"left-{number}.json")
    for number, each in enumerate(undo):
        if isinstance(each, Guard):
            listing = guard.load(place.root / each.listing)
            changed = guard.left_behind(place.root / each.path, listing, skip=place.skip)
            digests[each.path] = "guard:" + _note_names(place, folder / f"guarded-{number}.json", changed)
        elif isinstance(each, Prune):
            digests[each.path] = "grew:" + json.dumps(sorted(set(_names(place.root / each.path)) - set(each.keep)))
    for path in step.effect.scratch:
        digests.setdefault(path, files.digest(place.root / path))
    _settle(step, undo, digests, place.root)
    return digests


def _settle(step: Step, undo: tuple[Undo, ...], digests: dict[str, str], root: Path) -> None:
    """Make durable what others wrote: a power cut after `Done` must leave what the digests say, and what has none."""
    made_folders = any(isinstance(each, Delete) and each.empty_parents for each in undo)
    if step.action in actions.DURABLE:
        return
    if step.effect.inverse or made_folders or any(each.startswith(("tree:", "guard:")) for each in digests.values()):
        files.sync_tree(root)
        return
    for path in step.effect.touches:
        files.settle(root / path)


def accounts(left: str, root: Path) -> dict[str, str]:
    """What a finished step says it left in a tree ("tree:PATH", "guard:PATH"), by name.

    Raises `OSError` or `ValueError` if the account is gone or damaged.
    """
    names = sealed.load(files.content(root / RelPath(left.partition(":")[2]))).get("names")
    if not isinstance(names, dict):
        raise ValueError("not an account")  # noqa: TRY004 -- a damaged file, not a wrong argument
    if not all(map(files.is_below, names)):
        raise ValueError("a name that leaves the tree")
    return names


def holds(state: StepState, later: Iterable[StepState], root: Path) -> bool:
    """Is what the step left still there? Asked on resume, before the step is passed over.

    `later` are the steps done since, at least those that are `shifting`: a tree that one of them renamed is looked for
    under its new name, and what one of them took away need not be there.
    """
    since = tuple(later)
    names = [rename for each in since for rename in renames.of(each.step.effect)]
    gone = {name for each in since for name in _guarded(each, root, absent=True)}
    return (
        all(_holds(root, renames.follow(path, names), left) for path, left in state.digests.items())
        and all(name in gone or files.exists(root / name) for name in _guarded(state, root, absent=False))
        and all(files.exists(root / renames.follow(target, names)) for _, target in renames.of(state.step.effect))
    )


def _guarded(state: StepState, root: Path, *, absent: bool) -> Iterator[str]:
    """What a step made or changed in the trees that it was guarded in; or what it took away there."""
    for tree, left in state.digests.items():
        if left.startswith("guard:"):
            try:
                names = accounts(left, root)
            except (OSError, ValueError):
                continue
            yield from (
                os.path.normpath(f"{tree}/{name}") for name, now in names.items() if (now == "absent") == absent
            )


def _holds(root: Path, path: RelPath, left: str) -> bool:
    kind, _, rest = left.partition(":")
    if kind == "grew":
        return all(files.exists(root / path / name) for name in json.loads(rest))
    if kind == "tree":
        return (root / path).is_dir()
    if kind == "guard":
        return True
    return files.digest(root / path) == left


def perform(
    undo: Undo, digests: Mapping[str, str], effect: Effect, place: Place, command: Callable[[tuple[str, ...]], None]
) -> Undoing:
    """Take back one effect. Never raises for what the disk or the user did: it says so in what it returns."""
    try:
        refuse_sacred(undo)
        with pins.pinned(place.root):
            return _perform(undo, digests, effect, place, command)
    except (OSError, InstallerError) as error:
        return Undoing(problems=(f"{_name(undo)}: {error}",))


def _perform(
    undo: Undo, digests: Mapping[str, str], effect: Effect, place: Place, command: Callable[[tuple[str, ...]], None]
) -> Undoing:
    match undo:
        case Delete():
            return _delete(undo, digests.get(undo.path, ""), effect, place)
        case Restore():
            return _restore(undo, digests.get(undo.path, ""), effect, place)
        case Move():
            return _move(undo, place.root)
        case Exchange():
            _exchange(undo, place.root)
        case Prune():
            for name in set(_names(place.root / undo.path)) - set(undo.keep):
                files.remove_tree(files.below(place.root, f"{undo.path}/{name}"))
        case Guard():
            return _revert_guard(undo, digests.get(undo.path, ""), place)
        case Command():
            outcome = _command(undo, command)
            files.sync_tree(place.root)  # what it did is to survive the note that it was done
            return outcome
        case Lasting():
            pass
    return Undoing()


def _command(undo: Command, command: Callable[[tuple[str, ...]], None]) -> Undoing:
    """Run it. One that ends with the exit code of a conflict says, a line each, what of the user's it left alone."""
    try:
        command(undo.argv)
    except StepFailed as error:
        if error.facts.get("status") == Conflict.exit_code:
            return Undoing(conflicts=error.details)
        return Undoing(problems=(f"{_name(undo)}: {error}", *error.details))
    return Undoing()


def refuse_sacred(undo: Undo) -> None:
    """Raise `Refused` if `undo` would take away the project itself or its history: no step of ours ever makes those."""
    paths: tuple[RelPath, ...] = ()
    match undo:
        case Delete() | Restore():
            paths = (undo.path,)
        case Move():
            paths = (undo.path, undo.home)
        case Exchange():
            paths = (undo.first, undo.second)
        case Prune():
            paths = (undo.path,)
    for path in paths:
        if path in _SACRED:
            raise Refused("undo.sacred", tr("will not take {path} away: no step of ours makes it", path=path))


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
            if _names(source):
                return self.guard(path)
            return Restore(path=path, backup=self.folder, kind="folder", mode=mode)
        backup = self._next()
        digest = files.copy(source, self.place.root / backup, durable=False)
        return Restore(path=path, backup=backup, sha256=digest, mode=mode)

    def guard(self, path: RelPath) -> Undo:
        tree = files.below(self.place.root, path) if path != "." else self.place.root
        if tree.is_symlink():
            raise Refused("path.link", tr("will not pass through the link {path}", path=tree))
        if not files.exists(tree):
            return _absent(self.place.root, path)
        listing = RelPath(self._next() + ".json")
        guard.note(tree, self.place.root / listing, skip=self.place.skip, copies=self.place.copies)
        return Guard(path=path, listing=listing)

    def _next(self) -> RelPath:
        files.make_folder(self.place.root / self.folder, durable=False)  # `capture` syncs all of it at its end
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
    return _note_names(place, listing, guard.identities(place.root / path))


def _note_names(place: Place, account: RelPath, names: dict[str, str]) -> RelPath:
    """Such lists may be long: they lie beside the journal, not in it. `left` syncs them at its end."""
    files.make_folder((place.root / account).parent, durable=False)
    files.replace(place.root / account, sealed.dump({"names": names}), lasting="nothing")
    return account


def _delete(undo: Delete, ours: str, effect: Effect, place: Place) -> Undoing:
    path = files.below(place.root, undo.path)
    files.remove(files.temporary(path))
    now = files.digest(path)
    kept: list[str] = []
    if undo.scratch or (not ours and undo.path.within(place.state)):
        files.remove_tree(path)
    elif now != "absent" and not ours:  # cut short: it may be the user's, who went on by hand
        guard.move_aside(path, place.kept / undo.path)
        kept = [undo.path]
    elif now == "folder" and ours.startswith("tree:"):
        kept = _set_aside_foreign(undo.path, ours, effect, place)
        files.remove_tree(path)
    elif now == ours:
        files.remove_tree(path)
    elif now != "absent":
        return Undoing(conflicts=(_was_changed(undo.path),))
    _remove_empty(undo.empty_parents, place.root)
    return Undoing(kept=tuple(kept))


def _remove_empty(parents: tuple[RelPath, ...], root: Path) -> None:
    for parent in parents:
        if not files.remove_folder(files.below(root, parent)):
            break


def _was_changed(path: str) -> str:
    return tr("{path} was changed since; it stays as you left it", path=path)


def _set_aside_foreign(tree: RelPath, left: str, effect: Effect, place: Place) -> list[str]:
    """Move what others put into, or changed in, a tree that we made to the kept folder."""
    try:
        ours = accounts(left, place.root)
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
    files.remove(files.temporary(path))
    if undo.kind == "folder":
        return _restore_folder(undo, ours, effect, place)
    now = files.digest(path)
    before = f"link:{undo.target}" if undo.kind == "link" else f"sha256:{undo.sha256}"
    if now == before:
        files.change_mode(path, undo.mode) if undo.kind == "file" else None
        return Undoing()
    if undo.kind == "file" and files.digest(place.root / undo.backup) != before:
        return Undoing(problems=(f"{undo.path}: its backup {undo.backup} is missing or damaged; nothing was changed",))
    if _is_users(now, ours):
        _put_back(undo, path.with_name(f"{path.name}.before-{place.install_id}"), place, over=False)
        return Undoing(conflicts=(_was_changed(undo.path),))
    kept = _make_way(undo, now, ours, effect, place)
    files.make_folder(path.parent, mode=0o755)
    _put_back(undo, path, place, over=True)
    return Undoing(kept=tuple(kept))


def _is_users(now: str, ours: str) -> bool:
    """Say whether what is there `now` is neither what we left nor nothing. After a cut nobody knows (`_make_way`)."""
    if not ours or now == "absent":
        return False
    return now != "folder" if ours.startswith("tree:") else now != ours


def _put_back(undo: Restore, path: Path, place: Place, *, over: bool) -> None:
    if not over and files.exists(path):
        return
    if undo.kind == "link":
        files.link(undo.target, path)
    else:
        files.copy(place.root / undo.backup, path, mode=undo.mode)


def _make_way(undo: Restore, now: str, ours: str, effect: Effect, place: Place) -> list[str]:
    """Nothing of unknown origin is written over: after a cut it is set aside. A tree that we made goes."""
    path = place.root / undo.path
    if now == "folder" and ours.startswith("tree:"):
        kept = _set_aside_foreign(undo.path, ours, effect, place)
        files.remove_tree(path)
        return kept
    if now in {"absent", ours}:
        return []
    guard.move_aside(path, place.kept / undo.path)
    return [undo.path]


def _restore_folder(undo: Restore, ours: str, effect: Effect, place: Place) -> Undoing:
    """The folder was there, and empty."""
    path = place.root / undo.path
    now = files.digest(path)
    if _is_users(now, ours):
        return Undoing(conflicts=(_was_changed(undo.path),))
    if now == "folder" and not ours and not undo.path.within(place.state):
        kept = [f"{undo.path}/{name}" for name in sorted(_names(path)) if not files.is_temporary(name)]
        for each in kept:
            guard.move_aside(place.root / each, place.kept / each)
    elif now == "folder" and ours.startswith("tree:"):
        kept = _set_aside_foreign(undo.path, ours, effect, place)
    else:
        kept = _make_way(undo, now, ours, effect, place) if now != "folder" else []
        files.remove_tree(path) if now == ours else None
    files.make_folder(path, mode=undo.mode)
    for name in _names(path):
        files.remove_tree(path / name)
    files.change_mode(path, undo.mode)
    return Undoing(kept=tuple(kept))


def _move(undo: Move, root: Path) -> Undoing:
    path, home = files.below(root, undo.path), files.below(root, undo.home)
    if files.exists(path):
        if files.exists(home):
            return Undoing(problems=(f"{undo.path}: it belongs to {undo.home}, where something else is now",))
        files.make_folder(home.parent)
        files.rename(path, home)
    _remove_empty(undo.empty_parents, root)
    return Undoing()


def _exchange(undo: Exchange, root: Path) -> None:
    """Swap back; or end what `rollback.sh`, which needs three renames for it, was cut short in."""
    first, second = files.below(root, undo.first), files.below(root, undo.second)
    swap = second.with_name(second.name + SWAP)
    if not files.exists(swap):
        if generation(first) == undo.mark and files.exists(second):
            files.exchange(first, second)
        elif generation(first) == undo.mark:
            files.make_folder(second.parent)
            files.rename(first, second)  # the earlier one was cleaned up since: an older run is being taken back
        return
    if generation(first) == undo.mark:
        files.rename(first, second)
    files.rename(swap, first)


def _revert_guard(undo: Guard, left: str, place: Place) -> Undoing:
    try:
        ours = accounts(left, place.root) if left else None
    except (OSError, ValueError) as error:
        return Undoing(problems=(f"{undo.path}: the account of what was changed cannot be read: {error}",))
    outcome = guard.revert(
        files.below(place.root, undo.path) if undo.path != "." else place.root,
        place.root / undo.listing,
        place.kept / undo.path,
        skip=place.skip,
        ours=ours,
        suffix=f".before-{place.install_id}",
    )
    return Undoing(
        problems=outcome.problems,
        conflicts=tuple(_was_changed(f"{undo.path}/{name}") for name in outcome.conflicts),
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
