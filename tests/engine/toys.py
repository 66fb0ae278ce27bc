"""Toy actions, a plan with every kind of effect, and a picture of a tree to compare."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import TYPE_CHECKING, Any

from installer import actions
from installer.errors import StepFailed
from installer.model import Action, Context, Effect, Facts, Planned, RelPath, Step

if TYPE_CHECKING:
    from collections.abc import Mapping

Picture = dict[str, tuple[str, int, bytes]]


def picture(root: Path, *, without: tuple[str, ...] = (".surefoot",)) -> Picture:
    """Every path below `root` with its kind, mode and content."""
    found: Picture = {}
    for folder, names, leaves in os.walk(root):
        names[:] = [
            name
            for name in names
            if os.path.join(os.path.relpath(folder, root), name).removeprefix("./") not in without
        ]
        for name in (*names, *leaves):
            path = Path(folder) / name
            status = path.lstat()
            relative = str(path.relative_to(root))
            if stat.S_ISLNK(status.st_mode):
                found[relative] = ("link", 0, os.fsencode(os.readlink(path)))
            elif stat.S_ISDIR(status.st_mode):
                found[relative] = ("folder", stat.S_IMODE(status.st_mode), b"")
            elif not stat.S_ISREG(status.st_mode):
                found[relative] = ("other", stat.S_IMODE(status.st_mode), b"")
            else:
                found[relative] = ("file", stat.S_IMODE(status.st_mode), path.read_bytes())
    return found


def _build(args: Mapping[str, Any], context: Context) -> None:
    """What a build backend does: new folders, a file changed, one gone, one of a name nobody expects."""
    tree = context.root / args["tree"]
    (tree / "build" / "lib").mkdir(parents=True)
    (tree / "build" / "lib" / "a.py").write_text("built")
    (tree / "a.so").write_bytes(b"\x7fELF")
    (tree / "generated.txt").write_text("made by the build")
    (tree / "version.txt").write_text("2")
    (tree / "old.txt").unlink()


def _fill(args: Mapping[str, Any], context: Context) -> dict[str, Any]:
    folder = context.root / args["path"]
    folder.mkdir(parents=True, exist_ok=True)
    for name in args["names"]:
        (folder / name).write_text(name)
    return {"filled": args["names"]}


def _fail(args: Mapping[str, Any], context: Context) -> None:
    if (context.root / args["unless"]).exists():
        return
    raise StepFailed("toy.failed", "the toy step failed")


TOYS: Mapping[str, Action] = dict(actions.ACTIONS) | {"toy.build": _build, "toy.fill": _fill, "toy.fail": _fail}


def step(phase: str, name: str, action: str, args: dict[str, Any], **effect: Any) -> Step:
    """A toy step."""
    return Step(
        id=f"{phase}.{name}", phase=phase, title=f"Do {name}", action=action, args=args, effect=Effect(**effect)
    )


def whole_plan(phase: str, facts: Facts) -> Planned:
    """Two phases with every kind of effect."""
    staging = facts.state / "staging"
    if phase == "first":
        yield actions.write_file("first", "01.change", path=RelPath("config.ini"), text="new", mode=0o600)
        yield actions.write_file("first", "02.make", path=RelPath("a/b/new.txt"), text="made")
        yield step("first", "03.stage", "toy.fill", {"path": staging, "names": ["python", "lib"]}, scratch=(staging,))
        yield step("first", "04.install", "toy.fill", {"path": staging, "names": ["wheel"]}, scratch=(staging,))
    else:
        yield step("second", "01.grow", "toy.fill", {"path": staging, "names": ["six", "idna"]}, grows=(staging,))
        yield step("second", "02.build", "toy.build", {"tree": "src"}, guards=(RelPath("src"),))
        yield step("second", "03.tree", "toy.fill", {"path": "data", "names": ["x", "y"]}, touches=(RelPath("data"),))
        yield step("second", "04.empty", "toy.fill", {"path": "hollow", "names": ["z"]}, touches=(RelPath("hollow"),))
        yield actions.move("second", "05.move", source=staging, target=RelPath("env"), title="Move it")
