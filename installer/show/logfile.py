"""A log file for each run: everything, with times, the output of commands included."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Self, TextIO

from installer import clock, files, pins
from installer.model import Event, Line, Opened, Progress
from installer.show.jsonlines import as_json
from installer.show.words import clean

if TYPE_CHECKING:
    from pathlib import Path
    from types import TracebackType

    from installer.show import Stage


class LogFile:
    """Appends to `<logs>/<install_id>.log`; begun with the `Opened` of a run, or at once where its id is known."""

    def __init__(self, stage: Stage) -> None:
        self._logs = stage.logs
        self._stream: TextIO | None = None
        if stage.install_id:
            self._open(stage.install_id)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._stream:
            self._stream.close()

    def __call__(self, event: Event) -> None:
        """Show `event`."""
        if isinstance(event, Opened):
            self._open(event.install_id)
        if self._stream and not isinstance(event, Progress):
            now = clock.now()
            self._stream.write(f"{now} {_text(event)}\n")
            self._stream.flush()

    def _open(self, install_id: str) -> None:
        if self._stream or self._logs is None:
            return
        files.make_folder(self._logs, durable=False)
        with pins.at(log_of(self._logs, install_id)) as spot:
            descriptor = spot.open(os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        self._stream = os.fdopen(descriptor, "a", encoding="utf-8", errors="backslashreplace")


def log_of(logs: Path, install_id: str) -> Path:
    """Where the log of a run is."""
    return logs / f"{install_id}.log"


def _text(event: Event) -> str:
    if isinstance(event, Line):
        return f"{event.step} | {clean(event.text)}"
    facts = as_json(event)
    kind = facts.pop("event")
    return " ".join(
        [str(kind), *(f"{name}={clean(str(value))}" for name, value in facts.items() if value not in ("", [], {}))]
    )
