"""`build status`, `watch`, `logs`, `cancel`, `check-token`: what became of the build; only `cancel` changes it."""

from __future__ import annotations

import sys
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

from installer.cli.options import Asked, verb
from installer.cli.output import emit, foretell, say, table
from installer.cli.session import Session, open_session
from installer.errors import NotAllowed, Precondition, StepFailed
from installer.i18n import tr
from installer.show.words import clean, elapsed, marks, moment

if TYPE_CHECKING:
    from collections.abc import Iterator

    from installer.model import Json
    from phases.builds.model import BuildRun, Provider
    from phases.builds.section import BuildSection
    from phases.builds.states import Standing

_EVERY = 5.0  # seconds between two looks of `watch`


@verb(
    tr("Show how the build stands: created, building, being deployed, deployed; with the time that is expected."),
    example="manage.py build status --json",
)
def status(asked: Asked) -> int:
    """Show the build."""
    from phases.builds import manual

    session = open_session(asked)
    section = _section(session)
    action = manual.action(session.store.folder)
    with _provider(session, section) as provider:
        run = _current(session, section, provider)
    standing = _standing(run, section)
    if run is not None:
        action = None  # it stands, whoever began it
    if asked.as_json:
        emit("build", action="status", **_facts(run, standing), manual=action.as_json() if action else None)
    else:
        say(*_lines(run, standing), *(["", *action.lines()] if action else []))
    return 0


@verb(
    tr(
        "Follow the build to its end, and its deployment where the manifest says how that is seen.\n\n"
        "Exit 0 for a build that succeeded, 1 for one that did not, 7 when the time is over."
    ),
    example="manage.py build watch",
)
@click.argument("run_id", metavar="[RUN]", default="")
@click.option("--timeout", type=click.FloatRange(min=0), default=3600, metavar="SECONDS", help=tr("How long at most."))
@click.option(
    "--every", type=click.FloatRange(min=0.1), default=_EVERY, metavar="SECONDS", help=tr("Between two looks.")
)
def watch(asked: Asked, run_id: str, *, timeout: float, every: float) -> int:
    """Follow a build."""
    session = open_session(asked)
    section = _section(session)
    told = ""
    end = time.monotonic() + timeout
    with _provider(session, section) as provider:
        run = _wanted(session, section, provider, run_id)
        while True:
            standing = _standing(run, section)
            if (sentence := _progress(run, standing)) != told and asked.volume != "quiet":
                told = sentence
                _tell(asked, run, standing, sentence)
            if run.state.ended and (standing.stage != "deploying" or not section.deployed):
                return _ended(session, run, standing)
            if time.monotonic() > end:
                raise _too_long(run, timeout)
            time.sleep(min(every, max(0.0, end - time.monotonic())))
            run = run if run.state.ended else provider.run(run.id)


@verb(tr("Show the log of the build, job by job."), example="manage.py build logs")
@click.argument("run_id", metavar="[RUN]", default="")
def logs(asked: Asked, run_id: str) -> int:
    """Show a build's log."""
    session = open_session(asked)
    section = _section(session)
    with _provider(session, section) as provider:
        run = _wanted(session, section, provider, run_id)
        lines = map(clean, provider.logs(run.id))
        if asked.as_json:
            emit("build", action="logs", id=run.id, url=run.url, lines=list(lines))
        else:
            for line in lines:
                say(line)
    return 0


@verb(tr("End the build."), example="manage.py build cancel", changing=True)
@click.argument("run_id", metavar="[RUN]", default="")
def cancel(asked: Asked, run_id: str) -> int:
    """End a build."""
    session = open_session(asked)
    section = _section(session)
    with _provider(session, section) as provider:
        run = _wanted(session, section, provider, run_id)
        sentences = [] if run.state.ended else [tr("would end the build {run}: {url}", run=run.id, url=run.url)]
        if asked.dry_run:
            return foretell(asked, "build", "cancel", sentences)
        if sentences:
            provider.cancel(run.id)
    if asked.as_json:
        emit("build", action="cancel", id=run.id, url=run.url, cancelled=bool(sentences))
    else:
        say(tr("Its end was asked for: {url}", url=run.url) if sentences else tr("Nothing to do: it has ended."))
    return 0


@verb(
    tr("Say whose token it is, where it was found, and what it lacks to begin a build. Exit 8 if it lacks that."),
    example="manage.py build check-token",
)
def check_token(asked: Asked) -> int:
    """Check the token."""
    from phases.builds import remotes, tokens
    from phases.builds.model import Strategy

    session = open_session(asked)
    section = _section(session)
    remote = remotes.origin(session.root, section)
    source = tokens.find(remote, session.root, section.token).source
    with _provider(session, section) as provider:
        may = provider.permissions(Strategy(section.strategy))
    facts: Json = {
        "host": remote.host,
        "repository": remote.name,
        "source": source,
        "user": may.user,
        "granted": list(may.granted),
        "missing": list(may.missing),
        "known": may.known,
    }
    if asked.as_json:
        emit("build", action="check-token", **facts)
    else:
        unsaid = "" if may.known else tr("this kind of token does not tell what it may")
        rows = [
            (tr("Host"), remote.host),
            (tr("Repository"), remote.name),
            (tr("Found in"), source),
            (tr("User"), may.user),
            (tr("May"), ", ".join(may.granted) or unsaid),
        ]
        say(*table([(name, clean(text)) for name, text in rows if text]))
    if not may.missing:
        return 0
    names = ", ".join(may.missing)
    raise NotAllowed(
        "build.scope",
        tr("the token may not do this at {host}: it lacks {scopes}", host=remote.host, scopes=names),
        hint=tr("give it that, or make another one; `manage.py build check-token` tests it"),
        missing=list(may.missing),
    )


# -- which build, and what of it ---------------------------------------------------------------------------------------


def _section(session: Session) -> BuildSection:
    from phases.builds.section import BuildSection as Section

    return session.manifest.section(Section)


@contextmanager
def _provider(session: Session, section: BuildSection) -> Iterator[Provider]:
    from phases.builds import providers, remotes

    remote = remotes.origin(session.root, section)
    with providers.connected(remote, section, session.root) as provider:
        yield provider


def _current(session: Session, section: BuildSection, provider: Provider) -> BuildRun | None:
    """The build that was begun here, as it is now; else the one of the commit, whoever began it."""
    from phases.builds import asking, memory, planning, remotes

    note = memory.read(session.store.folder)
    if note is not None and note.run is not None:
        return provider.run(note.run.id)
    remote = remotes.origin(session.root, section)
    if note is not None and (found := provider.find(planning.wish_of(note, section, remote))):
        return found
    return asking.there(provider, planning.wish_now(session.root, section, remote))


def _wanted(session: Session, section: BuildSection, provider: Provider, run_id: str) -> BuildRun:
    """The run with that id, or the current one. Raises `Precondition` where there is none."""
    if run_id:
        return provider.run(run_id)
    if found := _current(session, section, provider):
        return found
    raise Precondition("build.none", tr("there is no build yet"), hint=tr("`manage.py build trigger` has one begun"))


def _standing(run: BuildRun | None, section: BuildSection) -> Standing:
    from phases.builds import states
    from phases.builds.model import BuildState

    built = run is not None and run.state is BuildState.SUCCEEDED
    return states.of(run, section, deployed=states.answers(section.deployed) if built else None)


def _facts(run: BuildRun | None, standing: Standing) -> Json:
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


def _lines(run: BuildRun | None, standing: Standing) -> list[str]:
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


def _progress(run: BuildRun, standing: Standing) -> str:
    from phases.builds.model import BuildState

    if run.state is BuildState.QUEUED:
        return tr("waiting for a machine")
    return standing.text


def _tell(asked: Asked, run: BuildRun, standing: Standing, sentence: str) -> None:
    if asked.as_json:
        emit("build", action="watch", **_facts(run, standing))
        return
    taken = f" ({elapsed(round(run.seconds))})" if run.seconds is not None else ""
    sys.stderr.write(f"{marks(sys.stderr)['running']} {sentence}{taken}\n")
    sys.stderr.flush()


def _ended(session: Session, run: BuildRun, standing: Standing) -> int:
    """Say how it ended, here and to whoever wants notices. Raises `StepFailed` for a build that did not succeed."""
    _notify(session, run, standing)
    if standing.stage in {"failed", "cancelled"}:
        raise StepFailed(
            "build.unsuccessful",
            f"{standing.text}: {run.url}",
            hint=tr("`manage.py build logs {run}` shows why", run=run.id),
            run=run.id,
            url=run.url,
        )
    if not session.asked.as_json:
        say(*_lines(run, standing))
    return 0


def _notify(session: Session, run: BuildRun, standing: Standing) -> None:
    """A notice that the project is ready, or that its build failed; one that fails is a sentence here."""
    if not session.manifest.notify or standing.stage == "cancelled":
        return
    from phases.builds import notices

    event = notices.Event.BUILD_FAILED if standing.stage == "failed" else notices.Event.READY
    notice = notices.Notice(event=event, project=session.root.name, link=run.url, detail=standing.text)
    for complaint in notices.send(notice, session.manifest.notify):
        if session.asked.as_json:
            emit("note", level="warning", text=complaint)
        else:
            sys.stderr.write(f"{marks(sys.stderr)['warning']} {clean(complaint)}\n")


def _too_long(run: BuildRun, timeout: float) -> Exception:
    from installer.errors import Unavailable

    return Unavailable(
        "build.slow",
        tr("the build has not ended within {time}: {url}", time=elapsed(round(timeout)), url=run.url),
        hint=tr("`manage.py build watch` follows it"),
        run=run.id,
    )
