"""What `doctor` looks at where the manifest asks for containers: the extra, the Docker Engine, what it speaks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from installer.cli.machine import Check
from installer.errors import InstallerError
from installer.i18n import tr

if TYPE_CHECKING:
    from installer.cli.session import Session

_OLDEST_API = (1, 40)  # of 19.03
_PATIENCE = 10  # seconds


def engine(session: Session) -> Check | None:
    """Is the engine there that images, or apps in containers, need? None where nothing needs one."""
    images, apps = _needed(session)
    if not images and not apps:
        return None
    name, needed = tr("Docker Engine"), tr("needed by {names}", names=", ".join((*images, *apps)))
    try:
        what, api = _asked()
    except InstallerError as error:
        text = f"{error.message} ({needed})"
        return Check(key="engine", name=name, what=text, well=False, serious=bool(images), remedy=error.hint)
    return Check(
        key="engine",
        name=name,
        what=what,
        well=api >= _OLDEST_API,
        serious=bool(images) and api < _OLDEST_API,
        remedy=tr("update it: 19.03 is the oldest that is known to work"),
    )


def _needed(session: Session) -> tuple[list[str], list[str]]:
    """The images that are required, and the apps that run in containers."""
    from phases.containers.apps import config, modes
    from phases.containers.images.section import ImagesSection

    manifest = session.manifest
    images = [f"[images] {each}" for each in manifest.section(ImagesSection).required]
    apps = config.apps(manifest)
    return images, [f"[apps.{name}]" for name in apps if modes.of(apps[name], manifest, session.root) == "docker"]


def _asked() -> tuple[str, tuple[int, ...]]:
    """What is told of the engine, and the version of its API. Raises what `client.connected` does."""
    from phases.containers import client

    where = client.address()
    with client.connected(where, timeout=_PATIENCE) as docker:
        found = docker.version()
    api = str(found.get("ApiVersion", ""))
    what = tr("{version}, API {api} ({url})", version=str(found.get("Version", "?")), api=api or "?", url=where.url)
    return what, tuple(int(part) for part in api.split(".") if part.isdigit())
