"""The activation script of an environment that was made to be moved."""

from __future__ import annotations

import os
import shlex
from typing import TYPE_CHECKING

from installer import files
from phases.python.environments import places

if TYPE_CHECKING:
    from pathlib import Path

_COMPUTED = b"VIRTUAL_ENV=''\"$(dirname -- "


def name_place(env: Path, place: Path) -> None:
    """Tell `activate` where the environment will be, for shells that cannot say where a script is.

    bash, zsh and ksh can; `sh`, which runs the lines of a Dockerfile, cannot. Where uv wrote no such script, nothing
    is done.
    """
    script = places.scripts(env) / "activate"
    try:
        text = script.read_bytes()
    except OSError:
        return
    start = text.find(_COMPUTED)
    if start < 0 or b"SCRIPT_PATH" not in text:
        return
    path = os.fsencode(shlex.quote(str(places.scripts(place) / "activate")))
    told = b'if [ -z "${SCRIPT_PATH-}" ] ; then\n    SCRIPT_PATH=' + path + b"\nfi\n"
    mode = script.stat().st_mode & 0o777
    files.replace(script, text[:start] + told + text[start:], mode=mode, lasting="nothing")  # the seal flushes all
