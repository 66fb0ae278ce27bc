"""The projects of a repository that are installed from the tree: the root's, a workspace's, a monorepo's."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from installer.errors import Refused
from installer.i18n import tr
from installer.model import RelPath
from phases.python.discovery import pyproject
from phases.python.discovery.metadata import LocalPath, Metadata, name_of
from phases.python.needs import Because

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from phases.python.discovery.tree import Tree

ROOT = RelPath(".")
DEEPEST = 4
MOST_FOLDERS = 4000  # a tree of more folders within that depth is data, not projects
# Where a repository with a project of its own at the root keeps others that belong to it.
_HOMES = frozenset(
    "packages package pkgs libs lib libraries projects components modules plugins services apps python src".split()
)
_NO_HOMES = frozenset(
    "example examples sample samples demo demos tutorial tutorials template templates cookiecutter test tests testing "
    "testdata fixture fixtures doc docs documentation benchmark benchmarks vendor vendored _vendor third_party "
    "third-party thirdparty 3rdparty external externals extern deps node_modules build dist site-packages venv env "
    "virtualenv target out e2e integration_tests playground sandbox archive archived deprecated scaffold scaffolds "
    "data datasets notebooks assets static public".split()
)
_MARKS = ("pyproject.toml", "setup.py", "setup.cfg")


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
    folders, why = _folders(tree, root, globs, exclude, is_application=is_application)
    projects: dict[RelPath, Metadata] = {ROOT: root} if root else {}
    projects |= {folder: _judged(about) for folder in folders if folder != ROOT and (about := _project(tree, folder))}
    warnings = list(_add_local(tree, projects, [(ROOT, each) for each in named]))
    projects = _of_one_name(projects, warnings)
    because = (
        [Because(what=tr("{count} projects in the tree", count=len(projects)), why=why)] if folders and why else []
    )
    return Found(projects=projects, because=tuple(because), warnings=tuple(warnings))


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


def submodules(tree: Tree) -> frozenset[str]:
    """The folders that `.gitmodules` fills."""
    text = tree.text(RelPath(".gitmodules")) or ""
    return frozenset(path.strip().strip('"') for path in re.findall(r"(?m)^\s*path\s*=\s*(.+)$", text))


def _folders(
    tree: Tree, root: Metadata | None, globs: Sequence[str] | None, exclude: Sequence[str], *, is_application: bool
) -> tuple[list[RelPath], str]:
    if globs is not None:
        return list(_matching(tree, globs, exclude)), tr("members of the manifest")
    if root and root.workspace:
        return list(_matching(tree, root.workspace.members, (*root.workspace.exclude, *exclude))), tr(
            "the uv workspace in {path}", path=root.source
        )
    everywhere = not is_application and not (root and root.is_project)
    found = [folder for folder in _search(tree, everywhere=everywhere) if not _matches(folder, exclude)]
    return found, tr("found by searching the tree for projects")


def _matching(tree: Tree, globs: Sequence[str], exclude: Sequence[str]) -> Iterator[RelPath]:
    folders: dict[RelPath, None] = {}
    for pattern in globs:
        for folder in _glob(tree, ROOT, [part for part in pattern.split("/") if part not in ("", ".")]):
            folders[folder] = None
    for folder in folders:
        if not _matches(folder, exclude) and any(tree.has(folder / mark) for mark in _MARKS):
            yield folder


def _glob(tree: Tree, folder: RelPath, parts: list[str]) -> Iterator[RelPath]:
    if not parts:
        yield folder
        return
    if parts[0] == "..":
        raise Refused(
            "path.outside", tr("a workspace member may not be outside the project: {pattern}", pattern="/".join(parts))
        )
    if parts[0] == "**":
        yield from _glob(tree, folder, parts[1:])
    for name, is_folder in tree.names(folder).items():
        if not is_folder or name.startswith(".") or name in ("node_modules", "__pycache__"):
            continue
        if parts[0] == "**" and folder.count("/") < 2 * DEEPEST:
            yield from _glob(tree, folder / name, parts)
        elif fnmatchcase(name, parts[0]):
            yield from _glob(tree, folder / name, parts[1:])


def _matches(folder: RelPath, patterns: Sequence[str]) -> bool:
    return any(
        fnmatchcase(folder, pattern.rstrip("/")) or folder.within(pattern.rstrip("/"))
        for pattern in patterns
        if pattern
    )


def _search(tree: Tree, *, everywhere: bool) -> Iterator[RelPath]:
    """Folders with a project in them, widest first: in the usual places, or anywhere if the root has none."""
    foreign = submodules(tree)
    level, seen = [ROOT], 0
    for _ in range(DEEPEST):
        deeper: list[RelPath] = []
        for folder in level:
            for child in _children(tree, folder, everywhere=everywhere):
                if child in foreign and folder.rpartition("/")[2] not in _HOMES:
                    continue
                if any(tree.has(child / mark) for mark in _MARKS):
                    tree.is_file(child / "pyproject.toml")
                    yield child
                elif child not in foreign:
                    deeper.append(child)
            seen += 1
            if seen > MOST_FOLDERS:
                return
        level = deeper


def _children(tree: Tree, folder: RelPath, *, everywhere: bool) -> Iterator[RelPath]:
    for name, is_folder in tree.names(folder).items():
        if not is_folder or name.startswith((".", "__")) or "{{" in name or name.lower() in _NO_HOMES:
            continue
        if folder == ROOT and not everywhere and name.lower() not in _HOMES:
            continue
        if not tree.has(folder / name / "pyvenv.cfg"):
            yield folder / name


def _project(tree: Tree, folder: RelPath) -> Metadata | None:
    about = pyproject.read(tree, folder)
    return about if about and about.is_project else None


def _judged(about: Metadata) -> Metadata:
    """A member that is an example or a test of the others: its failure costs nothing but itself."""
    aside = not _NO_HOMES.isdisjoint(about.path.lower().split("/"))
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
