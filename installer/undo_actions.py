"""One undo action of a `RollbackManager`: what it is, how it is carried out, how that went."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Literal

from installer.errors import Conflict, RollbackIncomplete, StepFailed, UsageError
from installer.frozen import dataclass, replace
from installer.i18n import tr
from installer.model import Command, Delete, Effect, Lasting, Undo
from installer.nearest import nearest

if TYPE_CHECKING:
    from pathlib import Path

TYPES = ("volume", "container", "config", "database", "custom")
COMMAND_TIMEOUT = 60.0  # seconds that a command may take where nothing else is said

Work = Callable[[], object]
Way = Work | tuple[str, ...] | Undo


class AlreadyGone(Exception):
    """Raised by an undo that finds nothing to take back. It counts as undone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """How one resource is taken back. `gone`: words in a command's output that mean it is not there any more."""

    number: int
    type: str
    resource: str
    description: str
    undo: Way
    timeout: float | None = None
    gone: tuple[str, ...] = ()

    def __str__(self) -> str:
        return f"{self.type} {self.resource} ({self.description})"


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """How taking back one resource went. `error` tells why it "failed"."""

    action: Action
    outcome: Literal["undone", "gone", "failed"]
    seconds: float
    error: BaseException | None = None

    def __str__(self) -> str:
        why = f": {_said(self.error)}" if self.error is not None else ""
        return f"{self.action}: {self.outcome}{why}"


class RollbackFailed(RollbackIncomplete):
    """Some resources could not be taken back; all others were. `results` has them all, `exceptions` the reasons.

    Its cause is an `ExceptionGroup` of the reasons, so that a traceback shows every one.
    """

    def __init__(self, results: tuple[Result, ...]) -> None:
        self.results = results
        failed = [each for each in results if each.outcome == "failed"]
        self.exceptions = tuple(each.error for each in failed if each.error is not None)
        super().__init__(
            "rollback.incomplete",
            tr("{failed} of {count} resources could not be taken back", failed=len(failed), count=len(results)),
            details=tuple(map(str, failed)),
            hint=tr("call rollback() again once the cause is mended: it tries what is left"),
        )
        self.__cause__ = BaseExceptionGroup("the reasons", self.exceptions) if self.exceptions else None


def checked(action: Action) -> Action:
    """`action`, if it can be one. Raises `UsageError`."""
    if action.type not in TYPES:
        near = nearest(action.type, TYPES)
        hint = f"did you mean `{near}`?" if near else f"there are: {', '.join(TYPES)}"
        raise UsageError("action.type", f"there is no action type `{action.type}`", hint=hint)
    if isinstance(action.undo, tuple) and not (action.undo and all(isinstance(each, str) for each in action.undo)):
        raise UsageError("action.undo", "a command is a tuple of words, the program first")
    if not (isinstance(action.undo, tuple | Undo) or callable(action.undo)):
        raise UsageError("action.undo", "an undo is a callable, a command (a tuple of words), or an Undo datum")
    if action.timeout is not None and action.timeout <= 0:
        raise UsageError("action.timeout", "a time-out is more than 0 seconds")
    return action


def carry_out(action: Action, root: Path) -> None:
    """Take the resource back. Raises `AlreadyGone` if there was nothing, and whatever else goes wrong."""
    undo = action.undo
    if isinstance(undo, Command):
        undo = undo.argv
    if isinstance(undo, tuple):
        _command(undo, action, root)
    elif isinstance(undo, Undo):
        _datum(undo, action, root)
    else:
        _call(undo, action)


def _call(work: Work, action: Action) -> None:
    """Call it here; with a time-out, in a thread of its own, which is left alone if it does not end."""
    try:
        _within(action.timeout, work) if action.timeout is not None else work()
    except FileNotFoundError as error:
        if error.filename is not None and os.fspath(error.filename) == action.resource:
            raise AlreadyGone from error
        raise


def _within(seconds: float, work: Work) -> None:
    raised: list[BaseException] = []

    def call() -> None:
        try:
            work()
        except BaseException as error:  # noqa: BLE001 -- carried over to the caller's thread
            raised.append(error)

    thread = threading.Thread(target=call, name="rollback", daemon=True)
    thread.start()
    thread.join(seconds)
    if thread.is_alive():
        raise TimeoutError(f"it did not end within {seconds:g} seconds")
    if raised:
        raise raised[0]


def _command(argv: tuple[str, ...], action: Action, root: Path) -> None:
    from installer import process

    process.allow()
    try:
        process.run(argv, cwd=root, env=os.environ, timeout=action.timeout or COMMAND_TIMEOUT)
    except StepFailed as error:
        said = "\n".join(error.details)
        if error.code == "process.timeout":
            raise TimeoutError(error.message) from error
        if any(word in said for word in action.gone):
            raise AlreadyGone from error
        raise


def _datum(undo: Undo, action: Action, root: Path) -> None:
    from installer import rollback
    from installer.guard import Copies
    from installer.model import RelPath
    from installer.project import STATE

    if isinstance(undo, Lasting):
        raise RollbackIncomplete("undo.lasting", undo.reason)
    if isinstance(undo, Delete):
        undo = replace(undo, scratch=True)  # whoever registered it said that it is his
    place = rollback.Place(root=root, state=RelPath(STATE), install_id="resources", skip=frozenset(), copies=Copies())
    outcome = rollback.perform(undo, {}, Effect(), place, lambda argv: _command(argv, action, root))
    if outcome.problems:
        raise RollbackIncomplete("undo.failed", "; ".join(outcome.problems))
    if outcome.conflicts:
        raise Conflict("undo.conflict", "; ".join(outcome.conflicts))


def _said(error: BaseException) -> str:
    """What an error says, in one line."""
    from installer.redact import redact

    details = " | ".join(getattr(error, "details", ())[-3:])
    return redact(" ".join(f"{type(error).__name__}: {error}{' | ' if details else ''}{details}".split()))
