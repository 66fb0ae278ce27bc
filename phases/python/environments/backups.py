"""Copies of the files that decide about an environment, as they were when it was made."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from installer import files, lazily
from installer.errors import Refused
from installer.i18n import tr
from installer.model import Action, Context, Effect, Json, RelPath, Step
from installer.redact import redact

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

_NO_SECRET = lazily.pattern(r"://(?:git|hg|\$\{\w+\})(?::\$\{\w+\})?@")  # a user that is no secret, a variable's name


def backup_step(phase: str, state: RelPath, install_id: str, paths: Iterable[str]) -> Step:
    """A step that copies those of `paths` that are there to the folder of backups."""
    folder = state / "checkpoints" / "backups"
    return Step(
        id=f"{phase}.01.backup",
        phase=phase,
        title=tr("Back up the configuration files"),
        action="files.backup",
        args={"files": sorted(set(paths)), "folder": folder},
        effect=Effect(touches=tuple(folder / backup_name(path, install_id) for path in sorted(set(paths)))),
    )


def backup_name(path: str, install_id: str) -> str:
    """requirements.txt -> requirements_<install_id>.txt; a folder's name joined by `__`."""
    flat = path.lstrip(".").replace("/", "__")
    stem, dot, suffix = flat.rpartition(".")
    return f"{stem}_{install_id}.{suffix}" if dot else f"{flat}_{install_id}"


def backup(args: Mapping[str, Any], context: Context) -> Json:
    """Copy each file, readable by its owner only. One that holds a password is not copied, and said so."""
    root = context.root.resolve()
    folder = context.root / args["folder"]
    files.make_folder(folder)
    copied: dict[str, str] = {}
    for path in args["files"]:
        source = (context.root / path).resolve()
        if not os.path.isfile(source) or not source.is_relative_to(root):
            continue
        if _has_secret(source):
            context.warn(tr("`{path}` holds a password or token: no copy of it is kept", path=path))
            continue
        try:
            copied[path] = files.copy(source, folder / backup_name(path, context.install_id), durable=False)
        except (OSError, Refused) as error:
            context.warn(tr("`{path}` could not be backed up: {reason}", path=path, reason=error))
    files.sync_tree(folder)
    return {"backups": copied, "folder": args["folder"]}


def _has_secret(path: Path) -> bool:
    try:
        text = path.read_text(encoding="utf-8", errors="surrogateescape")
    except OSError:
        return False
    text = _NO_SECRET.sub("://", text)
    return redact(text) != text


ACTIONS: Mapping[str, Action] = {"files.backup": backup}
