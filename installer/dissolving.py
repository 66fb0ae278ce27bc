"""Taking the state folder away with all that is in it, but what is the user's."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from installer import files, guard, rollback
from installer.layout import DISSOLVING, FILES

if TYPE_CHECKING:
    from pathlib import Path

    from installer.layout import Layout


def dissolve(at: Layout) -> bool:
    """Remove the state folder: every run is taken back, nothing in it is needed any more.

    What rollback set aside is the user's and stays; says whether there is such. Cut short, the next command that
    takes the lock finishes it: a mark comes first. The caller holds the lock, whose file is the last to go: once
    it is gone another start may begin.
    """
    files.replace(at.folder / DISSOLVING, b"", lasting="nothing")  # there are no bytes to sync, only its name:
    files.sync_folder(at.folder)  # without it, views that outlive their journal are damage
    stays = finish_dissolving(at, durable=False)  # the folder is synced when its lock goes
    files.remove(at.folder / "lock")
    return stays or not files.remove_folder(at.folder)


def finish_dissolving(at: Layout, *, durable: bool = True) -> bool:
    """Remove all but the lock and what stays; says whether anything does.

    Not `durable`: the mark may come back after a power cut, and with it the wish. No run may begin before a sync.
    """
    kept = at.folder / "kept"
    for each in _strangers(at):
        guard.move_aside(each, kept / "generations" / each.name)
    for each in _notes_of_others(at):
        guard.move_aside(each, kept / "state" / each.name)
    stays = {".gitignore", "kept"} if kept.is_dir() and any(kept.iterdir()) else set()
    if at.elsewhere is not None:
        views = (at.journal, at.progress, at.script, at.summary)
        for path in (
            *views,
            *map(files.temporary, views),
            *(at.checkpoints / each for each in ("reserve", "backups")),
        ):
            files.remove_tree(path)
    for name in sorted(set(os.listdir(at.folder)) - stays - {DISSOLVING, "lock"}):
        files.remove_tree(at.folder / name, durable=False)  # the mark, which lies beside it, is removed last
    files.remove(at.folder / DISSOLVING, durable=durable)
    return bool(stays)


def _strangers(at: Layout) -> tuple[Path, ...]:
    """Generations that no run of ours made: the user's own, which a lost journal leads back to no more."""
    folder = at.folder / "generations"
    found = sorted(folder.iterdir()) if folder.is_dir() else []
    return tuple(each for each in found if not rollback.generation(each))


def _notes_of_others(at: Layout) -> tuple[Path, ...]:
    """Files that somebody put into the state folder: we write none of such names."""
    found = (each for each in sorted(at.folder.iterdir()) if each.is_file())
    return tuple(each for each in found if each.name not in FILES and not each.name.startswith("."))
