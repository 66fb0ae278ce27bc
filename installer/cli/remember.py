"""After a run that left nothing to do: note how things stand, so that the next start needs no more than a look."""

from __future__ import annotations

from typing import TYPE_CHECKING

from installer import ci, fingerprint, i18n
from installer.i18n import tr
from installer.model import Facts

if TYPE_CHECKING:
    from installer.cli.session import Session
    from installer.engine import Engine


def note(session: Session, engine: Engine) -> None:
    """Write the fingerprint if a plain `quickstart.py` would find nothing to do.

    Looked at before it is asked: what changes in between is noticed the next time.
    """
    asked = session.asked
    special = {name for name, value in asked.flags.items() if value is not None} - {"yes", "lang"}
    special |= _as_begun(session)
    if special - {"mode"} or asked.until or asked.skip or not fingerprint.is_plain(session.root, session.store.state):
        return
    if not session.store.journal.is_relative_to(session.store.folder):
        return  # it is elsewhere, and where that is depends on more than a look tells
    from phases.watched import watched

    options = engine.setting.options
    facts = Facts(root=session.root, state=session.store.state, install_id="-", options=options)
    lines = fingerprint.look(
        session.root, (*_variables(session.manifest.env_prefix), *watched(session.manifest, facts))
    )
    if engine.preview().steps:
        return
    fingerprint.write(
        session.root,
        session.store.folder,
        lines,
        mode=options.mode,
        default="mode" not in special,
        said=(tr("Nothing to do."), "" if session.manifest.language else i18n.language()),
        told=_told(session),
    )


def _as_begun(session: Session) -> set[str]:
    """The settings that are those of an earlier run, and other than a plain `quickstart.py` would have them."""
    from installer import settings

    plain = settings.settle({}, session.manifest)
    return {name for name, each in session.settings.items() if each.source == "run" and each.value != plain[name].value}


def _told(session: Session) -> dict[str, str]:
    """What the build server that runs us is told the next time, too; nothing where none does.

    But for the key of a cache: a look proves no environment, and unproven none is offered for saving.
    """
    if not ci.in_use():
        return {}
    from installer.cli.served_report import outputs
    from installer.outcome import Outcome

    return outputs(session, Outcome(state="nothing"), str(session.store.report)) | {"cache-key": ""}


def _variables(prefix: str) -> tuple[str, ...]:
    """The project's own variables, where it has named them: each changes what is meant. Others are known by name."""
    from installer import settings

    return () if prefix == "SUREFOOT" else tuple(f"${prefix}_{key.variable}" for key in settings.KEYS)
