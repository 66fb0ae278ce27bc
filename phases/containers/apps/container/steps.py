"""The steps of an app as a container. Each does one thing, and what it makes carries its label."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from installer.i18n import tr
from installer.model import Effect, Step
from phases.containers import taking_back
from phases.containers.images import moving
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
    return taking_back.prepare_step(PHASE, facts, tr("Put the way back in its place"))


def make_network(facts: Facts, engine: Address, app: str, name: str) -> Step:
    """A network that was not there."""
    title, deed = tr("Create the network {name}", name=name), taking_back.of_this_deed(facts, named("network", name))
    return _step(facts, engine, "network", name, title, ("remove-network", *deed), app=app, name=name)


def make_volume(facts: Facts, engine: Address, app: str, name: str) -> Step:
    """A volume that was not there. What the app has put there is set aside when it goes."""
    title, back = tr("Create the volume {name}", name=name), withdrawing(facts, named("volume", name), name)
    return _step(facts, engine, "volume", name, title, back, app=app, name=name)


def put_aside(facts: Facts, engine: Address, app: str, found: Json) -> Step:
    """The container of before makes room: `found` has its "id", its "name" and the one that it is given."""
    title, back = tr("Put aside the container of {app}", app=app), ("name-container", found["id"], found["name"])
    of = {key: found[key] for key in ("id", "name", "to")}
    return _step(facts, engine, "aside", app, title, back, app=app, **of)


def create(facts: Facts, engine: Address, app: str, made_of: Json) -> Step:
    """The container; `made_of`: image, its id, digest, version."""
    title, deed = tr("Create the container of {app}", app=app), taking_back.of_this_deed(facts, named("create", app))
    return _step(facts, engine, "create", app, title, ("remove-container", *deed), app=app, **made_of)


def start_made(facts: Facts, engine: Address, app: str, seconds: int) -> Step:
    """Start the one that this run made."""
    back = ("stop-labelled", *taking_back.of_this_deed(facts, named("create", app)), str(seconds))
    return _step(facts, engine, "start", app, tr("Start {app}", app=app), back, app=app, id="")


def start_again(facts: Facts, engine: Address, app: str, container: str, seconds: int) -> Step:
    """Start the one that was there, stopped."""
    back = ("stop-container", container, str(seconds))
    return _step(facts, engine, "start", app, tr("Start {app}", app=app), back, app=app, id=container)


def stop(facts: Facts, engine: Address, app: str, container: str, seconds: int) -> Step:
    """Stop it."""
    title, back = tr("Stop {app}", app=app), ("start-container", container)
    return _step(facts, engine, "stop", app, title, back, app=app, id=container, seconds=seconds)


def wait(facts: Facts, engine: Address, app: str, container: str) -> Step:
    """Wait until it is well; "" is the one that this run made."""
    title = tr("Wait until {app} is well", app=app)
    return _step(facts, engine, "wait", app, title, Effect(repeatable=True), app=app, id=container)


def drop(facts: Facts, engine: Address, app: str, containers: list[str]) -> Step:
    """Remove the containers that earlier runs put aside: the last one stays until the next, for the way back."""
    effect = Effect(lasting=tr("containers that earlier runs put aside are removed"), repeatable=True)
    title = tr("Remove earlier containers of {app}", app=app)
    return _step(facts, engine, "drop", app, title, effect, app=app, ids=containers)


def _step(
    facts: Facts,
    engine: Address,
    kind: str,
    of: str,
    title: str,
    back: tuple[str, ...] | Effect,
    **args: Any,  # noqa: ANN401 -- JSON
) -> Step:
    """Of that kind, for the thing called `of`; `back` is the deed that takes it back."""
    step = named(kind, of)
    return Step(
        id=step,
        phase=PHASE,
        title=title,
        action=f"app.docker.{kind}",
        args={**args, "step": step, "engine": moving.where(engine)},
        effect=back if isinstance(back, Effect) else Effect(inverse=taking_back.inverse(facts, engine, back)),
    )
