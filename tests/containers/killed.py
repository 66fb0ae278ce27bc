"""`manage.py`, killed as by `kill -9` at one boundary: usage: killed.py N begun|done WORDS…

begun: just after the N-th Intent is on disk, before anything of its step; done: after all of its step, just before
that is noted.
"""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from installer.cli.main import manage
from installer.logbook import Logbook
from installer.model import Done, Intent, Record

_record = Logbook.record


class Boundary:
    """Counts the steps."""

    def __init__(self, number: int, *, done: bool) -> None:
        self.left = number
        self.done = done

    def record(self, book: Logbook, record: Record) -> None:
        """What the logbook does, up to the boundary."""
        self.left -= isinstance(record, Intent)
        if self.left == 0 and self.done and isinstance(record, Done):
            os.kill(os.getpid(), signal.SIGKILL)
        _record(book, record)
        if self.left == 0 and not self.done:
            os.kill(os.getpid(), signal.SIGKILL)


def main() -> int:
    """Run the command line."""

    boundary = Boundary(int(sys.argv[1]), done=sys.argv[2] == "done")

    def record(book: Logbook, what: Record) -> None:
        boundary.record(book, what)

    Logbook.record = record  # type: ignore[method-assign, assignment]
    return manage(sys.argv[3:])


if __name__ == "__main__":
    sys.exit(main())
