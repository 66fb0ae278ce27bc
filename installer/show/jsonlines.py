"""Events for scripts: one JSON object a line, as docs/schemas/events.schema.json promises."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Self

from installer import clock
from installer.model import (
    Checkpoint,
    Closed,
    Done,
    Event,
    Failed,
    Intent,
    Json,
    Kept,
    Line,
    Note,
    Opened,
    PhaseStarted,
    Progress,
    Resumed,
    RollbackEnded,
    RollbackStarted,
    Step,
    Undone,
)
from installer.show.words import clean

if TYPE_CHECKING:
    from types import TracebackType

    from installer.show import Stage

SCHEMA = 1  # raised when the meaning of a field changes; new fields may come without


class JsonLines:
    """Writes each event as a line to the stage's stream, at once."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stage.stream.flush()

    def __call__(self, event: Event) -> None:
        """Show `event`."""
        facts = as_json(event)
        if isinstance(event, Resumed) and self._stage.install_id:
            facts["install_id"] = self._stage.install_id  # the record itself does not repeat it
        self._stage.stream.write(line(facts))
        self._stage.stream.flush()


def line(facts: Json) -> str:
    """One event as a line: its name and time first. ASCII only, so that any pipe can carry it."""
    now = clock.now()
    return json.dumps({"schema": SCHEMA, "time": now} | facts, default=str) + "\n"


def as_json(event: Event) -> Json:  # noqa: PLR0911, PLR0912, C901 -- one arm an event
    """What `event` says to scripts. Undo data and arguments stay in the journal: they are not part of the promise."""
    match event:
        case Opened():
            return {"event": "run_opened", "install_id": event.install_id, "kind": event.kind, "facts": event.facts}
        case Resumed():
            return {"event": "run_resumed", "tool_version": event.tool_version}
        case PhaseStarted():
            return {"event": "phase_started", "phase": event.phase, "steps": list(event.steps)}
        case Intent():
            return {"event": "step_started", **_step(event.step), "attempt": event.attempt}
        case Progress():
            return {"event": "progress", "step": event.step, "done": event.done, "total": event.total}
        case Line():
            return {"event": "line", "step": event.step, "text": clean(event.text)}
        case Note():
            return {"event": "note", "level": event.level, "text": event.text}
        case Kept():
            return {"event": "step_kept", **_step(event.step), "why": event.why}
        case Done():
            return {"event": "step_done", "step": event.step, "seconds": event.seconds, "result": event.result}
        case Failed():
            return {
                "event": "step_failed" if event.step else "phase_failed",
                "step": event.step,
                "phase": event.phase,
                "on_failure": event.on_failure,
                "error": event.error,
            }
        case Undone():
            return {
                "event": "step_undone",
                "step": event.step,
                "problems": list(event.problems),
                "kept": list(event.kept),
                "conflicts": list(event.conflicts),
            }
        case Checkpoint():
            return {
                "event": "rollback_point" if event.point else "phase_completed",
                "name": event.name,
                "seconds": event.seconds,
                "note": event.note,
            }
        case RollbackStarted():
            return {"event": "rollback_started", "to": event.to, "why": event.why}
        case RollbackEnded():
            return {"event": "rollback_ended", "to": event.to}
        case Closed():
            return {"event": "run_closed", "outcome": event.outcome}


def _step(step: Step) -> Json:
    return {"step": step.id, "phase": step.phase, "title": step.title}
