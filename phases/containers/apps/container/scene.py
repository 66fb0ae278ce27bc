"""What a plan about an app in a container is made from: the app, and how the engine has it now."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from installer.errors import Precondition
from installer.frozen import dataclass
from installer.i18n import tr
from phases.containers import labels
from phases.containers.apps import config as configs
from phases.containers.apps import places
from phases.containers.apps.container import deeds, looks, making, mounts, names, prechecks, steps

if TYPE_CHECKING:
    from docker import DockerClient

    from installer.model import Facts, Json
    from phases.containers.apps.container.shape import Shape
    from phases.containers.apps.section import App
    from phases.containers.client import Address


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """What a plan is made from: the app, and how the engine has it now. `found`: its container, if there is one."""

    app: str
    wish: App
    facts: Facts
    engine: Address
    names: names.Names
    client: DockerClient
    found: Json | None
    held: bool = False  # its ports are taken by what it takes the place of

    def result(self, kind: str, name: str = "") -> Json | None:
        """What a step of this run returned; None: it was not done."""
        return self.facts.results.get(steps.named(kind, name or self.app))

    @property
    def is_own(self) -> bool:
        """Did this run make the container that is there?"""
        deed = labels.mark(self.facts.root, self.facts.install_id, steps.named("create", self.app))
        return self.found is not None and looks.label_of(self.found).get(labels.STEP) == deed

    @property
    def is_begun(self) -> bool:
        """Did this run do anything to it yet?"""
        return self.is_own or any(self.result(kind) is not None for kind in ("stop", "aside", "create", "start"))

    @property
    def is_up(self) -> bool:
        """Does it run, by an earlier start?"""
        touched = self.is_own or self.result("start") is not None
        return self.found is not None and looks.is_running(self.found) and not touched

    @property
    def is_moved(self) -> bool:
        """Was it made of another image than its name means now?"""
        name = names.image(self.facts.root, self.wish)
        return (
            self.found is not None and not self.is_own and looks.is_moved(self.found, looks.image_id(self.client, name))
        )

    @property
    def home(self) -> places.Home:
        """Where its releases lie."""
        return places.Home(state=self.facts.state, name=self.app)

    @property
    def id(self) -> str:
        """Of the container that is there; "" without one."""
        return str(self.found["Id"]) if self.found is not None else ""

    @property
    def seconds(self) -> int:
        """That it is given to end."""
        return math.ceil(self.wish.stop_timeout.seconds)


def is_as_wished(scene: Scene, version: str) -> bool:
    """Is there a container that is what would be made now?"""
    return scene.found is not None and making.is_as_wished(
        scene.found, _wanted(scene, names.image(scene.facts.root, scene.wish), version), scene.facts.root
    )


def refuse(scene: Scene, image: str, *, held: bool) -> None:
    """Raise for all that can be known before the first change. `held`: the ports are its own until it is stopped."""
    app, wish = scene.app, scene.wish
    deeds.need_image(scene.client, image)
    if (wish.artifact or wish.source) and not wish.command:
        raise Precondition("app.command", tr("`{app}` has no `command`, which its code needs", app=app))
    mounts.must_be_there(app, wish, scene.facts.root)
    configs.variables(app, wish)
    prechecks.processors(scene.client, app, wish)
    prechecks.networks(scene.client, app, wish)
    prechecks.ports("" if held or scene.held else scene.engine.url, {app: wish})


def _wanted(scene: Scene, image: str, version: str) -> Shape:
    marks = labels.of(scene.facts.root, "", "")
    return making.shape(scene.facts.root, scene.names, scene.app, scene.wish, image=image, version=version, marks=marks)
