"""`build watch`: follow a build to its end."""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING

import click

from installer.cli.build_runs import connected, facts, lines, section_of, standing_of, wanted
from installer.cli.options import Asked, verb
from installer.cli.output import emit, say
from installer.cli.session import Session, open_session
from installer.errors import StepFailed, Unavailable
from installer.i18n import tr
from installer.show.words import clean, elapsed, marks

if TYPE_CHECKING:
    from phases.builds.model import BuildRun
    from phases.builds.states import Standing

_EVERY = 5.0  # seconds between two looks


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
    section = section_of(session)
    told = ""
    end = time.monotonic() + timeout
    with connected(session, section) as provider:
        run = wanted(session, section, provider, run_id)
        while True:
            standing = standing_of(run, section)
            if (sentence := _progress(run, standing)) != told and asked.volume != "quiet":
                told = sentence
                _tell(asked, run, standing, sentence)
            if run.state.ended and (standing.stage != "deploying" or not section.deployed):
                return _ended(session, run, standing)
            if time.monotonic() > end:
                raise _too_long(run, timeout)
            time.sleep(min(every, max(0.0, end - time.monotonic())))
            run = run if run.state.ended else provider.run(run.id)


def _progress(run: BuildRun, standing: Standing) -> str:
    from phases.builds.model import BuildState

    if run.state is BuildState.QUEUED:
        return tr("waiting for a machine")
    return standing.text


def _tell(asked: Asked, run: BuildRun, standing: Standing, sentence: str) -> None:
    if asked.as_json:
        emit("build", action="watch", **facts(run, standing))
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
        say(*lines(run, standing))
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


def _too_long(run: BuildRun, timeout: float) -> Unavailable:
    return Unavailable(
        "build.slow",
        tr("the build has not ended within {time}: {url}", time=elapsed(round(timeout)), url=run.url),
        hint=tr("`manage.py build watch` follows it"),
        run=run.id,
    )
