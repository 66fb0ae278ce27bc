"""What a mode takes from what was found in a tree: members and groups."""

from __future__ import annotations

from collections import defaultdict
from functools import cached_property
from typing import TYPE_CHECKING

from installer.errors import UsageError
from installer.frozen import dataclass
from installer.i18n import tr
from installer.model import RelPath
from phases.python.discovery import members, modes
from phases.python.discovery.metadata import (
    LocalPath,
    Metadata,
    Requirements,
    extras_of,
    is_requirement,
    name_of,
    normalised,
)
from phases.python.needs import Group, Member

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from phases.python.discovery.listings import Listing
    from phases.python.discovery.modes import Choice
    from phases.python.discovery.pipfile import Pipfile
    from phases.python.sections import PackagesSection

ROOT = RelPath(".")
DEPENDENCIES = "dependencies"  # the group of what a project that is not installed itself needs at run time
PIPFILE_GROUP = "dev-packages"


@dataclass(frozen=True, kw_only=True)  # no slots: `installed` is asked for by every project of the tree
class Seen:
    """What was found in the tree, before the mode has chosen from it. `folder`: the name of the root's folder."""

    folder: str
    projects: Mapping[RelPath, Metadata]
    listing: Listing
    pipfile: Pipfile | None
    choice: Choice
    packages: PackagesSection

    @cached_property
    def installed(self) -> dict[str, Metadata]:
        """The projects to be installed from the tree, by name."""
        if not self.packages.install:
            return {}
        return {self.name(about): about for about in self.projects.values() if about.is_project and about.package}

    def name(self, about: Metadata) -> str:
        """Its name; where only a build would tell, that of its folder."""
        folder = self.folder if about.path == ROOT else about.path.rpartition("/")[2]
        return about.name or normalised(folder.strip(".-_ ")) or "project"

    def may_fail(self, about: Metadata) -> bool:
        """Does its failure cost nothing but itself?"""
        return about.doubtful or self.name(about) in map(normalised, self.packages.optional)


def members_of(seen: Seen, named: tuple[LocalPath, ...]) -> Iterator[Member]:
    """The projects to install, those that others need first."""
    installed = seen.installed
    asking = _asked_for(seen)
    extras = {name: _extras(seen, about, named, asking[name]) for name, about in installed.items()}
    needs = {
        name: tuple(sorted(members.needed(about, extras[name]) & installed.keys() - {name}))
        for name, about in installed.items()
    }
    for name in members.ordered(needs):
        about = installed[name]
        yield Member(
            name=name,
            path=about.path,
            backend=about.backend,
            static=about.static,
            requires_python=about.requires_python,
            needs=needs[name],
            extras=extras[name],
            optional=seen.may_fail(about),
        )


def _asked_for(seen: Seen) -> Mapping[str, list[str]]:
    """The lines of the lists that are wanted, by the name that each asks for."""
    lines: dict[str, list[str]] = defaultdict(list)
    for _, _, wanted, _ in _wanted_lists(seen):
        for line in wanted:
            lines[name_of(line)].append(line)
    return lines


def _extras(seen: Seen, about: Metadata, named: tuple[LocalPath, ...], asking: Iterable[str]) -> tuple[str, ...]:
    """The extras of a project that the mode, a requirement file (`-e .[x]`) or a group (`name[x]`) asks for."""
    by_path = (extra for each in named if RelPath(each.path) == about.path for extra in each.extras)
    return tuple(
        dict.fromkeys(
            (*modes.extras_of(about, seen.choice), *by_path, *(extra for line in asking for extra in extras_of(line)))
        )
    )


def groups_of(seen: Seen) -> Iterator[Group]:
    """The chosen groups, without the projects of the tree that they name: those are installed from the tree."""
    installed = seen.installed
    for name, path, lines, default in _wanted_lists(seen):
        wrong = next((line for line in lines if not is_requirement(line)), None)
        if wrong is not None:
            raise UsageError(
                "requirement.malformed", tr("{path}: {line} is no requirement", path=path, line=repr(wrong))
            )
        left = tuple(line for line in lines if name_of(line) not in installed)
        if left:
            yield Group(name=name, path=path, requirements=left, default=default)


def _wanted_lists(seen: Seen) -> Iterator[tuple[str, RelPath, Requirements, bool]]:
    """Lists of requirements that no installed project brings with it: (name, project, requirements, may it fail)."""
    for path, about in seen.projects.items():
        is_installed = seen.name(about) in seen.installed or not about.is_project
        if about.hidden or not is_installed:
            yield DEPENDENCIES, path, about.dependencies, False
        if not is_installed:
            for extra in modes.extras_of(about, seen.choice):
                yield extra, path, about.extras[extra], not seen.choice.explicit
        for group in modes.groups_of(about, seen.choice):
            yield group, path, about.groups[group], not seen.choice.explicit
    if seen.pipfile:
        yield DEPENDENCIES, ROOT, seen.pipfile.packages, False
        if seen.choice.for_developers or (seen.choice.explicit and PIPFILE_GROUP in (seen.choice.groups or ())):
            yield PIPFILE_GROUP, ROOT, seen.pipfile.development, not seen.choice.explicit
