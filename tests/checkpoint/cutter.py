"""Kill an update with SIGKILL before each of its syncs, half-way in each of its writes, before each of its renames.

Usage: cutter.py REPOSITORY PROJECT PHASE. Prints how often it killed; fails if a file was ever torn.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

repository, project, phase = sys.argv[1:]
sys.path.insert(0, repository)

from installer import files  # noqa: E402 -- after the path
from installer.checkpoint import resume_state, update_checkpoint  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Callable


class Budget:
    """So many operations, then the end."""

    def __init__(self, left: int) -> None:
        self.left = left

    def spend(self, last_deed: Callable[[], object] = lambda: None) -> None:
        if self.left == 0:
            last_deed()
            os.kill(os.getpid(), signal.SIGKILL)
        self.left -= 1


def mine(budget: Budget) -> None:
    """Put the budget before every operation that changes the disk."""
    write, sync, replace = files.write_all, files.sync, os.replace

    def writing(descriptor: int, data: bytes) -> None:
        budget.spend(lambda: os.write(descriptor, data[: len(data) // 2]))
        write(descriptor, data)

    def syncing(descriptor: int) -> None:
        budget.spend()
        sync(descriptor)

    def replacing(source: Any, target: Any, **folders: int | None) -> None:  # Any: as os.replace has it
        budget.spend()
        replace(source, target, **folders)

    files.write_all, files.sync, os.replace = writing, syncing, replacing  # type: ignore[assignment]


def cut(after: int) -> bool:
    """An update that is killed after so many operations. False if it came to its end."""
    child = os.fork()
    if child == 0:
        mine(Budget(after))
        update_checkpoint(phase, "completed", "x" * 1000, root=project)
        os._exit(0)
    return os.waitpid(child, 0)[1] == signal.SIGKILL


kills = 0
while cut(kills):
    kills += 1
    text = (Path(project) / ".surefoot" / "checkpoints" / "install_progress.json").read_text(encoding="utf-8")
    if json.loads(text)["schema"] != 1 or resume_state(project).install_id == "":
        sys.exit("torn")
sys.stdout.write(str(kills))
