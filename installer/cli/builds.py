"""`build`: have the project's image built at GitHub or GitLab, once, and follow that."""

from __future__ import annotations

import sys
import time
from contextlib import suppress
from typing import TYPE_CHECKING

import click

from installer import extras
from installer.cli import plans
from installer.cli.build_runs import keep
from installer.cli.build_token import check_token
from installer.cli.build_views import cancel, logs, status
from installer.cli.build_watch import watch
from installer.cli.build_workflow import init_workflow
from installer.cli.failure import show
from installer.cli.options import Asked, group, verb
from installer.cli.outcome import finish
from installer.cli.output import emit, say
from installer.cli.session import Session, open_session
from installer.errors import InstallerError, UsageError
from installer.frozen import replace
from installer.i18n import tr
from installer.redact import redact_json

if TYPE_CHECKING:
    from installer.model import Json
    from installer.state import Run
    from phases.builds.memory import Note
    from phases.builds.model import BuildRun
    from phases.builds.section import BuildSection

_ERRORS = {each.exit_code: each for each in InstallerError.__subclasses__()}


@verb(
    tr(
        "Have the project's image built, unless there is a build of that commit.\n\n"
        "Returns at once; `manage.py build status` and `build watch` follow it. What was asked for once is not asked "
        "for again, also after a kill."
    ),
    example="manage.py build trigger",
    changing=True,
)
@click.option("--ref", default=None, metavar="NAME", help=tr("The branch or tag; default: the default branch."))
@click.option("--workflow", default=None, metavar="FILE", help=tr("The workflow's file, of GitHub."))
@click.option("--strategy", default=None, metavar="NAME", help=tr("How: auto, workflow_dispatch, pipeline, …"))
@click.option("--anew", is_flag=True, help=tr("Forget an earlier request whose answer was lost."))
@click.option(
    "--input", "inputs", multiple=True, metavar="NAME=VALUE", help=tr("An input of the workflow; may be repeated.")
)
def trigger(asked: Asked, **given: object) -> int:
    """Begin a build."""
    from phases.builds import commits, providers, remotes, targets, tokens

    session = open_session(asked)
    args = _args(session, given)
    section = _section(session, args)
    remote = remotes.origin(session.root, section)  # what can be refused is refused before a run is begun
    if section.strategy == "none":
        return _say_none(asked)
    providers.check_strategy(remote, section)
    if section.strategy != "empty_commit":  # git has its own credentials
        tokens.find(remote, session.root, section.token)
        extras.need("builds", "githubkit" if remote.provider == "github" else "gitlab")
    run = session.store.current()
    if not (plans.is_open(run) and run.kind == "build" and run.facts.get("wish") == redact_json(args)):
        plans.refuse_while_open(run)
        note = _note(session)
        if section.strategy == "empty_commit" and not (note is not None and note.may_have_left and not given["anew"]):
            commits.check(session.root, section.remote, targets.ref(session.root, section))
        if found := _there(session, section):
            if not asked.dry_run:
                keep(session, section, found)
            return _say_there(asked, found)
    return _carry_out(session, args)


def _carry_out(session: Session, args: Json) -> int:
    started = time.monotonic()
    with session.engine(plans.build(session, args)) as engine:
        outcome = engine.preview() if session.asked.dry_run else engine.run()
    if not session.asked.dry_run and outcome.warnings:
        return _say_failed(session, outcome.warnings[0])
    hint = tr("`manage.py build watch` follows it")
    return finish(session, outcome, seconds=time.monotonic() - started, done=_done(session), hint=hint)


def _done(session: Session) -> str:
    """What to say at the end: the build's address, where it is known."""
    note = _note(session)
    if session.asked.dry_run or note is None:
        return ""
    where = note.run.url if note.run else note.page
    return tr("The build is under way: {url}", url=where)


def _say_failed(session: Session, warning: Json) -> int:
    """The error with its exit code, for scripts; and what a person can do now. The run itself has not failed."""
    from phases.builds import manual

    error = _ERRORS.get(int(warning.get("exit_code", 1)), InstallerError)(
        str(warning.get("code", "build.failed")),
        str(warning.get("message", "")),
        hint=str(warning.get("hint", "")),
        details=tuple(map(str, warning.get("details", ()))),
    )
    action = manual.action(session.store.folder, session.root)
    if session.asked.as_json:
        emit("build", action="trigger", state="failed", manual=action.as_json() if action else None)
        return show(error, as_json=True)
    show(error, as_json=False)
    if action:
        sys.stderr.write("\n".join(["", *replace(action, hint="").lines()[1:]]) + "\n")
    return error.exit_code


def _there(session: Session, section: BuildSection) -> BuildRun | None:
    """The build that is there already, where that is enough. Whatever is in the way is told by the run that follows."""
    from phases.builds import asking, providers, remotes, wishes

    note = _note(session)
    if section.strategy != "auto" or (note is not None and note.is_open):
        return None
    with suppress(InstallerError):
        remote = remotes.origin(session.root, section)
        with providers.connected(remote, section, session.root, retries=0) as provider:
            wish = wishes.now(session.root, section, remote, provider.default_branch)
            return asking.there(provider, wish, anew=True)
    return None


def _say_there(asked: Asked, found: BuildRun) -> int:
    if asked.as_json:
        emit("build", action="trigger", state="there", run={"id": found.id, "url": found.url, "state": found.state})
    else:
        say(tr("Nothing to do: the build is there already: {url}", url=found.url))
    return 0


def _say_none(asked: Asked) -> int:
    """The manifest or the command line wants no build."""
    if asked.as_json:
        emit("build", action="trigger", state="none")
    else:
        say(tr("Nothing to do."))
    return 0


def _note(session: Session) -> Note | None:
    from phases.builds import memory

    return memory.read(session.store.folder)


def _section(session: Session, args: Json) -> BuildSection:
    from phases.builds import wishes

    return wishes.section_with(session.manifest, args)


def _args(session: Session, given: Json) -> Json:
    """What the command line says, checked as the manifest's keys are. Raises `UsageError`."""
    from phases.builds.model import Strategy
    from phases.builds.section import BuildSection, Ref, Workflow

    args: Json = {}
    for name, kind in (("ref", Ref), ("workflow", Workflow)):
        if (text := given[name]) is not None:
            try:
                args[name] = str(kind.parsed(str(text)))
            except ValueError as error:
                raise UsageError("build.value", f"--{name}: {error}") from error
    if (strategy := given["strategy"]) is not None:
        if strategy not in list(Strategy):
            names = ", ".join(Strategy)
            raise UsageError(
                "build.strategy", tr("should be one of {known}, not `{value}`", known=names, value=strategy)
            )
        args["strategy"] = strategy
    if given["anew"]:
        args["anew"] = True
    if given["inputs"]:
        args["inputs"] = {**session.manifest.section(BuildSection).inputs, **dict(map(_pair, given["inputs"]))}
    return args


def _pair(text: str) -> tuple[str, str]:
    name, sign, value = text.partition("=")
    if not name or not sign:
        raise UsageError("build.value", tr("an input is NAME=VALUE, not `{text}`", text=text))
    return name, value


def go_on(session: Session, run: Run) -> int:
    """`manage.py resume` of a run that was cut short: as the command itself ends."""
    return _carry_out(session, plans.build_wish(run))


build = group(
    tr("The build of the project's image, at GitHub or GitLab."),
    example="manage.py build status",
    default=status,
    verbs=(trigger, watch, logs, cancel, check_token, init_workflow),
)
