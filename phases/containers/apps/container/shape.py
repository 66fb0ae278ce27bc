"""What the engine is asked to create for an app. Its own seccomp profile stays, and no privileges are gained."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from installer.frozen import dataclass, field
from phases.containers.apps.container.mounts import CODE, Mounted, inside
from phases.containers.apps.container.names import ALONE

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from docker import DockerClient

    from installer.model import Json
    from phases.containers.apps.section import App, Health

_ROTATED = ("json-file", "local")  # the drivers that put logs aside by themselves
_BILLION = 1_000_000_000
# "always" is until it is stopped by hand: a daemon that starts again must not start what was stopped
RESTART = {"no": "no", "on-failure": "on-failure", "always": "unless-stopped"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """All that a container is made of. `variables` hold secrets: never shown or noted. `volumes`: their real names."""

    app: str
    name: str
    wish: App
    image: str
    network: str
    mounts: tuple[Mounted, ...] = ()
    volumes: Mapping[str, str] = field(default_factory=dict)
    variables: Mapping[str, str] = field(default_factory=dict)
    labels: Mapping[str, str] = field(default_factory=dict)


def create(client: DockerClient, shape: Shape, root: Path) -> str:
    """Have it created, not started; returns its id."""
    wish = shape.wish
    made = client.api.create_container(
        image=shape.image,
        command=list(wish.command) or None,
        name=shape.name,
        hostname=shape.app[:63] if wish.network != "host" else None,
        user=wish.user or None,
        environment=dict(shape.variables),
        ports=[(each.opened.inner, each.opened.kind) for each in wish.ports],
        labels=dict(shape.labels),
        working_dir=CODE if any(each.target == CODE for each in shape.mounts) else None,
        host_config=client.api.create_host_config(**_limits(wish), **_around(shape, root)),
        networking_config=_networking(client, shape),
        healthcheck=_healthcheck(wish.health) if wish.health and wish.health.command else None,
        stop_timeout=math.ceil(wish.stop_timeout.seconds),
        use_config_proxy=False,  # what it finds in its environment is what the manifest says
    )
    return str(made["Id"])


def _limits(wish: App) -> Json:
    found: Json = {"security_opt": ["no-new-privileges"], "restart_policy": {"Name": RESTART[wish.restart]}}
    if wish.memory:
        found |= {"mem_limit": wish.memory.size, "memswap_limit": wish.memory.size}  # no swap besides
    if wish.cpus:
        found["nano_cpus"] = wish.cpus.billionths
    return found


def _around(shape: Shape, root: Path) -> Json:
    from docker.types import LogConfig

    wish = shape.wish
    bindings: dict[str, list[tuple[str, int]]] = {}
    for each in (port.opened for port in wish.ports):
        bindings.setdefault(f"{each.inner}/{each.kind}", []).append((each.address, each.outer))
    return {
        "port_bindings": bindings if wish.network not in ALONE else {},
        "network_mode": shape.network,
        "read_only": wish.read_only,
        "tmpfs": {"/tmp": ""} if wish.read_only else None,  # noqa: S108 -- the container's own
        "mounts": [_mount(each, shape, root) for each in shape.mounts],
        "log_config": LogConfig(type=wish.log.driver or _ROTATED[0], config=log_options(wish)),
    }


def log_options(wish: App) -> dict[str, str]:
    """The options of its log driver."""
    rotated = (wish.log.driver or _ROTATED[0]) in _ROTATED
    own = {"max-size": str(wish.log.max_size.size), "max-file": str(wish.log.files)} if rotated else {}
    return {**own, **wish.log.options}


def _mount(each: Mounted, shape: Shape, root: Path) -> Any:  # noqa: ANN401 -- the SDK's own type
    from docker.types import Mount

    if each.folder is None:
        return Mount(target=each.target, source=shape.volumes[each.name], type="volume", read_only=each.read_only)
    return Mount(target=each.target, source=inside(root, each.folder), type="bind", read_only=each.read_only)


def _networking(client: DockerClient, shape: Shape) -> Any:  # noqa: ANN401 -- as above
    if shape.network in (*ALONE, "bridge"):
        return None
    endpoint = client.api.create_endpoint_config(aliases=[shape.app])
    return client.api.create_networking_config({shape.network: endpoint})  # type: ignore[arg-type]  # by name, it says elsewhere


def _healthcheck(wish: Health) -> Json:
    """As the engine counts: billionths of a second, from a thousandth on."""
    return {
        "test": ["CMD", *wish.command],
        "interval": int(wish.interval.seconds * _BILLION),
        "timeout": max(int(wish.timeout.seconds * _BILLION), _BILLION // 1000),
        "retries": wish.retries,
        "start_period": int(wish.start_period.seconds * _BILLION),
    }
