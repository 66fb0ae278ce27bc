"""What a success is worth: was an environment verified, or was that left out; and what to do next."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from installer.cli import activation
from installer.i18n import tr

if TYPE_CHECKING:
    from installer.cli.session import Session

_PHASE = "verification"


def left_out(session: Session) -> tuple[str, ...]:
    """The phases that `--until` and `--skip` leave out, if the verification is among them; else none."""
    import phases

    until, skipped = session.own_phase(session.asked.until), set(map(session.own_phase, session.asked.skip))
    asked = phases.ORDER[: phases.ORDER.index(until) + 1] if until else phases.ORDER
    names = tuple(name for name in phases.ORDER if name in skipped or name not in asked)
    return names if _PHASE in names else ()


def sentence(session: Session) -> str:
    """What a run that ended well did."""
    environment = session.manifest.environment
    if names := left_out(session):
        import phases

        done = ", ".join(session.phase_name(name) for name in phases.ORDER if name not in names)
        left = ", ".join(map(session.phase_name, names))
        where = _active(session) if environment == "active" else environment
        return tr(
            "Done: {done}; left out: {left}: `{environment}` is not verified", done=done, left=left, environment=where
        )
    if environment == "active":
        place = _active(session)
        return tr("Done: {path} is verified; a rollback brings back its versions, not its bytes", path=place)
    return tr("Done: `{environment}` is verified", environment=environment)


def next_step(session: Session) -> str:
    """How to work in the environment that was made; nothing where there is nothing to activate."""
    if left_out(session):
        return ""
    line = activation.command(session.root / session.manifest.environment, here=Path.cwd())
    if not line:
        return ""
    return tr("`{line}` activates it, `{manage} test` runs the tests", line=line, manage=_manage(session.root))


def _manage(root: Path) -> str:
    """What our `manage.py` is called, where that name is the project's own."""
    if not any(root.glob("manage?surefoot.py")):
        return "manage.py"
    from phases.init.plans import companion_in

    return companion_in(root)


def _active(session: Session) -> str:
    from installer.cli.interpreter import active

    return active(session).prefix
