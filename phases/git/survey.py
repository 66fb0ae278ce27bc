"""Looking over submodules and those inside of them, before anything is touched."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from installer.errors import Conflict, InstallerError
from installer.frozen import dataclass
from installer.i18n import tr
from installer.model import RelPath
from phases.git import modules, obstacles, places, state

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from phases.git.command import Git
    from phases.git.modules import Level, Submodule
    from phases.git.wishes import Wishes


@dataclass(frozen=True, slots=True)
class Survey:
    """Answers about submodules of the repository that a `git` works in; `prefix` is its path below the project."""

    wishes: Wishes

    def is_settled(self, git: Git, module: Submodule, prefix: str = "") -> bool:
        """Whether the submodule is at its commit, and so is everything inside of it."""
        if not places.is_in_place(git, module):
            return False
        inside = self._inside(git, module, prefix)
        return inside is None or all(
            self.is_settled(inside.git, each, f"{prefix}{module.path}/") for each in inside.modules
        )

    def object(self, git: Git, wanted: Iterable[Submodule]) -> None:
        """Raise all that speaks against moving these submodules, but for optional ones."""
        complaints = [error for each in wanted for error in self._objections(git, each, "")]
        if len(complaints) > 1:
            raise _together(complaints)
        if complaints:
            raise complaints[0]

    def empty_inside(self, git: Git, module: Submodule, prefix: str = "") -> Iterator[RelPath]:
        """The empty folders inside of a submodule that others will be put into."""
        if (inside := self._inside(git, module, prefix)) is not None:
            for each in inside.modules:
                place = RelPath(f"{prefix}{module.path}/{each.path}")
                if state.is_empty(inside.git.folder / each.path):
                    yield place
                else:
                    yield from self.empty_inside(inside.git, each, f"{prefix}{module.path}/")

    def _objections(self, git: Git, module: Submodule, prefix: str) -> Iterator[InstallerError]:
        place = prefix + module.path
        if self.wishes.is_optional(module.name, place):
            return
        if not places.is_in_place(git, module):
            try:
                if self.wishes.offline:
                    obstacles.refuse_offline(git.folder, module, place)
                obstacles.refuse_to_lose_work(git, module, place)
            except InstallerError as error:
                yield error
        elif inside := self._inside(git, module, prefix):
            for each in inside.modules:
                yield from self._objections(inside.git, each, place + "/")

    def _inside(self, git: Git, module: Submodule, prefix: str) -> Level | None:
        worktree = git.folder / module.path
        if not self.wishes.recursive or not os.path.lexists(worktree / modules.FILE):
            return None
        level = modules.read(git.at(worktree), self.wishes, f"{prefix}{module.path}/")
        level.refuse(self.wishes)
        return level


def _together(complaints: list[InstallerError]) -> InstallerError:
    """One error that says all: a choice of the user's is the first thing that is needed."""
    first = next((each for each in complaints if isinstance(each, Conflict)), complaints[0])
    details = tuple(
        f"{each.facts.get('submodule', '')}: {' '.join(each.details) or each.message}" for each in complaints
    )
    return type(first)(
        first.code,
        tr("{count} submodules cannot be brought to their commits", count=len(complaints)),
        hint=first.hint,
        details=details,
    )
