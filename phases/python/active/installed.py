"""What an environment holds, read from the metadata folders of its distributions."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING

from installer.frozen import dataclass
from installer.hashing import sha256
from phases.python import records

if TYPE_CHECKING:
    from collections.abc import Iterable

    from installer.model import Json


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """One metadata folder: of the distribution `name`, in `site`.

    record  the sha256 of its RECORD; empty where it has none
    origin  its direct_url.json; empty for one from an index
    """

    name: str
    version: str
    site: Path
    entry: str
    record: str
    origin: str

    @property
    def folder(self) -> Path:
        """The metadata folder (of the oldest kinds, a file)."""
        return self.site / self.entry

    @property
    def is_foreign(self) -> bool:
        """Is it of a kind whose files nobody can know: made by distutils, by Debian, by conda without a RECORD?"""
        if self.entry.endswith(".egg-info"):
            return True
        return not self.record and _text(self.folder / "INSTALLER").strip() not in {"", "uv", "pip"}

    def as_json(self) -> Json:
        """For the note of what there was."""
        try:
            told = json.loads(self.origin) if self.origin else {}
        except ValueError:
            told = {}
        editable = bool(told.get("dir_info", {}).get("editable")) if isinstance(told, dict) else False
        return {
            "name": self.name,
            "version": self.version,
            "folder": str(self.folder),
            "record": self.record,
            "origin": told,
            "editable": editable,
        }


def held(sites: Iterable[str | Path]) -> dict[str, tuple[Held, ...]]:
    """Every distribution by its normalised name; one that is there twice is broken."""
    found: dict[str, tuple[Held, ...]] = {}
    for site in map(Path, sites):
        for entry, name, version in records.distributions(site):
            folder = site / entry
            each = Held(
                name=name,
                version=version,
                site=site,
                entry=entry,
                record=digest(folder / "RECORD"),
                origin=_text(folder / "direct_url.json"),
            )
            found[name] = (*found.get(name, ()), each)
    return found


def digest(path: Path) -> str:
    """The sha256 of a file; empty where there is none."""
    try:
        return sha256(path.read_bytes()).hexdigest()
    except OSError:
        return ""


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""


def paths(each: Held) -> list[Path]:
    """Every file of a distribution that is there, compiled ones included: by its RECORD, else its metadata's."""
    lines = records.lines(each.folder / "RECORD")
    if lines:
        listed = [Path(os.path.normpath(each.site / path)) for path, _, _ in lines]
    elif each.folder.is_dir():
        listed = [Path(folder, name) for folder, _, names in os.walk(each.folder) for name in names]
    else:
        listed = [each.folder]
    listed += [cached for path in listed if path.suffix == ".py" for cached in compiled(path)]
    return [path for path in dict.fromkeys(listed) if os.path.lexists(path) and not os.path.isdir(path)]


def compiled(source: Path) -> list[Path]:
    """The compiled files of a module."""
    try:
        names = os.listdir(source.parent / "__pycache__")
    except OSError:
        return []
    return [source.parent / "__pycache__" / name for name in names if name.startswith(f"{source.stem}.")]
