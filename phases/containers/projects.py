"""Which project a folder is, as the labels in an engine have it: also once it was moved, and never a copy of it.

Its first run about containers notes an id, and by what the folder is known (`installer.identity`): a folder that was
moved on its disk is the same one, and so is one that was put back in its place. Any other that has the note is a copy,
or was moved in a way that looks like one: it gets an id of its own, and `adopt` gives it the noted one back.

The id is a hash of the path at first, so that it is the same before and after it is noted. One that a moved project
took along is noted for the user as well: what is made in its old place later gets another.
"""

from __future__ import annotations

import hashlib
import json
import os
from contextlib import suppress
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from installer import brand, files, identity, toolenv
from installer.project import MANIFEST

if TYPE_CHECKING:
    from installer.model import Json, RelPath

_NAME = "project.json"
_FORMAT = 1


def known(root: Path) -> str:
    """16 hex digits that stand for the project at `root`. Nothing is written."""
    root = Path(os.path.realpath(root))
    noted = _read(_file(root))
    if (
        noted is not None
        and identity.agrees(noted["folder"], root)
        and (_is_same(noted["folder"], root) or not _is_elsewhere(noted["id"], root))
    ):
        return str(noted["id"])
    own = _hash(os.fsencode(root))
    return _hash(os.fsencode(root) + _marks(root)) if _is_elsewhere(own, root) else own


def note(root: Path) -> None:
    """Note the id, durable; nothing where it is noted. What another folder's note says is kept beside it."""
    root = Path(os.path.realpath(root))
    noted, mine, here = _read(_file(root)), known(root), identity.of(root)
    if noted is not None and noted["id"] == mine and noted["folder"] == here:
        return
    came = noted is not None and noted["id"] == mine and noted["folder"].get("path") != here["path"]
    if came or mine != _hash(os.fsencode(root)):
        _claim(mine, here)
    before = noted.get("before") if noted is not None and noted["id"] == mine else noted
    _write(_file(root), {"format": _FORMAT, "id": mine, "folder": here, "before": before})


def stranger(root: Path) -> Json | None:
    """What was noted for another folder, in a note that came here with it; None if that folder is still there."""
    root = Path(os.path.realpath(root))
    noted = _read(_file(root))
    if noted is not None and noted["id"] == known(root):
        before = noted.get("before")
        noted = before if isinstance(before, dict) and _is_whole(before) else None
    if noted is None or _is_same(noted["folder"], Path(str(noted["folder"].get("path")))):
        return None
    return noted if not _is_elsewhere(noted["id"], root) else None


def adopt(root: Path) -> None:
    """The project that the note tells of is here now: the user says so. Nothing where that is not to be believed."""
    root = Path(os.path.realpath(root))
    if found := stranger(root):
        here = identity.of(root)
        _claim(found["id"], here)
        _write(_file(root), {"format": _FORMAT, "id": found["id"], "folder": here, "before": None})


def _is_same(noted: Json, folder: Path) -> bool:
    """Is it the very folder, wherever it is; not one in its place?"""
    return identity.agrees({**noted, "machine": ""}, folder)


def _is_elsewhere(project: str, root: Path) -> bool:
    """Did a project of this user take the id along to another place, where it still is?"""
    claimed = _read(_claims() / f"{project}.json")
    if claimed is None:
        return False
    place = Path(str(claimed["folder"].get("path")))
    return place != root and _is_same(claimed["folder"], place)


def _claim(project: str, here: Json) -> None:
    """For the user's own: where that cannot be written, a copy in the old place is not told from it."""
    with suppress(OSError):
        files.make_folder(_claims())
        _write(_claims() / f"{project}.json", {"format": _FORMAT, "id": project, "folder": here})


def _claims() -> Path:
    return Path(toolenv.extras_file()).with_name("projects")


def _file(root: Path) -> Path:
    return root / _state(root, tuple(_stamp(root / name) for name in (MANIFEST, "pyproject.toml"))) / _NAME


@lru_cache(maxsize=8)
def _state(root: Path, stamps: tuple[tuple[int, ...], ...]) -> RelPath:
    """The state folder, as the manifests of these `stamps` have it: asked for with every label."""
    del stamps
    return brand.read(root).state


def _stamp(path: Path) -> tuple[int, ...]:
    try:
        status = path.stat()
    except OSError:
        return ()
    return status.st_ino, status.st_size, status.st_mtime_ns


def _read(path: Path) -> Json | None:
    """A whole note; None for none and for any other thing."""
    try:
        found = json.loads(files.content(path, most=1 << 16))
    except (OSError, ValueError):
        return None
    return found if isinstance(found, dict) and _is_whole(found) else None


def _is_whole(found: Json) -> bool:
    project = found.get("id")
    is_id = isinstance(project, str) and len(project) == 16 and set(project) <= set("0123456789abcdef")  # noqa: PLR2004
    return is_id and found.get("format") == _FORMAT and isinstance(found.get("folder"), dict)


def _write(path: Path, found: Json) -> None:
    files.replace(path, json.dumps(found, indent=1).encode() + b"\n")


def _marks(root: Path) -> bytes:
    here = identity.of(root)
    return f"\0{here['machine']}\0{here['inode']}\0{here['born']}".encode()


def _hash(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()[:16]
