"""The steps of an app as a process."""

from __future__ import annotations

from typing import TYPE_CHECKING

from installer.i18n import tr
from installer.model import Effect, Step
from phases.containers import labels, taking_back
from phases.containers.apps import config as configs
from phases.containers.apps.places import Home
from phases.containers.apps.process import packed
from phases.containers.apps.shim import record

if TYPE_CHECKING:
    from collections.abc import Iterator

    from installer.model import Facts
    from phases.containers.apps.section import App

PHASE = "apps"


def prepare(facts: Facts) -> Iterator[Step]:
    """Put the shim where it outlives us, and where the way back finds it."""
    place, step_id = packed.place(facts.state), f"{PHASE}.00.shim"
    if step_id in facts.results or not (facts.root / place).exists():
        title = tr("Put the shim of apps in its place")
        effect = Effect(touches=(place,))
        yield Step(id=step_id, phase=PHASE, title=title, action="app.shim", args={}, effect=effect)


def start(name: str, app: App, facts: Facts, *, version: str, as_before: str = "") -> Step:
    """Start it: as the manifest has it, or as the start called `as_before` did.

    Taken back by ending that very start, by its deed, and nothing else.
    """
    deed = deed_of_start(name, facts)
    return Step(
        id=f"{PHASE}.60.start.{name}",
        phase=PHASE,
        title=tr("Start {app}", app=name),
        action="app.process.start",
        args={
            "app": name,
            "deed": deed,
            "version": version,
            **({"as_before": as_before} if as_before else {"digest": configs.digest(app)}),
        },
        effect=Effect(inverse=_shim(facts, "stop", Home(state=facts.state, name=name).run, deed)),
    )


def stop(name: str, deed: str, facts: Facts) -> Step:
    """End it. Taken back by starting it once more as it was started."""
    run = Home(state=facts.state, name=name).run
    return Step(
        id=f"{PHASE}.50.stop.{name}",
        phase=PHASE,
        title=tr("Stop {app}", app=name),
        action="app.process.stop",
        args={"app": name, "deed": deed},
        effect=Effect(inverse=_shim(facts, "start", run, record.spec_name(deed))),
    )


def adopt(name: str, deed: str, facts: Facts) -> Step:
    """Look after what runs and lost its shim. The app is not touched, so that there is nothing to take back."""
    return Step(
        id=f"{PHASE}.60.adopt.{name}",
        phase=PHASE,
        title=tr("Look after {app} again", app=name),
        action="app.process.adopt",
        args={"app": name, "deed": deed, "run": Home(state=facts.state, name=name).run},
        effect=Effect(repeatable=True),
    )


def await_health(name: str, facts: Facts) -> Step:
    """Wait until what this run started is well. Otherwise the run fails, and all of it is taken back."""
    return Step(
        id=f"{PHASE}.70.health.{name}",
        phase=PHASE,
        title=tr("Wait until {app} is well", app=name),
        action="app.process.await",
        args={"app": name, "deed": deed_of_start(name, facts)},
        effect=Effect(repeatable=True),
    )


def deed_of_start(name: str, facts: Facts) -> str:
    """The deed of the start of `name` in this run."""
    return labels.deed(facts.install_id, f"{PHASE}.60.start.{name}")


def _shim(facts: Facts, *words: str) -> tuple[str, ...]:
    return (taking_back.interpreter(), "-I", "-B", packed.place(facts.state), *words)
