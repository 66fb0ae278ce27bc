"""Whether the ports of an app are free: asked before anything is changed."""

from __future__ import annotations

import errno
import socket
from typing import TYPE_CHECKING

from installer.errors import Precondition
from installer.i18n import tr

if TYPE_CHECKING:
    from phases.containers.apps.amounts import Opened
    from phases.containers.apps.section import App


def must_be_free(name: str, app: App) -> None:
    """Raise `Precondition` if somebody listens where `app` is to."""
    taken = [opened for port in app.ports if not _is_free(opened := port.opened)]
    if taken:
        raise Precondition(
            "port.taken",
            tr("a port of `{app}` is taken: {port}", app=name, port=f"{taken[0].address}:{taken[0].outer}"),
            hint=tr("choose another one in `ports`, or stop who has it"),
            ports=[each.outer for each in taken],
        )


def _is_free(port: Opened) -> bool:
    family = socket.AF_INET6 if ":" in port.address else socket.AF_INET
    kind = socket.SOCK_DGRAM if port.kind == "udp" else socket.SOCK_STREAM
    with socket.socket(family, kind) as tried:
        if kind == socket.SOCK_STREAM:
            tried.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            tried.bind((port.address, port.outer))
        except OSError as error:
            return error.errno != errno.EADDRINUSE
    return True
