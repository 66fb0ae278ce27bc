"""`checkpoint push` and `checkpoint pull`: a run's checkpoint to a store, and from there to another machine."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

import click

from installer.cli.meter import Meter
from installer.cli.options import Asked, verb
from installer.cli.outcome import finish
from installer.cli.output import emit, foretell, say
from installer.cli.plans import Plan
from installer.cli.session import Session, open_session
from installer.errors import Conflict, Precondition
from installer.frozen import replace
from installer.i18n import tr
from installer.show.words import clean

if TYPE_CHECKING:
    from installer.cloud.manifest import Manifest
    from installer.cloud.parcel import Parcel
    from installer.cloud.remote import Remote
    from installer.state import Run


@verb(
    tr(
        "Put the checkpoint of the current run, or of RUN, at URL, for another machine to go on with.\n\n"
        "URL is a file or, with / at its end, a folder: file:///mnt/share/, s3://bucket/, any that fsspec has a driver "
        "for. Nothing is changed on this machine; credentials come from the driver's own variables and files."
    ),
    example="manage.py checkpoint push s3://bucket/checkpoints/",
    changing=True,
)
@click.argument("url")
@click.option("--run", "run", metavar="RUN", default="", help=tr("A run of `manage.py history`; default: the last."))
@click.option("--replace", "overwrite", is_flag=True, help=tr("Also replace what is no earlier state of this run."))
def push(asked: Asked, url: str, *, run: str, overwrite: bool) -> int:
    """Upload a checkpoint."""
    from installer import journal
    from installer.cloud import comparing, parcel
    from installer.cloud.manifest import project_name

    session = open_session(asked)
    name = project_name(session.root)
    remote = _remote(url, name)
    with tempfile.TemporaryDirectory(prefix="surefoot-push-") as folder:
        file = Path(folder, "checkpoint.tar.gz")
        made = parcel.pack(session.store, name, run, file)
        before = None if overwrite else _head(remote)
        if before is not None and before.same_as(made):
            return _say_nothing(asked, "push", made)
        if before is not None:
            entries = journal.decode(session.store.journal_of(made.install_id), session.store.journal).entries
            comparing.refuse_unless_older(before, made, entries, remote.shown)
        if asked.dry_run:
            sentence = tr(
                "would push {run} to {url}: {size} bytes", run=made.install_id, url=remote.shown, size=made.size
            )
            return foretell(asked, "checkpoint", "push", [sentence])

        def check() -> None:
            if not overwrite:
                comparing.refuse_changed(before, _head(remote), remote.shown)

        remote.store(file, Meter(asked, "push"), check=check)
    if asked.as_json:
        emit("checkpoint", action="push", install_id=made.install_id, url=remote.shown, files=len(made.files))
    else:
        say(tr("Pushed: {run} to {url}", run=made.install_id, url=clean(remote.shown)))
    return 0


@verb(
    tr(
        "Get the checkpoint at URL and make its run the current one here: look at it, go on with it, take it back.\n\n"
        "Every name and hash is checked before anything is unpacked. `manage.py rollback` takes the pulling back, too."
    ),
    example="manage.py checkpoint pull s3://bucket/checkpoints/",
    changing=True,
)
@click.argument("url")
@click.option("--adopt", is_flag=True, help=tr("Take the checkpoint though it is of a project with another name."))
@click.option(
    "--trust", is_flag=True, help=tr("Take it though its rollback runs commands, or reaches into .git or outside.")
)
def pull(asked: Asked, url: str, *, adopt: bool, trust: bool) -> int:
    """Download a checkpoint."""
    return _pull(open_session(asked), url, adopt=adopt, trust=trust)


def go_on(session: Session, run: Run) -> int:
    """End the pull `run`, which was cut short. Raises `Precondition` where its address is no longer known whole."""
    url = str(run.facts.get("address", ""))
    if "****" in url:
        raise Precondition(
            "pull.address",
            tr("the address of the unfinished pull {run} was not kept: it has a credential", run=run.install_id),
            hint=tr("run the same `manage.py checkpoint pull` again, or `manage.py rollback`"),
        )
    return _pull(session, url, adopt=bool(run.facts.get("adopt")), trust=bool(run.facts.get("trust")))


def _pull(session: Session, url: str, *, adopt: bool, trust: bool) -> int:
    from installer.cloud import parcel, vetting
    from installer.cloud.manifest import project_name

    name = project_name(session.root)
    remote = _remote(url, name)
    with tempfile.TemporaryDirectory(prefix="surefoot-pull-") as folder:
        file = Path(folder, "checkpoint.tar.gz")
        remote.fetch(file, parcel.MOST_PACKED, Meter(session.asked, "pull"))
        got = parcel.verify(file)
        run = vetting.vet(got, environment=session.manifest.environment, trust=trust)
        _refuse_other(session, got.manifest, name, adopt=adopt)
        with session.locked():
            return _place(session, got, run, remote, {"adopt": adopt, "trust": trust})


def _remote(url: str, name: str) -> Remote:
    from installer.cloud.remote import locate

    return locate(url, f"{name or 'project'}.tar.gz")


def _head(remote: Remote) -> Manifest | None:
    from installer.cloud import parcel

    with remote.reading() as stream:
        return None if stream is None else parcel.head(stream)


def _refuse_other(session: Session, made: Manifest, name: str, *, adopt: bool) -> None:
    """Raise `Conflict` for the checkpoint of another project, or of one that calls its state folder otherwise."""
    if made.project != name and not adopt:
        raise Conflict(
            "pull.project",
            tr("the checkpoint is of the project {theirs}, this is {ours}", theirs=clean(made.project), ours=name),
            hint=tr("nothing was changed; add --adopt if it is the same project under another name"),
        )
    if made.state != session.store.state:
        raise Conflict(
            "pull.state",
            tr(
                "the checkpoint's state folder is {theirs}, here it is {ours}",
                theirs=made.state,
                ours=session.store.state,
            ),
            hint=tr("give the project the same `state-dir` as there"),
        )


def _place(session: Session, got: Parcel, run: Run, remote: Remote, choices: dict[str, bool]) -> int:
    """Carry out the plan and make the run the current one."""
    from installer.cloud import placing
    from installer.ledger import held, project

    asked, made = session.asked, got.manifest
    store = replace(session.store, coming=made.install_id)
    session = replace(session, store=store)
    placing.refuse_unless_newer(store, got)
    if placing.is_here(store, got):
        return foretell(asked, "checkpoint", "pull", []) if asked.dry_run else _say_nothing(asked, "pull", made)
    if asked.dry_run:
        count = len(list(placing.missing_here(store, got)))
        return foretell(
            asked, "checkpoint", "pull", [tr("would pull {run}: {count} files", run=made.install_id, count=count)]
        )
    plan = Plan(
        kind=placing.KIND,
        order=(placing.PHASE,),
        steps=placing.plan(store, got, remote.shown),
        facts={"address": remote.shown, "pulled": made.install_id, **choices},
        on_failure="run",
        actions=placing.actions(store, got),
    )
    started = time.monotonic()
    with session.engine(plan) as engine:
        outcome = engine.run()
    if outcome.error is not None:
        return finish(session, outcome, seconds=time.monotonic() - started)
    placing.make_current(store, made.install_id)
    with held(project(session.root)) as ledger:
        ledger.renew_views()
    _say_pulled(session, run, made, remote)
    return 0


def _say_pulled(session: Session, run: Run, made: Manifest, remote: Remote) -> None:
    completed = [session.phase_name(each) for each, phase in run.phases.items() if phase.status == "completed"]
    state = run.outcome or "unfinished"
    if session.asked.as_json:
        facts = {"install_id": made.install_id, "url": remote.shown, "files": len(made.files)}
        emit("checkpoint", action="pull", state=state, completed=completed, **facts)
        return
    say(tr("Pulled: {run}", run=made.install_id), tr("Completed: {phases}", phases=clean(", ".join(completed) or "-")))
    if not run.outcome:
        hint = tr("`manage.py resume` goes on with it, `manage.py rollback` takes it back")
        say("", tr("hint: {hint}", hint=hint))


def _say_nothing(asked: Asked, action: str, made: Manifest) -> int:
    if asked.as_json:
        emit("checkpoint", action=action, install_id=made.install_id, files=0)
    else:
        say(tr("Nothing to do."))
    return 0
