"""What an installer's output means: one clear error of ours for each known way to fail."""

from __future__ import annotations

import os
import re
import signal
from typing import TYPE_CHECKING

from installer.errors import InstallerError, StepFailed, Unavailable
from installer.i18n import tr
from installer.redact import redact
from phases.python.failure_case import Case, Where, end
from phases.python.failure_kinds import KINDS, BuildFailed

if TYPE_CHECKING:
    from installer.model import Finished

__all__ = ["BuildFailed", "Where", "explain", "is_transient", "nowhere"]


def nowhere(name: str) -> str:  # noqa: ARG001  # the shape of `Where`
    """For those who cannot say who asked for a requirement."""
    return ""


def explain(finished: Finished, doing: str, where: Where = nowhere, *, offline: bool = False) -> InstallerError:
    """The error behind a failed uv or pip, most certain cause first.

    `doing` ends the sentence "could not …"; `where` tells which file and line asks for a distribution; `offline`: pip,
    which knows no such thing, was kept from the network.
    """
    output = redact(finished.stdout + "\n" + finished.stderr)
    if offline and (found := re.search(r"No matching distribution found for ([^\s(]+)", output)):
        output = f"`{found[1]}` was not found in the cache; the network was disabled"
    errors = (recognise(Case(output, doing, where)) for recognise in KINDS)
    return next(filter(None, errors), None) or StepFailed(
        "python.failed",
        tr("could not {doing}", doing=doing),
        details=(*end(output), *_signal(finished)),
        hint=tr("the installer was killed; the system may have run out of memory") if finished.status < 0 else "",
        status=finished.status,
    )


def _signal(finished: Finished) -> tuple[str, ...]:
    """Which signal ended it, if one did."""
    if finished.status >= 0:
        return ()
    name = signal.Signals(-finished.status).name
    return (tr("`{program}` was ended by {signal}", program=os.path.basename(finished.argv[0]), signal=name),)


def is_transient(error: InstallerError) -> bool:
    """Would the same command a moment later have a chance?"""
    return isinstance(error, Unavailable) and error.code == "python.unavailable"
