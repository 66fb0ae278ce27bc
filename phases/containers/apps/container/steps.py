"""The steps of an app as a container. Each does one thing, and what it makes carries its label."""

from __future__ import annotations

from typing import TYPE_CHECKING

from installer.i18n import tr
from installer.model import Effect, Step
from phases.containers import labels, taking_back
from phases.containers.volumes import plain
from phases.containers.volumes.steps import withdrawing

if TYPE_CHECKING:
    from installer.model import Facts, Json
    from phases.containers.client import Address

PHASE = "apps"
_NUMBERS = {
    "network": 20,
    "volume": 30,
    "stop": 40,
    "aside": 45,
    "create": 50,
    "switch": 55,
    "start": 60,
    "wait": 70,
    "drop": 90,
}


def named(kind: str, name: str) -> str:
    """The id of a step; the numbers are for people, who see the order in them."""
    return f"{PHASE}.{_NUMBERS[kind]}.{kind}.{name}"


def prepare(facts: Facts) -> Step:
    """Put the undo scripts where they outlive us."""
    return plain.prepare_step(PHASE, facts, tr("Put the way back in its place"))


def make_network(facts: Facts, engine: Address, app: str, name: str) -> Step:
    """A network that was not there."""
    return _step(
        facts,
        engine,
        named("network", name),
        tr("Create the network {name}", name=name),
        {"app": app, "name": name},
        _of_deed(facts, named("network", name), "remove-network"),
    )


def make_volume(facts: Facts, engine: Address, app: str, name: str) -> Step:
    """A volume that was not there. What the app has put there is set aside when it goes."""
    return _step(
        facts,
        engine,
        named("volume", name),
        tr("Create the volume {name}", name=name),
        {"app": app, "name": name},
        withdrawing(facts, named("volume", name), name),
    )


def put_aside(facts: Facts, engine: Address, app: str, found: Json) -> Step:
    """The container of before makes room: `found` has its "id", its "name" and the one that it is given."""
    return _step(
        facts,
        engine,
        named("aside", app),
        tr("Put aside the container of {app}", app=app),
        {"app": app, "id": found["id"], "name": found["name"], "to": found["to"]},
        ("name-container", found["id"], found["name"]),
    )


def create(facts: Facts, engine: Address, app: str, made_of: Json) -> Step:
    """The container; `made_of`: image, its id, digest, version."""
    step = named("create", app)
    return _step(
        facts,
        engine,
        step,
        tr("Create the container of {app}", app=app),
        {"app": app, **made_of},
        _of_deed(facts, step, "remove-container"),
    )


def start_made(facts: Facts, engine: Address, app: str, seconds: int) -> Step:
    """Start the one that this run made."""
    deed = taking_back.of_this_deed(facts, named("create", app))
    return _step(
        facts,
        engine,
        named("start", app),
        tr("Start {app}", app=app),
        {"app": app, "id": ""},
        ("stop-labelled", *deed, str(seconds)),
    )


def start_again(facts: Facts, engine: Address, app: str, container: str, seconds: int) -> Step:
    """Start the one that was there, stopped."""
    return _step(
        facts,
        engine,
        named("start", app),
        tr("Start {app}", app=app),
        {"app": app, "id": container},
        ("stop-container", container, str(seconds)),
    )


def stop(facts: Facts, engine: Address, app: str, container: str, seconds: int) -> Step:
    """Stop it."""
    return _step(
        facts,
        engine,
        named("stop", app),
        tr("Stop {app}", app=app),
        {"app": app, "id": container, "seconds": seconds},
        ("start-container", container),
    )


def wait(facts: Facts, engine: Address, app: str, container: str) -> Step:
    """Wait until it is well; "" is the one that this run made."""
    del facts
    return Step(
        id=named("wait", app),
        phase=PHASE,
        title=tr("Wait until {app} is well", app=app),
        action="app.docker.wait",
        args={"app": app, "id": container, "engine": _place(engine)},
        effect=Effect(repeatable=True),
    )


def drop(facts: Facts, engine: Address, app: str, containers: list[str]) -> Step:
    """Remove the containers that earlier runs put aside: the last one stays until the next, for the way back."""
    del facts
    return Step(
        id=named("drop", app),
        phase=PHASE,
        title=tr("Remove earlier containers of {app}", app=app),
        action="app.docker.drop",
        args={"app": app, "ids": containers, "engine": _place(engine)},
        effect=Effect(lasting=tr("containers that earlier runs put aside are removed"), repeatable=True),
    )


def _step(facts: Facts, engine: Address, step_id: str, title: str, args: Json, deed: tuple[str, ...]) -> Step:
    kind = step_id.split(".")[2]
    return Step(
        id=step_id,
        phase=PHASE,
        title=title,
        action=f"app.docker.{kind}",
        args={**args, "step": step_id, "engine": _place(engine)},
        effect=Effect(inverse=plain.inverse(facts, engine, deed)),
    )


def _of_deed(facts: Facts, step_id: str, verb: str) -> tuple[str, ...]:
    return (verb, labels.STEP, labels.mark(facts.root, facts.install_id, step_id))


def _place(engine: Address) -> Json:
    return {"url": engine.url, "certificates": engine.certificates}
