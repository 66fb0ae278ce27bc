"""What a viewer knows so far: the phases, how they stand, and the steps that are running. Folded from events."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Literal

from installer.frozen import dataclass, field
from installer.model import (
    Checkpoint,
    Done,
    Event,
    Failed,
    Intent,
    Kept,
    PhaseStarted,
    Progress,
    RollbackEnded,
    RollbackStarted,
    Undone,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

Status = Literal["pending", "running", "done", "failed", "undone"]


@dataclass(slots=True)
class PhaseView:
    """A phase as it stands: `steps` counts those begun in this process; `before`: completed in an earlier one."""

    name: str
    status: Status = "pending"
    began: float = 0.0
    seconds: float = 0.0
    steps: int = 0
    kept: int = 0
    before: bool = False


@dataclass(slots=True)
class StepView:
    """A step that is running."""

    title: str
    phase: str
    done: int = 0
    total: int = 0


@dataclass(slots=True)
class Scene:
    """Folds events.

    before            the phases that were completed in an earlier process
    running, titles   by step id
    alone             the step is all there is: a phase without it has failed
    undoing, undone   are steps being taken back, and how many were, since when
    """

    order: Sequence[str] = ()
    before: Sequence[str] = ()
    alone: bool = False
    clock: Callable[[], float] = time.monotonic
    phases: dict[str, PhaseView] = field(default_factory=dict)
    running: dict[str, StepView] = field(default_factory=dict)
    titles: dict[str, str] = field(default_factory=dict)
    phase: str = ""
    undoing: bool = False
    undone: int = 0
    since: float = 0.0

    def __post_init__(self) -> None:
        self.phases = {name: PhaseView(name) for name in self.order}
        for name in self.before:
            self.phases[name] = PhaseView(name, status="done", before=True)

    def view(self, name: str) -> PhaseView:
        """The phase `name`, also one that was not announced."""
        return self.phases.setdefault(name, PhaseView(name))

    def title(self, step: str) -> str:
        """The title of a step, or its id where the title was not heard in this process."""
        return self.titles.get(step, step)

    def take(self, event: Event) -> None:  # noqa: C901, PLR0912 -- one arm an event
        """Note what `event` changes."""
        match event:
            case PhaseStarted():
                self.phase = event.phase
                self.phases[event.phase] = self._fresh(event.phase)
            case Intent():
                self.titles[event.step.id] = event.step.title
                self.running[event.step.id] = StepView(event.step.title, event.step.phase)
                self.view(event.step.phase).steps += 1
            case Kept():
                self.titles[event.step.id] = event.step.title
                self.view(event.step.phase).kept += 1
            case Progress():
                if event.step in self.running:
                    self.running[event.step].done, self.running[event.step].total = event.done, event.total
            case Done():
                self.running.pop(event.step, None)
            case Undone():
                self.running.pop(event.step, None)
                self.undone += 1
            case Failed():
                self.running.pop(event.step, None)
                if event.on_failure == "stop" or self.alone:
                    self._end(event.phase, "failed")
            case Checkpoint():
                if not event.point and self.view(event.name).status != "failed":
                    self._end(event.name, "done", event.seconds)
            case RollbackStarted():
                self.undoing, self.undone, self.since = True, 0, self.clock()
                self.running.clear()
            case RollbackEnded():
                self.undoing = False
                self._forget_after(event.to)
            case _:
                pass

    def _fresh(self, name: str) -> PhaseView:
        return PhaseView(name, status="running", began=self.clock())

    def _end(self, name: str, status: Status, seconds: float = 0.0) -> None:
        view = self.view(name)
        view.status = status
        view.seconds = seconds or (self.clock() - view.began if view.began else 0.0)

    def _forget_after(self, to: str) -> None:
        """Phases after the checkpoint `to` are no longer done."""
        names = list(self.phases)
        for name in names[names.index(to) + 1 if to in names else 0 :]:
            if self.phases[name].status in {"done", "running"}:
                self.phases[name].status = "undone"
