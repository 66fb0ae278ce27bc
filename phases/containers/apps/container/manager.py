"""Apps in containers: found by their names and our labels; what does not carry those is never touched."""

from __future__ import annotations

import uuid
from contextlib import ExitStack
from functools import cache, partial
from typing import TYPE_CHECKING

from installer.errors import Conflict
from installer.frozen import replace
from installer.i18n import tr
from phases.containers import labels
from phases.containers.apps.container import deeds, looks, making, mounts, names, waiting
from phases.containers.apps.manager import AppConfig, AppInfo, AppStatus, Use
from phases.containers.client import connected

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

    from docker import DockerClient

    from installer.model import Json, RelPath
    from phases.containers.apps.container.shape import Shape

_BILLION = 1_000_000_000
_FOR_EVER = 10_000_000  # seconds that a log which is followed may be silent


class ContainerManager:
    """The apps of the project at `root` that run in containers."""

    mode = looks.MODE

    def __init__(self, root: Path, state: RelPath) -> None:
        self._root = root
        self._state = state
        self._names = names.of(root)

    def start_app(self, instance_id: str, config: AppConfig) -> None:
        """Have it run; returns when it is well. What was made for it goes again where it does not get so."""
        deed = config.deed or f"{uuid.uuid4().hex}/start"
        with connected() as client:
            found = self._own(client, instance_id)
            is_other = found is not None and looks.label_of(found).get(labels.STEP) != deed
            if is_other and found is not None and looks.is_running(found):
                raise Conflict("app.running", tr("`{app}` runs already, by another start", app=instance_id))
            self._start_or_make(client, instance_id, config, deed, found)

    def _start_or_make(self, client: DockerClient, app: str, config: AppConfig, deed: str, found: Json | None) -> None:
        """Start `found` if it is as wished, else put it aside for a new one."""
        run, _, step = deed.partition("/")
        marks = labels.of(self._root, run, step, app=app)
        image = names.image(self._root, config.wish)
        deeds.need_image(client, image)
        wanted = making.shape(
            self._root,
            self._names,
            app,
            config.wish,
            image=image,
            version=config.version,
            marks=marks,
            variables=config.variables,
            carried=mounts.carried(found, self._names, app, config.wish) if found else {},
        )
        with ExitStack() as back:
            container = self._made(client, wanted, marks, found, back)
            client.api.start(container)
            waiting.until_well(client, app, config.wish, container)
            back.pop_all()

    def _made(
        self, client: DockerClient, wanted: Shape, marks: dict[str, str], found: Json | None, back: ExitStack
    ) -> str:
        api = client.api
        if found is not None and making.is_as_wished(found, wanted, self._root):
            identity = str(found["Id"])
            if not looks.is_running(found):
                back.callback(api.stop, identity, timeout=0)
            return identity
        project = labels.project_id(self._root)
        if wanted.wish.network in {"", "app"} and deeds.network(client, wanted.network, project) is None:
            deeds.make_network(client, wanted.network, marks)
            back.callback(api.remove_network, wanted.network)
        for name in sorted(set(wanted.volumes.values())):
            if deeds.volume(client, name, project) is None:
                deeds.make_volume(client, name, marks)
                back.callback(api.remove_volume, name)
        if found is not None:
            old = str(found["Id"])
            deeds.call(client, old, self._names.put_aside(wanted.app, marks[labels.RUN]))
            back.callback(deeds.call, client, old, wanted.name)
        identity = deeds.make_container(client, wanted, self._root)
        back.callback(api.remove_container, identity, v=True, force=True)
        return identity

    def stop_app(self, instance_id: str) -> None:
        """Have it ended: TERM, and KILL after its `stop-timeout`. The container stays, with what it said."""
        with connected(timeout=_FOR_EVER) as client:
            found = self._own(client, instance_id)
            if found is not None and looks.is_running(found):
                client.api.stop(found["Id"])

    def get_status(self, instance_id: str) -> AppStatus:
        """How it is. A container of that name that is not ours is no app."""
        return self.get_statuses((instance_id,))[instance_id]

    def get_statuses(self, instance_ids: Iterable[str]) -> dict[str, AppStatus]:
        """How they are, over one line to the engine."""
        with connected() as client:
            means = cache(partial(looks.image_id, client))
            return {
                each: self._status(each, looks.find(client, self._names.container(each)), means)
                for each in instance_ids
            }

    def _status(self, app: str, found: Json | None, means: Callable[[str], str]) -> AppStatus:
        if found is None:
            return AppStatus(name=app, mode=self.mode, state="absent")
        if not looks.is_ours(found, self._root, app):
            why = tr("a container called `{name}` is there, and is not ours", name=found["Name"].lstrip("/"))
            return AppStatus(name=app, mode=self.mode, state="absent", why=why)
        known = looks.status(app, found)
        name = str(found["Config"]["Image"])
        if not looks.is_moved(found, means(name)):
            return known
        why = tr("`{image}` names another image by now; `apps update` moves it", image=name)
        return replace(known, moved=True, why=known.why or why)

    def list_apps(self) -> tuple[AppInfo, ...]:
        """By one question to the engine."""
        with connected() as client:
            found = client.api.containers(
                all=True, filters={"label": [f"{labels.PROJECT}={labels.project_id(self._root)}", labels.APP]}
            )
        listed = (looks.info(each) for each in found)
        return tuple(
            sorted(
                (each for name, each in listed if name == self._names.container(each.name)), key=lambda each: each.name
            )
        )

    def usage(self, instance_id: str) -> Use:
        """As the engine counts; what its files hold in memory besides is not counted."""
        with connected() as client:
            found = self._own(client, instance_id)
            if found is None or not found["State"]["Running"]:
                return Use()
            said = client.api.stats(found["Id"], stream=False, one_shot=True)
        memory = said.get("memory_stats", {})
        cached = memory.get("stats", {}).get("inactive_file", memory.get("stats", {}).get("total_inactive_file", 0))
        return Use(
            memory=max(0, int(memory.get("usage", 0)) - int(cached)),
            seconds=int(said.get("cpu_stats", {}).get("cpu_usage", {}).get("total_usage", 0)) / _BILLION,
            processes=int(said.get("pids_stats", {}).get("current", 0)),
        )

    def logs(self, instance_id: str, *, tail: int, follow: bool = False) -> Iterator[str]:
        """As the engine keeps them; nothing where there is no container."""
        with connected(timeout=_FOR_EVER if follow else 60) as client:
            found = self._own(client, instance_id)
            if found is None:
                return
            rest = b""
            for block in client.api.logs(found["Id"], stream=True, follow=follow, tail=tail):
                *whole, rest = (rest + block).split(b"\n")
                yield from (line.rstrip(b"\r").decode("utf-8", "replace") for line in whole)
            if rest:
                yield rest.decode("utf-8", "replace")

    def _own(self, client: DockerClient, app: str) -> Json | None:
        return looks.own(client, self._names.container(app), self._root, app)
