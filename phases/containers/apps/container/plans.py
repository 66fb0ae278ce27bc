"""What each verb means for an app that runs in a container. Reads the engine, and changes nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from installer.errors import Precondition
from installer.i18n import tr
from phases.containers import labels
from phases.containers.apps import config as configs
from phases.containers.apps.artifacts import releases
from phases.containers.apps.artifacts import steps as artifacts
from phases.containers.apps.container import actions, deeds, looks, mounts, names, steps
from phases.containers.apps.container.manager import ContainerManager
from phases.containers.apps.container.scene import Scene, is_as_wished, refuse
from phases.containers.apps.section import App
from phases.containers.client import address, connected
from phases.containers.volumes import deeds as volumes

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

    from installer.model import Action, Facts, Json, Planned


def plan(verb: str, name: str, app: App | None, facts: Facts, args: Json) -> Planned:
    """The steps for one app; None for one that the manifest does not have any more. Raises `UsageError`."""
    where, own = address(), names.of(facts.root)
    with connected(where) as client:
        found = looks.own(client, own.container(name), facts.root, name)
        scene = Scene(
            app=name,
            wish=app or App(),
            facts=facts,
            engine=where,
            names=own,
            client=client,
            found=found,
            held=bool(args.get("held")),
        )
        if app is None:
            planned = list(stop(scene))
        elif verb == "rollback":
            planned = list(rollback(scene, str(args.get("to", ""))))
        else:
            planned = list(VERBS[verb](scene))
    if planned:
        yield steps.prepare(facts)
    yield from planned


def strays(known: Collection[str], facts: Facts) -> list[str]:
    """The apps that run, and that the manifest does not have."""
    found = ContainerManager(facts.root, facts.state).list_apps()
    return [each.name for each in found if each.name not in known and each.state in {"running", "waiting"}]


def start(scene: Scene) -> Planned:
    """Have it run, with the release in use; one that runs already is left as it is.

    One that stands, and is not as the manifest has it now, is made anew.
    """
    if not scene.is_up:
        version = scene.home.version(scene.facts.root)
        if not (scene.wish.artifact or scene.wish.source):
            version = ""
        elif not version or scene.result("switch") is not None:
            version = releases.wanted(scene.app, scene.wish, scene.facts.root, scene.facts.state)
        yield from _run(scene, version)


def stop(scene: Scene) -> Planned:
    """Have it ended. The container stays, with what it said."""
    done = scene.result("stop")
    if done is not None or scene.is_up:
        container = done["id"] if done is not None else scene.id
        yield steps.stop(scene.facts, scene.engine, scene.app, container, scene.seconds)


def restart(scene: Scene) -> Planned:
    """End it, and start the same container again; one that was never started is started."""
    if scene.found is None or scene.is_own:
        yield from start(scene)
        return
    begun = scene.result("start")
    yield from stop(scene)
    yield from _again(scene, begun["id"] if begun is not None else scene.id)


def recreate(scene: Scene) -> Planned:
    """A new container, as the manifest has it now, whether that is something new or not."""
    yield from _run(scene, releases.wanted(scene.app, scene.wish, scene.facts.root, scene.facts.state), anew=True)


def update(scene: Scene) -> Planned:
    """Bring what the manifest has now, if that is something new; one that does not run is only brought up to date."""
    version = releases.wanted(scene.app, scene.wish, scene.facts.root, scene.facts.state)
    if scene.is_up or scene.is_begun:
        if scene.is_begun or scene.is_moved or not is_as_wished(scene, version):
            yield from _run(scene, version, anew=scene.is_moved)
    elif version:
        yield from artifacts.bring(scene.app, scene.wish, scene.facts, version)
        yield from _switch(scene, version)


def rollback(scene: Scene, to: str) -> Planned:
    """Go back to the release that was in use before, or to the one called `to`."""
    root, done = scene.facts.root, scene.result("switch")
    version = str(done["version"]) if done else to or releases.previous(scene.home, root)
    if not version or not (root / scene.home.releases / version).is_dir():
        raise Precondition(
            "app.release",
            tr("`{app}` has no earlier release to go back to", app=scene.app),
            hint=tr("there are: {names}", names=", ".join(dict.fromkeys(releases.history(scene.home, root))) or "-"),
        )
    hold = str(done["hold"]) if done else scene.home.version(root)
    if scene.is_up or scene.is_begun:
        yield from _run(scene, version, hold=hold, anew=True)
    else:
        yield from _switch(scene, version, hold)


def reconcile(scene: Scene) -> Planned:
    """Have it as the manifest wants it. One that was stopped on command, or ended for good, is left as it is."""
    root = scene.facts.root
    version = releases.wanted(scene.app, scene.wish, root, scene.facts.state)
    if version and releases.held(scene.home, root) == version:
        version = scene.home.version(root)  # the user went back from it
    stands = scene.found is not None and not looks.is_running(scene.found)
    if not scene.is_begun and (stands and looks.status(scene.app, scene.found or {}).state == "stopped"):
        return
    if scene.is_begun or not is_as_wished(scene, version):
        yield from _run(scene, version)


def _run(scene: Scene, version: str, *, hold: str = "", anew: bool = False) -> Planned:
    """From what is there to one that runs: the same container again if it is as wished, else a new one beside it."""
    facts, engine, app = scene.facts, scene.engine, scene.app
    begun, made = scene.result("start"), scene.result("create")
    if begun is not None and begun["id"]:
        yield from _again(scene, begun["id"])
        return
    image = made["image"] if made is not None else names.image(facts.root, scene.wish)
    refuse(scene, image, held=scene.is_up or scene.is_begun)
    if not (anew or scene.is_begun) and is_as_wished(scene, version):
        yield from _again(scene, scene.id)
        return
    if version:
        yield from artifacts.bring(app, scene.wish, facts, version)
    yield from _surroundings(scene)
    yield from stop(scene)
    yield from _aside(scene)
    yield from _switch(scene, version, hold)
    carried = _carried(scene)
    made_of = {"image": image, "digest": configs.digest(scene.wish), "version": version}
    yield steps.create(facts, engine, app, made_of | ({"carried": carried} if carried else {}))
    yield steps.start_made(facts, engine, app, scene.seconds)
    yield steps.wait(facts, engine, app, "")
    yield from _drop(scene)


def _again(scene: Scene, container: str) -> Planned:
    yield steps.start_again(scene.facts, scene.engine, scene.app, container, scene.seconds)
    yield steps.wait(scene.facts, scene.engine, scene.app, container)


def _switch(scene: Scene, version: str, hold: str = "") -> Planned:
    if version and artifacts.needs_switch(scene.app, scene.facts, version):
        yield artifacts.switch(scene.app, scene.facts, version, hold=hold)


def _surroundings(scene: Scene) -> Planned:
    """The network and the volumes that are not there, or that this run made."""
    project = labels.project_id(scene.facts.root)
    network = scene.names.network(scene.app, scene.wish)
    if scene.wish.network in {"", "app"}:
        there = deeds.network(scene.client, network, project)
        if there is None or scene.result("network", network) is not None:
            yield steps.make_network(scene.facts, scene.engine, scene.app, network)
    for name in sorted({scene.names.volume(each.name) for each in mounts.wished(scene.app, scene.wish) if each.name}):
        known = deeds.volume(scene.client, name, project)
        if known is None or scene.result("volume", name) is not None:
            yield steps.make_volume(scene.facts, scene.engine, scene.app, name)


def _aside(scene: Scene) -> Planned:
    done = scene.result("aside")
    if done is None and scene.found is not None and not scene.is_own:
        to = scene.names.put_aside(scene.app, scene.facts.install_id)
        done = {"id": scene.id, "name": scene.names.container(scene.app), "to": to}
    if done is not None:
        yield steps.put_aside(scene.facts, scene.engine, scene.app, done)


def _carried(scene: Scene) -> dict[str, str]:
    """The volumes of the container before that nobody named, also when that was put aside by now."""
    aside = scene.result("aside")
    old = looks.find(scene.client, aside["id"]) if aside is not None else None if scene.is_own else scene.found
    return mounts.carried(old, scene.names, scene.app, scene.wish) if old is not None else {}


def _drop(scene: Scene) -> Planned:
    """Those that earlier runs put aside. The one of this run stays until the next: a rollback brings it back."""
    done = scene.result("drop")
    mark = [f"{labels.PROJECT}={labels.project_id(scene.facts.root)}", f"{labels.APP}={scene.app}"]
    found = scene.client.api.containers(all=True, filters={"label": mark})
    prefix = "/" + scene.names.put_aside(scene.app, "")
    kept = prefix + scene.facts.install_id
    old = sorted(each["Id"] for each in found if each["Names"][0].startswith(prefix) and each["Names"][0] != kept)
    if done is not None or old:
        yield steps.drop(scene.facts, scene.engine, scene.app, done["ids"] if done is not None else old)


VERBS: Mapping[str, Callable[[Scene], Planned]] = {
    "start": start,
    "stop": stop,
    "restart": restart,
    "recreate": recreate,
    "update": update,
    "reconcile": reconcile,
}
ACTIONS: Mapping[str, Action] = {**artifacts.ACTIONS, **actions.ACTIONS, **volumes.ACTIONS}
