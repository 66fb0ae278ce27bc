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
    environment = session.root / session.manifest.environment
    line = activation.command(environment, here=Path.cwd())
    if not line:
        return ""
    if session.manifest.test or _has_pytest(environment):
        return tr("`{line}` activates it, `{manage} test` runs the tests", line=line, manage=_manage(session.root))
    from installer.cli.tests import wants_pytest

    brought = _for_developers(session)
    if not wants_pytest(session.root) and "pytest" not in brought and any(session.root.glob("test*")):  # unittest's
        return tr("`{line}` activates it, `{manage} test` runs the tests", line=line, manage=_manage(session.root))
    if brought and session.settings.text("mode") not in {"dev", "full"}:
        return tr("`{line}` activates it; `quickstart.py --dev` brings what the tests need", line=line)
    return tr("`{line}` activates it", line=line)


def _has_pytest(environment: Path) -> bool:
    """Does it hold pytest? A look at the disk: no program is started."""
    places = (*environment.glob("lib/*/site-packages/pytest"), environment / "Lib" / "site-packages" / "pytest")
    return any(place.is_dir() for place in places)


def _for_developers(session: Session) -> frozenset[str]:
    """The names of what `--dev` adds for developers; none where that cannot be read."""
    from installer.errors import InstallerError
    from installer.model import RelPath
    from phases.python.discovery import modes, pyproject, requirement_files, requirement_names
    from phases.python.discovery.metadata import names_of
    from phases.python.discovery.tree import Tree

    tree = Tree(session.root)
    try:
        choice = modes.choose("dev", session.manifest)
        about = pyproject.read(tree, RelPath("."))
        found = (path for path in requirement_names.found(tree) if requirement_names.purpose(path) == "dev")
        files = found if choice.requirements is None else choice.requirements
        names = frozenset[str]().union(*(requirement_files.read(tree, path).names for path in files))
        if about is not None:
            names |= names_of(tuple(each for name in modes.extras_of(about, choice) for each in about.extras[name]))
            names |= names_of(tuple(each for name in modes.groups_of(about, choice) for each in about.groups[name]))
    except (InstallerError, OSError):
        return frozenset()
    return names


def _manage(root: Path) -> str:
    """What our `manage.py` is called, where that name is the project's own."""
    if not any(root.glob("manage?surefoot.py")):
        return "manage.py"
    from phases.init.plans import companion_in

    return companion_in(root)


def _active(session: Session) -> str:
    from installer.cli.interpreter import active

    return active(session).prefix
