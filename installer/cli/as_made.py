"""With which wishes the environment in use was made, for what is to leave it as it is: a repair, the key of a cache."""

from __future__ import annotations

from typing import TYPE_CHECKING

from installer import settings
from installer.errors import Damaged
from installer.frozen import replace

if TYPE_CHECKING:
    from installer.cli.session import Session
    from installer.model import Json


def as_made(session: Session) -> Session:
    """`session` with the wishes of the run that made the environment in use, where no flag or variable says otherwise.

    They outrank the manifest, as the flags did that they were made with. The same
    `session` where that run is not known: another machine's, forgotten, or unreadable.
    """
    known = _recorded(session)
    if known.get("mode") not in session.manifest.modes:
        known = {name: value for name, value in known.items() if name != "mode"}
    source = str(session.manifest.source)
    said = {
        name: settings.Setting(each.value, "default") if each.source == source and name in known else each
        for name, each in session.settings.items()
    }
    return replace(session, settings=settings.going_on(settings.Settings(said), known))


def _recorded(session: Session) -> Json:
    from phases.python.environments import places

    folder = places.folder(session.manifest.environment, session.store.state)
    marker = places.read_marker(session.root / folder)
    if marker is None:
        return {}
    try:
        now = session.store.current()
        run = now if now.install_id == marker.install_id else session.store.archived(marker.install_id)
    except (Damaged, KeyError):
        return {}
    found: Json = run.facts.get("settings", {})
    return found
