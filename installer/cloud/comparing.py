"""May what lies in the store be replaced by what is pushed? Only by a later state of the same project."""

from __future__ import annotations

from typing import TYPE_CHECKING

from installer.errors import Conflict
from installer.i18n import tr

if TYPE_CHECKING:
    from installer.cloud.manifest import Manifest
    from installer.journal import Entry


def refuse_unless_older(theirs: Manifest, ours: Manifest, entries: tuple[Entry, ...], url: str) -> None:
    """Raise `Conflict` if `theirs`, found at `url`, is no earlier state of `ours`, whose journal has `entries`."""
    if theirs.project != ours.project:
        raise _conflict(tr("the checkpoint at {url} is another project's: {project}", url=url, project=theirs.project))
    if theirs.install_id != ours.install_id:
        if _order(theirs.install_id) > _order(ours.install_id):
            raise _conflict(tr("the checkpoint at {url} is of a later run: {run}", url=url, run=theirs.install_id))
        return
    if theirs.records > ours.records:
        raise _conflict(tr("the checkpoint at {url} is further than the run here", url=url))
    if theirs.records < 1 or entries[theirs.records - 1].checksum != theirs.head:
        raise _conflict(tr("the run {run} at {url} and the one here went apart", url=url, run=theirs.install_id))


def refuse_changed(before: Manifest | None, now: Manifest | None, url: str) -> None:
    """Raise `Conflict` if somebody pushed while we did."""
    if before != now:
        raise _conflict(tr("somebody else pushed to {url} at the same time", url=url))


def _order(install_id: str) -> tuple[str, int]:
    return install_id[:15], int(install_id[16:] or 1)


def _conflict(message: str) -> Conflict:
    hint = tr("nothing was replaced; `manage.py checkpoint pull` gets it, another address or --replace goes past it")
    return Conflict("push.newer", message, hint=hint)
