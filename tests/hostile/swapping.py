"""A project whose folders somebody swaps for links that lead out, and the steps that are done and taken back there.

Outside lies a twin of the whole project: whatever is done through a link finds there what it looks for, and shows.
"""

from __future__ import annotations

import os
import shutil
import sys
import threading
from collections.abc import Callable
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

from installer import actions, files, guard, rollback
from installer.engine import Setting
from installer.model import Context, Effect, Json, RelPath, Step
from installer.pins import Spot
from tests.engine.toys import Picture, picture

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

Act = Callable[["Path"], None]
_EVENTS = frozenset(
    "open os.rename os.remove os.rmdir os.mkdir os.link os.symlink os.chmod os.utime os.scandir os.listdir".split()
)


class Swapper:
    """An audit hook (for good) that puts a link in a folder's place just before the N-th call on files."""

    def __init__(self) -> None:
        self.count = 0
        self._at = 0
        self._thread = 0
        self._swap: Callable[[], None] = lambda: None
        sys.addaudithook(self._hear)

    @contextmanager
    def armed(self, at: int, swap: Callable[[], None]) -> Iterator[None]:
        """Within, `swap` is called before the call number `at` of this thread."""
        self.count, self._at, self._swap, self._thread = 0, at, swap, threading.get_ident()
        try:
            yield
        finally:
            self._thread = 0

    def _hear(self, event: str, _: tuple[Any, ...]) -> None:
        if event not in _EVENTS or threading.get_ident() != self._thread:
            return
        self.count += 1
        if self.count == self._at:
            self._thread = 0  # what it does itself is not counted, and it happens once
            self._swap()


class Scene:
    """The project and its twin; `folder` of the one is swapped for a link to that of the other."""

    def __init__(self, top: Path, folder: str) -> None:
        self.top = top
        self.root = top / "project"
        self.twin = top / "twin"
        self.folder = self.root / folder
        self.aside = self.root / f"{folder}.aside"
        self.link_to = self.twin / folder
        self.place = rollback.Place(
            root=self.root,
            state=RelPath(".surefoot"),
            install_id="20260101_000000",
            skip=frozenset({self.root / ".surefoot"}),
            copies=guard.Copies(),
        )

    def make(self) -> None:
        """As a clone is, with an environment and one that is to take its place."""
        shutil.rmtree(self.top, ignore_errors=True)
        for name in ("src/deep/er", "src/hollow", "src/env", ".surefoot/stash", ".surefoot/kept", "src/grown/before"):
            (self.root / name).mkdir(parents=True)
        (self.root / ".surefoot/generations/new").mkdir(parents=True)
        (self.root / ".surefoot/generations/new" / rollback.GENERATION).write_text("new\n")
        for name in ("src/old.txt", "src/deep/old.txt", "src/deep/er/file", "src/deep/er/run", "src/env/python"):
            (self.root / name).write_text(f"{name} as it was")
        (self.root / "src/deep/er/run").chmod(0o755)
        (self.root / "src/deep/link").symlink_to("old.txt")

    def double(self) -> Picture:
        """Make the twin as the project is now; a picture of it."""
        shutil.rmtree(self.twin, ignore_errors=True)
        shutil.copytree(self.root, self.twin, symlinks=True)
        return self.outside()

    def outside(self) -> Picture:
        """All of the twin."""
        return picture(self.twin, without=())

    def inside(self) -> Picture:
        """The project without the tool's own state."""
        return picture(self.root)

    def swap(self) -> None:
        """The folder is a link out, from now on."""
        with suppress(FileNotFoundError):
            os.rename(self.folder, self.aside)
            os.symlink(self.link_to, self.folder)

    def mend(self) -> None:
        """The folder is back."""
        if self.folder.is_symlink():
            os.unlink(self.folder)
            os.rename(self.aside, self.folder)

    @contextmanager
    def flickering(self) -> Iterator[Callable[[], int]]:
        """The folder and a link out change names as fast as a thread can, until the end.

        Yields how often they have. A rollback may have set one aside that it met under the other's name (what
        came since): so there is no way back to the folder's name, and no need of one, as each scene is made anew.
        """
        os.symlink(self.link_to, self.aside)
        spots = [Spot(None, os.fspath(each), "") for each in (self.folder, self.aside)]
        ended, count = threading.Event(), [0]

        def work() -> None:
            while not ended.is_set():
                with suppress(FileNotFoundError):  # what is taken back may be moved
                    files._exchange(*spots)  # noqa: SLF001 -- the call below the door
                    count[0] += 1

        thread = threading.Thread(target=work)
        thread.start()
        try:
            yield lambda: count[0]
        finally:
            ended.set()
            thread.join()


class Told:
    """One step done in a scene: what the journal knows of it."""

    def __init__(self, scene: Scene, effect: Effect, act: Act, action: str, args: Json) -> None:
        self.scene = scene
        self.step = Step(id="first.01.x", phase="first", title="x", action=action, effect=effect, args=args)
        self.act = act
        self.undo: tuple[Any, ...] = ()
        self.digests: dict[str, str] = {}

    def do(self, *, done: bool = True) -> None:
        """Capture, act, and note what was left, unless the step was cut short."""
        self.undo = rollback.capture(self.step, 1, self.scene.place)
        self.act(self.scene.root)
        if done:
            self.digests = rollback.left(self.step, 1, self.undo, self.scene.place)

    def take_back(self) -> tuple[str, ...]:
        """Perform every undo; the problems."""
        undoings = [
            rollback.perform(each, self.digests, self.step.effect, self.scene.place, lambda _: None)
            for each in self.undo
        ]
        return tuple(problem for each in undoings for problem in (*each.problems, *each.conflicts))


def _path(*names: str) -> tuple[RelPath, ...]:
    return tuple(map(RelPath, names))


def _write(name: str) -> Act:
    def act(root: Path) -> None:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text("by the step")

    return act


def _tree(name: str) -> Act:
    def act(root: Path) -> None:
        (root / name / "a" / "b").mkdir(parents=True)
        for each in ("1", "a/2", "a/b/3"):
            (root / name / each).write_text("by the step")
        (root / name / "a" / "link").symlink_to("b")

    return act


def _unlink(root: Path) -> None:
    (root / "src/deep/old.txt").unlink()


def _relink(root: Path) -> None:
    (root / "src/deep/link").unlink()
    (root / "src/deep/link").symlink_to("elsewhere")


def _build(root: Path) -> None:
    _tree("src/deep/build")(root)
    (root / "src/deep/er/made.txt").write_text("by the build")
    (root / "src/deep/er/file").unlink()
    (root / "src/deep/old.txt").write_text("changed by the build")
    (root / "src/deep/er/run").chmod(0o700)
    shutil.rmtree(root / "src/hollow")


def of_kind(name: str, scene: Scene) -> Told:
    """The step of that name: one that makes each kind of undo, or each kind of change that a finished step left."""
    effect, act, action, args = STEPS[name]
    if action != "toy":
        context = Context(
            root=scene.root,
            state=scene.place.state,
            install_id=scene.place.install_id,
            options=Setting().options,
            scratch=scene.root / ".surefoot" / "scratch",
            run=_no_program,
            report=lambda *_: None,
            note=lambda _: None,
            warn=lambda _: None,
        )
        return Told(scene, effect, lambda _: _void(actions.ACTIONS[action](args, context)), action, args)
    return Told(scene, effect, act, action, args)


def _void(_: object) -> None:
    """Nothing is made of what an action returns."""


def _no_program(*_: Any, **__: Any) -> Any:
    raise AssertionError("no step here runs a program")


def _nothing(_: Path) -> None:
    pass


_MOVED = ("src/deep/er", "src/moved/er")
_SWAPPED = ("src/env", ".surefoot/generations/new")
STEPS: dict[str, tuple[Effect, Act, str, Json]] = {
    "a file made": (Effect(touches=_path("src/deep/new.txt")), _write("src/deep/new.txt"), "toy", {}),
    "a file changed": (Effect(touches=_path("src/deep/er/file")), _write("src/deep/er/file"), "toy", {}),
    "a file gone": (Effect(touches=_path("src/deep/old.txt")), _unlink, "toy", {}),
    "a link changed": (Effect(touches=_path("src/deep/link")), _relink, "toy", {}),
    "a tree made": (Effect(touches=_path("src/deep/made")), _tree("src/deep/made"), "toy", {}),
    "a folder filled": (Effect(touches=_path("src/hollow")), _write("src/hollow/full"), "toy", {}),
    "scratch": (Effect(scratch=_path("src/deep/new/scratch")), _tree("src/deep/new/scratch"), "toy", {}),
    "a folder grown": (Effect(grows=_path("src/grown")), _tree("src/grown/after"), "toy", {}),
    "a tree guarded": (Effect(guards=_path("src")), _build, "toy", {}),
    "files.write": (
        Effect(touches=_path("src/deep/made/by.txt")), _nothing, "files.write",
        {"path": "src/deep/made/by.txt", "text": "written", "mode": 0o644},
    ),
    "files.move": (
        Effect(moves=(_path(*_MOVED),)), _nothing, "files.move",  # type: ignore[arg-type]
        {"source": _MOVED[0], "target": _MOVED[1]},
    ),
    "files.exchange": (
        Effect(exchanges=((*_path(*_SWAPPED), "new"),)), _nothing, "files.exchange",  # type: ignore[arg-type]
        {"first": _SWAPPED[0], "second": _SWAPPED[1], "mark": "new"},
    ),
}  # fmt: skip
