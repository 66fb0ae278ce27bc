"""The steps of an app as a process, and what they do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from installer import files
from installer.errors import Conflict
from installer.i18n import tr
from installer.model import Effect, Step
from phases.containers import labels, taking_back
from phases.containers.apps import config as configs
from phases.containers.apps.manager import AppConfig
from phases.containers.apps.process import packed
from phases.containers.apps.process.manager import ProcessManager
from phases.containers.apps.shim import record

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from installer.model import Action, Context, Facts, Json
    from phases.containers.apps.section import App

PHASE = "apps"


def prepare(facts: Facts) -> Iterator[Step]:
    """Put the shim where it outlives us, and where the way back finds it."""
    place = packed.place(facts.state)
    if f"{PHASE}.00.shim" in facts.results or not (facts.root / place).exists():
        title = tr("Put the shim of apps in its place")
        effect = Effect(touches=(place,))
        yield Step(id=f"{PHASE}.00.shim", phase=PHASE, title=title, action="app.shim", args={}, effect=effect)


def start(name: str, app: App, facts: Facts, *, version: str) -> Step:
    """Start it. Taken back by ending that very start, by its deed, and nothing else."""
    step_id = f"{PHASE}.60.start.{name}"
    deed = labels.deed(facts.install_id, step_id)
    home = ProcessManager(facts.root, facts.state).home(name)
    return Step(
        id=step_id,
        phase=PHASE,
        title=tr("Start {app}", app=name),
        action="app.process.start",
        args={"app": name, "deed": deed, "digest": configs.digest(app), "version": version},
        effect=Effect(inverse=_shim(facts, "stop", home.run, deed)),
    )


def stop(name: str, deed: str, facts: Facts) -> Step:
    """End it. Taken back by starting it once more as it was started."""
    home = ProcessManager(facts.root, facts.state).home(name)
    return Step(
        id=f"{PHASE}.50.stop.{name}",
        phase=PHASE,
        title=tr("Stop {app}", app=name),
        action="app.process.stop",
        args={"app": name, "deed": deed},
        effect=Effect(inverse=_shim(facts, "start", home.run, record.spec_name(deed))),
    )


def deed_of_start(name: str, facts: Facts) -> str:
    """The deed of the start of `name` in this run."""
    return labels.deed(facts.install_id, f"{PHASE}.60.start.{name}")


def _shim(facts: Facts, *words: str) -> tuple[str, ...]:
    return (taking_back.interpreter(), "-I", "-B", packed.place(facts.state), *words)


# -- what they do ------------------------------------------------------------------------------------------------------


def place_shim(args: Mapping[str, Any], context: Context) -> Json:
    """Write it."""
    del args
    path = context.root / packed.place(context.state)
    files.make_folder(path.parent)
    files.replace(path, packed.content())
    return {}


def start_app(args: Mapping[str, Any], context: Context) -> Json:
    """Start it as the manifest says. Raises `Conflict` where the manifest says something else than was planned."""
    manager = _manager(context)
    name = args["app"]
    wish = configs.wished(context.root, name)
    if configs.digest(wish) != args["digest"]:
        raise Conflict(
            "app.changed",
            tr("what the manifest says of `{app}` changed meanwhile", app=name),
            hint=tr("run the same command again"),
        )
    home = manager.home(name)
    folder = context.root / (home.releases / args["version"]) if args["version"] else context.root
    made = AppConfig(
        name=name,
        wish=wish,
        folder=folder,
        variables=configs.variables(name, wish),
        digest=args["digest"],
        version=args["version"],
        deed=args["deed"],
    )
    manager.start_app(name, made)
    return {"pid": manager.get_status(name).pid}


def stop_app(args: Mapping[str, Any], context: Context) -> Json:
    """End it, if it still runs by the start that was meant."""
    manager = _manager(context)
    if manager.get_status(args["app"]).deed == args["deed"]:
        manager.stop_app(args["app"])
    return {}


def _manager(context: Context) -> ProcessManager:
    return ProcessManager(context.root, context.state, run=lambda argv: context.run(argv, check=False))


ACTIONS: Mapping[str, Action] = {
    "app.shim": place_shim,
    "app.process.start": start_app,
    "app.process.stop": stop_app,
}
