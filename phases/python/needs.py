"""What a Python project needs, as frozen data: the result of reading it, the input of every plan."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from installer.frozen import dataclass, field

if TYPE_CHECKING:
    from installer.model import RelPath

LockFormat = Literal["pylock", "uv", "poetry", "pdm"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Because:
    """One inference: what was decided, and from which file or line."""

    what: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Lock:
    """A lock file that decides versions."""

    format: LockFormat
    path: RelPath


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """A local project that is to be installed, editable, from the tree.

    name        as in its metadata, normalised (PEP 503); the folder's name where it can only be known by building
    path        its folder
    backend     the build backend ("setuptools.build_meta", "poetry.core.masonry.api", ...; "" = legacy setuptools)
    static      can its dependencies be read without building it?
    needs       names of other members that it depends on, at run time or to be built
    extras      the extras of it that the mode asks for
    optional    its failure does not make the run fail
    """

    name: str
    path: RelPath
    backend: str = ""
    static: bool = True
    requires_python: str = ""
    needs: tuple[str, ...] = ()
    extras: tuple[str, ...] = ()
    optional: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class PythonWish:
    """Which interpreter: `requires` must hold (PEP 440 specifiers), `prefers` is followed where it can be.

    `sources` says which file asked for what.
    """

    requires: str = ""
    prefers: tuple[str, ...] = ()
    sources: tuple[Because, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """A dependency group (PEP 735, or a Poetry, PDM or legacy uv one) of a member or of the root.

    `default`: the mode asks for it, the user did not; its failure must not cost the runtime.
    """

    name: str
    path: RelPath
    requirements: tuple[str, ...]
    default: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Needs:
    """All that a repository asks for, in the chosen mode.

    requirement_files  to be installed, UTF-8 or not (their encoding is read by `texts.read`)
    constraint_files   only narrow versions
    members            local projects in dependency order
    groups             dependency groups that the mode chooses
    optional_files     requirement files of the mode whose failure must not cost the runtime
    inputs             every file that was read to know this, and every one whose appearance would change it
    folders            every folder that was listed for it: what comes into one of them may change it
    because            what was inferred, and why, in reading order
    """

    python: PythonWish = PythonWish()
    lock: Lock | None = None
    requirement_files: tuple[RelPath, ...] = ()
    constraint_files: tuple[RelPath, ...] = ()
    optional_files: tuple[RelPath, ...] = ()
    members: tuple[Member, ...] = ()
    groups: tuple[Group, ...] = ()
    inputs: tuple[RelPath, ...] = ()
    folders: tuple[RelPath, ...] = ()
    because: tuple[Because, ...] = ()
    warnings: tuple[str, ...] = field(default=())


@dataclass(frozen=True, slots=True, kw_only=True)
class Interpreter:
    """A Python found on this machine, by its real executable (never a shim)."""

    executable: str
    version: tuple[int, int, int]
    implementation: str = "cpython"
    prerelease: bool = False
    origin: str = ""
