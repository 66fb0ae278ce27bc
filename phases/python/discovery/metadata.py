"""What the files of one folder say about the project in it, whatever build backend it chose."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from installer import lazily
from installer.frozen import dataclass, field

if TYPE_CHECKING:
    from collections.abc import Mapping

    from installer.model import RelPath

Requirements = tuple[str, ...]

_NAME = lazily.pattern(r"\s*([A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?)")


@dataclass(frozen=True, slots=True, kw_only=True)
class LocalPath:
    """Another project of the tree that one depends on by its path.

    path   its folder, as it is written down, relative to the root; it may lead nowhere, or out of the project
    group  the dependency group that asks for it; empty: the runtime
    """

    path: str
    name: str = ""
    extras: tuple[str, ...] = ()
    group: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Workspace:
    """A uv workspace: globs of folders, relative to its root."""

    members: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Metadata:
    """A project, or a folder whose `pyproject.toml` only holds settings of tools (`is_project` is false then).

    source      the file that says so
    name        normalised; empty where only a build would tell
    static      `dependencies` and `extras` are all there is, by the standard: no build is needed to know them
    known       `dependencies` is all there is, as far as can be read (also from Poetry's table, or out of a setup.py)
    reads       requirement files that the project's own build takes its dependencies from
    package     is it to be installed? `why` says why not, or why though nothing in the file says so
    hidden      `dependencies` are not where the standard has them, though other metadata are: who goes by the standard
                does not see them
    refused     its own build backend would not build it
    doubtful    it is to be installed by our own guess: its failure costs nothing but itself
    settled     groups that exclude each other: ("extra" or "group", name) pairs
    """

    path: RelPath
    source: RelPath
    is_project: bool = True
    name: str = ""
    backend: str = ""
    builds: Requirements = ()
    static: bool = False
    known: bool = True
    requires_python: str = ""
    classifiers: tuple[str, ...] = ()
    dependencies: Requirements = ()
    extras: Mapping[str, Requirements] = field(default_factory=dict)
    groups: Mapping[str, Requirements] = field(default_factory=dict)
    default_groups: tuple[str, ...] = ()
    local: tuple[LocalPath, ...] = ()
    reads: tuple[RelPath, ...] = ()
    package: bool = True
    why: str = ""
    hidden: bool = False
    refused: bool = False
    doubtful: bool = False
    workspace: Workspace | None = None
    conflicts: tuple[tuple[tuple[str, str], ...], ...] = ()


def normalised(name: str) -> str:
    """PEP 503: `Foo.Bar_baz` is `foo-bar-baz`."""
    return re.sub(r"[-_.]+", "-", name).lower()


def is_requirement(line: str) -> bool:
    """Is it one requirement, and no option that would mean something else where requirements are read from a file?"""
    return bool(_NAME.match(line)) and not re.search(r"[\r\n]|\s--?\w", line)


def name_of(requirement: str) -> str:
    """The normalised name that a requirement begins with; empty where it is a URL, a path or an option."""
    found = _NAME.match(requirement)
    if not found or "://" in requirement.partition(" ")[0].partition("@")[0]:
        return ""
    return "" if requirement[found.end() :].startswith(("/", "\\", ":")) else normalised(found[1])


def names_of(requirements: Requirements) -> frozenset[str]:
    """The names of all that have one."""
    return frozenset(filter(None, map(name_of, requirements)))


def extras_of(requirement: str) -> tuple[str, ...]:
    """`a, b` of `name[a, b] >= 1`, normalised."""
    found = re.match(r"[^\[;@]*\[([^\]]*)\]", requirement)
    return tuple(normalised(extra.strip()) for extra in found[1].split(",") if extra.strip()) if found else ()
