"""The protocol behind which the installers uv and pip stand, and what they are told."""

from __future__ import annotations

import re
import time
from typing import TYPE_CHECKING, Protocol, TypeVar

from installer import files
from installer.errors import InstallerError, Precondition
from installer.frozen import dataclass, field
from installer.i18n import tr
from phases.python import texts
from phases.python.failures import Where, is_transient, nowhere

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from pathlib import Path

    from installer.model import Context, RelPath

Result = TypeVar("Result")


@dataclass(frozen=True, slots=True, kw_only=True)
class Build:
    """How projects are built: `constraints` on what they are built with, and what they forgot to ask for.

    indexes  those that requirement files name
    """

    constraints: tuple[str, ...] = ()
    needs: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    indexes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Local:
    """A local project: `name` as far as it is known without building it."""

    name: str
    path: RelPath
    extras: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Wants:
    """All that one resolution is asked for.

    files, lines       requirements: whole files, and single ones
    constraints, pins  narrow versions: whole files, and single ones (from a lock)
    overrides          replace what others ask for
    indexes            further indexes, that a lock names
    binary             names that must come as wheels
    as_of              resolve as the index was at this moment (ISO 8601)
    """

    locals: tuple[Local, ...] = ()
    files: tuple[RelPath, ...] = ()
    lines: tuple[str, ...] = ()
    constraints: tuple[RelPath, ...] = ()
    pins: tuple[str, ...] = ()
    overrides: tuple[str, ...] = ()
    indexes: tuple[str, ...] = ()
    binary: tuple[str, ...] = ()
    as_of: str = ""
    require_hashes: bool = False
    no_build: bool = False
    build: Build = Build()
    where: Where = nowhere

    @property
    def is_empty(self) -> bool:
        """Nothing is asked for."""
        return not (self.locals or self.files or self.lines)


def from_tree(root: Path, siblings: Iterable[tuple[str, str]]) -> tuple[str, ...]:
    """Build constraints that take the projects `siblings` (name, path) from the tree."""
    return tuple(f"{name} @ {(root / path).as_uri()}" for name, path in siblings)


def readable(context: Context, path: str) -> str:
    """A requirement file as installers can read it: itself, or a copy in UTF-8 whose inclusions name full paths."""
    source = context.root / path
    data = source.read_bytes()
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        text = re.sub(
            r"^(-r|-c|--requirement|--constraint)[ =]+(\S+)",
            lambda found: f"{found[1]} {source.parent / found[2]}",
            texts.decode(data),
            flags=re.MULTILINE,
        )
        return write(context, path.replace("/", "__"), text.splitlines())
    return str(source)


def write(context: Context, name: str, lines: Iterable[str]) -> str:
    """Put lines into a file of the step's scratch folder; its path."""
    place = context.scratch / name
    files.replace(place, ("\n".join(lines) + "\n").encode(), lasting="nothing")
    return str(place)


class Installer(Protocol):
    """An installer of Python distributions. Every method raises an `InstallerError` that says what was wrong."""

    @property
    def name(self) -> str:
        """Its name in the manifest and on the command line."""
        ...

    def make_environment(self, folder: Path, interpreter: str, prompt: str, context: Context) -> None:
        """Make a virtual environment in `folder`, which is not there yet. It can be moved afterwards."""
        ...

    def resolve(self, context: Context, python: str, wants: Wants) -> str:
        """The text of a pylock.toml with all that `wants` need in the environment or interpreter `python`.

        The locals are in it as directories. Writes only into the context's scratch folder.
        """
        ...

    def install(self, context: Context, python: str, lock: Path, build: Build, *, no_build: bool, where: Where) -> None:
        """Install what the pylock.toml `lock` lists, and nothing else, hashes enforced."""
        ...

    def install_member(self, context: Context, python: str, local: Local, build: Build, *, editable: bool) -> None:
        """Install a local project without its dependencies."""
        ...

    def uninstall(self, context: Context, python: str, names: tuple[str, ...]) -> None:
        """Remove distributions by name."""
        ...


def backend(name: str) -> Installer:
    """The installer of that name. Raises `Precondition` for a name that is not known."""
    if name == "uv":
        from phases.python.uv import Uv

        return Uv()
    if name == "pip":
        from phases.python.pip import Pip

        return Pip()
    raise Precondition("python.backend", tr("there is no installer `{name}`: uv and pip are known", name=name))


def patiently(context: Context, attempt: Callable[[], Result]) -> Result:
    """Run `attempt` until it succeeds, fails for good, or has failed `retries` times for a reason that may pass."""
    for number in range(context.options.retries + 1):
        try:
            return attempt()
        except InstallerError as error:
            if not is_transient(error) or number == context.options.retries or context.options.offline:
                raise
            pause = min(2**number, 30)
            context.warn(tr("{message}; trying again in {seconds} s", message=error.message, seconds=pause))
            time.sleep(pause)
    raise AssertionError("range is never empty")
