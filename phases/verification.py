"""Phase verification: prove the staging environment, seal it, switch to it. Until then the one in use is untouched."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from installer.frozen import dataclass
from installer.i18n import tr
from installer.model import Action, Effect, Facts, Json, OnFailure, Planned, RelPath, Step
from phases.containers.images import required as images
from phases.python import environment
from phases.python.active import steps
from phases.python.environments import checks, places, relocate, restored, seal, switch, wanted

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from installer.manifest import Manifest
    from phases.python.needs import Needs

PHASE = "verification"


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """`[verification]`: modules that must import, commands that must succeed, modules that need not import."""

    TABLE: ClassVar[str] = "verification"

    imports: tuple[str, ...] = ()
    commands: tuple[tuple[str, ...], ...] = ()
    skip_imports: tuple[str, ...] = ()


def plan(manifest: Manifest, facts: Facts) -> Planned:
    """Nothing where the environment in use is the one asked for."""
    from phases.python.sources import read_needs

    needs = read_needs(facts.root, manifest, facts.options.mode)
    if not environment.up_to_date(manifest, facts, needs):
        return
    yield from images.check_steps(PHASE, manifest)
    at = places.paths(facts.root, facts.state, facts.install_id, manifest.environment)
    missing = tuple(
        sorted(member.name for member in needs.members if member.name in failed(facts) and not member.optional)
    )
    if manifest.environment == environment.ACTIVE:
        yield from steps.install_steps(PHASE, facts, needs, at.staging)
        yield from _checks(manifest, facts, needs, _in_place(facts, at))
        yield steps.mark_step(PHASE, manifest, facts, needs, missing)
        return
    if facts.options.backend != "uv":
        yield relocate.relocate_step(PHASE, at.staging, manifest.environment)
    yield from _checks(manifest, facts, needs, {"environment": at.staging, "made": _made(facts, at)})
    asked = wanted.asked(manifest, facts, needs)
    yield seal.seal_step(PHASE, at.staging, facts, asked, missing=missing)
    yield switch.publish_step(PHASE, at.staging, at.generation)
    yield from switch.switch_steps(PHASE, facts, manifest.environment, at.generation, facts.install_id)


def failed(facts: Facts) -> frozenset[str]:
    """The local packages that could not be installed."""
    steps = (step.split(".", 2) for step in facts.failed)
    return frozenset(parts[2] for parts in steps if parts[0] == "packages" and parts[2:])  # phase.number.name


def _in_place(facts: Facts, at: places.EnvPaths) -> Json:
    """What is checked of the active environment: that which this run wants there, and nothing else of the user's."""
    return {
        "environment": environment.folder(environment.ACTIVE, facts.state),
        "made": steps.made(facts, at.staging),
        "only": steps.compared(PHASE, facts),
    }


def _checks(manifest: Manifest, facts: Facts, needs: Needs, common: Json) -> Planned:
    section = manifest.section(Section)
    out = failed(facts)
    members = [[member.name, member.path] for member in needs.members if member.name not in out]
    overridden = _overrides(facts)
    doubts = facts.state / "runs" / facts.install_id / "imports.json"
    yield (
        _step(
            "01.records",
            tr("Check every file of every package"),
            "check_records",
            common | {"deep": facts.options.deep or restored.is_replaced(facts)},
        ),
        _step(
            "02.dependencies",
            tr("Check that the packages fit together"),
            "check_dependencies",
            common
            | {
                "members": members,
                "left_out": sorted(out | _left_out(facts)),
                "locked": needs.lock is not None or overridden,
                "overridden": overridden,
            },
        ),
        _step(
            "03.imports",
            tr("Import the packages"),
            "check_imports",
            common
            | {
                "members": members,
                "demanded": list(section.imports),
                "skip": list(section.skip_imports),
                "used": manifest.environment if "only" not in common else "",
                "doubts": doubts,
            },
            effect=Effect(touches=(doubts,), repeatable=True),
        ),
    )
    yield _step(
        "04.doubts",
        tr("Look at what works only in part"),
        "check_doubts",
        common | {"doubts": doubts},
        on_failure="degrade",
    )
    if members:
        yield _step("05.commands", tr("Check the packages' commands"), "check_commands", common | {"members": members})
    yield from _commands(section, common)


def _commands(section: Section, common: Json) -> Iterator[Step]:
    """The manifest's own. What they leave in the tree is noted, as with any command of other people's."""
    for number, argv in enumerate(section.commands, start=1):
        yield _step(
            f"06.command_{number}",
            tr("Run `{command}`", command=" ".join(argv)),
            "run_command",
            common | {"argv": list(argv)},
            effect=Effect(guards=(RelPath("."),)),
        )


def _step(
    name: str, title: str, action: str, args: Json, *, effect: Effect | None = None, on_failure: OnFailure = "stop"
) -> Step:
    return Step(
        id=f"{PHASE}.{name}",
        phase=PHASE,
        title=title,
        action=f"environment.{action}",
        args=args,
        effect=effect or Effect(repeatable=True),
        on_failure=on_failure,
    )


def _made(facts: Facts, at: places.EnvPaths) -> int:
    """Which staging environment, told by when it was made: one that was made again is verified again.

    A rename changes nothing of that.
    """
    for place in (at.staging, at.generation, at.current):
        configuration = facts.root / place / "pyvenv.cfg"
        if place != at.staging and not _is_of_this_run(facts, place):
            continue
        if configuration.is_file():
            return int(configuration.stat().st_mtime_ns)
    return 0


def _is_of_this_run(facts: Facts, place: RelPath) -> bool:
    marker = places.read_marker(facts.root / place)
    return marker is not None and marker.install_id == facts.install_id


def _left_out(facts: Facts) -> set[str]:
    """What the resolution had to go without."""
    results = (result for step, result in facts.results.items() if step.startswith("python_deps."))
    return {name for result in results for name in result.get("left_out", ())}


def _overrides(facts: Facts) -> bool:
    """Does the project itself overrule what packages ask for?"""
    import tomllib

    try:
        text = (facts.root / "pyproject.toml").read_text(encoding="utf-8")
        settings = tomllib.loads(text)["tool"]["uv"]
        return bool(settings.get("override-dependencies") or settings.get("exclude-dependencies"))
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return False


ACTIONS: Mapping[str, Action] = {
    **images.ACTIONS,
    **checks.ACTIONS,
    **relocate.ACTIONS,
    **seal.ACTIONS,
    **switch.ACTIONS,
}
