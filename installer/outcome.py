"""How a command ended."""

from __future__ import annotations

from typing import TYPE_CHECKING

from installer.frozen import dataclass

if TYPE_CHECKING:
    from installer.errors import InstallerError
    from installer.model import Json, Step


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What the CLI prints and what gives the exit code.

    `state`: "done", "degraded", "nothing", "failed", "rolled back", "rollback incomplete" or "dry-run".
    """

    state: str
    install_id: str = ""
    steps: tuple[Step, ...] = ()
    error: InstallerError | None = None
    problems: tuple[str, ...] = ()
    conflicts: tuple[str, ...] = ()
    kept: tuple[str, ...] = ()
    warnings: tuple[Json, ...] = ()
    undone: int = 0
    completed: tuple[str, ...] = ()
