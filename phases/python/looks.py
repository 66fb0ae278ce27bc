"""One walk through an environment, for all checks that come one after the other: what each of its files is.

A walk is believed for a second, and only while no program was begun or ended after it: nobody else writes in a staging
environment but installers, and what the project's own steps start. Reads only; standard library.
"""

from __future__ import annotations

import os
import stat
import threading
import time
from typing import TYPE_CHECKING

from installer import process
from installer.frozen import dataclass

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

PASSED_OVER = frozenset(("__pycache__", "node_modules"))
_OF_OTHERS = frozenset(("bin", "Scripts"))  # commands: no import reads them, and some name the place
_SECONDS = 1.0

_walking = threading.Lock()
_last: list[tuple[str, int, float, Look]] = []


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """The ordinary `files` in the folders of an environment by their full paths, commands and bytecode left out.

    strange  something else is among them: a link, a pipe
    """

    files: Mapping[str, os.stat_result]
    strange: bool


def at(env: Path) -> Look:
    """What `env` held at the last look, if that still counts, else now. Raises `OSError` as `walk` does."""
    with _walking:  # several checks may ask at once
        key, now_at, now = str(env), process.number(), time.monotonic()
        for place, number, moment, look in _last:
            if (place, number) == (key, now_at) and now - moment < _SECONDS:
                return look
        look = walk(env)
        _last[:] = [(key, now_at, now, look)]
        return look


def last(env: Path) -> Look | None:
    """As `at`; None where it cannot be read, so that each file is looked for, which says more."""
    try:
        return at(env)
    except OSError:
        return None


def walk(env: Path) -> Look:
    """What `env` holds now. Raises `OSError` where it cannot be read."""
    found: dict[str, os.stat_result] = {}
    strange = False
    with os.scandir(env) as entries:
        folders = [each.path for each in entries if each.name not in _OF_OTHERS and each.is_dir(follow_symlinks=False)]
    while folders:
        with os.scandir(folders.pop()) as entries:
            for entry in entries:
                status = entry.stat(follow_symlinks=False)
                kind = stat.S_IFMT(status.st_mode)
                if kind == stat.S_IFREG:
                    found[entry.path] = status
                elif kind != stat.S_IFDIR:
                    strange = True
                elif entry.name not in PASSED_OVER:
                    folders.append(entry.path)
    return Look(files=found, strange=strange)
