"""From one mode to the other: the new one is started and asked for its health, then the old one is stopped.

Where the app has ports, both cannot have them at once: then all is made ready, the old one stopped, the new one
started. The way back is the run's own: the old one runs again, the new one is gone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from installer.errors import Precondition, UsageError
from installer.i18n import tr
from phases.containers.apps import manager
from phases.containers.apps.artifacts import releases
from phases.containers.apps.artifacts import steps as artifacts
from phases.containers.apps.container import plans as container
from phases.containers.apps.places import Home
from phases.containers.apps.process import plans as process
from phases.containers.apps.process import steps as processes

if TYPE_CHECKING:
    from collections.abc import Iterator

    from installer.model import Facts, Planned, Step
    from phases.containers.apps.section import App


def plan(name: str, app: App, facts: Facts, to: str) -> Iterator[Step]:
    """The steps for one app. Raises `Precondition` for one that does not run in the other mode."""
    if to not in manager.MODES:
        raise manager.unknown_mode(to, "--to")
    manager.refuse_system()
    begun = any(each.endswith((f".start.{name}", f".stop.{name}", f".create.{name}")) for each in facts.results)
    other = next(each for each in manager.MODES if each != to)
    if not begun:
        _must_run(name, facts, other)
        if manager.new_app_manager(to, facts.root, facts.state).get_status(name).is_up:
            raise Precondition("app.migrate", tr("`{app}` runs in the mode {mode} already", app=name, mode=to))
    new = list(_started(name, app, facts) if to == "process" else _in_container(name, app, facts))
    old = list(_each((process if to == "docker" else container).plan("stop", name, app, facts, {})))
    at = (
        next((at for at, step in enumerate(new) if step.id.endswith(f".start.{name}")), len(new)) if app.ports else None
    )
    named: set[str] = set()
    for step in [*new, *old] if at is None else [*new[:at], *old, *new[at:]]:
        if step.id not in named:
            named.add(step.id)
            yield step


def _must_run(name: str, facts: Facts, mode: str) -> None:
    if not manager.new_app_manager(mode, facts.root, facts.state).get_status(name).is_up:
        raise Precondition(
            "app.migrate",
            tr("`{app}` does not run in the mode {mode}", app=name, mode=mode),
            hint=tr("`manage.py apps start {app} --mode {mode}` starts it there", app=name, mode=mode),
        )


def _in_container(name: str, app: App, facts: Facts) -> Iterator[Step]:
    yield from _each(container.plan("start", name, app, facts, {"held": bool(app.ports)}))


def _each(planned: Planned) -> Iterator[Step]:
    for step in planned:
        yield from step if isinstance(step, tuple) else (step,)


def _started(name: str, app: App, facts: Facts) -> Iterator[Step]:
    """As a process: its ports are not asked for, as the container has them."""
    version = Home(state=facts.state, name=name).version(facts.root) if app.artifact or app.source else ""
    yield from processes.prepare(facts)
    if (app.artifact or app.source) and (not version or f"{processes.PHASE}.55.switch.{name}" in facts.results):
        version = releases.wanted(name, app, facts.root, facts.state)
        yield from artifacts.bring(name, app, facts, version)
        yield artifacts.switch(name, facts, version)
    yield processes.start(_able(name, app), app, facts, version=version)
    yield processes.await_health(name, facts)


def _able(name: str, app: App) -> str:
    if not app.command:
        raise UsageError("app.command", tr("`{app}` has no `command`, which an app in process mode needs", app=name))
    return name
