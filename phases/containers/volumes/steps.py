"""The steps that make a volume, and that put one into an archive."""

from __future__ import annotations

from typing import TYPE_CHECKING

from installer.i18n import tr
from installer.model import Effect, Facts, Json, RelPath, Step
from phases.containers import taking_back
from phases.containers.volumes import plain, store

if TYPE_CHECKING:
    from phases.containers.client import Address

PHASE = "volumes"


def create_step(  # noqa: PLR0913 -- one for each that a volume is made of
    facts: Facts,
    at: Address,
    name: str,
    driver: str,
    options: Json,
    marks: Json,
    *,
    step: str = f"{PHASE}.10.create",
    phase: str = PHASE,
) -> Step:
    """A step that makes a volume; taken back by its label, and what it holds then is set aside."""
    return Step(
        id=step,
        phase=phase,
        title=tr("Make the volume {name}", name=name),
        action="volumes.create",
        args={
            "engine": plain.as_args(at),
            "step": step,
            "name": name,
            "driver": driver,
            "options": options,
            "labels": marks,
        },
        effect=Effect(
            inverse=taking_back.inverse(facts, at, withdrawing(facts, step, name)),
            repeatable=True,
        ),
    )


def withdrawing(facts: Facts, step: str, name: str) -> tuple[str, ...]:
    """The deed that takes back the volume `name`, which `step` made."""
    return ("withdraw-volume", *taking_back.of_this_deed(facts, step), store.set_aside(facts, name))


def keep_step(  # noqa: PLR0913 -- one for each that an archive is made of
    step: str,
    phase: str,
    facts: Facts,
    at: Address,
    name: str,
    target: str,
    *,
    image: str = "",
    source: tuple[str, str] = ("", ""),
    touches: tuple[RelPath, ...] = (),
    lasting: str = "",
    early: str = "",
) -> Step:
    """A step that puts a volume into an archive; `early`: the copy that `copy_step` may have made of it.

    What is to be brought back from the archive leaves `touches` empty: should that fail, the archive is still needed.
    """
    return Step(
        id=step,
        phase=phase,
        title=tr("Keep the volume {name} in {archive}", name=name, archive=target),
        action="volumes.keep",
        args={
            "engine": plain.as_args(at),
            "step": step,
            "volume": name,
            "target": target,
            "image": image,
            "source": list(source),
            "early": early,
        },
        effect=Effect(
            inverse=taking_back.inverse(facts, at, no_helper(facts, step)),
            touches=touches,
            lasting=lasting,
            repeatable=True,
        ),
    )


def copy_step(step: str, phase: str, at: Address, name: str, early: str, source: tuple[str, str]) -> Step:
    """A step that copies a volume of a container that runs, to be finished when it has stopped.

    It touches nothing that is taken back: the copy lies with the scripts of the run, and goes with them.
    """
    return Step(
        id=step,
        phase=phase,
        title=tr("Copy the volume {name} beforehand", name=name),
        action="volumes.copy",
        args={"engine": plain.as_args(at), "volume": name, "early": early, "source": list(source)},
        effect=Effect(repeatable=True),
    )


def no_helper(facts: Facts, step: str) -> tuple[str, ...]:
    """The deed that removes a helper that a cut left."""
    return ("remove-container", *taking_back.of_this_deed(facts, step))
