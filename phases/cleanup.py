"""Phase cleanup: staging of dead runs and generations too many go. Never an environment of the user's."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from installer.frozen import dataclass
from installer.i18n import tr
from installer.model import Action, Effect, Facts, Planned, RelPath, Step
from phases.python.environments import places, removal

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from installer.manifest import Manifest

PHASE = "cleanup"


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """`[cleanup]`: how many earlier environments are kept."""

    TABLE: ClassVar[str] = "cleanup"

    keep: int = 3


def plan(manifest: Manifest, facts: Facts) -> Planned:
    """Nothing where there is nothing too many."""
    yield from _leftovers(manifest, facts)
    for name in removal.superseded(facts, manifest.section(Section).keep):
        title = tr("Delete the environment of {name}", name=name)
        yield removal.remove_step(f"{PHASE}.02.{name}", PHASE, title, places.generations(facts.state) / name)
    builds: tuple[Step, ...] = ()
    if "build" in manifest.raw:
        from phases.builds import planning

        builds = tuple(planning.first_install(PHASE, manifest, facts))
    yield from builds
    if manifest.notify and not builds:  # the project is ready when its first build is: its follower tells
        from phases.builds import notices

        yield from notices.ready_steps(PHASE, manifest, facts)


def _leftovers(manifest: Manifest, facts: Facts) -> Iterator[Step]:
    in_place = manifest.environment == places.ACTIVE  # then what was built beside has served its purpose
    for name in removal.names(facts.root / facts.state / "staging"):
        if name == facts.install_id and in_place:
            title = tr("Delete what was built beside the active environment")
            yield _scratch(f"{PHASE}.03.own", title, facts.state / "staging" / name)
        elif name != facts.install_id:
            title = tr("Delete what the run {name} left half-made", name=name)
            yield _scratch(f"{PHASE}.01.{name}", title, facts.state / "staging" / name)


def _scratch(step: str, title: str, path: RelPath) -> Step:
    return Step(
        id=step,
        phase=PHASE,
        title=title,
        action="environment.remove",
        args={"environment": path, "kept": ""},
        effect=Effect(scratch=(path,), repeatable=True),
    )


ACTIONS: Mapping[str, Action] = removal.ACTIONS
