"""`RollbackManager`: a queue of undo actions for resources that were created, run newest first when something fails.

    with RollbackManager() as created:
        create_volume("data")
        created.add_action("volume", "data", "Create the data volume", ("docker", "volume", "rm", "data"))
        ...                       # an exception, Ctrl-C included, takes back what is registered; success keeps it

Use it for resources that have no transaction of their own: one that has (a database) should use that.
"""

from __future__ import annotations

import logging
import os
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Literal, Self

from installer.redact import redact
from installer.undo_actions import TYPES, Action, AlreadyGone, Result, RollbackFailed, Way, carry_out, checked

if TYPE_CHECKING:
    from types import TracebackType

    from installer.resource_journal import ResourceJournal
    from installer.store import Store

__all__ = ["TYPES", "AlreadyGone", "Result", "RollbackFailed", "RollbackManager", "new_rollback_manager"]

State = Literal["open", "cleared", "rolled back", "rollback incomplete"]
Alert = Callable[[RollbackFailed], object]
Observer = Callable[[Result], object]

_log = logging.getLogger("surefoot.rollback")


class RollbackManager:
    """Undo actions in the order in which their resources came; `state` says how it ended.

    timeout   seconds for each action that has none of its own; a callable with a time-out runs in a thread
    alert     called with the `RollbackFailed` when a rollback itself fails
    observer  called with every `Result`
    journal   a file, or a project's `Store`: commands and Undo data then survive a crash, see `recover`
    root      where commands run and what Undo data are relative to (default: the current folder)

    Threads may share one.
    """

    def __init__(
        self,
        *,
        timeout: float | None = None,
        alert: Alert | None = None,
        observer: Observer | None = None,
        journal: str | os.PathLike[str] | Store | None = None,
        root: str | os.PathLike[str] | None = None,
    ) -> None:
        """Raises `Conflict` if the journal holds resources of an earlier program, `Locked` if one is using it."""
        self.state: State = "open"
        self._timeout = timeout
        self._alert = alert
        self._observer = observer
        self._root = Path(os.path.abspath(root or Path.cwd()))
        self._actions: list[Action] = []
        self._numbers = 0
        self._lock = threading.RLock()
        self._parent: RollbackManager | None = None
        self._journal = _journal(journal)
        if self._journal is not None:
            self._journal.begin()

    @classmethod
    def recover(
        cls,
        journal: str | os.PathLike[str] | Store,
        *,
        alert: Alert | None = None,
        observer: Observer | None = None,
        root: str | os.PathLike[str] | None = None,
    ) -> RollbackManager:
        """The manager that a killed program left in `journal`: `count()` resources that `rollback()` takes back.

        Raises `Locked` while that program lives.
        """
        manager = cls(alert=alert, observer=observer, root=root)
        manager._journal = _journal(journal)
        if manager._journal is not None:
            manager._actions = manager._journal.open()
            manager._numbers = max((each.number for each in manager._actions), default=0)
        return manager

    def add_action(
        self,
        action_type: str,
        resource_id: str,
        description: str,
        undo: Way,
        *,
        timeout: float | None = None,
        gone: tuple[str, ...] = (),
    ) -> None:
        """Register how to take back a resource. Call it once the resource is there, and only then.

        `undo` is a callable, a command as a tuple of words, or an Undo datum; it should be harmless when repeated. It
        may raise `AlreadyGone`; for a command, `gone` are words in its output that mean the same. Raises `UsageError`.
        """
        with self._lock:
            given = Action(
                number=self._next_number(),
                type=action_type,
                resource=resource_id,
                description=description,
                undo=undo,
                timeout=timeout if timeout is not None else self._timeout,
                gone=gone,
            )
            action = checked(given)
            self._actions.append(action)  # before the record: a full disk must not make us forget it
            self.state = "open"
            if (journal := self._outermost()._journal) is not None:  # noqa: SLF001 -- one of us
                journal.added(action)

    def count(self) -> int:
        """How many resources would be taken back."""
        with self._lock:
            return len(self._actions)

    def actions(self) -> tuple[Action, ...]:
        """What would be taken back, in the order in which it came."""
        with self._lock:
            return tuple(self._actions)

    def clear(self) -> None:
        """All went well: forget the actions. A nested manager hands them to the one around it."""
        with self._lock:
            if self._parent is not None:
                self._parent._actions += self._actions  # noqa: SLF001 -- one of us
            elif self._journal is not None:
                self._journal.ended("done")
            self._actions = []
            self.state = "cleared"

    def rollback(self) -> tuple[Result, ...]:
        """Take back every resource, newest first, whatever fails on the way.

        What could not be taken back stays registered. Raises `RollbackFailed` with all failures, after the alert.
        """
        results = self._take_back()
        failed = any(each.outcome == "failed" for each in results)
        self.state = "rollback incomplete" if failed else "rolled back"
        if self._parent is None and self._journal is not None:
            self._journal.ended(self.state)
        level = logging.ERROR if failed else logging.INFO
        _log.log(level, "%s: %d of %d taken back", self.state, len(results) - self.count(), len(results))
        if failed:
            error = RollbackFailed(results)
            self._call(self._alert, error)
            raise error
        return results

    def nested(self) -> RollbackManager:
        """A manager for a part of the work: its failure takes back that part only, its success adds it to this one."""
        inner = RollbackManager(timeout=self._timeout, alert=self._alert, observer=self._observer, root=self._root)
        inner._parent, inner._lock = self, self._lock
        return inner

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Success clears; anything raised, Ctrl-C and exit included, rolls back and goes on up."""
        if error is None:
            self.clear()
            return
        try:
            self.rollback()
        except RollbackFailed as failed:  # the cause stays the error; what is left is told with it, and to the alert
            error.add_note("\n".join((failed.message, *failed.details)))

    def _take_back(self) -> tuple[Result, ...]:
        _log.info("rollback: %d actions", len(self._actions))
        journal = self._outermost()._journal  # noqa: SLF001 -- one of us
        if journal is not None and self._parent is None and self._actions:
            journal.rolling_back()
        results = []
        for action in reversed(tuple(self._actions)):
            result = self._try(action)
            if result.outcome != "failed":
                if journal is not None:
                    journal.undone(action)
                with self._lock:
                    self._actions.remove(action)
            results.append(result)
            _log.log(logging.ERROR if result.outcome == "failed" else logging.INFO, "%s", redact(str(result)))
            self._call(self._observer, result)
        return tuple(results)

    def _try(self, action: Action) -> Result:
        started = time.monotonic()

        def result(outcome: Literal["undone", "gone", "failed"], error: BaseException | None = None) -> Result:
            return Result(action=action, outcome=outcome, seconds=round(time.monotonic() - started, 3), error=error)

        try:
            carry_out(action, self._root)
        except AlreadyGone:
            return result("gone")
        except (Exception, SystemExit) as error:  # noqa: BLE001 -- whatever one undo raises, the others must run
            return result("failed", error)
        return result("undone")

    def _outermost(self) -> RollbackManager:
        return self if self._parent is None else self._parent._outermost()  # noqa: SLF001 -- one of us

    def _next_number(self) -> int:
        outermost = self._outermost()
        outermost._numbers += 1  # noqa: SLF001 -- one of us
        return outermost._numbers  # noqa: SLF001 -- one of us

    @staticmethod
    def _call(hook: Callable[..., object] | None, what: object) -> None:
        """A hook that fails must not stop a rollback."""
        try:
            if hook is not None:
                hook(what)
        except Exception:  # noqa: BLE001 -- it is somebody else's code
            _log.exception("a hook of the rollback failed")


def new_rollback_manager(**given: object) -> RollbackManager:
    """A `RollbackManager`; the same arguments."""
    return RollbackManager(**given)  # type: ignore[arg-type]  # the constructor checks them by name


def _journal(place: str | os.PathLike[str] | Store | None) -> ResourceJournal | None:
    from installer.resource_journal import ResourceJournal
    from installer.store import Store

    if place is None:
        return None
    return ResourceJournal(place if isinstance(place, Store) else Path(place))
