"""A server as the command line asks for it: like an app of the manifest, with files of the project in its volume."""

from __future__ import annotations

from typing import TYPE_CHECKING

from installer import files
from installer.errors import Conflict, Precondition, UsageError
from installer.frozen import replace
from installer.i18n import tr
from installer.model import RelPath
from phases.containers.apps import config as configs
from phases.containers.apps.container import names
from phases.containers.servers.server import Server, checked

if TYPE_CHECKING:
    from pathlib import Path

    from installer.model import Json
    from phases.containers.apps.section import App


def server(wish: Json, app: App, root: Path) -> Server:
    """It, without its files' contents; it is in none of the networks that are made for apps.

    `wish`: `name`, `like`, `files` (name in the volume: path), `database`.

    Raises `UsageError` for one that cannot be, `Precondition` for a secret that is not set.
    """
    if app.artifact is not None or app.source is not None:
        raise UsageError(
            "server.app", tr("`{app}` has code of its own; a server runs what its image has", app=wish["like"])
        )
    return checked(
        Server(
            identifier=wish["name"],
            app=replace(app, image=names.image(root, app), network="" if app.network == "app" else app.network),
            configuration=dict.fromkeys(wish["files"], b""),
            variables=configs.variables(wish["like"], app),
        )
    )


def hashes(wish: Json, root: Path) -> dict[str, str]:
    """Name in the volume: what its file is now. Raises `Precondition` for one that is not there."""
    found = {}
    for name, path in wish["files"].items():
        if not (root / RelPath(path)).is_file():
            raise Precondition("server.file", tr("there is no file {path}", path=path))
        found[name] = files.sha256(root / RelPath(path))
    return found


def with_files(made: Server, wish: Json, root: Path, known: Json) -> Server:
    """`made`, with the contents, which are those of the plan: `known` as `hashes` had it. Raises `Conflict`."""
    if hashes(wish, root) != known:
        raise Conflict(
            "server.changed",
            tr("the files of the server `{name}` changed meanwhile", name=made.identifier),
            hint=tr("run the same command again"),
        )
    return replace(
        made, configuration={name: files.content(root / RelPath(path)) for name, path in wish["files"].items()}
    )
