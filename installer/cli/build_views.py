"""`build status`, `logs`, `cancel`: what became of the build; only `cancel` changes it."""

from __future__ import annotations

import click

from installer.cli.build_runs import connected, current, facts, keep, lines, section_of, standing_of, wanted
from installer.cli.options import Asked, verb
from installer.cli.output import emit, foretell, say
from installer.cli.session import open_session
from installer.i18n import tr
from installer.show.words import clean


@verb(
    tr("Show how the build stands: created, building, being deployed, deployed; with the time that is expected."),
    example="manage.py build status --json",
)
def status(asked: Asked) -> int:
    """Show the build."""
    from phases.builds import manual

    session = open_session(asked)
    section = section_of(session)
    with connected(session, section) as provider:
        seen = current(session, section, provider)
    run, standing = seen.run, standing_of(seen.run, section)
    if run is not None and seen.answers:
        keep(session, section, run)  # it stands, whoever began it: nothing is left to a person
    action = None if seen.answers else manual.action(session.store.folder, session.root)
    if asked.as_json:
        emit("build", action="status", **facts(run, standing), manual=action.as_json() if action else None)
    else:
        say(*lines(run, standing), *(["", *action.lines()] if action else []))
    return 0


@verb(tr("Show the log of the build, job by job."), example="manage.py build logs")
@click.argument("run_id", metavar="[RUN]", default="")
def logs(asked: Asked, run_id: str) -> int:
    """Show a build's log."""
    session = open_session(asked)
    section = section_of(session)
    with connected(session, section) as provider:
        run = wanted(session, section, provider, run_id)
        said = map(clean, provider.logs(run.id))
        if asked.as_json:
            emit("build", action="logs", id=run.id, url=run.url, lines=list(said))
        else:
            for line in said:
                say(line)
    return 0


@verb(tr("End the build."), example="manage.py build cancel", changing=True)
@click.argument("run_id", metavar="[RUN]", default="")
def cancel(asked: Asked, run_id: str) -> int:
    """End a build."""
    session = open_session(asked)
    section = section_of(session)
    with connected(session, section) as provider:
        run = wanted(session, section, provider, run_id)
        sentences = [] if run.state.ended else [tr("would end the build {run}: {url}", run=run.id, url=run.url)]
        if asked.dry_run:
            return foretell(asked, "build", "cancel", sentences)
        if sentences:
            session.must_agree(tr("End the build {run}? [y/N]", run=run.id))
            provider.cancel(run.id)
    if asked.as_json:
        emit("build", action="cancel", id=run.id, url=run.url, cancelled=bool(sentences))
    else:
        say(tr("Its end was asked for: {url}", url=run.url) if sentences else tr("Nothing to do: it has ended."))
    return 0
