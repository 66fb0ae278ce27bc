"""Which requirement files a mode installs, and which of them may fail."""

from __future__ import annotations

from typing import TYPE_CHECKING

from installer.errors import UsageError
from installer.frozen import dataclass
from installer.i18n import tr
from installer.model import RelPath
from phases.python.discovery import requirement_files, requirement_names
from phases.python.discovery.metadata import LocalPath, Metadata, names_of
from phases.python.needs import Because, Lock

if TYPE_CHECKING:
    from collections.abc import Iterator

    from phases.python.discovery.modes import Choice
    from phases.python.discovery.requirement_files import RequirementFile
    from phases.python.discovery.tree import Tree
    from phases.python.sections import DependenciesSection

ROOT = RelPath(".")
# What nobody's program imports at run time.
_TOOLS = frozenset(
    "pytest tox nox flake8 black isort mypy ruff pylint pre-commit coverage sphinx twine build wheel ipython ipdb "
    "hypothesis mkdocs furo jupyter bandit pyright codecov coveralls mock nose pytest-cov pytest-xdist pytest-mock "
    "sphinx-rtd-theme mkdocs-material bump2version bumpversion pip-tools autopep8 yapf setuptools pip check-manifest "
    "interrogate pydocstyle pycodestyle pyflakes responses freezegun black-jupyter towncrier commitizen cython meson "
    "meson-python ninja cmake scikit-build scikit-build-core".split()
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """The requirement files of a mode: those that must be installed, and those whose failure costs only themselves."""

    required: tuple[RequirementFile, ...] = ()
    optional: tuple[RequirementFile, ...] = ()
    because: tuple[Because, ...] = ()

    @property
    def files(self) -> tuple[RequirementFile, ...]:
        """All of them."""
        return (*self.required, *self.optional)

    @property
    def local(self) -> tuple[LocalPath, ...]:
        """The projects of the tree that they ask for."""
        return tuple(dict.fromkeys(each for file in self.files for each in file.local))


def choose(
    tree: Tree, root: Metadata | None, lock: Lock | None, choice: Choice, section: DependenciesSection, *, pipfile: bool
) -> Listing:
    """The files to install. Raises `UsageError` for one that the manifest names and that is not there.

    `pipfile`: a Pipfile decides what the root needs.
    """
    named = choice.requirements if choice.requirements is not None else section.requirements
    if named is not None:
        because = tuple(Because(what=tr("{path} is installed", path=path), why=tr("the manifest")) for path in named)
        return Listing(required=tuple(requirement_files.read(tree, path) for path in named), because=because)
    there = requirement_names.found(tree)
    main = _main(there, alone=root is None or not root.is_project)
    parts = list(_read_by_project(tree, root, lock))
    if main and not (root and main in root.reads):
        parts.append(_placed(tree, main, root, lock, choice, pipfile=pipfile))
    if choice.for_developers:
        rest = [path for path in there if path != main and not (root and path in root.reads)]
        parts += _for_developers(tree, rest, root, lock, choice)
    return _merged(parts)


def below(tree: Tree) -> tuple[RelPath, ...]:
    """Where nothing is at the root: requirement files of its folders, the likeliest first."""
    places = [
        ROOT / name for name, is_folder in tree.names(ROOT).items() if is_folder and not name.startswith((".", "_"))
    ]
    files = (place / name for place in places for name, is_folder in tree.names(place).items() if not is_folder)
    plain = ("requirements.txt", "requirements.in")
    return tuple(file for file in files if file.rpartition("/")[2].lower() in plain and not _is_aside(file))


def _is_aside(file: RelPath) -> bool:
    return file.partition("/")[0].lower() in (
        "docs",
        "doc",
        "tests",
        "test",
        "examples",
        "example",
        "node_modules",
        "venv",
        "env",
    )


def _main(there: tuple[RelPath, ...], *, alone: bool) -> RelPath | None:
    """The file that a program of the root runs with; `alone`: no project says what it needs."""
    by_purpose = {
        kind: [path for path in there if requirement_names.purpose(path) == kind]
        for kind in ("runtime", "other", "dev")
    }
    runtime = sorted(by_purpose["runtime"], key=requirement_names.rank)
    if runtime:
        return runtime[0]
    rest = [*by_purpose["other"], *by_purpose["dev"]]
    return rest[0] if alone and rest else None


def _read_by_project(tree: Tree, root: Metadata | None, lock: Lock | None) -> Iterator[Listing]:
    """The files that the root's own build takes its dependencies from: ours to install where it is not built."""
    for path in root.reads if root else ():
        if root and (root.package or lock):
            yield _left_out(path, tr("the project takes its dependencies from it by itself"))
        else:
            why = tr("the project takes its dependencies from it, but is not installed itself")
            yield _as(requirement_files.read(tree, path), why, required=True)


def _placed(
    tree: Tree, main: RelPath, root: Metadata | None, lock: Lock | None, choice: Choice, *, pipfile: bool
) -> Listing:
    """The main file, where it is wanted at all, as required or optional, and why."""
    if lock:
        return _left_out(main, tr("{lock} decides", lock=lock.path))
    if pipfile:
        return _left_out(main, tr("the Pipfile's lock decides"))
    if root is None or not root.is_project:
        return _as(requirement_files.read(tree, main), tr("no project at the root says what it needs"), required=True)
    return _beside_project(tree, main, root, choice)


def _beside_project(tree: Tree, main: RelPath, root: Metadata, choice: Choice) -> Listing:
    """The main file of a project that says itself what it needs, or that says nothing of it (`silent`)."""
    silent = root.known and not root.dependencies
    file = requirement_files.read(tree, main) if silent else _if_whole(tree, main)
    if isinstance(file, str):
        return _left_out(main, file)
    if file.hashed:
        return _as(file, tr("it pins the project's dependencies with hashes"), required=True)
    if _is_for_developers(file, root) and not choice.for_developers:
        return _left_out(main, tr("it lists tools for developers"))
    if silent and not file.local:
        return _as(file, tr("the project itself names no dependencies"), required=True)
    if choice.mode == "minimal":
        return _left_out(main, tr("the project itself says what it needs"))
    return _as(file, tr("what the project is run with, besides what it says itself"), required=False)


def _if_whole(tree: Tree, path: RelPath) -> RequirementFile | str:
    """A file that nothing depends on, or why it cannot be read."""
    try:
        return requirement_files.read(tree, path)
    except UsageError as error:
        return error.message


def _is_for_developers(file: RequirementFile, root: Metadata) -> bool:
    """Is most of what it adds to the project's own dependencies a tool?"""
    added = file.names - names_of(root.dependencies) - {root.name}
    return bool(added) and 2 * len(added & _TOOLS) > len(added)


def _for_developers(
    tree: Tree, rest: list[RelPath], root: Metadata | None, lock: Lock | None, choice: Choice
) -> Iterator[Listing]:
    for path in rest:
        purpose = requirement_names.purpose(path)
        if purpose == "dev" and not (lock and root and root.groups):
            why = tr("mode {mode} wants what developers need", mode=choice.mode)
        elif purpose == "other" and choice.mode == "full":
            why = tr("mode {mode} wants everything", mode=choice.mode)
        else:
            continue
        file = _if_whole(tree, path)
        yield _left_out(path, file) if isinstance(file, str) else _as(file, why, required=False)


def _as(file: RequirementFile, why: str, *, required: bool) -> Listing:
    because = (Because(what=tr("{path} is installed", path=file.path), why=why),)
    return Listing(required=(file,), because=because) if required else Listing(optional=(file,), because=because)


def _left_out(path: RelPath, why: str) -> Listing:
    return Listing(because=(Because(what=tr("{path} is left out", path=path), why=why),))


def _merged(parts: list[Listing]) -> Listing:
    """All parts; an optional file that another one includes is there already."""
    required = tuple(file for part in parts for file in part.required)
    optional = tuple(file for part in parts for file in part.optional)
    included = {path for file in (*required, *optional) for path in file.files[1:]}
    return Listing(
        required=required,
        optional=tuple(file for file in optional if file.path not in included),
        because=tuple(each for part in parts for each in part.because),
    )
