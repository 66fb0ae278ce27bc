"""What each verb means for an app that runs as a process."""

from __future__ import annotations

from typing import TYPE_CHECKING

from installer.errors import Precondition, UsageError
from installer.i18n import tr
from phases.containers.apps import config as configs
from phases.containers.apps import places
from phases.containers.apps.artifacts import releases
from phases.containers.apps.artifacts import steps as artifacts
from phases.containers.apps.process import actions, ports, steps
from phases.containers.apps.process.manager import ProcessManager

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

    from installer.model import Action, Facts, Json, Planned
    from phases.containers.apps.manager import AppStatus
    from phases.containers.apps.section import App


def plan(verb: str, name: str, app: App | None, facts: Facts, args: Json) -> Planned:
    """The steps for one app; None for one that the manifest does not have any more. Raises `UsageError`."""
    status = ProcessManager(facts.root, facts.state).get_status(name)
    if app is None:
        yield from _stop(status, facts)
    elif verb == "rollback":
        yield from rollback(app, status, facts, str(args.get("to", "")))
    else:
        yield from VERBS[verb](app, status, facts)


def strays(known: Collection[str], facts: Facts) -> list[str]:
    """The apps that run, and that the manifest does not have."""
    manager = ProcessManager(facts.root, facts.state)
    return [
        name for name in places.names(facts.root, facts.state) if name not in known and manager.get_status(name).is_up
    ]


def start(app: App, status: AppStatus, facts: Facts) -> Planned:
    """Have it run, with the release in use; one that runs already is left as it is."""
    if status.state == "unwatched" and not _is_ours(status, facts):
        yield from _adopt(status, facts)
    elif not status.is_up or _is_ours(status, facts):
        version, deploy = _release_in_use(app, status.name, facts)
        yield from _run(app, status, facts, version, deploy=deploy)


def stop(app: App, status: AppStatus, facts: Facts) -> Planned:
    """Have it ended."""
    del app
    yield from _stop(status, facts)


def restart(app: App, status: AppStatus, facts: Facts) -> Planned:
    """End it, and start it as it was started before; one that was never started is started."""
    own = facts.results.get(f"{steps.PHASE}.50.stop.{status.name}")
    if not own and (not status.is_up or _is_ours(status, facts)):
        yield from start(app, status, facts)
        return
    before, version = (str(own["deed"]), str(own["version"])) if own else (status.deed, status.version)
    if not _is_ours(status, facts):
        yield from _stop(status, facts)
    yield steps.start(status.name, app, facts, version=version, as_before=before)
    yield steps.await_health(status.name, facts)


def recreate(app: App, status: AppStatus, facts: Facts) -> Planned:
    """End it, and start it as the manifest has it now, whether that is something new or not."""
    version = releases.wanted(status.name, app, facts.root, facts.state)
    yield from _run(app, status, facts, version, deploy=True)


def update(app: App, status: AppStatus, facts: Facts) -> Planned:
    """Bring what the manifest has now, if that is something new; one that does not run is only brought up to date."""
    version = releases.wanted(status.name, app, facts.root, facts.state)
    begun = _is_ours(status, facts) or f"{steps.PHASE}.50.stop.{status.name}" in facts.results
    if status.is_up or begun:
        if begun or (status.version, status.digest) != (version, configs.digest(app)):
            yield from _run(app, status, facts, version, deploy=True)
    elif version:
        yield from artifacts.bring(status.name, app, facts, version)
        if artifacts.needs_switch(status.name, facts, version):
            yield artifacts.switch(status.name, facts, version)


def rollback(app: App, status: AppStatus, facts: Facts, to: str) -> Planned:
    """Go back to the release that was in use before, or to the one called `to`."""
    name, home = status.name, places.Home(state=facts.state, name=status.name)
    done = facts.results.get(f"{steps.PHASE}.55.switch.{name}")
    version = str(done["version"]) if done else to or releases.previous(home, facts.root)
    if not version or not (facts.root / home.releases / version).is_dir():
        raise Precondition(
            "app.release",
            tr("`{app}` has no earlier release to go back to", app=name),
            hint=tr("there are: {names}", names=", ".join(dict.fromkeys(releases.history(home, facts.root))) or "-"),
        )
    hold = str(done["hold"]) if done else home.version(facts.root)
    if not artifacts.needs_switch(name, facts, version):
        return
    up = status.is_up or f"{steps.PHASE}.50.stop.{name}" in facts.results
    if up and not _is_ours(status, facts):
        yield from _stop(status, facts)
    yield artifacts.switch(name, facts, version, hold=hold)
    if up:
        yield steps.start(_able(name, app), app, facts, version=version)
        yield steps.await_health(name, facts)


def reconcile(app: App, status: AppStatus, facts: Facts) -> Planned:
    """Have it as the manifest wants it. One that was stopped on command, or ended for good, is left as it is."""
    version = releases.wanted(status.name, app, facts.root, facts.state)
    home = places.Home(state=facts.state, name=status.name)
    if version and releases.held(home, facts.root) == version:
        version = home.version(facts.root)  # the user went back from it
    begun = _is_ours(status, facts) or f"{steps.PHASE}.50.stop.{status.name}" in facts.results
    new = (status.version, status.digest) != (version, configs.digest(app))
    if status.state == "stopped" and not begun:
        return
    if begun or new or status.state in {"absent", "lost"}:
        yield from _run(app, status, facts, version, deploy=bool(version))
    elif status.state == "unwatched":
        yield from _adopt(status, facts)


def _run(app: App, status: AppStatus, facts: Facts, version: str, *, deploy: bool) -> Planned:
    """Bring the release, end what runs otherwise, switch, start, wait until it is well."""
    name = _able(status.name, app)
    if not status.is_up:
        ports.must_be_free(name, app)
    yield from steps.prepare(facts)
    if deploy and version:
        yield from artifacts.bring(name, app, facts, version)
    if not _is_ours(status, facts):
        yield from _stop(status, facts)
    if deploy and version and artifacts.needs_switch(name, facts, version):
        yield artifacts.switch(name, facts, version)
    yield steps.start(name, app, facts, version=version)
    if app.health is not None or deploy:
        yield steps.await_health(name, facts)


def _stop(status: AppStatus, facts: Facts) -> Planned:
    if status.is_up:
        yield from steps.prepare(facts)
        yield steps.stop(status.name, status.deed, facts)


def _adopt(status: AppStatus, facts: Facts) -> Planned:
    yield from steps.prepare(facts)
    yield steps.adopt(status.name, status.deed, facts)


def _release_in_use(app: App, name: str, facts: Facts) -> tuple[str, bool]:
    """The release to start with, and whether it has to be brought first."""
    home = places.Home(state=facts.state, name=name)
    if app.artifact is None and app.source is None:
        return "", False
    begun = any(f"{steps.PHASE}.{each}.{name}" in facts.results for each in ("10.fetch", "20.unpack", "55.switch"))
    now = home.version(facts.root)
    if now and not begun:
        return now, False
    return releases.wanted(name, app, facts.root, facts.state), True


def _is_ours(status: AppStatus, facts: Facts) -> bool:
    """Was it started by this very run?"""
    return status.deed == steps.deed_of_start(status.name, facts)


def _able(name: str, app: App) -> str:
    if not app.command:
        raise UsageError(
            "app.command",
            tr("`{app}` has no `command`, which an app in process mode needs", app=name),
            hint=tr("name it in the manifest, or run it with --mode docker"),
        )
    return name


VERBS: Mapping[str, Callable[[App, AppStatus, Facts], Planned]] = {
    "start": start,
    "stop": stop,
    "restart": restart,
    "recreate": recreate,
    "update": update,
    "reconcile": reconcile,
}
ACTIONS: Mapping[str, Action] = {**artifacts.ACTIONS, **actions.ACTIONS}
