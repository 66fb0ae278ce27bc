"""The words of the installer as frozen data. No I/O here.

A `Step` says what will be done and what it touches; an `Undo` says how to take it back; a `Record` is one line of
the journal. See docs/architecture.md for how they fit together.
"""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal, Protocol

from installer.errors import Refused
from installer.frozen import dataclass, field
from installer.i18n import tr

if TYPE_CHECKING:
    from pathlib import Path

OnFailure = Literal["stop", "degrade", "warn"]
Json = dict[str, Any]  # what json.loads returns; its shape is known only where it is read


class RelPath(str):
    """A path below the project root, normalised, with `/`. It cannot leave the root by its spelling.

    Raises `Refused` for an absolute path, `..`, NUL, an empty name, or one that no disk takes.
    """

    __slots__ = ()

    def __new__(cls, text: str) -> RelPath:  # noqa: PYI034 -- the class is not made to be inherited from
        """Check and normalise `text`."""
        if isinstance(text, cls):
            return text
        if not text or "\0" in text or text.startswith("/") or "\\" in text or text[1:3] == ":/":
            raise Refused("path.outside", tr("not a path below the project: {path}", path=repr(text)))
        if not text.isascii() and not _is_a_name(text):
            raise Refused("path.name", tr("no file can be called so: {path}", path=repr(text)))
        normal = posixpath.normpath(text)
        if normal == ".." or normal.startswith("../"):
            raise Refused("path.outside", tr("the path leaves the project: {path}", path=repr(text)))
        return super().__new__(cls, normal)

    def __truediv__(self, name: str) -> RelPath:
        return RelPath(name if self == "." else f"{self}/{name}")

    @property
    def parent(self) -> RelPath:
        """The folder that holds it; `.` for a name at the root."""
        return RelPath(posixpath.dirname(self) or ".")

    def within(self, tree: str) -> bool:
        """Say whether this is `tree` itself or something below it."""
        return tree in {".", self} or self.startswith(tree + "/")


def _is_a_name(text: str) -> bool:
    """Say whether a disk can take it: bytes that are no text come as single surrogates, and no others do."""
    try:
        text.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        return False
    return True


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """What a step touches: everything the engine needs to know to take it back.

    touches    files or trees that may come, change or go; the undo is read off the disk before the step runs
    scratch    trees of our own below the state folder: taken back by deleting them, whatever they held before
    grows      folders of our own that only gain entries: what was not there before goes again
    guards     trees of the user's in which a third-party command may do anything (the tree guard)
    moves      (from, to) renames of a tree
    carries    (from, to) renames that are not taken back: the tree is ours and may stay where it went
    exchanges  (path, path, mark) two trees that swap their names at once; `mark` is the first line of the
               `surefoot-generation` file of the one that comes second
    inverse    a command (argv) that takes back what lies outside the tree
    lasting    why it can never be taken back
    repeatable cut short, it may simply be run again
    volatile   names or paths of files (fnmatch) in touched trees whose later change by other programs is nobody's work
    """

    touches: tuple[RelPath, ...] = ()
    scratch: tuple[RelPath, ...] = ()
    grows: tuple[RelPath, ...] = ()
    guards: tuple[RelPath, ...] = ()
    moves: tuple[tuple[RelPath, RelPath], ...] = ()
    carries: tuple[tuple[RelPath, RelPath], ...] = ()
    exchanges: tuple[tuple[RelPath, RelPath, str], ...] = ()
    inverse: tuple[str, ...] = ()
    lasting: str = ""
    repeatable: bool = False
    volatile: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One change to the machine: an action by name, its arguments (JSON), and its effect.

    `title` is an order in plain words ("Install 12 packages"). `on_failure`: "stop" fails the phase; "degrade" goes on
    without it and the run ends with exit 1; "warn" goes on and the run may end well. `needs` names steps that must
    have succeeded, or this one is passed over.
    """

    id: str
    phase: str
    title: str
    action: str
    args: Json = field(default_factory=dict)
    effect: Effect = Effect()
    on_failure: OnFailure = "stop"
    needs: tuple[str, ...] = ()

    def same_as(self, other: Step) -> bool:
        """Say whether doing this one would do what `other` did."""
        return (self.id, self.action, self.args) == (other.id, other.action, other.args)


# -- undo: data, of few kinds, harmless when repeated or never needed --------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Delete:
    """Nothing was at `path`; remove what is there now.

    `empty_parents` are folders that were absent too, innermost first: removed if nothing else is in them by then.
    `scratch`: a tree of our own, removed without asking. In any other tree, what the step did not leave there (see
    `Done.digests`) is the user's, and is moved to the kept folder.
    """

    path: RelPath
    empty_parents: tuple[RelPath, ...] = ()
    scratch: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Restore:
    """A file, link or folder was at `path`; `backup` holds its copy with this sha256 (of a file) and mode."""

    path: RelPath
    backup: RelPath
    kind: Literal["file", "link", "folder"] = "file"
    sha256: str = ""
    mode: int = 0o644
    target: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """The tree that is at `path` belongs to `home`: rename it back.

    `empty_parents` are the folders above `path` that were absent: removed if nothing else is in them by then.
    """

    path: RelPath
    home: RelPath
    empty_parents: tuple[RelPath, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """`first` and `second` swapped names; swap them back if the tree with `mark` is at `first` now."""

    first: RelPath
    second: RelPath
    mark: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Prune:
    """The folder `path` held just the entries `keep`; remove all others."""

    path: RelPath
    keep: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Guard:
    """The user's tree `path` was as `listing` (a file below the state folder) says: bring it back to that."""

    path: RelPath
    listing: RelPath


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """Run `argv` to take back what lies outside the tree."""

    argv: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Lasting:
    """Cannot be taken back, and why."""

    reason: str


Undo = Delete | Restore | Move | Exchange | Prune | Guard | Command | Lasting


# -- records: the lines of the journal --------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """A run begins. `facts` hold what identifies it: kind, mode, tool version, platform, boot id, root identity."""

    install_id: str
    kind: str
    facts: Json


@dataclass(frozen=True, slots=True, kw_only=True)
class Resumed:
    """The run goes on in another process; with `root`, in another place than it was begun (see `identity`)."""

    boot_id: str
    tool_version: str
    root: Json = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class PhaseStarted:
    """`phase` is planned and about to run its steps."""

    phase: str
    steps: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Intent:
    """`step` is about to run; `undo` takes it back. On disk before the action starts."""

    step: Step
    attempt: int
    undo: tuple[Undo, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """The effects of the step are on disk. `digests` maps touched paths to what we left there."""

    step: str
    seconds: float
    digests: Mapping[str, str] = field(default_factory=dict)
    result: Json = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Failed:
    """The step failed, or its phase did where no step is to blame (`step` is empty).

    `digests` maps touched paths to what the failure left there, as in `Done`. `phase_back`: all that was done since the
    last checkpoint is about to be taken back, so that none of it counts as done from here on.
    """

    step: str
    phase: str
    error: Json
    on_failure: OnFailure = "stop"
    digests: Mapping[str, str] = field(default_factory=dict)
    phase_back: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Undone:
    """The step was taken back; `kept` lists what of the user's was set aside.

    With `problems` it was not, or not wholly: it still stands, and the next rollback tries again. `attempt` says which
    one of the step's (0: the newest that stands).
    """

    step: str
    problems: tuple[str, ...] = ()
    kept: tuple[str, ...] = ()
    conflicts: tuple[str, ...] = ()
    attempt: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkpoint:
    """A named place in the journal: one after every phase, more by the user (`point`: a rollback point)."""

    name: str
    seconds: float = 0.0
    point: bool = False
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RollbackStarted:
    """Steps are about to be taken back, down to the checkpoint `to` (empty: the whole run)."""

    to: str = ""
    why: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RollbackEnded:
    """Every step that was to be taken back has its `Undone`."""

    to: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Closed:
    """The run is over: "done", "degraded", "rolled back" or "rollback incomplete"."""

    outcome: str


Record = (
    Opened
    | Resumed
    | PhaseStarted
    | Intent
    | Done
    | Failed
    | Undone
    | Checkpoint
    | RollbackStarted
    | RollbackEnded
    | Closed
)


# -- what an observer sees besides records ----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """`done` of `total` (0: unknown) things of the running step."""

    step: str
    done: int
    total: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A line of output of a command that a step runs, already redacted."""

    step: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """A sentence for the reader: a warning, or what was inferred and why."""

    level: Literal["info", "warning"]
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """A step was passed over because its outcome still holds (`why` is empty), or for the reason given."""

    step: Step
    why: str = ""


Event = Record | Progress | Line | Note | Kept
Observer = Callable[[Event], None]


# -- what phases and actions are given --------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What the user asked for on this command line, already merged with variables and manifest."""

    mode: str = "standard"
    backend: str = "uv"
    python: str = ""
    offline: bool = False
    locked: bool = False
    require_hashes: bool = False
    no_build: bool = False
    as_of: str = ""
    jobs: int = 4
    retries: int = 2
    allow_file_submodules: bool = False
    deep: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What a plan is made from, besides the manifest: the place, the run, the wishes, and earlier steps' results."""

    root: Path
    state: RelPath
    install_id: str
    options: Options
    results: Mapping[str, Json] = field(default_factory=dict)
    failed: tuple[str, ...] = ()


class Run(Protocol):
    """The process door, bound to one step: see `installer.process.run` for the promise."""

    def __call__(
        self,
        argv: Sequence[str],
        *,
        cwd: Path | None = None,
        env: Mapping[str, str] | None = None,
        timeout: float | None = None,
        check: bool = True,
        quiet: bool = False,
        on_line: Callable[[str], None] | None = None,
    ) -> Finished:
        """Run `argv` to its end."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finished:
    """A command that ended: its status (negative: the signal), its output, and the end of it for people."""

    argv: tuple[str, ...]
    status: int
    stdout: str
    stderr: str

    @property
    def tail(self) -> tuple[str, ...]:
        """The last lines of what it said, errors last."""
        return tuple((self.stdout + self.stderr).splitlines()[-20:])


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """What an action is given: where it may work and how it talks.

    `scratch` is a folder of the step's own, below the state folder, emptied before the step and removed after it.
    """

    root: Path
    state: RelPath
    install_id: str
    options: Options
    scratch: Path
    run: Run
    report: Callable[[int, int], None]
    note: Callable[[str], None]
    warn: Callable[[str], None]


Action = Callable[[Mapping[str, Any], Context], "Mapping[str, Any] | None"]
Planned = Iterator[Step | tuple[Step, ...]]
