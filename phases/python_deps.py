"""Phase python_deps: decide every version, then install all of them into the staging environment."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from installer.errors import UsageError
from installer.i18n import tr
from installer.model import Action, Effect, Facts, Planned, RelPath, Step
from phases.python import bare, dependencies, environment
from phases.python.active import chosen, steps
from phases.python.environments import restored
from phases.python.environments.making import make_step, prompt
from phases.python.footprints import build_siblings, unquiet
from phases.python.sections import DependenciesSection
from phases.python.wishes import as_args

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from installer.manifest import Manifest
    from phases.python.needs import Needs

PHASE = "python_deps"


def plan(manifest: Manifest, facts: Facts) -> Planned:
    """Nothing where the environment in use is the one asked for, or where nothing is to be installed."""
    from phases.python.sources import read_needs

    needs = read_needs(facts.root, manifest, facts.options.mode)
    if facts.options.locked and needs.lock is None:
        raise UsageError(
            "lock.missing",
            tr("--locked was asked for, but there is no lock file that could decide versions"),
            hint=tr("make one (uv lock), or run without --locked"),
        )
    if not environment.up_to_date(manifest, facts, needs) or _is_nothing(needs):
        return
    yield from _late_environment(manifest, facts, needs)
    lock = dependencies.lock_path(facts.state, facts.install_id)
    siblings = [each for member in needs.members for each in build_siblings(facts.root, member, needs.members)]
    asks_all = facts.options.backend == "pip"  # pip asks every build backend; uv reads what stands in the file
    asked = [member for member in needs.members if asks_all or unquiet(facts.root, member)]
    guards = tuple(dict.fromkeys(member.path for member in (*asked, *siblings)))
    scripts = bare.scripts(facts.root, guards)
    args = {
        **_args(manifest, facts, needs),
        "build_siblings": [list(pair) for pair in dict.fromkeys((each.name, each.path) for each in siblings)],
    }
    staging = RelPath(args["environment"])
    yield Step(
        id=f"{PHASE}.01.resolve",
        phase=PHASE,
        title=_resolve_title(needs),
        action="python.resolve",
        args=args,
        effect=Effect(touches=(lock, *scripts), guards=guards, repeatable=not guards),
    )
    yield Step(
        id=f"{PHASE}.02.install",
        phase=PHASE,
        title=tr("Install the packages"),
        action="python.install",
        args=args,
        # what fails to be installed is resolved anew, which may build the members again
        effect=Effect(touches=(lock, *scripts), guards=guards, scratch=(staging,)),
        needs=(f"{PHASE}.01.resolve",),
    )


def _late_environment(manifest: Manifest, facts: Facts, needs: Needs) -> Iterator[Step]:
    """All was well when the run began; then a submodule moved, or a step of the project's changed what is asked for."""
    if not facts.results or any(step.endswith(".02.make_environment") for step in facts.results if PHASE not in step):
        return
    if manifest.environment == environment.ACTIVE:
        active, against = steps.checked(facts, needs)
        if against:
            raise against[0]
        yield steps.note_step(PHASE, facts, active)
        interpreter = steps.interpreter(active)
    else:
        from phases.python.interpreters import find

        interpreter = find(facts.root, needs.python, explicit=facts.options.python)[0]
    yield make_step(PHASE, manifest, facts, interpreter, environment.up_to_date(manifest, facts, needs))


def _args(manifest: Manifest, facts: Facts, needs: Needs) -> dict[str, Any]:
    options = facts.options
    return {
        **as_args(needs, extras_optional=manifest.modes.get(options.mode) is None),
        "environment": environment.paths(facts.root, facts.state, facts.install_id).staging,
        "inputs": environment.inputs(facts.root, needs),
        "lock": [needs.lock.format, needs.lock.path] if needs.lock else None,
        "backend": options.backend,
        "prompt": prompt(manifest, facts),
        "python": [needs.python.requires, *needs.python.prefers],
        "as_of": options.as_of or manifest.section(DependenciesSection).as_of,
        "locked": options.locked,
        "require_hashes": options.require_hashes,
        "no_build": options.no_build,
        **_only_python(manifest, facts),
        **_taken_over(manifest, facts),
    }


def _only_python(manifest: Manifest, facts: Facts) -> dict[str, Any]:
    """What is built for the active environment can be for no other interpreter than that one's."""
    if manifest.environment != environment.ACTIVE:
        return {}
    return {"only_python": chosen.choose(facts.root, facts.options.python).base}


def _taken_over(manifest: Manifest, facts: Facts) -> dict[str, Any]:
    """The packages of a restored environment that are sound, and where they are."""
    if not restored.is_replaced(facts):
        return {}
    return {"restored": {"environment": manifest.environment, "sound": restored.sound(facts)}}


def _is_nothing(needs: Needs) -> bool:
    return not (needs.lock or needs.requirement_files or needs.optional_files or needs.members or needs.groups)


def _resolve_title(needs: Needs) -> str:
    if needs.lock:
        return tr("Take the versions from {path}", path=needs.lock.path)
    if needs.requirement_files:
        return tr("Resolve the versions for {names}", names=", ".join(needs.requirement_files))
    return tr("Resolve the versions of all dependencies")


ACTIONS: Mapping[str, Action] = dependencies.ACTIONS
