"""How far the journal had come when a view of it was written: an older copy, or one that lost its end, is noticed.

A journal proves itself from its first line to any later one, but not that nothing followed. So both views carry a mark:
the progress file that of the last record, rollback.sh that of the last one that changes what must be taken back.
A view is written after the journal is synced; so no crash, and no power cut, leaves a journal shorter than a mark. The
mark has a checksum of its own: one that rotted says nothing, since a view must not make a good journal suspect.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from installer import files
from installer.frozen import dataclass
from installer.hashing import sha256
from installer.run_ids import is_run_id

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

LINE = "# journal: "  # what the mark stands behind in rollback.sh
FIELD = "journal"  # and in the progress file
_LONGEST = 18  # digits of a number that can be one of a record
_HEAD = 4096  # bytes of rollback.sh in which its mark is


@dataclass(frozen=True, slots=True)
class Mark:
    """The record number `seq` of the run `run`, with its checksum."""

    run: str
    seq: int
    checksum: str

    def __str__(self) -> str:
        text = f"{self.run} {self.seq} {self.checksum}"
        return f"{text} {_own(text)}"


def parse(text: object) -> Mark | None:
    """The mark in `text`; None for anything that is not wholly one."""
    words = text.split(" ") if isinstance(text, str) and text.isascii() else []
    if len(words) != len(("run", "seq", "checksum", "own")) or not is_run_id(words[0]):
        return None
    if not words[1].isdecimal() or len(words[1]) > _LONGEST:
        return None
    mark = Mark(words[0], int(words[1]), words[2])
    return mark if text == str(mark) else None


def marks(progress: Path, script: Path) -> Iterator[Mark]:
    """The marks that the two views carry. One that cannot be read has none."""
    for mark in (_of_progress(progress), _of_script(script)):
        if mark is not None:
            yield mark


def _of_progress(path: Path) -> Mark | None:
    try:
        data = json.loads(files.content(path))
    except (OSError, ValueError, RecursionError):
        return None
    return parse(data.get(FIELD)) if isinstance(data, dict) else None


def _of_script(path: Path) -> Mark | None:
    try:
        lines = files.content(path, most=_HEAD).decode("utf-8", "replace").splitlines()
    except OSError:
        return None
    return next((parse(line.removeprefix(LINE)) for line in lines if line.startswith(LINE)), None)


def _own(text: str) -> str:
    return sha256(text.encode()).hexdigest()[:8]
