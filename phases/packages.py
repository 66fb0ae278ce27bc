"""Phase packages: the project itself and every workspace member, editable, in dependency order."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from installer.i18n import tr
from installer.model import Action, Context, Effect, Facts, Json, OnFailure, Planned, RelPath, Step
from phases.python import bare, environment, member_install
from phases.python.footprints import build_siblings

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from installer.manifest import Manifest
    from phases.python.needs import Member, Needs

PHASE = "packages"
_REBUILDS = frozenset(
    {"mesonpy"}
)  # editable, it builds at each import, with tools that went with the build: a copy is used


def plan(manifest: Manifest, facts: Facts) -> Planned:
    """A step for each member. Nothing where the environment in use is the one asked for."""
    from phases.python.sources import read_needs

    needs = read_needs(facts.root, manifest, facts.options.mode)
    if not needs.members or not environment.up_to_date(manifest, facts, needs):
        return
    staging = environment.paths(facts.root, facts.state, facts.install_id).staging
    inputs = environment.inputs(facts.root, needs)
    ids = {member.name: f"{PHASE}.{number:02}.{member.name}" for number, member in enumerate(needs.members, 1)}
    for member in needs.members:
        siblings = build_siblings(facts.root, member, needs.members)
        folders = (member.path, *(each.path for each in siblings))
        yield Step(
            id=ids[member.name],
            phase=PHASE,
            title=tr("Install {name} from {path}", name=member.name, path=member.path),
            action="python.install_member",
            args={
                "environment": staging,
                "name": member.name,
                "path": member.path,
                "backend": facts.options.backend,
                "editable": member.backend not in _REBUILDS,
                "build_siblings": [[each.name, each.path] for each in siblings],
                "no_build": facts.options.no_build,
                "inputs": {path: digest for path, digest in inputs.items() if RelPath(path).within(member.path)},
            },
            effect=Effect(
                touches=bare.scripts(facts.root, folders), grows=_growing(facts.root, staging), guards=folders
            ),
            on_failure=_on_failure(member, needs),
            needs=tuple(ids[name] for name in member.needs if name in ids),
        )


def install_member(args: Mapping[str, Any], context: Context) -> Json:
    """Install one member, editable where its build backend can, and prove its RECORD."""
    return member_install.install(args, context)


def _growing(root: Path, staging: RelPath) -> tuple[RelPath, ...]:
    """The folders of the environment in which an installation adds entries. A plan shown before it is made has two."""
    folders = [*environment.site_packages(root / staging), environment.scripts(root / staging)]
    folders += [folder for name in ("share", "etc", "include") if (folder := root / staging / name).is_dir()]
    return (staging, *(RelPath(folder.relative_to(root).as_posix()) for folder in folders))


def _on_failure(member: Member, needs: Needs) -> OnFailure:
    if member.optional:
        return "warn"
    return "stop" if len(needs.members) == 1 else "degrade"


ACTIONS: Mapping[str, Action] = {"python.install_member": install_member}
