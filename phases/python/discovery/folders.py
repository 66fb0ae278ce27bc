"""Which folders of a tree hold projects that belong to it: by globs, or by looking."""

from __future__ import annotations

import re
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from installer.errors import Refused
from installer.frozen import dataclass
from installer.i18n import tr
from installer.model import RelPath

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from phases.python.discovery.tree import Tree

ROOT = RelPath(".")
DEEPEST = 4
MOST_FOLDERS = 3000  # a tree of more folders within that depth is data, not projects
# Where a repository with a project of its own at the root keeps others that belong to it.
_HOMES = frozenset(
    "packages package pkgs libs lib libraries projects components modules plugins services apps python src".split()
)
NO_HOMES = frozenset(
    "example examples sample samples demo demos tutorial tutorials template templates cookiecutter test tests testing "
    "testdata fixture fixtures doc docs documentation benchmark benchmarks vendor vendored _vendor third_party "
    "third-party thirdparty 3rdparty external externals extern deps node_modules build dist site-packages venv env "
    "virtualenv target out e2e integration_tests playground sandbox archive archived deprecated scaffold scaffolds "
    "data datasets notebooks assets static public".split()
)
_MARKS = ("pyproject.toml", "setup.py", "setup.cfg")


@dataclass(frozen=True, slots=True, kw_only=True)
class Folders:
    """Folders with a project in them. `complete`: there are no others within reach."""

    paths: tuple[RelPath, ...]
    complete: bool = True


def matching(tree: Tree, globs: Sequence[str], exclude: Sequence[str]) -> Folders:
    """Those that a workspace or the manifest names. Raises `Refused` for a glob that leaves the project."""
    named = (folder for pattern in globs for folder in _glob(tree, ROOT, _parts(pattern)))
    fitting = (folder for folder in named if not _matches(folder, exclude) and _holds_project(tree, folder))
    return Folders(paths=tuple(dict.fromkeys(fitting)))


def search(tree: Tree, exclude: Sequence[str], *, everywhere: bool) -> Folders:
    """Those that are found by looking, nearest to the root first: in the usual places, or `everywhere` within reach."""
    foreign = submodules(tree)
    found: list[RelPath] = []
    level, left = [ROOT], MOST_FOLDERS
    for _ in range(DEEPEST):
        deeper: list[RelPath] = []
        for child in (child for folder in level for child in _children(tree, folder, everywhere=everywhere)):
            left -= 1
            if left < 0:
                return Folders(paths=tuple(found), complete=False)
            if _holds_project(tree, child):
                at_home = child not in foreign or child.parent.rpartition("/")[2] in _HOMES
                found += [child] if at_home and not _matches(child, exclude) else []
            elif child not in foreign and not tree.has(child / "__init__.py"):  # what lies in a package is a part of it
                deeper.append(child)
        level = deeper
    return Folders(paths=tuple(found))


def submodules(tree: Tree) -> frozenset[str]:
    """The folders that `.gitmodules` fills."""
    text = tree.text(RelPath(".gitmodules")) or ""
    return frozenset(path.strip().strip('"') for path in re.findall(r"(?m)^\s*path\s*=\s*(.+)$", text))


def _holds_project(tree: Tree, folder: RelPath) -> bool:
    return any(tree.has(folder / mark) for mark in _MARKS)


def _parts(pattern: str) -> list[str]:
    return [part for part in pattern.split("/") if part not in ("", ".")]


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


def _children(tree: Tree, folder: RelPath, *, everywhere: bool) -> Iterator[RelPath]:
    for name, is_folder in tree.names(folder).items():
        if not is_folder or name.startswith((".", "__")) or "{{" in name or name.lower() in NO_HOMES:
            continue
        if folder == ROOT and not everywhere and name.lower() not in _HOMES:
            continue
        if not tree.has(folder / name / "pyvenv.cfg"):
            yield folder / name
