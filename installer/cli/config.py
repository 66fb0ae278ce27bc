"""`config`: every setting with where it came from, and what was inferred from the project, and why."""

from __future__ import annotations

from typing import TYPE_CHECKING

from installer.cli.options import Asked, verb
from installer.cli.output import emit, say, table
from installer.cli.session import Session, open_session
from installer.errors import InstallerError
from installer.i18n import tr
from installer.manifest import Head
from installer.show.words import clean

if TYPE_CHECKING:
    from installer.model import Json


@verb(
    tr("Show the settings in effect, where each came from, and what was inferred from the project, and why."),
    example="manage.py config --mode dev",
    installing=True,
)
def config(asked: Asked) -> int:
    """Show the settings and what was inferred."""
    session = open_session(asked)
    inferred, problem = _inferred(session)
    if asked.as_json:
        emit(
            "config",
            root=str(session.root),
            manifest=session.manifest.source,
            settings={name: {"value": each.value, "source": each.source} for name, each in session.settings.items()},
            project=_project(session),
            inferred=[{"what": what, "why": why} for what, why in inferred],
            problem=problem.as_json() if problem else None,
        )
        return 0
    say(
        tr("Project: {root}", root=session.root), tr("Manifest: {file}", file=session.manifest.source or tr("none")), ""
    )
    say(*table([(name, _shown(value)) for name, value in _project(session).items()]), "")
    say(*table([(name, _shown(each.value), _source(each.source)) for name, each in session.settings.items()]))
    if inferred:
        say("", tr("Inferred:"), *(f"  {clean(what)}  ({clean(why)})" for what, why in inferred))
    if problem:
        say("", tr("Cannot be installed as it is: {message}", message=clean(problem.message)))
    return 0


def _project(session: Session) -> Json:
    """The manifest's keys that belong to no phase, with their values in effect."""
    manifest = session.manifest
    plain = ("name", "env_prefix", "state_dir", "environment", "test")
    facts: Json = {
        name.replace("_", "-"): _plain(getattr(manifest, name)) for name in Head.__dataclass_fields__ if name in plain
    }
    return facts | {"modes": ", ".join(manifest.modes), "steps": len(manifest.steps)}


def _inferred(session: Session) -> tuple[list[tuple[str, str]], InstallerError | None]:
    """What was read off the project, each with its reason; and why it cannot be installed, if so."""
    from phases.python.sources import read_needs

    try:
        needs = read_needs(session.root, session.manifest, session.settings.text("mode"))
    except InstallerError as error:
        return [], error
    wishes = [(f"Python {each.what}", each.why) for each in needs.python.sources]  # as `init` says it
    return wishes + [(each.what, each.why) for each in needs.because], None


def _plain(value: object) -> object:
    return " ".join(value) if isinstance(value, tuple) else value


def _shown(value: object) -> str:
    if isinstance(value, bool):
        return tr("yes") if value else tr("no")
    return str(value) or "-"


def _source(source: str) -> str:
    return tr("default") if source == "default" else source
