"""`apps reconcile --watch`: the agent's loop. Nothing of it is needed by the apps: they run on when it ends."""

from __future__ import annotations

import sys
import threading
from typing import TYPE_CHECKING

from installer.cli.failure import show
from installer.cli.session import open_session
from installer.errors import InstallerError
from installer.frozen import replace
from installer.i18n import tr

if TYPE_CHECKING:
    from installer.cli.options import Asked
    from installer.model import Json

_LONGEST = 300.0  # seconds between two looks after failures that repeat themselves
_DOUBLINGS = 10


def watch(asked: Asked, names: tuple[str, ...], mode: str, every: float) -> int:
    """Look, bring in order what is not, wait; until INT or TERM.

    A signal in the middle of a run ends it as it ends every run: resumable, and the next loop goes on with it.
    """
    args: Json = {"apps": list(names), **({"mode": mode} if mode else {})}
    failures, never = 0, threading.Event()
    if not asked.as_json:
        sys.stderr.write(
            tr("looking after the apps every {seconds} seconds; Ctrl-C ends that", seconds=f"{every:g}") + "\n"
        )
    while True:
        failures = 0 if _look(asked, args) else failures + 1
        try:
            never.wait(min(every * 2 ** min(failures, _DOUBLINGS), max(every, _LONGEST)))
        except KeyboardInterrupt:  # TERM, too
            return 0


def _look(asked: Asked, args: Json) -> bool:
    """One look, and what it asks for. False where something failed; that is said, and tried again later."""
    from installer.cli.containers import carry_out

    try:
        return (
            not _is_asked_for(asked, args)
            or carry_out(open_session(asked), "apps", "reconcile", args, tr("All is as the manifest wants it.")) == 0
        )
    except InstallerError as error:
        show(error, as_json=asked.as_json)
        return False


def _is_asked_for(asked: Asked, args: Json) -> bool:
    """Is there anything to be done? Looked up without holding the project, so that others are not kept from it."""
    from installer.cli import plans

    session = open_session(replace(asked, dry_run=True))  # the manifest may be another one by now
    if plans.is_open(session.store.current()):
        return True
    with session.engine(plans.containers(session, "apps", "reconcile", args)) as engine:
        return bool(engine.preview().steps)
