"""The projects of a repository that are installed from the tree: the root's, a workspace's, a monorepo's."""

from __future__ import annotations

from typing import TYPE_CHECKING

from installer.errors import Refused
from installer.frozen import dataclass, replace
from installer.i18n import tr
from installer.model import RelPath
from phases.python.discovery import folders, pyproject
from phases.python.discovery.metadata import LocalPath, Metadata, name_of
from phases.python.needs import Because

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from phases.python.discovery.tree import Tree

ROOT = RelPath(".")


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """The projects of the tree by folder, the root's first, and how they came to be found."""

    projects: Mapping[RelPath, Metadata]
    because: tuple[Because, ...] = ()
    warnings: tuple[str, ...] = ()


def find(
    tree: Tree,
    *,
    globs: Sequence[str] | None = None,
    exclude: Sequence[str] = (),
    named: Sequence[LocalPath] = (),
    is_application: bool = False,
) -> Found:
    """All projects that belong to the tree.

    `globs` (the manifest's) decide; else a uv workspace does; else the tree is searched. `named` are those that a
    requirement file asks for. `is_application`: the root has requirement files of its own.
    """
    root = pyproject.read(tree, ROOT)
    if globs is not None:
        found, why = folders.matching(tree, globs, exclude), tr("members of the manifest")
    elif root and root.workspace:
        found = folders.matching(tree, root.workspace.members, (*root.workspace.exclude, *exclude))
        why = tr("the uv workspace in {path}", path=root.source)
    else:
        found = folders.search(tree, exclude, everywhere=not is_application and not (root and root.is_project))
        why = tr("found by searching the tree for projects")
    projects = dict(_read(tree, root, found))
    warnings = [] if found.complete else [tr("the tree has too many folders to look for projects in all of them")]
    warnings += _add_local(tree, projects, [(ROOT, each) for each in named])
    projects = _of_one_name(projects, warnings)
    because = (Because(what=tr("{count} projects in the tree", count=len(projects)), why=why),) if found.paths else ()
    return Found(projects=projects, because=because, warnings=tuple(warnings))


def ordered(needs: Mapping[str, Sequence[str]]) -> list[str]:
    """`needs` (project: the projects it needs) with what is needed first; a circle is broken where it was entered."""
    done: dict[str, None] = {}
    entered: set[str] = set()

    def visit(name: str) -> None:
        if name in entered:
            return
        entered.add(name)
        for other in needs[name]:
            visit(other)
        done[name] = None

    for name in needs:
        visit(name)
    return list(done)


def _read(tree: Tree, root: Metadata | None, found: folders.Folders) -> Iterator[tuple[RelPath, Metadata]]:
    if root:
        yield ROOT, root
    for folder in found.paths:
        if folder != ROOT and (about := _project(tree, folder)):
            yield folder, _judged(about)


def _project(tree: Tree, folder: RelPath) -> Metadata | None:
    about = pyproject.read(tree, folder)
    return about if about and about.is_project else None


def _judged(about: Metadata) -> Metadata:
    """A member that is an example or a test of the others: its failure costs nothing but itself."""
    aside = not folders.NO_HOMES.isdisjoint(about.path.lower().split("/"))
    return (
        replace(about, doubtful=True, why=about.why or tr("a member, though an example or a test")) if aside else about
    )


def _add_local(tree: Tree, projects: dict[RelPath, Metadata], named: list[tuple[RelPath, LocalPath]]) -> Iterator[str]:
    """Add the projects that others ask for by their path, and those that these ask for."""
    waiting = [
        *named,
        *((folder, each) for folder, about in projects.items() for each in about.local if not each.group),
    ]
    while waiting:
        base, wanted = waiting.pop(0)
        folder = _beside(base, wanted.path)
        if folder is None:
            yield tr(
                "{name} is asked for at {path}, outside the project; that is left out",
                name=wanted.name or wanted.path,
                path=wanted.path,
            )
            continue
        if folder in projects and projects[folder].is_project:
            continue
        if about := _project(tree, folder):
            projects[folder] = about
            waiting += ((folder, each) for each in about.local if not each.group)


def _beside(base: RelPath, path: str) -> RelPath | None:
    try:
        return RelPath(f"{base}/{path}")
    except Refused:
        return None


def _of_one_name(projects: dict[RelPath, Metadata], warnings: list[str]) -> dict[RelPath, Metadata]:
    """Of several projects with one name the first counts: only one of them can be installed."""
    by_name: dict[str, RelPath] = {}
    kept: dict[RelPath, Metadata] = {}
    for folder, about in projects.items():
        first = by_name.setdefault(about.name or f"/{folder}", folder)
        if first == folder:
            kept[folder] = about
        else:
            warnings.append(
                tr(
                    "{folder} is left out: {first} has the same name, {name}",
                    folder=folder,
                    first=first,
                    name=about.name,
                )
            )
    return kept


def needed(about: Metadata, extras: Sequence[str]) -> frozenset[str]:
    """The names that a project asks for at run time, with these extras, or to be built."""
    lines = (*about.dependencies, *about.builds, *(line for extra in extras for line in about.extras.get(extra, ())))
    return frozenset(filter(None, (*map(name_of, lines), *(each.name for each in about.local if not each.group))))
