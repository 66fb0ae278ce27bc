"""`quickstart.py --no-state`: an image needs the environment only; the state folder, and with it the way back, goes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from installer import pins
from installer.cli import back
from installer.cli.output import emit, say
from installer.errors import Precondition
from installer.i18n import tr

if TYPE_CHECKING:
    from installer.cli.session import Session


def check(session: Session) -> None:
    """Raise `Precondition` where a run that ended could still be taken back: that is not given up by the way.

    One that was itself to leave no state, and was killed before that went, is finished by the same command. One of
    another folder or machine, which came along when the tree was copied, can be taken back there only.
    """
    store = session.store
    run = store.current()
    runs = [*map(store.archived, store.run_ids()), *([run] if run.outcome else [])]
    ended = [each.install_id for each in runs if not each.facts.get("no_state") and store.owns(each)]
    if not ended:
        return
    raise Precondition(
        "layer.state",
        tr("--no-state is for a fresh tree, as in an image; here {run} could still be taken back", run=ended[-1]),
        hint=tr("`manage.py clean-env --all` deletes all that was kept, or run without --no-state"),
    )


def leave_nothing_else(session: Session) -> None:
    """Make the environment a layer, then remove the state folder, but for what is the user's. The lock is in hand.

    A run that was left unfinished on purpose (`--until`) keeps its state.
    """
    run = session.store.current()
    if run.install_id and not run.outcome:
        return
    from phases.python.environments import layer, places

    with pins.pinned(session.root):
        environment = session.manifest.environment
        if environment != places.ACTIVE and places.read_marker(session.root / environment):
            layer.settle(session.root / environment, layer.moment())
        kept = back.dissolve(session)
    if session.asked.as_json:
        emit("layer", environment=environment, kept=list(kept))
    elif session.asked.volume != "quiet":
        say(tr("Nothing but the environment is left; there is no way back."))
        say(*(tr("set aside for you: {path}", path=path) for path in kept))
