"""Toy actions that write as foreign programs do, with no sync at all, and plans with every action and kind of undo."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from installer import actions
from installer.errors import StepFailed
from installer.model import Action, Context, Effect, Facts, Planned, RelPath, Step

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path


def put(path: Path, text: str, *, over: bool = False) -> None:
    """Write a file in place: what was there is cut off first, or written over."""
    descriptor = os.open(path, os.O_WRONLY | (0 if over else os.O_CREAT | os.O_TRUNC), 0o644)
    os.write(descriptor, text.encode())
    os.close(descriptor)


def _build(args: Mapping[str, Any], context: Context) -> None:
    """What a build backend does: new folders, files changed, one gone, one of a name nobody expects."""
    tree = context.root / args["tree"]
    os.makedirs(tree / "build/lib")
    put(tree / "build/lib/a.py", "built")
    put(tree / "a.so", "\x7fELF")
    put(tree / "generated.txt", "made by the build")
    put(tree / "version.txt", "2", over=True)
    put(tree / "sub/inner.txt", "rebuilt")
    os.unlink(tree / "old.txt")
    os.chmod(tree / "run.sh", 0o755)  # noqa: S103 -- as a build does


def _fill(args: Mapping[str, Any], context: Context) -> dict[str, Any]:
    folder = context.root / args["path"]
    os.makedirs(folder, exist_ok=True)
    for name in args["names"]:
        put(folder / name, name)
    return {"filled": args["names"]}


def _lock(args: Mapping[str, Any], context: Context) -> None:
    """What a resolver does: a file of the user's, in place."""
    put(context.root / args["path"], args["text"])


def _over(args: Mapping[str, Any], context: Context) -> None:
    put(context.root / args["path"], "2", over=True)


def _fail(args: Mapping[str, Any], context: Context) -> None:
    put(context.root / args["path"], "half")
    raise StepFailed("toy.failed", "the toy step failed")


def command(argv: Sequence[str], root: Path) -> None:
    """`touch` and `rm -f`, in this process, so that the model sees them."""
    match list(argv):
        case ["touch", name]:
            put(root / name, "")
        case ["rm", "-f", name]:
            if os.path.lexists(root / name):
                os.unlink(root / name)
        case _:
            raise AssertionError(argv)


TOYS: Mapping[str, Action] = dict(actions.ACTIONS) | {
    "toy.build": _build,
    "toy.fill": _fill,
    "toy.lock": _lock,
    "toy.over": _over,
    "toy.fail": _fail,
}
MARK = "the new one"  # the id of the run would do, but the end must be the same whenever it was reached
ORDER = ("first", "second", "third")


def step(phase: str, name: str, action: str, args: dict[str, Any], *, on_failure: Any = "stop", **effect: Any) -> Step:
    """A toy step."""
    return Step(
        id=f"{phase}.{name}",
        phase=phase,
        title=f"Do {name}",
        action=action,
        args=args,
        effect=Effect(**effect),
        on_failure=on_failure,
    )


def whole_plan(phase: str, facts: Facts) -> Planned:
    """Three phases with every action and every kind of effect."""
    staging = facts.state / "staging"
    if phase == "first":
        yield actions.write_file("first", "01.change", path=RelPath("config.ini"), text="new", mode=0o600)
        yield actions.write_file("first", "02.make", path=RelPath("a/b/new.txt"), text="made")
        yield step("first", "03.stage", "toy.fill", {"path": staging, "names": ["python"]}, scratch=(staging,))
        yield step("first", "04.lock", "toy.lock", {"path": "tool.lock", "text": "v2"}, touches=(RelPath("tool.lock"),))
    elif phase == "second":
        yield step("second", "01.grow", "toy.fill", {"path": staging, "names": ["six"]}, grows=(staging,))
        yield step("second", "02.build", "toy.build", {"tree": "src"}, guards=(RelPath("src"),))
        yield step("second", "03.tree", "toy.fill", {"path": "data", "names": ["x", "y"]}, touches=(RelPath("data"),))
        yield step("second", "04.empty", "toy.fill", {"path": "hollow", "names": ["z"]}, touches=(RelPath("hollow"),))
        yield actions.write_file("second", "05.link", path=RelPath("link"), text="no link any more")
    else:
        yield actions.run_command(
            "third",
            "01.outside",
            argv=("touch", "resource"),
            title="Make it",
            effect=Effect(inverse=("rm", "-f", "resource")),
        )
        yield actions.move("third", "02.move", source=staging, target=RelPath("deep/env"), title="Move it")
        yield actions.write_file("third", "03.mark", path=RelPath("next/surefoot-generation"), text=MARK)
        yield actions.exchange(
            "third", "04.swap", first=RelPath("env"), second=RelPath("next"), mark=MARK, title="Swap them"
        )
        yield step(
            "third", "05.tell", "toy.fill", {"path": "said", "names": []}, touches=(RelPath("said"),), lasting="told"
        )


def _failing(phase: str, *, mended: bool) -> Planned:
    half = RelPath("half.txt")
    if phase == "first":
        yield actions.write_file("first", "01.change", path=RelPath("config.ini"), text="new")
        args, action = {"path": "extra", "names": ["e"]}, "toy.fill"
        extra = RelPath("extra")
        if mended:
            yield step("first", "02.extra", action, args, on_failure="degrade", touches=(extra,))
        else:
            yield step("first", "02.extra", "toy.fail", {"path": "extra"}, on_failure="degrade", touches=(extra,))
    elif phase == "second":
        yield step("second", "01.data", "toy.fill", {"path": "data", "names": ["x"]}, touches=(RelPath("data"),))
        yield step("second", "01.build", "toy.build", {"tree": "src"}, guards=(RelPath("src"),))
        action = "toy.lock" if mended else "toy.fail"
        yield step(
            "second", "02.half", action, {"path": half, "text": "whole"}, touches=(half,), guards=(RelPath("src"),)
        )
    else:
        yield actions.write_file("third", "01.end", path=RelPath("end"), text="end")


def failing_plan(phase: str, _facts: Facts) -> Planned:
    """One step fails that the run can do without, and one that it cannot."""
    return _failing(phase, mended=False)


def mended_plan(phase: str, _facts: Facts) -> Planned:
    """The same with what failed put right."""
    return _failing(phase, mended=True)


def second_plan(phase: str, facts: Facts) -> Planned:
    """What a later run does to the same project."""
    if phase == "second":
        yield actions.write_file("second", "01.again", path=RelPath("config.ini"), text="newer")
        yield step("second", "02.more", "toy.fill", {"path": "data", "names": ["z"]}, touches=(RelPath("data"),))


def _only(*steps: Step) -> Callable[[str, Facts], Planned]:
    return lambda phase, _facts: iter(steps if phase == "first" else ())


SINGLE: Mapping[str, Callable[[str, Facts], Planned]] = {
    "a change": _only(actions.write_file("first", "01", path=RelPath("config.ini"), text="new", mode=0o600)),
    "a new file": _only(actions.write_file("first", "01", path=RelPath("x/y/new"), text="new")),
    "no link": _only(actions.write_file("first", "01", path=RelPath("link"), text="new")),
    "a move": _only(actions.move("first", "01", source=RelPath("env"), target=RelPath("p/q/env"), title="Move it")),
    "a swap": _only(
        actions.write_file("first", "01", path=RelPath("next/surefoot-generation"), text=MARK),
        actions.exchange("first", "02", first=RelPath("env"), second=RelPath("next"), mark=MARK, title="Swap them"),
    ),
    "a lock": _only(
        step("first", "01", "toy.lock", {"path": "tool.lock", "text": "v2"}, touches=(RelPath("tool.lock"),))
    ),
    "a new lock": _only(step("first", "01", "toy.lock", {"path": "src/n", "text": "v2"}, touches=(RelPath("src/n"),))),
    "a tree": _only(step("first", "01", "toy.fill", {"path": "d/e", "names": ["x"]}, touches=(RelPath("d/e"),))),
    "a build": _only(step("first", "01", "toy.build", {"tree": "src"}, guards=(RelPath("src"),))),
    "an overwrite": _only(step("first", "01", "toy.over", {"path": "src/version.txt"}, guards=(RelPath("src"),))),
    "a growth": _only(step("first", "01", "toy.fill", {"path": "next", "names": ["six"]}, grows=(RelPath("next"),))),
    "an artefact": _only(step("first", "01", "toy.fill", {"path": "src", "names": ["b.so"]}, guards=(RelPath("src"),))),
    "a stranger": _only(step("first", "01", "toy.fill", {"path": "src", "names": ["b.c"]}, guards=(RelPath("src"),))),
    "an empty folder": _only(step("first", "01", "toy.fill", {"path": "src/f", "names": []}, guards=(RelPath("src"),))),
    "a command": _only(
        actions.run_command(
            "first",
            "01",
            argv=("touch", "resource"),
            title="Make it",
            effect=Effect(inverse=("rm", "-f", "resource")),
        )
    ),
}
