"""What an app finds in its container besides the image: volumes by name, folders of the project, its own code."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING

from installer import brand
from installer.errors import InstallerError, Precondition, Refused, UsageError
from installer.frozen import dataclass
from installer.i18n import tr
from installer.model import RelPath
from phases.containers.apps import places

if TYPE_CHECKING:
    from pathlib import Path

    from installer.model import Json
    from phases.containers.apps.container.names import Names
    from phases.containers.apps.section import App

CODE = "/app"  # where an artifact or a source folder is found, and where the app then works
_FORM = re.compile(r"(?P<what>[^:]+):(?P<target>/[^:,]*)(?::(?P<how>ro|rw))?")
_NAME = re.compile(r"[a-zA-Z0-9][a-zA-Z0-9_.-]{0,99}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Mounted:
    """A volume by `name`, or a `folder` of the project, at `target`."""

    target: str
    name: str = ""
    folder: RelPath | None = None
    read_only: bool = False


def of(app: str, wish: App, root: Path, version: str) -> tuple[Mounted, ...]:
    """All mounts. Raises `UsageError` for what is none.

    A volume is written `NAME:/TARGET`, a folder of the project `./FOLDER:/TARGET`, either with `:ro` behind. Nothing
    outside the project can be mounted: what can write there can do what its owner can.
    """
    return wished(app, wish) + code(app, wish, root, version)


def wished(app: str, wish: App) -> tuple[Mounted, ...]:
    """Those that the manifest names. Raises `UsageError`."""
    found = tuple(_parsed(app, text) for text in wish.volumes)
    targets = [each.target for each in found] + ([CODE] if wish.artifact or wish.source else [])
    if twice := next((each for each in targets if targets.count(each) > 1), ""):
        raise _wrong(app, tr("`{target}` is mounted twice", target=twice))
    return found


def carried(old: Json, names: Names, app: str, wish: App) -> dict[str, str]:
    """Target: volume, of those of the container before that nobody named: what an image alone declares goes with it."""
    taken = {each.target for each in wished(app, wish)} | {CODE}
    return {
        each["Destination"]: each["Name"]
        for each in old.get("Mounts") or []
        if each.get("Type") == "volume"
        and each["Destination"] not in taken
        and not each["Name"].startswith(names.volume(""))
    }


def must_be_there(app: str, wish: App, root: Path) -> None:
    """Raise `Precondition` for a folder that the engine would find missing, `Refused` for one that leads outside."""
    for each in wished(app, wish):
        if each.folder is not None and not os.path.isdir(root / each.folder):
            raise Precondition(
                "app.folder", tr("`{app}` needs the folder {path}, which is not there", app=app, path=each.folder)
            )
        if each.folder is not None:
            inside(root, each.folder)


def inside(root: Path, folder: RelPath) -> str:
    """The very folder, links followed, for the engine. Raises `Refused` for one that leads out of the project."""
    home, real = os.path.realpath(root), os.path.realpath(root / folder)
    if os.path.commonpath((home, real)) != home:
        raise Refused("path.link", tr("{path} leads out of the project", path=folder))
    return real


def code(app: str, wish: App, root: Path, version: str) -> tuple[Mounted, ...]:
    """The app's own code, which it can only read: the release `version`; nothing where the image has it all."""
    if not version or (wish.artifact is None and wish.source is None):
        return ()
    home = places.Home(state=brand.read(root).state, name=app)
    return (Mounted(target=CODE, folder=home.releases / version, read_only=True),)


def _parsed(app: str, text: str) -> Mounted:
    found = _FORM.fullmatch(text)
    if found is None or ".." in found["target"].split("/") or found["target"] == "/":
        raise _wrong(app, text)
    target = found["target"].rstrip("/")
    is_read_only = found["how"] == "ro"
    if found["what"].startswith(("./", "../")) or found["what"] == ".":
        try:
            return Mounted(target=target, folder=RelPath(found["what"]), read_only=is_read_only)
        except InstallerError as error:
            raise _wrong(app, text) from error
    if not _NAME.fullmatch(found["what"]):
        raise _wrong(app, text)
    return Mounted(target=target, name=found["what"], read_only=is_read_only)


def _wrong(app: str, text: str) -> UsageError:
    return UsageError(
        "app.volumes",
        tr("`apps.{app}.volumes`: {text} cannot be", app=app, text=text),
        hint=tr("such as `{one}` or `{other}`", one="data:/var/lib/data", other="./conf:/etc/web:ro"),
    )
