"""GitLab CI: folds. It has no annotations in a log: warnings are lines with the file and line in them."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from installer.show.grouped import Grouped
from installer.show.words import clean

if TYPE_CHECKING:
    from installer.show.places import Place

_CLEAR = "\x1b[0K"


class GitLab(Grouped):
    """An observer: see `Grouped`. The marks are those of GitLab's "Custom collapsible sections"."""

    def opening(self, number: int, title: str) -> str:
        """The mark that begins a fold, and its title."""
        return f"{_CLEAR}section_start:{int(time.time())}:surefoot_{number}[collapsed=true]\r{_CLEAR}{clean(title)}"

    def closing(self, number: int) -> str:
        """The mark that ends it."""
        return f"{_CLEAR}section_end:{int(time.time())}:surefoot_{number}\r{_CLEAR}"

    def warning(self, text: str, place: Place) -> str:  # noqa: ARG002 -- there is no such command
        """Nothing: lines do."""
        return ""
