"""What a verb has to say on standard output: lines for people, or one JSON object a line."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from installer.i18n import tr
from installer.show.words import clean

if TYPE_CHECKING:
    from collections.abc import Sequence

    from installer.cli.options import Asked
    from installer.model import Json

PENDING = 11  # changes are pending (with --detailed-exitcode)


def say(*lines: str) -> None:
    """Print lines."""
    sys.stdout.write("".join(f"{line}\n" for line in lines))
    sys.stdout.flush()


def emit(event: str, **facts: object) -> None:
    """Print one JSON object, in the form of the events."""
    from installer.show.jsonlines import line

    body: Json = {"event": event, **facts}
    sys.stdout.write(line(body))
    sys.stdout.flush()


def foretell(asked: Asked, event: str, action: str, planned: Sequence[str]) -> int:
    """Say what would be done; returns the exit code of a dry run: 11 for pending changes where that was asked for."""
    if asked.as_json:
        emit(event, action=action, dry_run=True, planned=list(planned))
    elif not planned:
        say(tr("Nothing to do."))
    else:
        say(*map(clean, planned), "", tr("A dry run: nothing was changed."))
    return PENDING if planned and asked.detailed else 0


def table(rows: Sequence[Sequence[str]], *, indent: str = "") -> list[str]:
    """`rows` in columns as wide as needed; the last one runs free."""
    widths = [max(map(width, column)) for column in zip(*rows, strict=True)] if rows else []
    return [
        (indent + "  ".join(cell + " " * (size - width(cell)) for cell, size in zip(row, widths, strict=True))).rstrip()
        for row in rows
    ]


def width(text: str) -> int:
    """How many columns `text` takes on a terminal: Chinese characters take two."""
    from unicodedata import east_asian_width

    return sum(2 if east_asian_width(letter) in "WF" else 1 for letter in text) if not text.isascii() else len(text)
