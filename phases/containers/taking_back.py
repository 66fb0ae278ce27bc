"""How a step in an engine names its undo: the script of `undoing`, kept with the run, and what it is to do."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from installer import files
from installer.model import Effect, Facts, Json, RelPath, Step
from phases.containers import labels

if TYPE_CHECKING:
    from collections.abc import Mapping

    from installer.model import Action, Context
    from phases.containers.client import Address

_SCRIPT = "engine.py"


def prepare_step(phase: str, facts: Facts, title: str) -> Step:
    """The first step of every plan that changes something in an engine: put the undo script where it outlives us.

    It touches nothing that is taken back: a rollback that was incomplete is tried again, and needs the script.
    """
    return Step(
        id=f"{phase}.00.prepare",
        phase=phase,
        title=title,
        action="engine.prepare",
        args={"script": script(facts)},
        effect=Effect(repeatable=True),
    )


def script(facts: Facts) -> RelPath:
    """Where the run keeps its undo script."""
    return facts.state / "stash" / facts.install_id / _SCRIPT


def inverse(facts: Facts, engine: Address, *deeds: tuple[str, ...]) -> tuple[str, ...]:
    """The command that takes a step back: `deeds` in order, each a verb of `undoing` and its arguments."""
    words = [word for deed in deeds for word in (",", *deed)][1:]
    return (interpreter(), "-I", "-B", script(facts), engine.url, engine.certificates or "-", *words)


def of_this_deed(facts: Facts, step_id: str) -> tuple[str, str]:
    """The label, and its value, of what the step makes: what `remove-container` and others look for."""
    return labels.STEP, labels.mark(facts.root, facts.install_id, step_id)


def interpreter() -> str:
    """A Python that is there when the tool's own environment is gone: the one behind it."""
    return os.path.realpath(getattr(sys, "_base_executable", "") or sys.executable)


def prepare(args: Mapping[str, Any], context: Context) -> Json:
    """Write the script."""
    from phases.containers import undoing

    target = context.root / args["script"]
    files.make_folder(target.parent)
    files.replace(target, Path(undoing.__file__).read_bytes())
    return {}


ACTIONS: Mapping[str, Action] = {"engine.prepare": prepare}
