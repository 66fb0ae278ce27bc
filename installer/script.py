"""The same undo list as a POSIX shell script: the way back on a machine where Python is broken or gone.

It uses `sh`, `cp`, `mv`, `rm`, `mkdir`, `rmdir`, `chmod`, `ln`, `ls`, `pwd`, `readlink`, `sha256sum` and nothing else
(`flock` and `sync` where there are such; macOS has no flock), quotes every name, reads itself whole before it begins
(one brace-wrapped body), and may be run again after being cut short. There is no `set -e`: one thing that cannot be
taken back is counted and named, and does not stop the others.
"""

from __future__ import annotations

import os
import shlex
from pathlib import PurePath
from typing import TYPE_CHECKING, NamedTuple

from installer import files, guard, rollback, witness
from installer.errors import Refused
from installer.hashing import sha256
from installer.model import Command, Delete, Exchange, Guard, Lasting, Move, Prune, Restore, Undo
from installer.script_text import HEAD, TAIL
from installer.store import SCRIPT_NOTE

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

    from installer.model import RelPath
    from installer.rollback import Place
    from installer.state import Folding, Run, StepState
    from installer.witness import Mark


class Growing:
    """The lines of every attempt that stands, kept while a run goes on: only what changed is rendered again."""

    def __init__(self) -> None:
        self._lines: dict[int, bytearray] = {}  # by the place of the attempt, in that order

    def render(self, folding: Folding, place: Place, script: Path) -> bytes:
        """As the function below, of what is folded so far; takes note of what has changed since the last time."""
        for index in sorted(folding.changed):
            state = folding.attempts[index]
            if state.status == "undone" or not state.undo:
                self._lines.pop(index, None)
            else:
                late = index not in self._lines and self._lines and index < next(reversed(self._lines))
                self._lines[index] = _encoded(state, place)
                if late:  # an attempt that was taken back stands again
                    self._lines = dict(sorted(self._lines.items()))
        folding.changed.clear()
        return _whole(folding.base.install_id, folding.mark, reversed(self._lines.values()), place, script)


class Written(NamedTuple):
    """The digest of a script as it was written, durable, and what its file was then."""

    sha256: bytes
    stamp: tuple[int, ...]


def render(run: Run, place: Place, script: Path) -> bytes:
    """The script, at the path `script`, that takes back all of `run` that stands now."""
    steps = (_encoded(each, place) for each in run.undo_order() if each.undo)
    return _whole(run.install_id, run.anchor, steps, place, script)


def _whole(install_id: str, anchor: Mark | None, steps: Iterable[bytearray], place: Place, script: Path) -> bytes:
    head = HEAD.format(
        mark=f"{witness.LINE}{anchor or ''}".rstrip(),
        install_id=shlex.quote(install_id),
        name=shlex.quote(script.name),
        up=_up(script, place.root),
        journal=shlex.quote(f"{place.state}/checkpoints/journal.jsonl"),
        root=_quote(str(place.root)),
        state=_quote(place.state),
        swap=rollback.SWAP,
        artefacts="|".join(f"*/{each}" for each in guard.ARTEFACTS),
    )
    lines = [each for step in steps for each in (step, b"\n")] or [b"\n"]
    return b"".join((_bytes(head), *lines, _bytes(TAIL.format(flag=SCRIPT_NOTE))))


def write(run: Run, place: Place, path: Path) -> None:
    """Replace the script at `path`, whole or not at all."""
    replace(path, render(run, place, path))


def replace(path: Path, text: bytes, before: Written | None = None) -> Written:
    """Put the script `text` at `path`, whole or not at all. One that is there as `before` wrote the same is left."""
    digest = sha256(text).digest()
    if before is not None and before.sha256 == digest and before.stamp and before.stamp == _stamp(path):
        return before
    files.replace(path, text, mode=0o700)
    return Written(digest, _stamp(path))


def _stamp(path: Path) -> tuple[int, ...]:
    """What tells the file from one that somebody changed or put there; empty where there is none."""
    try:
        found = os.lstat(path)
    except OSError:
        return ()
    return (found.st_dev, found.st_ino, found.st_mode, found.st_size, found.st_mtime_ns, found.st_ctime_ns)


def _encoded(state: StepState, place: Place) -> bytearray:
    """The lines of an attempt. A guarded tree may have hundreds of thousands, which are never held as text."""
    lines = bytearray(_bytes(f"# {_comment(state.step.id)}: {_comment(state.step.title)}"))
    for undo in state.undo:
        before = len(lines)
        try:
            for line in _lines(undo, state, place):
                lines += b"\n" + _bytes(line)
        except (OSError, ValueError, KeyError, TypeError, Refused) as error:
            del lines[before:]
            lines += _bytes(f"\nfail {_quote(f'what {state.step.id} changed cannot be read: {error}')}")
    return lines


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")


def _up(script: Path, root: Path) -> str:
    """The way from the script's folder to the project's; one that lies elsewhere has none."""
    return "/".join([".."] * len(script.parent.relative_to(root).parts)) if script.is_relative_to(root) else "nowhere"


def _lines(undo: Undo, state: StepState, place: Place) -> Iterator[str]:
    rollback.refuse_sacred(undo)
    left = state.digests.get(getattr(undo, "path", ""), "")
    match undo:
        case Delete():
            yield _delete(undo, left, place)
            yield from (f"empty {_path(parent)}" for parent in undo.empty_parents)
        case Restore():
            yield _restore(undo, left, place)
        case Move():
            yield f"moved {_path(undo.path)} {_path(undo.home)}"
            yield from (f"empty {_path(parent)}" for parent in undo.empty_parents)
        case Exchange():
            yield f"swapped {_path(undo.first)} {_path(undo.second)} {_quote(undo.mark)}"
        case Prune():
            yield from _prune(undo)
        case Guard():
            yield from _guard(undo, left, place)
        case Command():
            yield f"outside {shlex.join(undo.argv)}"
        case Lasting():
            yield f"say {_quote('stays: ' + undo.reason)}"


def _delete(undo: Delete, left: str, place: Place) -> str:
    path = _path(undo.path)
    if undo.scratch or (not left and undo.path.within(place.state)):
        return f"gone {path}"
    unfinished = f"gone {_temporary(undo.path)}\n"
    if not left or left.startswith("tree:"):
        return f"{unfinished}away {path}"
    return f"{unfinished}ours {path} {_quote(left)}"


def _restore(undo: Restore, left: str, place: Place) -> str:
    path = _path(undo.path)
    match undo.kind:
        case "link":
            return f"gone {_temporary(undo.path)}\nlink {path} {_quote(undo.target)} {_quote(left)}"
        case "folder" if not left and undo.path.within(place.state):
            return f"gone {path}\nhollow {path} {undo.mode:o} ''"
        case "folder":
            return f"gone {_temporary(undo.path)}\nhollow {path} {undo.mode:o} {_quote(left)}"
    backup = _path(undo.backup)
    return f"file {path} {backup} {undo.sha256} {undo.mode:o} {_quote(left)} {_temporary(undo.path)}"


def _prune(undo: Prune) -> Iterator[str]:
    """A folder of our own that grew: what was not there before goes."""
    patterns = "|".join(_quote(f"./{undo.path}/{name}") for name in undo.keep) or "''"
    path = _path(undo.path)
    yield f"for e in {path}/* {path}/.[!.]* {path}/..?*; do"
    yield f"""  case $e in {patterns}) ;; *) gone "$e" ;; esac"""
    yield "done"


def _guard(undo: Guard, left: str, place: Place) -> Iterator[str]:
    listing = guard.load(place.root / undo.listing)
    tree = _path(undo.path)
    yield f"if [ -L {tree} ] || {{ there {tree} && [ ! -d {tree} ]; }}; then fail {tree}; else"
    ours = rollback.accounts(left, place.root) if left else {}
    wanted: Iterable[tuple[str, guard.Entry]]
    if left:
        known = listing.some(ours)
        yield from _what_a_step_made(undo.path, known, ours, place)
        wanted = [(name, known[name]) for name in sorted(known)]
    else:
        yield from _what_came(undo.path, listing, place)
        wanted = listing.rows()  # a folder before what it holds
    folders = []
    for name, entry in wanted:
        yield from _entry(_join(undo.path, name), entry, ours.get(name, ""), place)
        if entry.kind == "folder":
            path = _path(_join(undo.path, name))
            folders.append(f"if [ -d {path} ]; then mode {path} {entry.mode:o}; fi")
    yield from reversed(folders)
    yield f"if [ -d {tree} ]; then mode {tree} {listing.mode:o}; fi" if not left or "." in ours else ":"
    yield "fi"


def _what_came(tree: RelPath, listing: guard.Listing, place: Place) -> Iterator[str]:
    """After a cut: one line a folder, with the names that it held."""
    below = (str(each.relative_to(place.root)) for each in place.skip if each.is_relative_to(place.root))
    names: dict[str, list[str]] = {}
    folders = [str(tree)]

    def held(name: str) -> None:
        folder, _, last = name.rpartition("/")
        names.setdefault(folder or ".", []).append(last)

    for name, entry in listing.rows():
        held(_join(tree, name))
        if entry.kind == "folder":
            folders.append(_join(tree, name))
    for name in (*(_join(tree, each) for each in listing.skipped), *below):
        held(name)
    for folder in folders:
        yield f"only {_path(folder)} {_quote(chr(10).join(['', *names.pop(folder, []), '']))}"


def _what_a_step_made(
    tree: RelPath, known: Mapping[str, guard.Entry], ours: Mapping[str, str], place: Place
) -> Iterator[str]:
    for name in sorted(set(ours) - set(known) - {"."}, reverse=True):
        path = _path(_join(tree, name))
        if ours[name] == "folder" and guard.is_looked_into(place.root / tree / name):
            yield f"empty {path}"
        elif guard.is_artefact(place.root / tree, name):
            yield f"artefact {path} {_quote(ours[name])}"
        else:
            yield f"away {path}"


def _entry(path: str, entry: guard.Entry, ours: str, place: Place) -> Iterator[str]:
    match entry.kind:
        case "folder":
            yield f"folder {_path(path)} 700 {_quote(ours)}"
        case "link":
            yield f"link {_path(path)} {_quote(entry.target)} {_quote(ours)}"
        case "file" if entry.copy:
            copy = _path(os.path.relpath(entry.copy, place.root))
            yield f"file {_path(path)} {copy} {entry.sha256} {entry.mode:o} {_quote(ours)} {_temporary(path)}"
        case "file":
            yield f"large {_path(path)}"


def _join(tree: str, name: str) -> str:
    """The name in the project of what is called `name` in `tree`; it may be any that a disk takes."""
    return name if tree == "." else f"{tree}/{name}"


def _temporary(path: str) -> str:
    return _path(str(files.temporary(PurePath(path))))


def _path(path: str) -> str:
    """A name that no command takes for an option."""
    return shlex.quote("." if path == "." else f"./{path}")


def _quote(text: str) -> str:
    return shlex.quote(text)


def _comment(text: str) -> str:
    return "".join(character if character.isprintable() else "?" for character in text)
