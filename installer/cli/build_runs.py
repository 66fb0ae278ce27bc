"""Which build the verbs of `build` are about, and what is told of it."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

from installer.cli.output import table
from installer.errors import Precondition
from installer.i18n import tr
from installer.show.words import clean, elapsed, marks, moment

if TYPE_CHECKING:
    from collections.abc import Iterator

    from installer.cli.session import Session
    from installer.model import Json
    from phases.builds.model import BuildRun, Provider
    from phases.builds.section import BuildSection
    from phases.builds.states import Standing


def section_of(session: Session) -> BuildSection:
    """What the manifest says of builds."""
    from phases.builds.section import BuildSection as Section

    return session.manifest.section(Section)


@contextmanager
def connected(session: Session, section: BuildSection) -> Iterator[Provider]:
    """The provider that the remote names."""
    from phases.builds import providers, remotes

    remote = remotes.origin(session.root, section)
    retries = max(0, session.settings.number("retries"))
    with providers.connected(remote, section, session.root, retries=retries) as provider:
        yield provider


def current(session: Session, section: BuildSection, provider: Provider) -> BuildRun | None:
    """The build that was begun here, as it is now; else the one of the commit, whoever began it."""
    from phases.builds import asking, memory, remotes, wishes

    note = memory.read(session.store.folder)
    if note is not None and note.run is not None:
        return provider.run(note.run.id)
    remote = remotes.origin(session.root, section)
    if note is not None and (found := provider.find(wishes.of(note, section, remote))):
        return found
    return asking.there(provider, wishes.now(session.root, section, remote, provider.default_branch))


def wanted(session: Session, section: BuildSection, provider: Provider, run_id: str) -> BuildRun:
    """The run with that id, or the current one. Raises `Precondition` where there is none."""
    if run_id:
        return provider.run(run_id)
    if found := current(session, section, provider):
        return found
    raise Precondition("build.none", tr("there is no build yet"), hint=tr("`manage.py build trigger` has one begun"))


def standing_of(run: BuildRun | None, section: BuildSection) -> Standing:
    """Which of the states it is in; a finished build is asked for its deployment."""
    from phases.builds import states
    from phases.builds.model import BuildState

    built = run is not None and run.state is BuildState.SUCCEEDED
    return states.of(run, section, deployed=states.answers(section.deployed) if built else None)


def facts(run: BuildRun | None, standing: Standing) -> Json:
    """What a script is told of it."""
    return {
        "stage": standing.stage.value,
        "percent": standing.percent,
        "expected_minutes": list(standing.expected) if standing.expected else None,
        "run": {
            "id": run.id,
            "url": run.url,
            "state": run.state.value,
            "commit": run.commit,
            "ref": run.ref,
            "created": run.created,
            "seconds": run.seconds,
            "title": run.title,
        }
        if run
        else None,
    }


def lines(run: BuildRun | None, standing: Standing) -> list[str]:
    """What people are told of it."""
    mark = marks(sys.stdout)
    way = {"deployed": mark["done"], "failed": mark["failed"], "cancelled": mark["kept"]}
    first = f"{way.get(standing.stage, mark['running'])} {standing.text}"
    if run is None:
        return [first]
    time_taken = elapsed(round(run.seconds)) if run.seconds is not None else ""
    rows = [
        (tr("Build"), run.id),
        (tr("Log"), run.url),
        (tr("Commit"), f"{run.commit[:12]} ({run.ref})" if run.ref else run.commit[:12]),
        (tr("Begun"), moment(run.created)),
        (tr("Takes"), time_taken),
    ]
    return [first, *table([(f"  {name}", clean(text)) for name, text in rows if text])]
