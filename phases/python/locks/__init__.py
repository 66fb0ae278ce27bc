"""Lock files of other tools, one module a format, all read into the same shape."""

from __future__ import annotations

import tomllib
from importlib import import_module
from typing import TYPE_CHECKING

from installer.errors import StepFailed
from installer.i18n import tr

if TYPE_CHECKING:
    from pathlib import Path

    from phases.python.locks.entry import Entry
    from phases.python.needs import LockFormat

_MODULES = {"poetry": "poetry_lock", "pdm": "pdm_lock", "uv": "uv_lock"}
_MEND = "mend it, then run the same command again"


def read(kind: LockFormat, path: Path) -> tuple[Entry, ...]:
    """What the lock file `path` holds. Raises `StepFailed` where it cannot be read."""
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
        entries: tuple[Entry, ...] = import_module(f"phases.python.locks.{_MODULES[kind]}").entries(document)
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        message = tr("cannot read {path}: {error}", path=path.name, error=error)
        raise StepFailed("lock.unreadable", message, hint=tr(_MEND)) from error
    except (KeyError, TypeError, AttributeError) as error:
        message = tr("{path} is not a {kind} lock as we know it", path=path.name, kind=kind)
        raise StepFailed("lock.shape", message, hint=tr(_MEND)) from error
    return entries
