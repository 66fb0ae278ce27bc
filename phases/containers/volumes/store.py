"""Where archives of volumes lie, and which there are."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING

from installer.errors import Precondition, Refused
from installer.i18n import tr
from phases.containers import undoing
from phases.containers.volumes import archives

if TYPE_CHECKING:
    from pathlib import Path

    from installer.model import Facts, Json, RelPath

_END = ".tar.gz"


def folder(state: RelPath) -> RelPath:
    """The folder of all archives; each volume has one of its own in it."""
    return state / "volumes"


def archive(facts: Facts, volume: str, mark: str = "") -> RelPath:
    """The archive that this run makes of the volume."""
    return folder(facts.state) / volume / f"{facts.install_id}{mark}{_END}"


def set_aside(facts: Facts, volume: str) -> RelPath:
    """Where a rollback puts what the volume holds then."""
    return facts.state / "kept" / facts.install_id / "volumes" / f"{volume}{_END}"


def known(state_folder: Path) -> dict[str, list[Json]]:
    """Volume: the manifests of its archives, oldest first; each has its `path`. What cannot be read is left out."""
    found: dict[str, list[Json]] = {}
    for place in sorted((state_folder / "volumes").glob(f"*/*{_END}.json")):
        try:
            told = json.loads(place.read_bytes())
        except (OSError, ValueError):
            continue
        if isinstance(told, dict) and isinstance(told.get("volume"), str):
            found.setdefault(told["volume"], []).append({**told, "path": str(place).removesuffix(".json")})
    return {name: sorted(each, key=lambda one: str(one.get("made", ""))) for name, each in found.items()}


def manifest_of(root: Path, path: str) -> Json:
    """The manifest of an archive that is whole. Raises `Precondition` for none, `Refused` for one that is damaged."""
    place = os.path.join(root, path)
    for each in (place, place + ".json"):
        if not os.path.isfile(each):
            raise Precondition("archive.missing", tr("there is no file {path}", path=each))
    try:
        return dict(archives.proven(place))
    except undoing.Failed as problem:
        raise Refused(
            "archive.damaged",
            tr("the archive {path} is not what was kept: nothing was touched", path=path),
            details=(str(problem),),
        ) from problem
