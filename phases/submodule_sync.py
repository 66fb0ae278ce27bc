"""The phase that brings every submodule to the commit that the project records.

It plans nothing where all of them are there already: no process is started without a `.gitmodules`, three with one.
What it is made of lies in `phases.git`, and is imported where there are submodules.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, ClassVar

from installer.frozen import dataclass

if TYPE_CHECKING:
    from collections.abc import Mapping

    from installer.manifest import Manifest
    from installer.model import Action, Context, Facts, Planned


def _dashed(name: str) -> str:
    return name.replace("_", "-")


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """`[submodules]`: how they are fetched. Names or paths, below the project, of submodules.

    optional   they may fail, with a warning
    skip       they are left alone
    shallow    fetch only the recorded commit (`false`: all of the history); else as `.gitmodules` says for each
    recursive  also submodules of submodules
    retries    how often a fetch is repeated when the network fails; else as `--retries` says
    """

    TABLE: ClassVar[str] = "submodules"
    # For pydantic: an unknown key is an error. Any: pydantic's own ConfigDict is not imported.
    __pydantic_config__: ClassVar[dict[str, Any]] = {"extra": "forbid", "alias_generator": _dashed}

    optional: tuple[str, ...] = ()
    skip: tuple[str, ...] = ()
    shallow: bool | None = None
    recursive: bool = True
    retries: int | None = None


def plan(manifest: Manifest, facts: Facts) -> Planned:
    """One step that registers addresses, then one for each submodule that is not in place, side by side.

    Raises, before anything is touched: `Refused` for what must not be trusted, `Conflict` for submodules that hold work
    of the user's, `Unavailable` for what `--offline` forbids, `Precondition` without a usable git, `UsageError` for a
    `.gitmodules` that cannot be read.
    """
    if not os.path.lexists(facts.root / ".gitmodules"):
        return
    from phases.git import planning
    from phases.git.wishes import Wishes

    section = manifest.section(Section)
    wishes = Wishes(
        optional=tuple(sorted(section.optional)),
        skip=tuple(sorted(section.skip)),
        shallow=section.shallow,
        recursive=section.recursive,
        retries=section.retries,
    )
    if os.path.lexists(facts.root / ".git"):
        yield from planning.steps(wishes, facts)
    else:
        yield from planning.for_archive(facts.root, wishes)


def _action(name: str) -> Action:
    def act(args: Mapping[str, Any], context: Context) -> Mapping[str, Any] | None:
        from phases.git import sync

        return sync.ACTIONS[name](args, context)

    return act


ACTIONS: Mapping[str, Action] = {
    name: _action(name)
    for name in ("submodules.register", "submodules.update", "submodules.refused", "submodules.missing")
}
