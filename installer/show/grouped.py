"""What the servers' observers have in common: a fold of the log for each phase, and warnings that point at a line."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Self

from installer.i18n import tr
from installer.model import Checkpoint, Event, Failed, Note, PhaseStarted, RollbackStarted
from installer.show import places
from installer.show.harmless import command
from installer.show.plain import narrate
from installer.show.scene import Scene
from installer.show.words import clean, marks

if TYPE_CHECKING:
    from types import TracebackType

    from installer.show import Stage
    from installer.show.places import Place


class Grouped(ABC):
    """Writes lines as `plain` does, each phase in a fold of its own; how it ended is said behind the fold.

    `opening`, `closing` and `warning` are the server's own words.
    """

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self._scene = Scene(stage.phases, titles=dict(stage.titles), alone=stage.alone)
        self._marks = marks(stage.stream)
        self._open = ""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._close()
        self._stage.stream.flush()

    @abstractmethod
    def opening(self, number: int, title: str) -> str:
        """The command that begins the fold of the phase that is the `number`th of all."""

    @abstractmethod
    def closing(self, number: int) -> str:
        """The command that ends it."""

    @abstractmethod
    def warning(self, text: str, place: Place) -> str:
        """The command that shows a warning; empty where the server has none, and lines must do."""

    def __call__(self, event: Event) -> None:
        """Show `event`."""
        self._scene.take(event)
        if isinstance(event, Checkpoint | RollbackStarted) or (isinstance(event, Failed) and self._stops(event)):
            self._close()
        if isinstance(event, PhaseStarted) and self._stage.volume != "quiet":
            self._begin(event.phase)
            return
        if (warned := self._warned(event)) and (line := self.warning(*warned)):
            command(self._stage.stream, line)
            return
        for line in narrate(event, self._scene, self._stage, self._marks):
            self._stage.stream.write(line + "\n")
        self._stage.stream.flush()

    def _begin(self, phase: str) -> None:
        self._close()
        self._open = phase
        command(self._stage.stream, self.opening(self._number(phase), self._stage.names.get(phase, phase)))

    def _close(self) -> None:
        if self._open:
            phase, self._open = self._open, ""
            command(self._stage.stream, self.closing(self._number(phase)))

    def _number(self, phase: str) -> int:
        return list(self._scene.phases).index(phase) + 1

    def _stops(self, event: Failed) -> bool:
        return event.on_failure == "stop" or self._stage.alone

    def _warned(self, event: Event) -> tuple[str, Place] | None:
        """What is to be seen outside the fold, and where in the project's files it comes from."""
        match event:
            case Note(level="warning"):
                return event.text, places.NOWHERE
            case Failed() if not self._stops(event) and event.error.get("code") != "step.needs":
                what = tr("went on without: {what}", what=clean(self._scene.title(event.step)))
                return f"{what}\n{event.error.get('message', '')}", places.of(event.error)[0]
            case _:
                return None
