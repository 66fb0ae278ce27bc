"""Apps as a Compose file: the same containers, without us. What is secret is named in it, and never said.

Volumes and the network are Compose's own: those of ours stay where they are. A health check by url or port is left
out, as Compose asks from within only.
"""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING, Any

from installer.errors import Precondition
from installer.i18n import tr
from phases.containers.apps.container import making, mounts, names, shape
from phases.containers.apps.places import Home
from phases.containers.apps.section import Secret

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from installer.model import Json, RelPath
    from phases.containers.apps.container.mounts import Mounted
    from phases.containers.apps.section import App

_OURS = (0, 2)  # the depths at which the keys are Compose's own words
_OWN = "apps"  # the network that those are in which name none


def text(root: Path, state: RelPath, apps: Mapping[str, App]) -> str:
    """The file, for the project's folder. Raises `Precondition` for an app whose code was never unpacked."""
    whole = {name: _service(name, app, root, state) for name, app in apps.items()}
    made: Json = {"services": whole}
    networks = sorted({each for service in whole.values() for each in service.get("networks", {})})
    if networks:
        made["networks"] = {each: _network(each, apps) for each in networks}
    volumes = sorted({each.name for name, app in apps.items() for each in mounts.wished(name, app) if each.name})
    if volumes:
        made["volumes"] = {each: {} for each in volumes}
    return "\n".join(lines(made)) + "\n"


def _service(name: str, app: App, root: Path, state: RelPath) -> Json:
    version = Home(state=state, name=name).version(root)
    if app.artifact is not None and not version:
        raise Precondition(
            "app.release",
            tr("`{app}` has no release yet", app=name),
            hint=tr("`manage.py apps update {app}` brings it", app=name),
        )
    code = mounts.code(name, app, root, version)
    if app.source is not None and not version:
        code = (mounts.Mounted(target=mounts.CODE, folder=app.source, read_only=True),)
    found: Json = {
        "image": _plain(names.image(root, app)),
        "environment": {key: _variable(value) for key, value in _variables(name, version, app).items()},
        "restart": shape.RESTART[app.restart],
        "security_opt": ["no-new-privileges"],
        "stop_grace_period": f"{math.ceil(app.stop_timeout.seconds)}s",
        "logging": {"driver": app.log.driver or "json-file", "options": shape.log_options(app)},
        **_network_of(name, app),
        **_limits(app),
    }
    if app.command:
        found["command"] = [_plain(word) for word in app.command]
    if code:
        found["working_dir"] = mounts.CODE
    if all_of_it := [_mount(each) for each in (*mounts.wished(name, app), *code)]:
        found["volumes"] = all_of_it
    if app.ports and app.network not in names.ALONE:
        found["ports"] = [
            _port(each.opened.address, each.opened.outer, each.opened.inner, each.opened.kind) for each in app.ports
        ]
    if app.health is not None and app.health.command:
        found["healthcheck"] = {
            "test": ["CMD", *map(_plain, app.health.command)],
            "interval": str(app.health.interval),
            "timeout": str(app.health.timeout),
            "retries": app.health.retries,
            "start_period": str(app.health.start_period),
        }
    return found


def _variables(name: str, version: str, app: App) -> dict[str, str | Secret]:
    own: dict[str, str | Secret] = dict(making.environment(name, version, {}))
    return own | dict(app.env)


def _variable(value: str | Secret) -> str:
    return f"${{{value.env}:?}}" if isinstance(value, Secret) else _plain(value)


def _plain(value: str) -> str:
    """For Compose, `$` begins a variable."""
    return value.replace("$", "$$")


def _port(address: str, outer: int, inner: int, kind: str) -> str:
    return f"{f'[{address}]' if ':' in address else address}:{outer}:{inner}/{kind}"


def _network_of(name: str, app: App) -> Json:
    if app.network in (*names.ALONE, "bridge"):
        return {"network_mode": app.network}
    called = {"": _OWN, "app": f"{_OWN}-{name}"}.get(app.network, app.network)
    return {"networks": {called: {"aliases": [name]}}}


def _network(called: str, apps: Mapping[str, App]) -> Json:
    """One that the manifest names is there already."""
    return {"external": True} if called in {app.network for app in apps.values()} - {"app"} else {}


def _limits(app: App) -> Json:
    found: Json = {}
    if app.memory:
        found |= {"mem_limit": app.memory.size, "memswap_limit": app.memory.size}
    if app.cpus:
        found["cpus"] = float(app.cpus)
    if app.read_only:
        found |= {"read_only": True, "tmpfs": ["/tmp"]}  # noqa: S108 -- the container's own
    if app.user:
        found["user"] = app.user
    return found


def _mount(each: Mounted) -> Json:
    folder = each.folder is not None
    source = _plain(f"./{each.folder}") if folder else each.name
    return {
        "type": "bind" if folder else "volume",
        "source": source,
        "target": each.target,
        "read_only": each.read_only,
    }


def lines(value: Any, depth: int = 0) -> Iterator[str]:  # noqa: ANN401 -- JSON
    """YAML: tables in lines, all else as JSON, which YAML takes. Names of people's are quoted: one may be `no`."""
    for key, each in value.items():
        start = "  " * depth + (key if depth in _OURS else json.dumps(key)) + ":"
        if isinstance(each, dict) and each:
            yield start
            yield from lines(each, depth + 1)
        else:
            yield f"{start} {json.dumps(each, ensure_ascii=False)}"
