"""Archives that must not be trusted: refused with exit 9, and nothing of them is unpacked."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import tarfile
from typing import TYPE_CHECKING, Any

import pytest

from installer import journal
from installer.model import Command, Delete, Guard, Intent, Opened, Prune, RelPath, Restore, Step, Undo

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.cloud.conftest import Clone

RUN = "20260102_030405"
STATE = RelPath(".surefoot")
STASH = STATE / "stash" / RUN

Members = list[tuple[tarfile.TarInfo, bytes]]


def member(name: str, data: bytes = b"", kind: bytes = tarfile.REGTYPE) -> tuple[tarfile.TarInfo, bytes]:
    about = tarfile.TarInfo(name)
    about.size, about.type = len(data), kind
    return about, data


class Forger:
    """Makes archives, good but for what a test does to them."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.url = f"file://{root}/forged.tar.gz"

    def journal(self, *undo: Undo) -> tuple[bytes, int, str]:
        entry, data = journal.encode(Opened(install_id=RUN, kind="script", facts={}), None)
        step = Step(id="x.1", phase="x", title="x", action="x")
        entry, line = journal.encode(Intent(step=step, attempt=1, undo=undo), entry)
        return data + line, entry.seq, entry.checksum

    def forge(
        self,
        *undo: Undo,
        files: dict[str, bytes] | None = None,
        manifest: Callable[[dict[str, Any]], None] | None = None,
        members: Callable[[Members], None] | None = None,
    ) -> str:
        data, records, head = self.journal(*undo)
        held = {"journal.jsonl": data, **(files or {})}
        body: dict[str, Any] = {
            "kind": "surefoot-checkpoint",
            "schema": 1,
            "project": "demo",
            "state": ".surefoot",
            "install_id": RUN,
            "records": records,
            "head": head,
            "updated": "",
            "tool_version": "0",
            "files": [
                {"path": path, "sha256": hashlib.sha256(each).hexdigest(), "size": len(each)}
                for path, each in held.items()
            ],
        }
        if manifest is not None:
            manifest(body)
        there = [member("manifest.json", json.dumps(body).encode())]
        there += [member(f"files/{hashlib.sha256(each).hexdigest()}", each) for each in held.values()]
        if members is not None:
            members(there)
        with tarfile.open(self.root / "forged.tar.gz", "w:gz", format=tarfile.GNU_FORMAT) as tar:
            for about, each in there:
                tar.addfile(about, io.BytesIO(each))
        return self.url


@pytest.fixture
def forger(tmp_path: Path) -> Forger:
    return Forger(tmp_path)


def refused(there: Clone, url: str, *flags: str, code: int = 9) -> str:
    before = there.everything()
    ended, _, err = there.manage("checkpoint", "pull", url, *flags)
    assert ended == code, err
    assert there.everything() == before
    return err


def test_the_forgers_own_archive_is_good(there: Clone, forger: Forger) -> None:
    undo = Restore(path=RelPath("config.ini"), backup=STASH / "a", sha256=hashlib.sha256(b"x").hexdigest())
    there.well("checkpoint", "pull", forger.forge(undo, files={"stash/a": b"x"}))
    assert (there.root / STASH / "a").read_bytes() == b"x"


PATHS = (
    "../outside",
    "/etc/passwd",
    "stash/../../outside",
    "stash/./a",
    "stash//a",
    "stash\\..\\x",
    "stash/a\0b",
    "run/journal.jsonl.gz",
    "run/other",
    "lock",
    "checkpoints/rollback.sh",
    "generations/x/bin/python",
    "",
)


@pytest.mark.parametrize("path", PATHS)
def test_a_path_that_no_checkpoint_has(there: Clone, forger: Forger, path: str) -> None:
    refused(there, forger.forge(files={path: b"x"}))


@pytest.mark.parametrize(
    "change",
    [
        {"kind": "other"},
        {"install_id": "../../x"},
        {"install_id": "20260102_030406"},
        {"state": "../state"},
        {"records": 1},
        {"head": "0" * 16},
        {"files": []},
        {"files": [7]},
        {"files": None},
    ],
    ids=str,
)
def test_a_manifest_that_says_something_else(there: Clone, forger: Forger, change: dict[str, Any]) -> None:
    refused(there, forger.forge(manifest=lambda body: body.update(change)))


def test_a_newer_schema_is_exit_4(there: Clone, forger: Forger) -> None:
    refused(there, forger.forge(manifest=lambda body: body.update(schema=2)), code=4)


def test_another_state_folder_is_a_choice(there: Clone, forger: Forger) -> None:
    refused(there, forger.forge(manifest=lambda body: body.update(state=".sage")), "--adopt", code=10)


def test_a_size_that_is_not_the_files(there: Clone, forger: Forger) -> None:
    refused(there, forger.forge(manifest=lambda body: body["files"][0].update(size=7)))


def _add(about: tarfile.TarInfo, data: bytes = b"") -> Callable[[Members], None]:
    return lambda members: members.append((about, data))


def _link(kind: bytes) -> tarfile.TarInfo:
    about, _ = member("files/" + "0" * 64, kind=kind)
    about.linkname = "/etc/passwd"
    return about


MEMBERS: dict[str, Callable[[Members], None]] = {
    "a link": _add(_link(tarfile.SYMTYPE)),
    "a hard link": _add(_link(tarfile.LNKTYPE)),
    "a device": _add(member("files/" + "0" * 64, kind=tarfile.CHRTYPE)[0]),
    "a pipe": _add(member("files/" + "0" * 64, kind=tarfile.FIFOTYPE)[0]),
    "a folder": _add(member("files", kind=tarfile.DIRTYPE)[0]),
    "a long name": _add(member("files/" + "x" * 300)[0]),
    "a traversing name": _add(*member("../../outside", b"x")),
    "a file that nobody listed": _add(*member("files/" + hashlib.sha256(b"x").hexdigest(), b"x")),
    "a file twice": lambda members: members.append(members[1]),
    "a good content under another name": lambda members: members.append(member("files/x", members.pop()[1])),
    "two manifests": lambda members: members.append(members[0]),
    "no manifest": lambda members: members.__delitem__(0),
    "a missing file": lambda members: members.__delitem__(-1),
    "another content": lambda members: members.append((members.pop()[0], b"\0" * 10_000)),
}


@pytest.mark.parametrize("name", MEMBERS)
def test_an_archive_with(there: Clone, forger: Forger, name: str) -> None:
    refused(there, forger.forge(members=MEMBERS[name]))


def test_every_shortened_archive_is_refused(there: Clone, forger: Forger, tmp_path: Path) -> None:
    forger.forge()
    whole = (tmp_path / "forged.tar.gz").read_bytes()
    for size in (0, 1, 10, len(whole) // 2, len(whole) - 9):
        (tmp_path / "forged.tar.gz").write_bytes(whole[:size])
        refused(there, forger.url)


def test_a_flipped_bit_anywhere_is_noticed(there: Clone, forger: Forger, tmp_path: Path) -> None:
    forger.forge()
    whole = gzip.decompress((tmp_path / "forged.tar.gz").read_bytes())
    journal_at = whole.index(b'{"v":1')
    for position in (journal_at + 5, journal_at + 60, whole.index(b'"head"') + 12, whole.index(b"files/") + 8):
        data = bytearray(whole)
        data[position] ^= 1
        (tmp_path / "forged.tar.gz").write_bytes(gzip.compress(bytes(data)))
        refused(there, forger.url)


def test_a_bomb_is_not_unpacked(there: Clone, forger: Forger, tmp_path: Path) -> None:
    def bomb(members: Members) -> None:
        data = bytes(64 << 20)
        members.append(member("files/" + hashlib.sha256(data).hexdigest(), data))

    forger.forge(members=bomb)
    assert (tmp_path / "forged.tar.gz").stat().st_size < 1 << 17
    assert "larger than a checkpoint can be" in refused(there, forger.url)


def test_a_size_that_lies_does_not_fill_the_memory(there: Clone, forger: Forger) -> None:
    def huge(members: Members) -> None:
        about, data = members[1]
        about.size = 1 << 40
        members[1] = (about, data)

    with pytest.raises(OSError, match="unexpected end of data"):
        forger.forge(members=huge)
    assert "larger than a checkpoint can be" in refused(there, forger.url)


@pytest.mark.parametrize(
    ("undo", "trusted"),
    [
        (Command(argv=("rm", "-rf", "x")), True),
        (Restore(path=RelPath(".git/hooks/post-checkout"), backup=STASH / "a"), True),
        (Restore(path=RelPath("sub/.GIT/config"), backup=STASH / "a"), True),
        (Restore(path=RelPath("data"), backup=STASH / "a", kind="link", target="/etc"), True),
        (Restore(path=RelPath("data"), backup=STASH / "a", kind="link", target="../../x"), True),
        (Delete(path=RelPath("src"), scratch=True), False),
        (Prune(path=RelPath("src"), keep=()), False),
        (Restore(path=RelPath("config.ini"), backup=RelPath("secret.txt")), False),
        (Guard(path=RelPath("."), listing=RelPath("listing.json")), False),
        (Guard(path=RelPath("."), listing=STASH / "missing.json"), False),
    ],
    ids=repr,
)
def test_an_undo_that_a_stranger_must_not_have_done_here(
    there: Clone,
    forger: Forger,
    undo: Undo,
    trusted: bool,  # noqa: FBT001 -- a parameter of the table
) -> None:
    url = forger.forge(undo, files={"stash/a": b"x"})
    refused(there, url)
    if trusted:
        there.well("checkpoint", "pull", url, "--trust")
    else:
        refused(there, url, "--trust")


@pytest.mark.parametrize(
    "entries",
    [{"../x": {"kind": "file"}}, {"x": {"kind": "file", "copy": "../../../../secret.txt"}}, {"/x": {}}, {"x": 7}, 7],
    ids=repr,
)
def test_a_listing_that_leads_elsewhere(there: Clone, forger: Forger, entries: Any) -> None:
    listing = json.dumps({"entries": entries, "skipped": [], "uncopied": 0, "mode": 0}).encode()
    url = forger.forge(Guard(path=RelPath("."), listing=STASH / "l.json"), files={"stash/l.json": listing})
    refused(there, url, "--trust")
