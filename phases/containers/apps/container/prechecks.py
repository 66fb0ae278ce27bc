"""What can be refused before the first change: the image, the ports, the processors, somebody else's things."""

from __future__ import annotations

import errno
import socket
from typing import TYPE_CHECKING

from installer.errors import Precondition
from installer.i18n import tr
from phases.containers.apps.container.names import ALONE

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from docker import DockerClient

    from phases.containers.apps.amounts import Opened
    from phases.containers.apps.section import App

_BILLION = 1_000_000_000


def processors(client: DockerClient, app: str, wish: App) -> None:
    """Raise `Precondition` where it wants more than the engine has."""
    there = int(client.info()["NCPU"]) if wish.cpus else 0
    if wish.cpus.billionths > there * _BILLION:
        raise Precondition(
            "app.cpus",
            tr("`{app}` wants {cpus} processors; the engine has {there}", app=app, cpus=str(wish.cpus), there=there),
        )


def networks(client: DockerClient, app: str, wish: App) -> None:
    """Raise `Precondition` where the network that the manifest names is not there."""
    if wish.network in ("", "app", "bridge", *ALONE):
        return
    if wish.network not in {each["Name"] for each in client.api.networks(names=[wish.network])}:
        raise Precondition(
            "app.network", tr("`{app}` needs the network {network}, which is not there", app=app, network=wish.network)
        )


def ports(url: str, wishes: Mapping[str, App]) -> None:
    """Raise `Precondition` for ports that are taken; of an engine elsewhere: that two of the apps want."""
    wanted: dict[tuple[str, int, str], str] = {}
    for app, each in _opened(wishes):
        key = (each.address, each.outer, each.kind)
        if wanted.setdefault(key, app) != app or (url.startswith("unix://") and not _is_free(each)):
            raise Precondition(
                "port.taken",
                tr("`{app}` wants port {port}, which is taken", app=app, port=f"{each.outer}/{each.kind}"),
                hint=tr("choose another one in `ports`, or stop who has it"),
                port=each.outer,
            )


def _opened(wishes: Mapping[str, App]) -> Iterable[tuple[str, Opened]]:
    for app, wish in wishes.items():
        if wish.network not in ALONE:
            yield from ((app, port.opened) for port in wish.ports)


def _is_free(port: Opened) -> bool:
    """Could somebody listen there? As the engine would: a port in TIME_WAIT is free."""
    family = socket.AF_INET6 if ":" in port.address else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM if port.kind == "tcp" else socket.SOCK_DGRAM) as line:
        if port.kind == "tcp":
            line.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            line.bind((port.address, port.outer))
        except OSError as error:
            return error.errno != errno.EADDRINUSE  # an address that is not ours, or a port below 1024, is its matter
    return True
