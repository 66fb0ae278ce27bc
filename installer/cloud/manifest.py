"""What an archive says of itself: whose checkpoint it holds, how far that is, and every file with its SHA-256."""

from __future__ import annotations

import json
import re
import tomllib
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from installer import lazily
from installer.errors import Damaged, Refused
from installer.frozen import dataclass
from installer.i18n import tr
from installer.model import RelPath

if TYPE_CHECKING:
    from pathlib import Path

KIND = "surefoot-checkpoint"
SCHEMA = 1
JOURNAL = "journal.jsonl"
MOST_FILES = 20_000
_RUN_ID = lazily.pattern(r"\d{8}_\d{6}(_\d{1,6})?")
_SHA256 = re.compile(r"[0-9a-f]{64}")
_REPORTS = frozenset({"run/pylock.toml", "run/report.json"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """A file of the archive: `path` is `journal.jsonl`, `run/…` or `stash/…`, whatever the state folder is called."""

    path: RelPath
    sha256: str
    size: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """The first member of the archive. `records` and `head` (the last record's checksum) say how far the run is."""

    project: str
    state: RelPath
    install_id: str
    records: int
    head: str
    updated: str
    tool_version: str
    files: tuple[Listed, ...]

    def dump(self) -> bytes:
        """As JSON, the same bytes for the same content."""
        body = {"kind": KIND, "schema": SCHEMA, **asdict(self)}
        return (json.dumps(body, indent=1, sort_keys=True) + "\n").encode()

    @property
    def size(self) -> int:
        """The bytes of all files."""
        return sum(each.size for each in self.files)

    def same_as(self, other: Manifest) -> bool:
        """Does the other hold the same run, as far?"""
        return (self.project, self.install_id, self.records, self.head) == (
            other.project,
            other.install_id,
            other.records,
            other.head,
        )


def load(data: bytes) -> Manifest:
    """The manifest in `data`. Raises `Refused` for one that cannot be ours, `Damaged` for a newer version's."""
    try:
        body: dict[str, Any] = json.loads(data)
        if body["kind"] != KIND:
            raise refused(tr("it is no checkpoint of Surefoot's"))
        if not isinstance(body["schema"], int) or body["schema"] > SCHEMA:
            raise Damaged(
                "parcel.newer",
                tr("the checkpoint was written by a newer version of Surefoot"),
                hint=tr("update Surefoot, then run the same command again"),
            )
        if len(body["files"]) > MOST_FILES:
            raise refused(tr("it holds more than {count} files", count=MOST_FILES))
        return _checked(body)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise refused(tr("its list of files cannot be read")) from error


def _checked(body: dict[str, Any]) -> Manifest:
    made = Manifest(
        project=str(body["project"])[:200],
        state=RelPath(body["state"]),
        install_id=str(body["install_id"]),
        records=int(body["records"]),
        head=str(body["head"]),
        updated=str(body["updated"])[:40],
        tool_version=str(body["tool_version"])[:40],
        files=tuple(_listed(each) for each in body["files"]),
    )
    paths = [each.path for each in made.files]
    if not _RUN_ID.fullmatch(made.install_id):
        raise refused(tr("its install ID is none of Surefoot's"))
    if JOURNAL not in paths or len(set(paths)) != len(paths):
        raise refused(tr("its list of files is not whole"))
    return made


def _listed(body: dict[str, Any]) -> Listed:
    path = RelPath(body["path"])
    if path != body["path"] or not (path == JOURNAL or path in _REPORTS or path.startswith("stash/")):
        raise refused(tr("it names a file that no checkpoint has: {path}", path=ascii(body["path"])[:200]))
    if not _SHA256.fullmatch(body["sha256"]) or not isinstance(body["size"], int) or body["size"] < 0:
        raise refused(tr("its list of files cannot be read"))
    return Listed(path=path, sha256=body["sha256"], size=body["size"])


def refused(why: str) -> Refused:
    """The error for an archive that must not be trusted."""
    return Refused(
        "parcel.refused",
        tr("the checkpoint is refused: {why}", why=why),
        hint=tr("nothing of it was unpacked; push it again from the machine that it is of, or find out who changed it"),
    )


def project_name(root: Path) -> str:
    """What the project calls itself, the same in every clone: its package's name, else its folder's."""
    try:
        name = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]["name"]
    except (OSError, ValueError, KeyError, TypeError):
        name = root.name
    return re.sub(r"[-_.\s]+", "-", str(name)).strip("-").lower()
