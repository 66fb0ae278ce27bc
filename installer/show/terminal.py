"""The live display on a terminal: all phases, the running step, its progress, the seconds. Drawn by rich."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Self

from rich.cells import cell_len
from rich.console import Console, Group
from rich.live import Live
from rich.text import Text

from installer.i18n import tr
from installer.model import Checkpoint, Event, Intent, PhaseStarted, RollbackStarted
from installer.show.plain import narrate
from installer.show.scene import PhaseView, Scene, StepView
from installer.show.words import clean, duration, elapsed, marks

if TYPE_CHECKING:
    from types import TracebackType

    from installer.show import Stage

_STYLES = {"done": "green", "failed": "bold red", "running": "bold", "undone": "yellow", "pending": "dim"}
_FRAMES = "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏"
_REFRESH = 8  # a second: smooth seconds, little work


class Terminal:
    """Shows phases ticking by. Everything can be read without colour; what scrolls past is printed above."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self._scene = Scene(stage.phases, before=stage.before, titles=dict(stage.titles), alone=stage.alone)
        self._marks = marks(stage.stream)
        self._lock = threading.Lock()
        self._width = max((cell_len(stage.names.get(name, name)) for name in stage.phases), default=0)
        self._console = Console(file=stage.stream, highlight=False, markup=False, emoji=False, soft_wrap=True)
        self._live = Live(console=self._console, get_renderable=self._draw, refresh_per_second=_REFRESH)
        self._started = False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._started:
            self._live.stop()

    def __call__(self, event: Event) -> None:
        """Show `event`."""
        with self._lock:
            self._scene.take(event)
        for line in self._above(event):
            self._console.print(Text(line))
        if isinstance(event, PhaseStarted | RollbackStarted) and not self._started:
            self._started = True
            self._live.start(refresh=True)
            self._console.show_cursor(show=True)  # rich hides it; after a kill -9 it would stay hidden

    def _above(self, event: Event) -> list[str]:
        """What is worth a line that stays: not what the display below shows already."""
        if isinstance(event, PhaseStarted | Checkpoint) or (
            isinstance(event, Intent) and self._stage.volume != "verbose"
        ):
            return []
        return narrate(event, self._scene, self._stage, self._marks)

    def _draw(self) -> Group:
        with self._lock:
            views = list(self._scene.phases.values())
            steps = list(self._scene.running.values())
            back = self._back() if self._scene.undoing else []
        told = any(view.status != "pending" and not view.before for view in views)  # not in a mere rollback
        return Group(*(line for view in views if told for line in self._phase(view, steps)), *back)

    def _back(self) -> list[Text]:
        """How far the way back has got."""
        time = elapsed(self._scene.clock() - self._scene.since)
        count = tr("steps taken back: {count}", count=self._scene.undone)
        return [Text(f"{self._turning()} {count}  {time}", style=_STYLES["running"], no_wrap=True, overflow="ellipsis")]

    def _phase(self, view: PhaseView, steps: list[StepView]) -> list[Text]:
        name = self._stage.names.get(view.name, view.name)
        pad = " " * (self._width - cell_len(name))
        line = Text(f"{self._mark(view)} {name}{pad}", style=_STYLES[view.status], no_wrap=True, overflow="ellipsis")
        line.append("  " + self._state(view), style="dim")
        inside = [self._step(step) for step in steps if step.phase == view.name] if view.status == "running" else []
        return [line, *inside]

    def _mark(self, view: PhaseView) -> str:
        return self._turning() if view.status == "running" else self._marks.get(view.status, " ")

    def _turning(self) -> str:
        if self._marks["running"].isascii():
            return self._marks["running"]
        return _FRAMES[int(self._scene.clock() * _REFRESH) % len(_FRAMES)]

    def _state(self, view: PhaseView) -> str:
        match view.status:
            case "running":
                return elapsed(self._scene.clock() - view.began) if view.began else ""
            case "done" if view.before:
                return tr("done before")
            case "done":
                return duration(view.seconds) if view.steps else tr("nothing to do")
            case "failed":
                return tr("failed")
            case "undone":
                return tr("taken back")
            case _:
                return ""

    def _step(self, step: StepView) -> Text:
        count = ""
        if step.total:
            count = f"  {step.done}/{step.total}"
        elif step.done:
            count = f"  {step.done}"
        return Text(f"    {clean(step.title)}{count}", no_wrap=True, overflow="ellipsis")
