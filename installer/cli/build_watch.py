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
    from phases.builds.model import BuildRun, Provider
    from phases.builds.section import BuildSection
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
    trouble: Unavailable | None = None
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
            if time.monotonic() >= end:
                raise trouble or _too_long(run, standing, section, timeout)
            time.sleep(min(_wait(trouble, every), max(0.0, end - time.monotonic())))
            if not run.state.ended:
                run, trouble = _looked(asked, provider, run, trouble)


def _looked(
    asked: Asked, provider: Provider, run: BuildRun, before: Unavailable | None
) -> tuple[BuildRun, Unavailable | None]:
    """The run as it is now; while nobody answers, as it was, with what is in the way, which is said once."""
    try:
        return provider.run(run.id), None
    except Unavailable as error:
        if before is None and asked.volume != "quiet":
            _warn(asked, tr("no news: {reason}", reason=error.message))
        return run, error


def _wait(trouble: Unavailable | None, every: float) -> float:
    """Seconds until the next look, as many as the provider wants at least."""
    wanted = trouble.facts.get("retry_after") if trouble else None
    return max(every, wanted) if isinstance(wanted, float | int) else every


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
    built = standing.stage == "deploying"  # and nobody can tell whether it is deployed
    detail = tr("its image is built") if built else standing.text
    notice = notices.Notice(event=event, project=session.root.name, link=run.url, detail=detail)
    for complaint in notices.send(notice, session.manifest.notify):
        _warn(session.asked, complaint)


def _warn(asked: Asked, text: str) -> None:
    if asked.as_json:
        emit("note", level="warning", text=text)
        return
    sys.stderr.write(f"{marks(sys.stderr)['warning']} {clean(text)}\n")
    sys.stderr.flush()


def _too_long(run: BuildRun, standing: Standing, section: BuildSection, timeout: float) -> Unavailable:
    if standing.stage == "deploying":
        time_taken = elapsed(round(timeout))
        return Unavailable(
            "build.not-deployed",
            tr("the build succeeded, but {url} has not answered within {time}", url=section.deployed, time=time_taken),
            hint=tr("`manage.py build watch` follows it"),
            run=run.id,
        )
    return Unavailable(
        "build.slow",
        tr("the build has not ended within {time}: {url}", time=elapsed(round(timeout)), url=run.url),
        hint=tr("`manage.py build watch` follows it"),
        run=run.id,
    )
