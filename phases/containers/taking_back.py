"""How a step in an engine names its undo: the scripts that take back, kept with the run, and what they are to do."""

from __future__ import annotations

import importlib
import os
import sys
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from installer import files
from installer.model import Effect, Facts, Json, RelPath, Step
from phases.containers import labels

if TYPE_CHECKING:
    from collections.abc import Mapping

    from installer.model import Action, Context
    from phases.containers.client import Address

_SCRIPT = "engine.py"
# by these names they lie beside each other, and find each other
_SCRIPTS: Mapping[str, str] = MappingProxyType(
    {
        "talking.py": "phases.containers.talking",
        _SCRIPT: "phases.containers.undoing",
        "archives.py": "phases.containers.volumes.archives",
        "volumes.py": "phases.containers.volumes.refilling",
        "servers.py": "phases.containers.servers.forgetting",
    }
)
# whose verbs are not those of `engine.py`, which the others have, too
_OF_OTHERS: Mapping[str, str] = MappingProxyType(
    {
        "bring-back": "volumes.py",
        "recreate-volume": "volumes.py",
        "withdraw-volume": "volumes.py",
        "forget-server": "servers.py",
    }
)


def prepare_step(phase: str, facts: Facts, title: str, **decided: Any) -> Step:  # noqa: ANN401 -- JSON
    """The first step of every plan that changes something in an engine: put the undo scripts where they outlive us.

    What was `decided` is its result. It touches nothing that is taken back: a rollback that was incomplete is tried
    again, and needs the scripts.
    """
    return Step(
        id=_prepared(phase),
        phase=phase,
        title=title,
        action="engine.prepare",
        args={"folder": script(facts).parent, "decided": decided},
        effect=Effect(repeatable=True),
    )


def decided(phase: str, facts: Facts) -> Json | None:
    """What the plan's first step noted, in this very run: it outranks another look. None before that."""
    found = facts.results.get(_prepared(phase))
    return dict(found) if found else None


def _prepared(phase: str) -> str:
    return f"{phase}.00.prepare"


def script(facts: Facts) -> RelPath:
    """Where the run keeps its undo script; those that others need lie beside it."""
    return facts.state / "stash" / facts.install_id / _SCRIPT


def inverse(facts: Facts, engine: Address, *deeds: tuple[str, ...]) -> tuple[str, ...]:
    """The command that takes a step back: `deeds` in order, each a verb and its arguments, of one script.

    The verbs are those of `undoing`, of `refilling` and of `forgetting`.
    """
    return command(script(facts).parent, engine, *deeds)


def command(kept: str | Path, engine: Address, *deeds: tuple[str, ...]) -> tuple[str, ...]:
    """The same, of scripts that are kept in any folder."""
    words = [word for deed in deeds for word in (",", *deed)][1:]
    name = next((_OF_OTHERS[deed[0]] for deed in deeds if deed[0] in _OF_OTHERS), _SCRIPT)
    return (interpreter(), "-I", "-B", f"{kept}/{name}", engine.url, engine.certificates or "-", *words)


def of_this_deed(facts: Facts, step_id: str) -> tuple[str, str]:
    """The label, and its value, of what the step makes: what `remove-container` and others look for."""
    return labels.STEP, labels.mark(facts.root, facts.install_id, step_id)


def interpreter() -> str:
    """A Python that is there when the tool's own environment is gone: the one behind it."""
    return os.path.realpath(getattr(sys, "_base_executable", "") or sys.executable)


def keep(target: Path) -> None:
    """Have the undo scripts in the folder `target`, as they are now, whatever becomes of us."""
    files.make_folder(target)
    for name, module in _SCRIPTS.items():
        files.replace(target / name, Path(str(importlib.import_module(module).__file__)).read_bytes())


def prepare(args: Mapping[str, Any], context: Context) -> Json:
    """Write the scripts."""
    keep(context.root / RelPath(args["folder"]))
    return dict(args["decided"])


ACTIONS: Mapping[str, Action] = {"engine.prepare": prepare}
