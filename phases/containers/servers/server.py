"""What a server is made of, and what its things are called."""

from __future__ import annotations

import hashlib
import json
import re
from typing import TYPE_CHECKING

from installer.errors import UsageError
from installer.frozen import dataclass, field, replace
from installer.i18n import tr
from phases.containers import labels
from phases.containers.apps.config import digest
from phases.containers.apps.container import looks
from phases.containers.apps.container.mounts import Mounted
from phases.containers.apps.container.shape import Shape

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from phases.containers.apps.section import App

_NAME = re.compile(r"[a-z0-9]([a-z0-9-]{0,38}[a-z0-9])?")
DATA, PLUGINS = "data", "plugins"
SERVER = "dev.surefoot.server"  # the label of all that belongs to it


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """A server. `app`: what its container is like; its `volumes` are not read, and its `network` is one that is there.

    configuration   names of files below `data_at`, and what is in them
    variables       of its environment; they may be secret, and are noted nowhere but in the container
    volume_options  of the engine's `local` driver, for both volumes
    """

    identifier: str
    app: App
    data_at: str = "/data"
    plugins_at: str = "/plugins"
    configuration: Mapping[str, bytes] = field(default_factory=dict)
    variables: Mapping[str, str] = field(default_factory=dict)
    volume_options: Mapping[str, str] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """Of its container."""
        return f"surefoot-server-{self.identifier}"

    def volume(self, which: str) -> str:
        """Of its volume for DATA or PLUGINS."""
        return f"{self.name}-{which}"

    @property
    def digest(self) -> str:
        """64 hex digits for what its container is made from: another one, and it has to be rebuilt."""
        parts = [digest(self.app), self.data_at, self.plugins_at, sorted(self.variables.items())]
        return hashlib.sha256(json.dumps(parts).encode()).hexdigest()


def checked(server: Server) -> Server:
    """`server`, if it can be one. Raises `UsageError`."""
    if not _NAME.fullmatch(server.identifier):
        raise UsageError("server.name", tr("`{text}` is no identifier of a server", text=server.identifier))
    for name in server.configuration:
        if name.startswith("/") or not name or ".." in name.split("/") or "\0" in name:
            raise UsageError("server.configuration", tr("`{text}` is no name of a file in a volume", text=name))
    if not server.app.image:
        raise UsageError("server.image", tr("the server `{name}` names no image", name=server.identifier))
    return server


def marks(server: Server, root: Path, token: str) -> dict[str, str]:
    """The labels of what one call makes for it."""
    return labels.of(root, f"server-{server.identifier}", token, server=server.identifier)


def shape(server: Server, own: Mapping[str, str]) -> Shape:
    """What its container is to be; `own`: the labels of the call."""
    app = server.app
    return Shape(
        app=server.identifier,
        name=server.name,
        wish=replace(app, network=app.network or "bridge", volumes=()),
        image=app.image,
        network=app.network or "bridge",
        mounts=(Mounted(target=server.data_at, name=DATA), Mounted(target=server.plugins_at, name=PLUGINS)),
        volumes={which: server.volume(which) for which in (DATA, PLUGINS)},
        variables=dict(server.variables),
        labels={**own, looks.DIGEST: server.digest},
    )


__all__ = ["DATA", "PLUGINS", "SERVER", "Server", "checked", "marks", "shape"]
