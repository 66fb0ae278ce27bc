"""`manage.py rollback` in its plain form, by any interpreter: no parser for people, no package, no phase.

What is in the way of it (a manifest to check, a terminal to draw on, a flag that is not among the few) is left to the
full command line, which does the very same: there is one way back.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import TextIO

    from installer.cli.asked import Asked

_YES = frozenset(("-y", "--yes"))
_QUIET = frozenset(("-q", "--quiet"))
_FLAGS = _YES | _QUIET


def takes(argv: Sequence[str]) -> bool:
    """Say whether `argv` is a rollback that needs nothing but the standard library, in the folder that we are in."""
    if argv[:1] != ["rollback"] or not set(argv[1:]) <= _FLAGS:
        return False
    return not _has_manifest() and (bool(_QUIET.intersection(argv)) or not _is_terminal(sys.stderr))


def asked(argv: Sequence[str]) -> Asked:
    """What `argv`, which is one of those, asks for."""
    from installer.cli.asked import Asked

    yes = True if _YES.intersection(argv) else None
    return Asked(volume="quiet" if _QUIET.intersection(argv) else "normal", yes=yes, flags={"yes": yes})


def _has_manifest() -> bool:
    """Is there one, or what may be one? To check it takes more than the standard library."""
    from pathlib import Path

    from installer.project import MANIFEST, find_root

    root = find_root(Path())
    try:
        return (root / MANIFEST).exists() or b"surefoot" in (root / "pyproject.toml").read_bytes()
    except FileNotFoundError:
        return False
    except OSError:
        return True


def _is_terminal(stream: TextIO) -> bool:
    try:
        return stream.isatty()
    except ValueError:
        return False
