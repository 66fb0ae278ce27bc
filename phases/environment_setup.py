"""Phase environment_setup: choose the interpreter, check that an environment can be made, back up, make staging."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, ClassVar

from installer.errors import Precondition
from installer.frozen import dataclass
from installer.i18n import tr
from phases.python import environment
from phases.python.active import steps, transfer
from phases.python.environments import backups, making, prechecks, restored

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from installer.manifest import Manifest
    from installer.model import Action, Facts, Planned
    from phases.python.environments.places import Layout
    from phases.python.needs import Interpreter, Needs

PHASE = "environment_setup"
_CONFIGURATION = (
    "pyproject.toml",
    "setup.cfg",
    "surefoot.toml",
    ".python-version",
    "pylock.toml",
    "uv.lock",
    "poetry.lock",
    "pdm.lock",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """`[prechecks]`: what must be so before anything is written. `free_space` is in megabytes."""

    TABLE: ClassVar[str] = "prechecks"

    free_space: int = 500


def plan(manifest: Manifest, facts: Facts) -> Planned:
    """Nothing where the environment in use is the one asked for.

    Raises `Precondition` with everything that stands in the way, before the first step.
    """
    from phases.python.sources import read_needs

    needs = read_needs(facts.root, manifest, facts.options.mode)
    why = environment.up_to_date(manifest, facts, needs)
    judged = restored.judge(manifest, facts, needs)
    if judged is not None:
        yield restored.judge_step(PHASE, manifest, facts, judged)
        why = judged.reason
    if not why:
        return
    active, interpreter = _checked(manifest, facts, needs)
    yield backups.backup_step(PHASE, facts.state, facts.install_id, _configuration(manifest, facts, needs))
    if active is not None:
        yield steps.note_step(PHASE, facts, active)
    yield making.make_step(PHASE, manifest, facts, interpreter, why)


def _checked(manifest: Manifest, facts: Facts, needs: Needs) -> tuple[Layout | None, Interpreter]:
    """The active environment if that is installed into, and the interpreter to use, if nothing stands against it."""
    wanted = manifest.section(Section).free_space
    place = environment.folder(manifest.environment, facts.state)
    objections = list(prechecks.objections(facts.root, facts.state, place, free_megabytes=_floor(manifest, wanted)))
    objections += prechecks.limits(facts.root, place, facts.options.backend)
    hint = ""
    found: tuple[Layout | None, Interpreter] | None = None
    try:
        found = _found(manifest, facts, needs)
    except Precondition as error:
        if not objections:
            raise
        objections += [error.message, *error.details]
        hint = error.hint
    if found is None or objections:
        raise _refusal(objections, hint)
    return found


def _found(manifest: Manifest, facts: Facts, needs: Needs) -> tuple[Layout | None, Interpreter]:
    """Raises `Precondition` where there is no interpreter that will do."""
    from phases.python.interpreters import find

    if manifest.environment != environment.ACTIVE:
        return None, find(facts.root, needs.python, explicit=facts.options.python)[0]
    active, against = steps.checked(facts, needs)
    if len(against) == 1:
        raise against[0]
    if against:
        raise _refusal([line for each in against for line in (each.message, *each.details)], against[0].hint)
    return active, steps.interpreter(active)


def _refusal(objections: list[str], hint: str) -> Precondition:
    if len(objections) == 1:
        return Precondition("environment.preconditions", objections[0], hint=hint)
    return Precondition(
        "environment.preconditions",
        tr("the environment cannot be made, for {count} reasons", count=len(objections)),
        details=tuple(objections),
        hint=hint,
    )


def _floor(manifest: Manifest, wanted: int) -> int:
    """The variable outranks the manifest."""
    told = os.environ.get(f"{manifest.env_prefix}_FREE_SPACE", "")
    return int(told) if told.isdecimal() else wanted


def _configuration(manifest: Manifest, facts: Facts, needs: Needs) -> Iterator[str]:
    """The files worth a copy, there or not: what a plan names must not depend on what a step of its own makes."""
    yield from _CONFIGURATION
    yield from (name for name in sorted(os.listdir(facts.root)) if _is_requirements(name))
    yield from (path for path in needs.inputs if os.path.basename(path) in _CONFIGURATION or _is_requirements(path))
    if manifest.source:
        yield manifest.source
    if manifest.environment != environment.ACTIVE:
        yield f"{manifest.environment}/pyvenv.cfg"


def _is_requirements(path: str) -> bool:
    name = os.path.basename(path).lower()
    return "requirements" in path.lower() and name.endswith((".txt", ".in", "requirements"))


ACTIONS: Mapping[str, Action] = {**backups.ACTIONS, **making.ACTIONS, **restored.ACTIONS, **transfer.ACTIONS}
