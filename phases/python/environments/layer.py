"""An environment as a layer of a container image: the same inputs, the same bytes, and nothing beside it.

Taken out is what says when and where it was made: compiled files (Python makes them again), uv's note of when a local
package was built, the name of the run, and, where SOURCE_DATE_EPOCH is set, every file's time.
"""

from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING

from installer import files
from phases.python.environments import places
from phases.python.timeless import CACHE_NOTE, timeless

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_NOBODYS_RUN = "00000000_000000"


def settle(env: Path, moment: int | None) -> None:
    """Make `env` a layer; `moment` in seconds since 1970 becomes the time of all in it. Once more changes nothing.

    Cut short, it is an environment that is proven by its contents at the next start.
    """
    for folder in [path for path in _folders(env) if path.name == "__pycache__"]:
        files.remove_tree(folder, durable=False)
    for site in places.site_packages(env):
        for note in sorted(site.glob(f"*.dist-info/{CACHE_NOTE}")):
            _forget(note, site)
    marker = places.read_marker(env)
    if marker is not None:
        named = places.Current(install_id=_NOBODYS_RUN, key=marker.key, root=marker.root)
        files.replace(env / places.MARKER, places.marker_text(named), mode=0o644, lasting="nothing")
    if moment is not None:
        _date(env, moment)
    files.sync_tree(env)


def moment() -> int | None:
    """SOURCE_DATE_EPOCH (https://reproducible-builds.org/specs/source-date-epoch/); None where it is not set."""
    told = os.environ.get("SOURCE_DATE_EPOCH", "")
    return int(told) if told.isascii() and told.isdecimal() else None


def _forget(note: Path, site: Path) -> None:
    """Remove the note, and its line in the RECORD."""
    record = note.with_name("RECORD")
    data = timeless(record.relative_to(site).as_posix(), record.read_bytes())
    files.replace(record, data, mode=stat.S_IMODE(record.stat().st_mode), lasting="nothing")
    files.remove(note, durable=False)


def _date(env: Path, seconds: int) -> None:
    """The time of every file and folder, inner ones first. A file that the installer's cache shares becomes our own."""
    for path in _files(env):
        status = path.lstat()
        if stat.S_ISREG(status.st_mode) and status.st_nlink > 1:
            files.copy(path, path, mode=stat.S_IMODE(status.st_mode), durable=False)
    for path in (*_files(env), *_folders(env)):
        files.set_time(path, seconds * 1_000_000_000)


def _files(env: Path) -> list[Path]:
    return [env / name for name, entry in files.walk(env) if not entry.is_dir(follow_symlinks=False)]


def _folders(env: Path) -> Iterator[Path]:
    """Every folder, inner ones first, the environment itself last."""
    found = [env / name for name, entry in files.walk(env) if entry.is_dir(follow_symlinks=False)]
    yield from sorted(found, key=lambda path: len(path.parts), reverse=True)
    yield env
