"""The command line, which kills itself: at the N-th Intent ("intent"), or before the N-th Done or Undone is noted."""

from __future__ import annotations

import os
import signal
import sys
from typing import TYPE_CHECKING, Any

from installer.logbook import Logbook

if TYPE_CHECKING:
    from installer.model import Record


def main(at: str, kind: str, words: list[str]) -> int:
    """Run `manage.py WORDS` to the boundary number `at`; `kind` is the record there."""
    from installer.cli.main import manage

    real: Any = Logbook.record
    seen = 0

    def record(self: Logbook, entry: Record) -> Any:
        nonlocal seen
        if type(entry).__name__ != kind:
            return real(self, entry)
        seen += 1
        if kind == "Intent":
            real(self, entry)
        if seen == int(at):
            os.kill(os.getpid(), signal.SIGKILL)
        return None if kind == "Intent" else real(self, entry)

    Logbook.record = record  # type: ignore[method-assign, assignment]
    return manage(words)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2], sys.argv[3:]))
