"""Putting a pulled run among this project's: as a plan of steps, so that it can be cut, resumed and taken back."""

from __future__ import annotations

import gzip
from typing import TYPE_CHECKING, Any

from installer import files
from installer.cloud import parcel as parcels
from installer.cloud.manifest import JOURNAL
from installer.errors import Conflict
from installer.i18n import tr
from installer.model import Effect, RelPath, Step

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from installer.cloud.parcel import Parcel
    from installer.model import Action, Context, Facts
    from installer.store import Store

PHASE = "pull"
KIND = "pull"
_ACTION = "cloud.place"


def refuse_unless_newer(store: Store, parcel: Parcel) -> None:
    """Raise `Conflict` where this project is in the middle of a run, or has the run in another or a later state."""
    run, name = store.current(), parcel.manifest.install_id
    here = journal_here(store, name)
    if is_here(store, parcel):
        return
    if run.install_id and not run.outcome and run.kind != KIND:
        raise Conflict(
            "pull.unfinished",
            tr("the run {run} is unfinished here, and is not replaced", run=run.install_id),
            hint=tr("`manage.py resume` goes on with it, `manage.py rollback` takes it back"),
        )
    if here is not None and not parcel.journal.startswith(here):
        ahead = here.startswith(parcel.journal)
        why = tr("the run {run} is further here than in the checkpoint", run=name)
        other = tr("the run {run} here is another than the checkpoint's: they went apart", run=name)
        raise Conflict("pull.other", why if ahead else other, hint=tr("nothing here was changed"))


def is_here(store: Store, parcel: Parcel) -> bool:
    """Is the run the current one, as far as the parcel's and whole?"""
    return store.current().install_id == parcel.manifest.install_id and not any(missing_here(store, parcel))


def journal_here(store: Store, install_id: str) -> bytes | None:
    """The journal of the run, if this project has it."""
    try:
        return store.journal_of(install_id)
    except KeyError:
        return None


def plan(store: Store, parcel: Parcel, address: str) -> Callable[[str, Facts], Iterator[Step]]:
    """The plan that places `parcel`; it yields nothing for what is here already."""

    def steps(_phase: str, _facts: Facts) -> Iterator[Step]:
        missing = tuple(missing_here(store, parcel))
        if missing:
            made = parcel.manifest
            yield Step(
                id=f"{PHASE}.01.place",
                phase=PHASE,
                title=f"Place the checkpoint of {made.install_id} ({len(missing)} files)",
                action=_ACTION,
                args={"install_id": made.install_id, "head": made.head, "address": address},
                effect=_effect(store, made.install_id, missing),
            )

    return steps


def _effect(store: Store, install_id: str, missing: tuple[RelPath, ...]) -> Effect:
    """New trees are ours alone, and go with all that is added later; a file in a tree that was here comes back."""
    trees = tuple(store.state / name / install_id for name in ("runs", "stash"))
    new = tuple(tree for tree in trees if not files.exists(store.root / tree))
    places = (place_of(store, install_id, each) for each in missing)
    return Effect(scratch=new, touches=tuple(each for each in places if not any(map(each.within, new))))


def missing_here(store: Store, parcel: Parcel) -> Iterator[RelPath]:
    """The files of the parcel that this project lacks, or has otherwise."""
    name = parcel.manifest.install_id
    for each in parcel.manifest.files:
        if each.path == JOURNAL:
            if journal_here(store, name) != parcel.journal:
                yield each.path
        elif files.digest(store.root / place_of(store, name, each.path)) != f"sha256:{each.sha256}":
            yield each.path


def place_of(store: Store, install_id: str, path: RelPath) -> RelPath:
    """Where a file of the parcel belongs."""
    if path == JOURNAL:
        return store.state / "runs" / install_id / "journal.jsonl.gz"
    first, _, rest = path.partition("/")
    return store.state / ("stash" if first == "stash" else "runs") / install_id / rest


def actions(store: Store, parcel: Parcel) -> Mapping[str, Action]:
    """The action of the plan, which knows where the verified archive is."""

    def place(_args: Mapping[str, Any], context: Context) -> dict[str, Any]:
        wanted = tuple(missing_here(store, parcel))
        for done, (path, data) in enumerate(parcels.contents(parcel, wanted), start=1):
            target = files.below(context.root, place_of(store, parcel.manifest.install_id, path))
            files.make_folder(target.parent)
            files.replace(target, gzip.compress(data, mtime=0) if path == JOURNAL else data)
            context.report(done, len(wanted))
        return {"files": len(wanted)}

    return {_ACTION: place}


def make_current(store: Store, install_id: str) -> None:
    """Make the run, which was placed, the current one: it is what it was before it left its machine."""
    if store.current().install_id != install_id:
        store.archive()
        store.unarchive(install_id)
