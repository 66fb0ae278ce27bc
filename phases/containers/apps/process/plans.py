"""What each verb means for an app that runs as a process."""

from __future__ import annotations

from typing import TYPE_CHECKING

from installer.errors import UsageError
from installer.i18n import tr
from phases.containers.apps.process import steps
from phases.containers.apps.process.manager import ProcessManager

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from installer.model import Action, Facts, Json, Planned
    from phases.containers.apps.section import App


def plan(verb: str, name: str, app: App, facts: Facts, args: Json) -> Planned:
    """The steps for one app. Raises `UsageError` for what a process cannot do."""
    del args
    yield from VERBS[verb](name, app, facts)


def start(name: str, app: App, facts: Facts) -> Planned:
    """Have it run; one that runs already is left as it is."""
    status = ProcessManager(facts.root, facts.state).get_status(name)
    if status.is_up and status.deed != steps.deed_of_start(name, facts):
        return
    yield from steps.prepare(facts)
    yield steps.start(_able(name, app), app, facts, version="")


def stop(name: str, app: App, facts: Facts) -> Planned:
    """Have it ended."""
    del app
    status = ProcessManager(facts.root, facts.state).get_status(name)
    if status.is_up:
        yield from steps.prepare(facts)
        yield steps.stop(name, status.deed, facts)


def restart(name: str, app: App, facts: Facts) -> Planned:
    """End it, and start it as the manifest has it now."""
    status = ProcessManager(facts.root, facts.state).get_status(name)
    yield from steps.prepare(facts)
    if status.is_up and status.deed != steps.deed_of_start(name, facts):
        yield steps.stop(name, status.deed, facts)
    yield steps.start(_able(name, app), app, facts, version="")


def _able(name: str, app: App) -> str:
    if not app.command:
        raise UsageError(
            "app.command",
            tr("`{app}` has no `command`, which an app in process mode needs", app=name),
            hint=tr("name it in the manifest, or run it with --mode docker"),
        )
    return name


VERBS: Mapping[str, Callable[[str, App, Facts], Planned]] = {
    "start": start,
    "stop": stop,
    "restart": restart,
}
ACTIONS: Mapping[str, Action] = steps.ACTIONS
