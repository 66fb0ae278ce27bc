"""What the verbs about images, apps and volumes have in common: run a plan, or say that a listing needs none."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from installer.cli import plans
from installer.cli.outcome import finish

if TYPE_CHECKING:
    from installer.cli.session import Session
    from installer.model import Json


def carry_out(session: Session, kind: str, verb: str, args: Json, done: str) -> int:
    """Run the plan of `verb` as a run of `kind`, or show it; returns the exit code.

    The same command goes on with its own unfinished run; any other has to be ended first (`Precondition`).
    """
    run, wish = session.store.current(), {"verb": verb, "args": args}
    if not (plans.is_open(run) and run.kind == kind and run.facts.get("wish") == wish):
        plans.refuse_while_open(run)
    started = time.monotonic()
    with session.engine(plans.containers(session, kind, verb, args)) as engine:
        outcome = engine.preview() if session.asked.dry_run else engine.run()
    return finish(session, outcome, seconds=time.monotonic() - started, done="" if session.asked.dry_run else done)
