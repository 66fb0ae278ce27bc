"""The plans of `restore RUN` and `clean-env`: environments that once were current come back, or go."""

from __future__ import annotations

from typing import TYPE_CHECKING

from installer.errors import Precondition
from installer.i18n import tr
from installer.model import Action, Effect, Facts, Planned, Step
from phases.python.environments import freshness, places, prechecks, removal, switch

if TYPE_CHECKING:
    from collections.abc import Mapping

    from installer.manifest import Manifest

RESTORE = "restore"
CLEAN = "clean_env"


def plan(manifest: Manifest, facts: Facts, target: str) -> Planned:
    """Put the generation `target` in the place of the environment in use, which becomes a generation.

    Raises `Precondition` where there is no such generation, naming those there are.
    """
    _has_own(manifest)
    first = f"{RESTORE}.10.switch"
    marker = places.current(facts.root, manifest.environment)
    if marker and marker.install_id == target and first not in facts.results:
        return
    generation = places.generations(facts.state)
    known = removal.names(facts.root / generation)
    if target not in known and first not in facts.results:
        raise _unknown(target, known)
    place = next(prechecks.place(facts.root, facts.state, manifest.environment), "")
    if place:
        raise Precondition("environment.preconditions", place)
    mark = places.read_marker(facts.root / generation / target)
    if mark and (broken := next(freshness.broken(facts.root / generation / target, facts), "")):
        raise _broken(target, broken)
    yield from switch.switch_steps(
        RESTORE, facts, manifest.environment, generation / target, mark.install_id if mark else ""
    )


def generations(manifest: Manifest, facts: Facts) -> list[str]:
    """What `restore` can go back to, oldest first."""
    del manifest
    return removal.names(facts.root / places.generations(facts.state))


def clean_env(manifest: Manifest, facts: Facts, *, everything: bool = False) -> Planned:
    """Take the environment of ours out of use, and delete half-made ones; with `everything` earlier ones too.

    An environment that the user made is never touched, nor is the active one. What is taken out of use comes back by
    `rollback` or `restore`.
    """
    at = places.paths(facts.root, facts.state, facts.install_id, manifest.environment)
    first = f"{CLEAN}.01.set_aside"
    marker = places.current(facts.root, manifest.environment) if manifest.environment != places.ACTIVE else None
    name = str(facts.results[first]["old"]) if first in facts.results else marker.install_id if marker else ""
    for old in removal.names(facts.root / facts.state / "staging"):
        title = tr("Delete what the run {name} left half-made", name=old)
        yield removal.remove_step(f"{CLEAN}.00.{old}", CLEAN, title, facts.state / "staging" / old)
    if name and switch.is_name(name):
        title = tr("Take the environment out of use; it is kept as {name}", name=name)
        target = places.generations(facts.state) / name
        yield switch.move_step(first, CLEAN, title, at.current, target, old=name)
    if everything:
        yield from _all_generations(facts, name)


def _all_generations(facts: Facts, current: str) -> Planned:
    folder = places.generations(facts.state)
    ours = {old for old in removal.names(facts.root / folder) if places.read_marker(facts.root / folder / old)}
    for old in sorted(ours | ({current} if current else set())):
        yield Step(
            id=f"{CLEAN}.02.{old}",
            phase=CLEAN,
            title=tr("Delete the environment of {name}", name=old),
            action="environment.remove",
            args={"environment": folder / old, "kept": "kept"},
            effect=Effect(lasting=tr("the environment is deleted for good"), repeatable=True),
        )


def _has_own(manifest: Manifest) -> None:
    if manifest.environment == places.ACTIVE:
        raise Precondition(
            "environment.active",
            tr("this project installs into the active environment, of which no earlier ones are kept"),
            hint=tr("`manage.py rollback` brings back the versions from before the last run"),
        )


def _unknown(target: str, known: list[str]) -> Precondition:
    there = tr("there are: {names}", names=", ".join(known)) if known else tr("there are none yet")
    return Precondition(
        "generation.unknown",
        tr("there is no environment of {name}; {there}", name=target, there=there),
        hint=tr("`manage.py history` lists the runs; `quickstart.py` makes an environment anew"),
        known=known,
    )


def _broken(target: str, why: str) -> Precondition:
    return Precondition(
        "generation.broken",
        tr("the environment of {name} would not work any more: {why}", name=target, why=why),
        hint=tr("`quickstart.py` makes an environment anew"),
    )


ACTIONS: Mapping[str, Action] = {**switch.ACTIONS, **removal.ACTIONS}
