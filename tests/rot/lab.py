"""A small project whose every kind of change is made by toy steps, in states that a test may damage.

Everything runs in this process, through the real command line (`Lab.manage`, `Lab.quickstart`); only what the phases do
is small, and nothing waits for the disk.
"""

from __future__ import annotations

import shutil
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import phases
from installer import files, fingerprint, rollback
from installer.cli import main as doors
from installer.model import RelPath
from installer.store import Store
from tests.engine.plug import Cut
from tests.engine.toys import TOYS, Picture, picture, whole_plan

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import pytest

    from installer.manifest import Manifest
    from installer.model import Facts, Step

STATE = (".surefoot",)
STATES = ("finished", "cut", "between", "cut back")


def plan(phase: str, _manifest: Manifest, facts: Facts) -> Iterator[Step]:
    """Every kind of effect, in two of the phases; nothing where all of it is there."""
    if not facts.results and (facts.root / "env").exists() and (facts.root / "hollow" / "z").exists():
        return
    name = {"environment_setup": "first", "python_deps": "second"}.get(phase)
    for each in whole_plan(name, facts) if name else ():
        assert not isinstance(each, tuple)
        yield each


@dataclass(frozen=True)
class Ended:
    """How a command ended, and what it said."""

    status: int
    said: str


class Lab:
    """A project at one path, and pictures of it."""

    def __init__(self, place: Path, patch: pytest.MonkeyPatch, capture: pytest.CaptureFixture[str]) -> None:
        self.root = place / "project"
        self.shelf = place / "shelf"
        self.capture = capture
        self.cut_in = ""
        self.patch = patch
        for name in ("sync", "sync_folder", "sync_tree"):
            patch.setattr(files, name, lambda *_: None)
        patch.setattr(phases, "plan", plan)
        patch.setattr(phases, "ACTIONS", {**phases.ACTIONS, **TOYS, "toy.build": self._build})
        patch.setattr(fingerprint, "is_plain", lambda _root, _state: False)
        patch.setenv("SUREFOOT_LANG", "en")
        patch.delenv("SUREFOOT_CHECKPOINT_DIR", raising=False)
        make(self.root)
        self.before = picture(self.root)

    @property
    def store(self) -> Store:
        return Store(self.root, RelPath(".surefoot"))

    def _build(self, args: Any, context: Any) -> None:
        TOYS["toy.build"](args, context)
        if self.cut_in == "build":
            raise Cut

    def quickstart(self, *words: str) -> Ended:
        """Call `quickstart.py`."""
        return self._call(doors.quickstart, ("-C", str(self.root), "-y", *words))

    def manage(self, *words: str) -> Ended:
        """Call `manage.py`."""
        return self._call(doors.manage, (*words, "-C", str(self.root)))

    def _call(self, door: Any, words: tuple[str, ...]) -> Ended:
        self.capture.readouterr()
        try:
            status = door(words)
        finally:
            said = "".join(self.capture.readouterr())
        return Ended(status, said)

    def prepare(self, state: str) -> None:
        """Put the project in `state` ("cut": within a step; "between": after one; "cut back": on its way); keep it."""
        self.cut_in = "build" if state == "cut" else ""
        with suppress(Cut), self.patch.context() as patch:
            if state == "between":
                patch.setattr(rollback, "capture", _cut_after(6, rollback.capture))
            self.quickstart()
        self.cut_in = ""
        with suppress(Cut), self.patch.context() as patch:
            if state == "cut back":
                patch.setattr(rollback, "perform", _cut_after(3, rollback.perform))
                self.manage("rollback", "--yes")
        self.keep()

    def keep(self) -> None:
        """Keep a copy of the project as it is."""
        shutil.rmtree(self.shelf, ignore_errors=True)
        shutil.copytree(self.root, self.shelf, symlinks=True)

    def again(self) -> None:
        """Put the project back as it was kept."""
        shutil.rmtree(self.root)
        shutil.copytree(self.shelf, self.root, symlinks=True)

    def picture(self, *, whole: bool = False) -> Picture:
        """The tree; `whole`: with the state folder, but for the note of who held the lock last."""
        found = picture(self.root, without=() if whole else STATE)
        return {name: word for name, word in found.items() if not name.startswith((".surefoot/lock", ".surefoot/logs"))}


def make(root: Path) -> None:
    """Files, links, modes, and an odd name."""
    (root / "src").mkdir(parents=True)
    (root / "hollow").mkdir(mode=0o750)
    (root / "config.ini").write_text("old")
    (root / "config.ini").chmod(0o640)
    (root / "src" / "version.txt").write_text("1")
    (root / "src" / "old.txt").write_text("old")
    (root / "src" / "link").symlink_to("version.txt")
    (root / "src" / "odd $(name) 'x'\n.py").write_text("odd")


def _cut_after(count: int, real: Any) -> Any:
    """`real`, that can be called `count` times."""
    calls = iter(range(count + 1))

    def limited(*args: Any, **named: Any) -> Any:
        if next(calls) == count:
            raise Cut
        return real(*args, **named)

    return limited


def flipped(data: bytes, position: int) -> bytes:
    """`data` with one bit changed at `position`, another bit at each."""
    changed = bytearray(data)
    changed[position] ^= 1 << (position % 8)
    return bytes(changed)
