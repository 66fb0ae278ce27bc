"""`images affected` and `images update`: whom a newer image is about, and moving them to it, with the way back kept."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from installer.cli import plans
from installer.cli.containers import carry_out
from installer.cli.options import Asked, verb
from installer.cli.output import emit, say, table
from installer.cli.session import open_session
from installer.i18n import tr
from installer.show.words import clean

if TYPE_CHECKING:
    from installer.cli.session import Session
    from installer.model import Json
    from phases.containers.updates.affected import Affected

_KIND = "images"


@verb(
    tr(
        "List the containers that were made from an image, also from what its tag named before.\n\n"
        "For those that Compose or Swarm look after, the command that moves them is shown."
    ),
    example="manage.py images affected redis:7",
)
@click.argument("references", metavar="REF...", nargs=-1, required=True)
def affected(asked: Asked, references: tuple[str, ...]) -> int:
    """List who uses an image."""
    session = open_session(asked)
    found = _found(references)
    if asked.as_json:
        emit("images", action="affected", containers=[_facts(reference, each) for reference, each in found])
    elif not found:
        say(tr("No container was made from it."))
    else:
        say(*table([_row(each) for _, each in found]))
    del session
    return 0


@verb(
    tr(
        "Fetch a newer image and, with --recreate, move the containers to it: each is made anew beside the old one "
        "with all of its settings, and has to prove itself; one that does not goes back, with its data.\n\n"
        "The old ones are kept, stopped, as NAME.before-RUN until the next update: `rollback` is instant."
    ),
    example="manage.py images update redis:7 --recreate",
    changing=True,
)
@click.argument("references", metavar="REF...", nargs=-1, required=True)
@click.option("--recreate/--image-only", default=False, help=tr("Move the containers, too; default: the image only."))
@click.option(
    "--all/--rolling", "together", default=False, help=tr("All at the same time; default: one after the other.")
)
@click.option(
    "--backup-volumes/--no-backup-volumes",
    default=True,
    help=tr("Keep what the volumes hold while nobody writes to them; default: yes."),
)
@click.option("--local", is_flag=True, help=tr("Take the image that is here by that name; fetch nothing."))
@click.option("--wait", type=float, default=60, metavar="SECONDS", help=tr("How long one may take to become healthy."))
@click.option(
    "--steady", type=float, default=3, metavar="SECONDS", help=tr("How long one without a health check has to run.")
)
@click.option("--except", "without", multiple=True, metavar="NAME", help=tr("Leave this container alone; repeated."))
@click.option("--helper", default="", metavar="IMAGE", help=tr("An image with `rm`, to empty a volume with."))
def update(  # noqa: PLR0913 -- one for each option
    asked: Asked,
    *,
    references: tuple[str, ...],
    recreate: bool,
    together: bool,
    backup_volumes: bool,
    local: bool,
    wait: float,
    steady: float,
    without: tuple[str, ...],
    helper: str,
) -> int:
    """Update images, and move containers to them."""
    session = open_session(asked)
    args: Json = {
        "references": list(references),
        "recreate": recreate,
        "together": together,
        "backup_volumes": backup_volumes,
        "local": local,
        "wait": wait,
        "steady": steady,
        "except": list(without),
        "helper": helper,
    }
    run = session.store.current()
    if not plans.is_open(run):
        _foretell(session, args)
        if recreate:
            session.must_agree(tr("Make these containers anew on the new image? [y/N]"))
    code = carry_out(session, _KIND, "update", args, tr("Done: updated"))
    if not asked.dry_run:
        _tell(session)
    return code


def _found(references: tuple[str, ...]) -> list[tuple[str, Affected]]:
    from phases.containers import client
    from phases.containers.updates import affected as looking
    from phases.containers.volumes import plain

    with plain.asked(plain.as_args(client.address())) as engine:
        return [(reference, each) for reference in references for each in looking.find(engine, reference)]


def _foretell(session: Session, args: Json) -> None:
    """Who is about to move, what is at risk, what will happen."""
    from phases.containers import client
    from phases.containers.updates import obstacles
    from phases.containers.volumes import plain

    found = [each for _, each in _found(tuple(args["references"])) if each.name not in args["except"]]
    with plain.asked(plain.as_args(client.address())) as engine:
        risks = obstacles.risks(found, engine) if args["recreate"] else []
    managed = {each.name: command for each in found if (command := obstacles.manager(each.container))}
    if session.asked.as_json:
        emit("images", action="update", affected=[each.name for each in found], risks=risks, managed=managed)
        return
    if session.asked.volume == "quiet" or not found:
        return
    if not args["recreate"]:
        names = ", ".join(clean(each.name) for each in found)
        say(tr("these stay on what they run until they are made anew (--recreate): {names}", names=names))
        return
    say(tr("Containers that are made from it:"), *table([_row(each) for each in found], indent="  "))
    say(
        tr("All of them stop at the same time.") if args["together"] else tr("One after the other stops for a moment."),
        tr("What their volumes hold is kept while they are stopped.")
        if args["backup_volumes"]
        else tr("What their volumes hold is NOT kept: a version that spoils data cannot be taken back wholly."),
        tr("One that does not become well again goes back to the old image, and so do the others."),
        *(f"! {clean(each)}" for each in risks),
        *(
            tr("not touched: {name}; its own command is `{command}`", name=clean(name), command=clean(command))
            for name, command in managed.items()
        ),
    )


def _tell(session: Session) -> None:
    """How long each was away; and where what a failed version wrote is."""
    run = session.store.current()
    proofs = [
        each for name, each in run.results.items() if name.endswith(".prove") and not run.outcome.startswith("roll")
    ]
    kept = sorted((session.store.folder / "kept" / run.install_id / "volumes").glob("*.tar.gz"))
    if session.asked.as_json:
        emit("images", action="updated", containers=proofs, kept=[str(each) for each in kept])
        return
    say(
        *(
            tr("{name}: {seconds} s away, now {how}", name=clean(each["name"]), seconds=each["down"], how=_how(each))
            for each in proofs
        ),
        *(tr("what the new version had written is kept in {path}", path=clean(str(each))) for each in kept),
    )


def _how(proof: Json) -> str:
    return tr("healthy") if proof["how"] == "healthy" else tr("running")


def _row(each: Affected) -> tuple[str, ...]:
    from phases.containers.updates.mounts import written
    from phases.containers.updates.obstacles import manager

    volumes = ", ".join(written(each.container))
    return (
        clean(each.name),
        clean(each.container["State"]["Status"]),
        tr("on an older image") if each.older else tr("on the image that is here"),
        tr("volumes: {names}", names=clean(volumes)) if volumes else "",
        clean(manager(each.container)),
    )


def _facts(reference: str, each: Affected) -> Json:
    from phases.containers.updates.mounts import written
    from phases.containers.updates.obstacles import manager

    return {
        "reference": reference,
        "name": each.name,
        "id": each.container["Id"],
        "state": each.container["State"]["Status"],
        "image": each.container["Image"],
        "by": each.by,
        "older": each.older,
        "volumes": written(each.container),
        "command": manager(each.container),
    }
