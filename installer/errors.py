"""What can go wrong, in a form for people and for scripts: a stable code, an exit code, what to do next.

The message says what failed and on what; `state` (filled in by the engine) what is kept and what was taken back;
`hint` the next command. Exit codes are those of docs/commands.md.
"""

from __future__ import annotations

from typing import Any


class InstallerError(Exception):
    """A known failure. `code` is stable; `details` are further lines for people; `facts` are for scripts."""

    exit_code = 1

    def __init__(
        self,
        code: str,
        message: str,
        *,
        hint: str = "",
        details: tuple[str, ...] = (),
        **facts: Any,
    ) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.hint = hint
        self.details = details
        self.facts = facts

    def as_json(self) -> dict[str, Any]:
        """The same facts that the text shows."""
        return {
            "code": self.code,
            "exit_code": self.exit_code,
            "message": self.message,
            "details": list(self.details),
            "hint": self.hint,
            **({"facts": self.facts} if self.facts else {}),
        }


class StepFailed(InstallerError):
    """A step's command or check failed; the run can go on once the cause is mended."""


class UsageError(InstallerError):
    """The command line or the manifest is wrong."""

    exit_code = 2


class Locked(InstallerError):
    """Another run holds the lock."""

    exit_code = 3


class Damaged(InstallerError):
    """State on disk cannot be trusted, or was written by a newer version."""

    exit_code = 4


class RollbackIncomplete(InstallerError):
    """Something could not be taken back; it is listed."""

    exit_code = 5


class Precondition(InstallerError):
    """Something that must be there is missing; the hint mends it."""

    exit_code = 6


class Unavailable(InstallerError):
    """Network, index, registry or engine did not answer: trying again later may help."""

    exit_code = 7


class NotAllowed(InstallerError):
    """Not authenticated or not allowed."""

    exit_code = 8


class Refused(InstallerError):
    """Refused for security: a path, an option, a hash, an archive that must not be trusted."""

    exit_code = 9


class Conflict(InstallerError):
    """A change of the user's is in the way: a choice is needed."""

    exit_code = 10


class StopRequested(KeyboardInterrupt):
    """A signal asked us to stop. Not an `Exception`, like Ctrl-C: nothing on the way to the door may catch it."""

    def __init__(self, signal_number: int) -> None:
        super().__init__(signal_number)
        self.signal_number = signal_number


class Interrupted(InstallerError):
    """What the door says after a signal; the run is resumable."""

    exit_code = 130

    def __init__(self, signal_number: int) -> None:
        super().__init__("interrupted", f"interrupted by signal {signal_number}")
        self.signal_number = signal_number
        self.exit_code = 128 + signal_number
