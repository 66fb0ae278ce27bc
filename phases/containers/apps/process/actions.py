"""What the steps of an app as a process do."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from installer import files
from installer.errors import StepFailed
from installer.i18n import tr
from phases.containers import taking_back
from phases.containers.apps import config as configs
from phases.containers.apps.manager import AppConfig
from phases.containers.apps.process import packed, reading, specs
from phases.containers.apps.process.manager import ProcessManager
from phases.containers.apps.shim import record

if TYPE_CHECKING:
    from collections.abc import Mapping

    from installer.model import Action, Context, Json
    from phases.containers.apps.manager import AppStatus

_POLL = 0.05  # seconds between two looks
_STEADY = 1.0  # seconds that an app without a health check must live to count as well
_TOLD = 10  # lines of its log that a failure shows


def place_shim(args: Mapping[str, Any], context: Context) -> Json:
    """Write it."""
    del args
    path = context.root / packed.place(context.state)
    files.make_folder(path.parent)
    files.replace(path, packed.content())
    return {}


def start(args: Mapping[str, Any], context: Context) -> Json:
    """Start it. Raises `Conflict` where the manifest says something else than was planned."""
    manager, name = _manager(context), args["app"]
    if "as_before" in args:
        manager.start_again(name, args["as_before"], args["deed"])
        return {"pid": manager.get_status(name).pid}
    wish = configs.wished(context.root, name)
    if configs.digest(wish) != args["digest"]:
        raise configs.changed(name)
    folder = context.root / manager.home(name).releases / args["version"] if args["version"] else context.root
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


def stop(args: Mapping[str, Any], context: Context) -> Json:
    """End it, if it still runs by the start that was meant."""
    manager = _manager(context)
    status = manager.get_status(args["app"])
    if status.deed == args["deed"]:
        manager.stop_app(args["app"])
    return {"deed": args["deed"], "version": status.version}


def adopt(args: Mapping[str, Any], context: Context) -> Json:
    """Give it a shim."""
    shim = packed.place(context.state)
    argv = (taking_back.interpreter(), "-I", "-B", shim, "start", args["run"], record.spec_name(args["deed"]))
    context.run(argv)
    return {}


def await_health(args: Mapping[str, Any], context: Context) -> Json:
    """Wait as long as its own health check takes. Raises `StepFailed` with the end of its log."""
    manager, name = _manager(context), args["app"]
    checked = configs.wished(context.root, name).health is not None
    until = time.monotonic() + _STEADY
    while True:
        status = manager.get_status(name)
        if status.state == "exited" and status.deed == args["deed"] and not checked:
            return {}  # its work is done
        if status.deed != args["deed"] or status.state not in {"running", "starting"} or status.restarts:
            raise _ended(status, args["deed"], manager, context)
        if status.health == "unhealthy":
            raise _failed(tr("`{app}` is not healthy", app=name), name, args["deed"], manager, context)
        if status.health == "healthy" or (not checked and time.monotonic() >= until):
            return {}
        time.sleep(_POLL)


def _ended(status: AppStatus, deed: str, manager: ProcessManager, context: Context) -> StepFailed:
    if status.exit_code is None:
        text = tr("`{app}` did not stay up", app=status.name)
    else:
        text = tr("`{app}` ended with {code} soon after its start", app=status.name, code=status.exit_code)
    return _failed(text, status.name, deed, manager, context)


def _failed(text: str, name: str, deed: str, manager: ProcessManager, context: Context) -> StepFailed:
    """With what it said since the start that was meant: what ran well before it is no cause."""
    home = manager.home(name)
    said = tuple(reading.since(context.root / home.log, specs.log_before(context.root / home.run, deed), _TOLD))
    return StepFailed(
        "app.unwell", text, details=said, hint=tr("`manage.py apps logs {app}` has all it said", app=name)
    )


def _manager(context: Context) -> ProcessManager:
    return ProcessManager(context.root, context.state, run=lambda argv: context.run(argv, check=False))


ACTIONS: Mapping[str, Action] = {
    "app.shim": place_shim,
    "app.process.start": start,
    "app.process.stop": stop,
    "app.process.adopt": adopt,
    "app.process.await": await_health,
}
