"""Which build the verbs of `build` are about, and what is told of it."""

from __future__ import annotations

import sys
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from installer.cli.output import table
from installer.errors import InstallerError, Precondition
from installer.frozen import dataclass, replace
from installer.i18n import tr
from installer.show.words import clean, elapsed, marks, moment

if TYPE_CHECKING:
    from collections.abc import Iterator

    from installer.cli.session import Session
    from installer.model import Json
    from phases.builds.memory import Note
    from phases.builds.model import BuildRun, Provider, Wish
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Sight:
    """What was seen: the `run` that the verbs are about; is it an answer to the wish that is noted without one?"""

    run: BuildRun | None
    answers: bool = False


def current(session: Session, section: BuildSection, provider: Provider) -> Sight:
    """The build that was begun here, or a newer one of the commit that its branch has by now, whoever began it."""
    from phases.builds import asking, failures, memory, remotes, wishes
    from phases.builds.section import Ref

    remote, note = remotes.origin(session.root, section), memory.read(session.store.folder)
    waits = note is not None and note.is_open
    if note is None or (note.host, note.name) != (remote.host, remote.name):
        run = asking.there(provider, wishes.now(session.root, section, remote, provider.default_branch))
        return Sight(run=run, answers=waits and _stands(run))
    with suppress(KeyError, TypeError):  # as the command line had it
        section = wishes.section_of(note.args["section"])
    wish = wishes.resolved(wishes.of(note, section, remote), session.root, section, provider.default_branch)
    own, here = _own(provider, note, wish), replace(section, ref=Ref(wish.ref))
    try:
        newest = asking.there(provider, wishes.now(session.root, here, remote, provider.default_branch))
    except InstallerError:
        if own is None:
            raise
        newest = None
    if own is not None and (newest is None or failures.number(newest.id) <= failures.number(own.id)):
        return Sight(run=own, answers=waits)
    return Sight(run=newest, answers=waits and _stands(newest))


def _stands(run: BuildRun | None) -> bool:
    """Is it under way, or did it succeed?"""
    return run is not None and (not run.state.ended or run.state == "succeeded")


def _own(provider: Provider, note: Note, wish: Wish) -> BuildRun | None:
    """The run of that note as it is now; None for one that the provider does not have any more."""
    if note.run is None:
        return provider.find(wish)
    try:
        return provider.run(note.run.id)
    except Precondition:
        return None


def keep(session: Session, section: BuildSection, run: BuildRun) -> None:
    """Note `run` as the build that stands, whoever began it; not while another run, which may note, has the project."""
    from installer import locking, pins
    from phases.builds import memory, remotes, wishes

    store, remote = session.store, remotes.origin(session.root, section)
    ref, page = run.ref or str(section.ref), remote.workflow_page(section.workflow)
    with suppress(InstallerError, OSError), pins.pinned(store.root):
        if not locking.is_held(store):
            store.enter()
        with store.lock(wait=False, waiting=lambda _holder: None):
            note = memory.read(store.folder)
            if note is None or not note.is_open:
                told: Json = {"section": wishes.as_json(section), "ref": ref, "commit": run.commit, "anew": True}
                note = memory.Note(install_id="", args=told, key="", since="", stage="begun")
            note = replace(note, provider=remote.provider, host=remote.host, name=remote.name, page=page)
            memory.write(store.folder, replace(note, stage="begun", error={}, run=run, ref=ref, commit=run.commit))


def wanted(session: Session, section: BuildSection, provider: Provider, run_id: str) -> BuildRun:
    """The run with that id, or the current one. Raises `Precondition` where there is none."""
    if run_id:
        return provider.run(run_id)
    if found := current(session, section, provider).run:
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
