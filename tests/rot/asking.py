"""Asking every way on of a project whose state is not what it was; and journals that anybody could write."""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING, Any

from installer import journal

if TYPE_CHECKING:
    from tests.rot.lab import Ended, Lab


WAYS = (("quickstart",), ("resume", "-y"), ("rollback", "--yes"), ("rollback", "--all", "--yes"))


def call(lab: Lab, words: tuple[str, ...]) -> Ended:
    return lab.quickstart(*words[1:]) if words[0] == "quickstart" else lab.manage(*words)


def refused(lab: Lab, code: int, *said: str) -> None:
    """Every way on ends with `code` and these words, and touches nothing."""
    before = lab.picture(whole=True)
    for way in WAYS:
        ended = call(lab, way)
        assert ended.status == code, (way, ended.said)
        for each in said:
            assert each in ended.said, (way, ended.said)
    assert lab.picture(whole=True) == before


def mended(lab: Lab) -> None:
    """After `checkpoint repair` every command works, and the project installs."""
    repaired = lab.manage("checkpoint", "repair", "--yes")
    assert repaired.status == 0, repaired.said
    assert lab.manage("status").status == 0
    assert lab.manage("checkpoint", "repair", "--yes").said.strip() == "The journal is whole."
    ended = lab.quickstart()
    assert ended.status == 0, ended.said
    assert (lab.root / "env").exists()


def make_room(lab: Lab) -> None:
    """The toy steps can be done again."""
    (lab.root / "hollow" / "z").unlink()
    (lab.root / "src" / "old.txt").write_text("old")
    shutil.rmtree(lab.root / "src" / "build")
    (lab.root / "env").rename(lab.root / "earlier")


STEP: dict[str, Any] = {"id": "a.01", "phase": "a", "title": "t", "action": "files.write"}
OPENED: dict[str, Any] = {"type": "Opened", "install_id": "20251115_143000", "kind": "install", "facts": {}}


def forged(*bodies: dict[str, Any]) -> bytes:
    """A journal with these records and checksums that hold: anybody can compute one."""
    lines, before = [], ""
    for number, body in enumerate(bodies, 1):
        text = json.dumps(
            {"v": 1, "seq": number, "time": "2025-11-15T14:30:00.000+00:00"} | body, separators=(",", ":")
        )
        before = journal._checksum(before, text)  # noqa: SLF001 -- the format itself
        lines.append(f'{text[:-1]},"sum":"{before}"}}\n')
    return "".join(lines).encode()
