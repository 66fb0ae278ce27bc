"""GitHub Actions: folds, and annotations at the file and line that is to blame.

The form of the commands, and what must be escaped in them, is GitHub's "Workflow commands for GitHub Actions".
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Literal

from installer.redact import redact
from installer.show.grouped import Grouped
from installer.show.places import from_workspace
from installer.show.words import clean, clean_lines

if TYPE_CHECKING:
    from installer.show.places import Place

_MOST = 60_000  # characters of a message; a line of a log is cut off somewhere above


class GitHub(Grouped):
    """An observer: see `Grouped`."""

    def opening(self, number: int, title: str) -> str:  # noqa: ARG002 -- GitHub's folds have no names
        """The command that begins a fold."""
        return f"::group::{_data(clean(title))}"

    def closing(self, number: int) -> str:  # noqa: ARG002 -- as above
        """The command that ends it."""
        return "::endgroup::"

    def warning(self, text: str, place: Place) -> str:
        """An annotation."""
        return annotation("warning", text, place, str(self._stage.root))


def annotation(level: Literal["error", "warning"], text: str, place: Place, root: str) -> str:
    """The command that annotates `place`, a file of the project at `root`, with `text`."""
    about = {}
    if place.file:
        workspace = os.environ.get("GITHUB_WORKSPACE", "")
        about["file"] = from_workspace(place.file, root, workspace)
        about |= {key: str(number) for key, number in (("line", place.line), ("col", place.column)) if number}
    words = ",".join(f"{key}={_property(value)}" for key, value in about.items())
    message = "\n".join(clean_lines(redact(text)))[:_MOST]
    return f"::{level}{' ' if words else ''}{words}::{_data(message)}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
