"""File and process actions that every phase may use, each with a builder that gives the `Step` and its effect."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from installer import files
from installer.errors import StepFailed
from installer.model import Action, Context, Effect, Json, OnFailure, RelPath, Step

if TYPE_CHECKING:
    from collections.abc import Mapping


def write_file(phase: str, name: str, *, path: RelPath, text: str, mode: int = 0o644, title: str = "") -> Step:
    """Write `text` to `path`, whole or not at all."""
    return Step(
        id=f"{phase}.{name}",
        phase=phase,
        title=title or f"Write {path}",
        action="files.write",
        args={"path": path, "text": text, "mode": mode},
        effect=Effect(touches=(path,)),
    )


def move(phase: str, name: str, *, source: RelPath, target: RelPath, title: str) -> Step:
    """Rename a tree. The target must be free; undo renames it back."""
    return Step(
        id=f"{phase}.{name}",
        phase=phase,
        title=title,
        action="files.move",
        args={"source": source, "target": target},
        effect=Effect(moves=((source, target),)),
    )


def exchange(phase: str, name: str, *, first: RelPath, second: RelPath, mark: str, title: str) -> Step:
    """Swap two trees at once. `mark` is the first line of `second`'s surefoot-generation file."""
    return Step(
        id=f"{phase}.{name}",
        phase=phase,
        title=title,
        action="files.exchange",
        args={"first": first, "second": second, "mark": mark},
        effect=Effect(exchanges=((first, second, mark),)),
    )


def run_command(
    phase: str,
    name: str,
    *,
    argv: tuple[str, ...],
    title: str,
    effect: Effect,
    args: Json | None = None,
    on_failure: OnFailure = "stop",
) -> Step:
    """Run a command of the project's in its root. `args` are further arguments that make the step what it is."""
    return Step(
        id=f"{phase}.{name}",
        phase=phase,
        title=title,
        action="process.run",
        args={"argv": list(argv)} | (args or {}),
        effect=effect,
        on_failure=on_failure,
    )


def _write(args: Mapping[str, Any], context: Context) -> None:
    path = files.below(context.root, args["path"])
    files.make_folder(path.parent, mode=0o755)
    files.replace(path, args["text"].encode("utf-8", "surrogateescape"), mode=args["mode"])


def _move(args: Mapping[str, Any], context: Context) -> None:
    source, target = (files.below(context.root, args[name]) for name in ("source", "target"))
    if not files.exists(source) and files.exists(target):
        return  # done by an earlier attempt that was cut short after the rename
    files.make_folder(target.parent)
    try:
        files.rename(source, target)
    except FileExistsError as error:
        raise StepFailed(
            "move.taken", f"{args['target']} is there already, so {args['source']} was not moved"
        ) from error


def _exchange(args: Mapping[str, Any], context: Context) -> None:
    files.exchange(files.below(context.root, args["first"]), files.below(context.root, args["second"]))


def _run(args: Mapping[str, Any], context: Context) -> None:
    context.run([os.fspath(word) for word in args["argv"]], env=args.get("env"), timeout=args.get("timeout"))


DURABLE = frozenset({"files.write", "files.move", "files.exchange"})  # what these did is on the disk when they return

ACTIONS: Mapping[str, Action] = {
    "files.write": _write,
    "files.move": _move,
    "files.exchange": _exchange,
    "process.run": _run,
}
