"""Questions to a person. Without a terminal nothing is asked: the default holds."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Literal

from installer.i18n import tr
from installer.show.words import clean

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

Choice = Literal["resume", "restart", "rollback", "quit"]

_NO = frozenset(("", "0", "false", "no"))


def interactive() -> bool:
    """Is there a person who can answer?"""
    try:
        return sys.stdin.isatty() and sys.stderr.isatty()
    except (AttributeError, ValueError):  # closed, or none at all
        return False


def in_ci(environ: Mapping[str, str] = os.environ) -> bool:
    """Does a build server run us? All of them set CI."""
    return environ.get("CI", "").lower() not in _NO


def confirm(question: str, *, default: bool) -> bool:
    """Ask `question` (it ends in [Y/n] or [y/N]); an empty answer, or the end of input, is the default."""
    answer = _read(question).lower()
    return default if not answer else answer in {"y", "yes", "是", "好"}


def unfinished(install_id: str, phase: str, completed: Sequence[str]) -> None:
    """Say that a run was found unfinished."""
    sys.stderr.write(
        "\n".join(
            (
                tr("🔍 An unfinished installation was found"),
                tr("Install ID: {install_id}", install_id=install_id),
                tr("Current phase: {phase}", phase=clean(phase) or "-"),
                tr("Completed: {phases}", phases=", ".join(map(clean, completed)) or "-"),
                "",
            )
        )
    )


def half_way_back(install_id: str) -> None:
    """Say that a rollback was found unfinished."""
    sys.stderr.write(
        "\n".join(
            (
                tr("🔍 An unfinished rollback was found"),
                tr("Install ID: {install_id}", install_id=install_id),
                "",
            )
        )
    )


def ask_way_back() -> Choice:
    """Go on with the rollback, or leave everything as it is?"""
    return "resume" if confirm(tr("⚡ Go on with the rollback? [Y/n]"), default=True) else "quit"


def ask_resume() -> Choice:
    """Continue, start anew (r), take it all back (b), or leave it (n)? What is not understood is asked again."""
    while True:
        sys.stderr.write(tr("y: continue · n: leave it · r: start anew · b: take it back") + "\n")
        answer = _read(tr("⚡ Continue from the checkpoint? [Y/n]")).lower()
        if answer in {"", "y", "yes", "是", "好"}:
            return "resume"
        if answer in {"n", "no", "否"}:
            return "quit"
        if answer in {"r", "restart"}:
            return "restart"
        if answer in {"b", "back", "rollback"}:
            return "rollback"


def _read(question: str) -> str:
    sys.stderr.write(question + " ")
    sys.stderr.flush()
    answer = sys.stdin.readline()
    if not answer.endswith("\n"):
        sys.stderr.write("\n")  # the end of input: what follows begins on a line of its own
    return answer.strip()
