"""What an app's things are called in an engine that others use, too."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from installer import brand
from installer.frozen import dataclass
from phases.containers import labels
from phases.containers.apps import modes

if TYPE_CHECKING:
    from pathlib import Path

    from phases.containers.apps.section import App

ALONE = ("none", "host")  # no network of ours, by the names that the engine gives that
BASE_IMAGE = "alpine:latest"  # what code of the project runs on where nothing is said


@dataclass(frozen=True, slots=True, kw_only=True)
class Names:
    """Of one project: `brand` in small letters, `project` as our labels have it."""

    brand: str
    project: str

    def container(self, app: str) -> str:
        """One of that name there is in an engine: two projects with an app of one name are in each other's way."""
        return f"{self.brand}-app-{app}"

    def put_aside(self, app: str, install_id: str) -> str:
        """What the container of before is called, once the run made another one."""
        return f"{self.container(app)}-before-{install_id}"

    def network(self, app: str, wish: App) -> str:
        """The network it is in: the project's; its own for "app"; else the one that the manifest names."""
        own = f"{self.brand}-net-{self.project}"
        return {"": own, "app": f"{own}-{app}"}.get(wish.network, wish.network)

    def volume(self, name: str) -> str:
        """The volume that the project's apps call `name`."""
        return f"{self.brand}-vol-{self.project}-{name}"


def of(root: Path) -> Names:
    """The names of the project at `root`."""
    return Names(brand=brand.read(root).prefix.lower().replace("_", "-"), project=labels.project_id(root)[:8])


def image(root: Path, wish: App) -> str:
    """The image that the app runs on: its own, else that of `<PREFIX>_BASE_IMAGE` (also in `.env`), else alpine."""
    variable = f"{brand.read(root).prefix}_BASE_IMAGE"
    return wish.image or os.environ.get(variable, "") or modes.dotenv(root).get(variable, "") or BASE_IMAGE
