"""`build init-workflow`: write the file by which GitHub or GitLab builds an image; shown before it is written."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import click

from installer.cli import plans
from installer.cli.options import Asked, verb
from installer.cli.outcome import finish
from installer.cli.output import emit, say
from installer.cli.session import open_session
from installer.errors import UsageError
from installer.i18n import tr
from installer.show.words import clean

if TYPE_CHECKING:
    from pathlib import Path

    from installer.cli.session import Session
    from installer.model import Json
    from phases.builds.section import BuildSection
    from phases.builds.workflow_files import Proposal

_PROVIDERS = ("github", "gitlab")


@verb(
    tr(
        "Write the workflow that builds the project's image: at GitHub, or as a job of GitLab's.\n\n"
        "What would change is shown first; a file of yours is only changed if you agree. `rollback` takes it back."
    ),
    example="manage.py build init-workflow --dry-run",
    changing=True,
)
@click.option("--provider", type=click.Choice(_PROVIDERS), default=None, help=tr("Whose workflow; default: origin's."))
@click.option("--file", "name", default="", metavar="NAME", help=tr("The name of the workflow's file."))
def init_workflow(asked: Asked, provider: str | None, name: str) -> int:
    """Write the workflow."""
    from phases.builds import workflow_files
    from phases.builds.section import BuildSection

    session = open_session(asked)
    section = session.manifest.section(BuildSection)
    which, file = provider or _provider(session.root, section), name or _file(section)
    wish: Json = {"provider": which, "file": file}
    run, done = session.store.current(), _done(session.root, which, file)
    if plans.is_open(run) and run.kind == "workflow" and wish.items() <= run.facts["wish"].items():
        wish = run.facts["wish"]  # cut short: what was agreed to then is gone on with
    else:
        plans.refuse_while_open(run)
        proposal = workflow_files.propose(session.root, which, file)
        _show(session, proposal)
        if proposal.notes and not asked.as_json and not any(each.changes for each in proposal.drafts):
            say(tr("Nothing to write."))  # and something to do, as was said
            return 0
        changed = [each.path for each in proposal.drafts if each.replaces]
        if changed:
            session.must_agree(tr("Change {names} so? [y/N]", names=", ".join(changed)))
        wish |= {"seen": proposal.seen()}
    started = time.monotonic()
    with session.engine(plans.workflow(wish)) as engine:
        outcome = engine.preview() if asked.dry_run else engine.run()
    return finish(session, outcome, seconds=time.monotonic() - started, done="" if asked.dry_run else done)


def _done(root: Path, provider: str, file: str) -> str:
    """What is true when the files are written; to be asked before."""
    from phases.builds import workflow_files

    if not (root / "Dockerfile").exists():
        return tr("Done: commit and push it; the provider can build as soon as there is a `Dockerfile`")
    if workflow_files.propose(root, provider, file).notes:
        return tr("Done: do what was noted, then commit and push it, and the provider can build")
    return tr("Done: commit and push it, and the provider can build")


def _show(session: Session, proposal: Proposal) -> None:
    """The whole difference, for a person to read before it is made."""
    changing = [each for each in proposal.drafts if each.changes]
    if session.asked.as_json:
        files = [{"path": each.path, "new": each.before is None, "diff": each.diff()} for each in changing]
        emit("workflow", files=files, notes=list(proposal.notes))
        return
    if session.asked.volume == "quiet":
        return
    for each in changing:
        say(*map(clean, each.diff()), "")
    say(*(tr("note: {text}", text=text) for text in proposal.notes))


def _file(section: BuildSection) -> str:
    """The name by which a build is asked for, too; a number is none."""
    from phases.builds import workflow_files

    return workflow_files.NAME if section.workflow.isdecimal() else section.workflow


def _provider(root: Path, section: BuildSection) -> str:
    """The manifest's, else by origin, else by the files that are there. Raises `UsageError` for none."""
    from phases.builds import workflow_files

    if found := section.provider or workflow_files.guess(root):
        return found
    raise UsageError(
        "build.provider",
        tr("cannot tell whether this project is at GitHub or at GitLab"),
        hint=tr("add --provider github or --provider gitlab"),
    )
