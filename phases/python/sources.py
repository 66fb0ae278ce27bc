"""What a repository needs, read from what it has. Nothing is run and nothing is written."""

from __future__ import annotations

from typing import TYPE_CHECKING

from installer.errors import UsageError
from installer.i18n import tr
from installer.model import RelPath
from phases.python.discovery import (
    chosen,
    listings,
    lock_choice,
    members,
    modes,
    nothing,
    pipfile,
    pyproject,
    python_wish,
    requirement_files,
)
from phases.python.discovery.chosen import DEPENDENCIES, Seen
from phases.python.discovery.listings import Listing
from phases.python.discovery.metadata import LocalPath, Metadata, normalised
from phases.python.discovery.tree import Tree
from phases.python.needs import Because, Member, Needs
from phases.python.sections import DependenciesSection, PackagesSection, PythonSection

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from installer.manifest import Manifest
    from phases.python.discovery.modes import Choice

ROOT = RelPath(".")
_UV = RelPath("uv.toml")
_known: dict[tuple[Path, str], tuple[Manifest, Tree, Needs]] = {}  # what was read last in this process


def read_needs(root: Path, manifest: Manifest, mode: str) -> Needs:
    """All that the repository in `root` asks for in `mode`.

    Raises `UsageError` for an unknown mode, a malformed file, or nothing that could be recognised; `Precondition` where
    the repository wants another tool; `Refused` for a file outside the project.

    Every phase asks, and again at the end of a run: what was read is parsed anew only where it changed.
    """
    known = _known.get((root, mode))
    if known and known[0] == manifest and known[1].holds():
        return known[2]
    tree = Tree(root)
    needs = _read(tree, manifest, mode)
    _known.clear()  # one project at a time
    _known[root, mode] = (manifest, tree, needs)
    return needs


def _read(tree: Tree, manifest: Manifest, mode: str) -> Needs:
    choice = modes.choose(mode, manifest)
    if tree.has(_UV):
        tree.is_file(_UV)  # it constrains what uv resolves
    dependencies, packages = manifest.section(DependenciesSection), manifest.section(PackagesSection)
    about, piped = pyproject.read(tree, ROOT), pipfile.read(tree)
    locked = lock_choice.choose(tree, about, dependencies, mode)
    listing = listings.choose(
        tree, about, locked.lock, choice, dependencies, pipfile=piped is not None and piped.locked
    )
    if piped and not (piped.locked or not listing.required):
        piped = None  # without a lock of its own it is no better than the requirement files beside it
    found = members.find(
        tree,
        globs=packages.members,
        exclude=packages.exclude,
        named=(*listing.local, *(piped.local if piped else ()), *_asked_by_groups(about, choice)),
        is_application=bool(listing.required or piped or (locked.lock and locked.lock.format == "pylock")),
    )
    known = bool(about and (about.is_project or about.groups)) or bool(found.projects.keys() - {ROOT})
    if not (known or listing.files or piped or locked.lock):
        listing = _from_below(tree, manifest)
    seen = Seen(
        folder=tree.root.name,
        projects=found.projects,
        listing=listing,
        pipfile=piped,
        choice=choice,
        packages=packages,
    )
    _check(seen)
    local = tuple(chosen.members_of(seen, listing.local))
    required = [each for each in seen.projects.values() if each.path == ROOT or not seen.may_fail(each)]
    return Needs(
        python=python_wish.read(tree, required, locked.lock, manifest.section(PythonSection)),
        lock=locked.lock,
        requirement_files=tuple(file.path for file in listing.required),
        constraint_files=_constraints(tree, dependencies, listing),
        optional_files=tuple(file.path for file in listing.optional),
        members=local,
        groups=tuple(chosen.groups_of(seen)),
        inputs=tree.looked_at,
        folders=tree.listed,
        because=(*locked.because, *listing.because, *found.because, *_reasons(seen, local)),
        warnings=(*locked.warnings, *found.warnings, *_left_out(seen)),
    )


def _asked_by_groups(about: Metadata | None, choice: Choice) -> tuple[LocalPath, ...]:
    """Projects of the tree that the chosen groups ask for by their path."""
    if about is None:
        return ()
    return tuple(each for each in about.local if each.group and (choice.groups is None or each.group in choice.groups))


def _from_below(tree: Tree, manifest: Manifest) -> Listing:
    """Requirement files of the folders, where nothing else was found. Raises where there are none either."""
    files = listings.below(tree)
    if files:
        read = tuple(requirement_files.read(tree, path) for path in files)
        because = Because(
            what=tr("{path} is installed", path=files[0]), why=tr("nothing at the root says what it needs")
        )
        return Listing(required=read[:1], optional=read[1:], because=(because,))
    if manifest.source is not None:
        return Listing()
    raise nothing.found(tree)


def _check(seen: Seen) -> None:
    """Raise `UsageError` for names in the manifest that nothing in the tree has."""
    projects = seen.projects.values()
    extras = {extra for about in projects for extra in about.extras}
    groups = {group for about in projects for group in about.groups} | (
        {chosen.PIPFILE_GROUP} if seen.pipfile else set()
    )
    modes.check(seen.choice, extras, groups, all_known=all(about.static for about in projects))
    for name in seen.packages.optional:
        if normalised(name) not in seen.installed:
            raise UsageError(
                "packages.unknown",
                tr("the manifest says that {name} is optional, but no project of the tree has that name", name=name),
                hint=tr("the projects are {names}", names=", ".join(seen.installed)) if seen.installed else "",
            )


def _constraints(tree: Tree, section: DependenciesSection, listing: Listing) -> tuple[RelPath, ...]:
    for path in section.constraints:
        if not tree.is_file(path):
            raise UsageError(
                "requirements.missing", tr("the constraints file {path} does not exist", path=path), path=path
            )
    return tuple(
        dict.fromkeys((*section.constraints, *(path for file in listing.required for path in file.constraints)))
    )


def _reasons(seen: Seen, local: tuple[Member, ...]) -> Iterator[Because]:
    """What is installed from the tree and what is not, and why."""
    for member in local:
        about = seen.installed[member.name]
        yield Because(
            what=tr("{name} is installed from {path}", name=member.name, path=member.path),
            why=about.why or str(about.source),
        )
        if member.extras:
            why = tr("mode {mode}", mode=seen.choice.mode)
            yield Because(what=tr("with the extras {names}", names=", ".join(member.extras)), why=why)
    for about in seen.projects.values():
        if about.is_project and seen.name(about) not in seen.installed:
            why = about.why or tr("the manifest says so")
            yield Because(what=tr("{name} is not installed, only what it needs", name=seen.name(about)), why=why)
    for group in chosen.groups_of(seen):
        if group.name != DEPENDENCIES:
            yield Because(
                what=tr("dependency group {name} of {path}", name=group.name, path=group.path),
                why=tr("mode {mode}", mode=seen.choice.mode),
            )


def _left_out(seen: Seen) -> Iterator[str]:
    """Projects that their own build backend would refuse."""
    for about in seen.projects.values():
        if about.refused:
            yield tr("{name} is not installed: {reason}", name=seen.name(about), reason=about.why)
