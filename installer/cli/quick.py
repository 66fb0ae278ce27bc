"""The plain forms of `quickstart.py`, `manage.py rollback` and `restore RUN`: no parser for people.

The two ways back are gone by any interpreter, and need no package.

What is in the way of it (a manifest to check, a terminal to draw on, a flag that is not among the few) is left to the
full command line, which does the very same: there is one way back.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from installer import ci

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import TextIO

    from installer.cli.asked import Asked

_YES = frozenset(("-y", "--yes"))
_QUIET = frozenset(("-q", "--quiet"))
_FLAGS = _YES | _QUIET
_WORDS = {"rollback": 1, "restore": 2}  # the verbs, and how many words they are with what they are about


def installs(argv: Sequence[str]) -> bool:
    """Say whether `argv`, of `quickstart.py`, is a plain call: a parser for people takes longer than many a phase."""
    asked, words = ci.split(list(argv))
    return asked in ci.NAMES and _FLAGS.issuperset(words)


def install(argv: Sequence[str]) -> int:
    """Do what `argv`, which is one of those, asks for; returns the exit code."""
    from installer.cli import installing

    return installing.quickstart(_asked(argv))


def takes(argv: Sequence[str]) -> bool:
    """Say whether `argv` is a way back that needs nothing but the standard library, in the folder that we are in."""
    asked, words = ci.split([each for each in argv if each not in _FLAGS])
    if asked not in ci.NAMES or words[:1] != argv[:1] or any(each.startswith("-") for each in words):
        return False
    if len(words) != _WORDS.get(words[0]) or not all(words):
        return False
    return not _has_manifest() and (bool(_QUIET.intersection(argv)) or not _is_terminal(sys.stderr))


def go(argv: Sequence[str]) -> int:
    """Do what `argv`, which is one of those, asks for; returns the exit code."""
    from installer.cli import back

    if argv[0] == "rollback":
        return back.roll_back(_asked(argv))
    return back.restore(_asked(argv), next(each for each in ci.split(argv[1:])[1] if each not in _FLAGS))


def _asked(argv: Sequence[str]) -> Asked:
    from installer.cli.asked import Asked

    yes = True if _YES.intersection(argv) else None
    return Asked(volume="quiet" if _QUIET.intersection(argv) else "normal", yes=yes, flags={"yes": yes})


def _has_manifest() -> bool:
    """Is there one, or what may be one? To check it takes more than the standard library."""
    from pathlib import Path

    from installer.errors import Precondition
    from installer.project import MANIFEST, find_root

    try:
        root = find_root(Path())
        return (root / MANIFEST).exists() or b"surefoot" in (root / "pyproject.toml").read_bytes()
    except FileNotFoundError:
        return False
    except (OSError, Precondition):  # the full command line says it
        return True


def _is_terminal(stream: TextIO) -> bool:
    try:
        return stream.isatty()
    except ValueError:
        return False
