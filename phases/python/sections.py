"""The parts of the manifest that several phases of a Python project read."""

from __future__ import annotations

from typing import ClassVar, Literal

from installer.frozen import dataclass
from installer.model import RelPath  # noqa: TC001 - pydantic reads the types of the fields


@dataclass(frozen=True, slots=True, kw_only=True)
class PythonSection:
    """`[python]`: which interpreter, and which installer.

    requires  PEP 440 specifiers that must hold, in place of those that were found
    prefers   versions to be taken where they are on the machine, best first
    backend   the installer; empty: uv, or pip where uv has no build
    """

    TABLE: ClassVar[str] = "python"

    requires: str = ""
    prefers: tuple[str, ...] = ()
    backend: Literal["", "uv", "pip"] = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class DependenciesSection:
    """`[dependencies]`: the files that say what is installed.

    requirements  requirement files, in place of those that were found
    constraints   files that narrow versions, besides those that were found
    lock          the lock to go by; `false`: by none
    as_of         a date or a commit: resolve as the index was then
    """

    TABLE: ClassVar[str] = "dependencies"

    requirements: tuple[RelPath, ...] | None = None
    constraints: tuple[RelPath, ...] = ()
    lock: RelPath | Literal[False] | None = None
    as_of: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PackagesSection:
    """`[packages]`: the local projects.

    members   globs of folders, in place of those that were found
    exclude   globs of folders that are no members
    optional  names of members whose failure does not make the run fail
    install   `false`: install none of them, only what they need
    """

    TABLE: ClassVar[str] = "packages"

    members: tuple[str, ...] | None = None
    exclude: tuple[str, ...] = ()
    optional: tuple[str, ...] = ()
    install: bool = True
