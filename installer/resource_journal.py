"""The journal of a `RollbackManager`: which resources there are and how to take them back, kept across a crash.

The records are those of every other journal: an `Intent` for each resource, `Undone` once it is taken back.
"""

from __future__ import annotations

from contextlib import ExitStack
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from installer import __version__, files, identity
from installer.errors import Conflict, Damaged, Locked
from installer.i18n import tr
from installer.journal import Journal
from installer.model import (
    Closed,
    Command,
    Effect,
    Intent,
    Lasting,
    Opened,
    RollbackEnded,
    RollbackStarted,
    Step,
    Undo,
    Undone,
)
from installer.state import Run, fold
from installer.store import Store
from installer.undo_actions import Action

if TYPE_CHECKING:
    from installer.model import Record


class ResourceJournal:
    """A journal that one manager at a time holds, from its first resource to its end."""

    def __init__(self, place: Path | Store) -> None:
        if isinstance(place, Store):
            place.prepare()
            place = place.folder / "resources" / "journal.jsonl"
        self.path = Path(place).absolute()
        self._journal: Journal | None = None
        self._held = ExitStack()

    def open(self) -> list[Action]:
        """Take hold of it; the actions that an earlier program left. Raises `Locked`, `Damaged`.

        In a copy of a project they are not believed: what they name are the resources of the original.
        """
        if self._journal is None:
            files.make_folder(self.path.parent)
            self._lock()
            try:
                self._journal = Journal(self.path)
            except BaseException:
                self._held.close()
                raise
        run = self._run()
        left = () if run.outcome in {"done", "rolled back"} else run.standing
        if left and not identity.agrees(run.facts.get("root"), self.path.parent):
            self.close()
            raise _of_another_place(self.path, run)
        return [_action(each.step, each.undo) for each in left]

    def begin(self) -> None:
        """Be ready for resources. Raises `Conflict` if an earlier program's are still there."""
        if left := self.open():
            self.close()
            raise Conflict(
                "resources.unfinished",
                tr("{count} resources of an earlier program are still there ({path})", count=len(left), path=self.path),
                details=tuple(map(str, left)),
                hint=tr("RollbackManager.recover(...).rollback() takes them back"),
            )
        run = self._run()
        if run.install_id and run.outcome and self._journal is not None:
            self._journal.close()
            files.remove(self.path)
            self._journal = Journal(self.path)
        if not self._run().install_id:
            name = datetime.now().astimezone().strftime("%Y%m%d_%H%M%S")
            self._record(
                Opened(
                    install_id=name,
                    kind="resources",
                    facts={"tool_version": __version__, "root": identity.of(self.path.parent)},
                )
            )

    def added(self, action: Action) -> None:
        """The resource is there; durable on return."""
        if self._journal is None or self._run().outcome:
            self.begin()
        self._record(Intent(step=_step(action), attempt=1, undo=(_undo(action),)))

    def rolling_back(self) -> None:
        """Resources are about to be taken back."""
        self._record(RollbackStarted())

    def undone(self, action: Action) -> None:
        """The resource is gone."""
        self._record(Undone(step=_id(action)))

    def ended(self, outcome: str) -> None:
        """All is said; let go."""
        if self._journal is not None and self._run().install_id:
            self._record(RollbackEnded()) if outcome != "done" else None
            self._record(Closed(outcome=outcome))
        self.close()

    def close(self) -> None:
        """Let go of file and lock."""
        if self._journal is not None:
            self._journal.close()
            self._journal = None
        self._held.close()

    def _run(self) -> Run:
        return fold(self._journal.entries) if self._journal is not None else Run()

    def _record(self, record: Record) -> None:
        if self._journal is None:
            self.open()
        if self._journal is not None:
            self._journal.append(record)

    def _lock(self) -> None:
        from filelock import FileLock, Timeout

        lock = FileLock(f"{self.path}.lock", mode=0o600)
        try:
            self._held.enter_context(lock.acquire(blocking=False))
        except Timeout:
            raise Locked("resources.held", tr("another program is using {path}", path=self.path)) from None


def _id(action: Action) -> str:
    return f"resource.{action.number:04}"


def _step(action: Action) -> Step:
    args = {"resource": action.resource, "timeout": action.timeout, "gone": list(action.gone)}
    return Step(
        id=_id(action),
        phase="resources",
        title=action.description,
        action=f"resource.{action.type}",
        args=args,
        effect=Effect(),
    )


def _undo(action: Action) -> Undo:
    if isinstance(action.undo, tuple):
        return Command(argv=action.undo)
    if isinstance(action.undo, Undo):
        return action.undo
    known = tr("only the program that made it knows how to take it back: {what}", what=action.description)
    return Lasting(reason=known)


def _action(step: Step, undo: tuple[Undo, ...]) -> Action:
    return Action(
        number=int(step.id.rpartition(".")[2]),
        type=step.action.rpartition(".")[2],
        resource=step.args["resource"],
        description=step.title,
        undo=undo[0],
        timeout=step.args.get("timeout"),
        gone=tuple(step.args.get("gone", ())),
    )


def _of_another_place(path: Path, run: Run) -> Damaged:
    return Damaged(
        "journal.foreign",
        tr(
            "the resources in {path} were noted in another folder or on another machine: {place}",
            path=path,
            place=identity.told(run.facts.get("root")),
        ),
        hint=tr("take them back there; if they are gone, remove {path}", path=path),
        path=str(path),
    )
