"""`install_progress.json`: a view of the journal for people and scripts, rewritten whole after every phase.

Its JSON Schema is docs/schemas/install_progress.schema.json. It holds no secret, and can be rebuilt at any time.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from installer import files, system, witness

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from installer.model import Json
    from installer.state import PhaseState, Run

SCHEMA = 1


def view(run: Run, order: Sequence[str], names: dict[str, str] | None = None) -> dict[str, Any]:
    """The progress record of `run`; `names` gives phases the names that the project shows for them."""
    shown = names or {}
    facts = run.facts
    completed = [shown.get(name, name) for name in order if _status(run, name) == "completed"]
    failed = [shown.get(name, name) for name in order if _status(run, name) == "failed"]
    current = run.current_phase
    return {
        "schema": SCHEMA,
        "tool_version": facts.get("tool_version", ""),
        "install_id": run.install_id,
        "kind": run.kind,
        "state": run.outcome or ("rolling back" if run.rolling_back is not None else _open_state(run)),
        "start_time": _seconds(run.started),
        "last_update": _seconds(run.updated),
        "current_phase": shown.get(current, current),
        "completed_phases": completed,
        "failed_phases": failed,
        "install_mode": facts.get("mode", ""),
        "environment_name": facts.get("environment", ""),
        "python_path": _python(run),
        "backup_created": any(step.endswith(".backup") for step in run.done),
        "can_rollback": bool(run.standing) and run.outcome != "rolled back",
        "phases": [_phase(run, name, shown) for name in order],
        "warnings": [dict(each) for each in run.warnings],
        "platform": facts.get("platform") or system.name(),
        witness.FIELD: str(run.head or ""),
    }


def differs(path: Path, content: dict[str, Any]) -> bool:
    """Is the progress file at `path` anything but `content`: gone, cut off, changed by somebody?"""
    try:
        return bool(json.loads(files.content(path)) != json.loads(json.dumps(content)))
    except (OSError, ValueError, RecursionError):
        return True


def read(path: Path) -> Json:
    """What the progress file at `path` says, whoever wrote it; nothing where it cannot be read."""
    try:
        found = json.loads(files.content(path))
    except (OSError, ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def write(path: Path, content: dict[str, Any]) -> None:
    """Replace the progress file, whole or not at all; after a power cut the one before may be there."""
    text = json.dumps(content, indent=2, ensure_ascii=False) + "\n"
    files.replace(path, text.encode("utf-8", "replace"), lasting="bytes")


def _open_state(run: Run) -> str:
    return "failed" if any(phase.status == "failed" for phase in run.phases.values()) else "running"


def _status(run: Run, name: str) -> str:
    phase = run.phases.get(name)
    return phase.status if phase else "pending"


def _phase(run: Run, name: str, shown: dict[str, str]) -> Json:
    phase: PhaseState | None = run.phases.get(name)
    data: Json = {"name": shown.get(name, name), "status": _status(run, name)}
    if phase is not None:
        data["seconds"] = round(phase.seconds, 3)
        if phase.error:
            data["error"] = phase.error.get("message", "")
        if phase.message:
            data["message"] = phase.message
    return data


def _python(run: Run) -> str:
    return next((str(result["python"]) for result in run.results.values() if "python" in result), "")


def _seconds(time: str) -> str:
    """`2025-11-15T14:30:00+08:00`: the milliseconds of the journal are of no use to people."""
    return time[:19] + time[23:] if time[19:20] == "." else time
