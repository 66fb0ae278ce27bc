"""One line a phase and a step: for logs of CI, pipes, and terminals that cannot do more."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from installer.i18n import tr
from installer.model import (
    Checkpoint,
    Event,
    Failed,
    Intent,
    Kept,
    Line,
    Note,
    PhaseStarted,
    RollbackStarted,
    Undone,
)
from installer.show.scene import Scene
from installer.show.words import clean, clean_lines, duration, marks

if TYPE_CHECKING:
    from types import TracebackType

    from installer.show import Stage


class Plain:
    """Writes lines to the stage's stream. Quiet: only warnings and failures. Verbose: the commands' output, too."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self._scene = Scene(stage.phases, titles=dict(stage.titles), alone=stage.alone)
        self._marks = marks(stage.stream)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stage.stream.flush()

    def __call__(self, event: Event) -> None:
        """Show `event`."""
        self._scene.take(event)
        for line in narrate(event, self._scene, self._stage, self._marks):
            self._stage.stream.write(line + "\n")
        self._stage.stream.flush()


def narrate(  # noqa: C901, PLR0911 -- one arm an event; each is a sentence of its own
    event: Event, scene: Scene, stage: Stage, mark: dict[str, str]
) -> list[str]:
    """The lines that say what happened; `scene` has taken the event already."""
    loud = stage.volume != "quiet"
    match event:
        case PhaseStarted() if loud:
            return [stage.names.get(event.phase, event.phase)]
        case Intent() if loud:
            return [f"  {mark['running']} {clean(event.step.title)}"]
        case Kept() if event.why:
            return [f"  {mark['kept']} {tr('{name}: {text}', name=clean(event.step.title), text=clean(event.why))}"]
        case Kept() if stage.volume == "verbose":
            return [f"  {mark['kept']} {tr('{name}: {text}', name=clean(event.step.title), text=tr('still holds'))}"]
        case Failed():
            return _failed(event, scene, stage, mark)
        case Checkpoint() if not event.point and loud and scene.view(event.name).status != "failed":
            told = tr("{what} ({note})", what=stage.names.get(event.name, event.name), note=_ended(event, scene))
            return [f"{mark['done']} {told}"]
        case RollbackStarted() if loud:
            return [_taking_back(event, stage)]
        case Undone():
            return _undone(event, scene, stage, mark)
        case Line() if stage.volume == "verbose":
            return [f"      {clean(event.text)}"]
        case Note() if event.level == "warning" or loud:
            first, *rest = clean_lines(event.text)
            serious = event.level == "warning"
            told = tr("warning: {text}", text=first) if serious else first
            return [f"  {mark['warning' if serious else 'kept']} {told}", *(f"    {line}" for line in rest)]
        case _:
            return []


def _ended(event: Checkpoint, scene: Scene) -> str:
    view = scene.view(event.name)
    return duration(view.seconds) if view.steps else tr("nothing to do")


def _failed(event: Failed, scene: Scene, stage: Stage, mark: dict[str, str]) -> list[str]:
    if event.error.get("code") == "step.needs":
        return []  # it was said when the step was passed over
    what = scene.title(event.step) if event.step else stage.names.get(event.phase, event.phase)
    message = clean_lines(str(event.error.get("message", "")))[0]
    if event.on_failure == "stop" or stage.alone:
        return [f"  {mark['failed']} {clean(what)}"]  # the message comes with the error at the end
    return [
        f"  {mark['warning']} {tr('went on without: {what}', what=clean(what))}",
        *([f"    {message}"] if message else []),
    ]


def _taking_back(event: RollbackStarted, stage: Stage) -> str:
    if event.to:
        return tr("Taking back all after the checkpoint {name}", name=stage.names.get(event.to, event.to))
    return tr("Taking back the run")


def _undone(event: Undone, scene: Scene, stage: Stage, mark: dict[str, str]) -> list[str]:
    told = event.problems or event.conflicts or event.kept
    title = f"  {mark['undone']} {clean(scene.title(event.step))}"
    lines = [title] if stage.volume == "verbose" or (told and stage.volume == "normal") else []
    lines += [f"    {mark['failed']} {clean(problem)}" for problem in event.problems]
    lines += [
        f"    {mark['warning']} {tr('changed by you since, left as it is: {path}', path=clean(path))}"
        for path in event.conflicts
    ]
    return lines + [f"    {mark['kept']} {tr('set aside for you: {path}', path=clean(path))}" for path in event.kept]
