"""Runs that were put away: their ids, in order, and their journals."""

from __future__ import annotations

import io
import os
from typing import TYPE_CHECKING

from installer import files, journal
from installer.errors import Damaged
from installer.i18n import tr
from installer.run_ids import by_time, is_run_id
from installer.state import fold

if TYPE_CHECKING:
    from pathlib import Path

    from installer.layout import Layout
    from installer.state import Run


def run_ids(at: Layout) -> list[str]:
    """The ids of archived runs, oldest first."""
    if not at.runs.is_dir():
        return []
    names = (name for name in os.listdir(at.runs) if is_run_id(name))
    return sorted((name for name in names if find(at, name)), key=by_time)


def find(at: Layout, install_id: str) -> Path | None:
    """Where the journal of an archived run lies."""
    for name in ("journal.jsonl.gz", "journal.jsonl"):
        if (path := at.runs / install_id / name).exists():
            return path
    return None


def unpacked(at: Layout, install_id: str) -> tuple[Path, bytes]:
    """The journal of an archived run, and its file. Raises `Damaged`, or `KeyError` if there is none."""
    path = find(at, install_id)
    if path is None:
        raise KeyError(install_id)
    import zlib  # with gzip 4 ms: most commands look at the current run only

    try:
        data = files.content(path)
        return path, _inflated(data) if path.suffix == ".gz" else data
    except (OSError, EOFError, ValueError, zlib.error) as error:
        raise unreadable(path, str(error)) from error


def unreadable(path: Path, why: str) -> Damaged:
    """The error for an archived journal that is not what it was."""
    return Damaged(
        "journal.damaged",
        tr("the journal of an earlier run cannot be trusted: {path}: {why}", path=path, why=why),
        hint=tr("move it away to go on without that run"),
        path=str(path),
    )


def _inflated(data: bytes) -> bytes:
    """What was compressed, unless it is more than any journal of ours. Raises `ValueError` for that."""
    import gzip

    with gzip.GzipFile(fileobj=io.BytesIO(data)) as stream:
        found = stream.read(files.LARGEST + 1)
    if len(found) > files.LARGEST:
        raise ValueError("it is too large")
    return found


def packed(data: bytes, path: Path) -> bytes:
    """A journal as it is kept at `path`."""
    if path.suffix != ".gz":
        return data
    import zlib

    return zlib.compress(data, 9, wbits=31)  # a gzip file, which names no time


def read(at: Layout, install_id: str) -> Run:
    """A closed run that was put away. Raises `Damaged`, or `KeyError` if there is none."""
    path, data = unpacked(at, install_id)
    return fold(journal.decode(data, path).entries)
