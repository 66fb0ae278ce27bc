"""Calling `git`: one absolute program, fixed arguments, a built environment, its complaints as our errors.

The user's own settings (credential helpers, ssh, proxies, `url.insteadOf`) keep working; what only the repository's
own configuration says must not choose a program that runs. Rows of docs/security.md: 1 to 10, 22.
"""

from __future__ import annotations

import os
import re
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from installer import process
from installer.errors import InstallerError, Precondition
from installer.frozen import dataclass, replace
from installer.i18n import tr
from phases.git import failures

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from installer.model import Finished

SAFE_PROTOCOLS = ("https", "ssh")
OLDEST = (2, 26)  # `config --show-scope`

# Nothing that the repository brought may run, nothing may be repacked or deleted behind the undo's back, and one
# call does one thing. The transports are allowed one by one, in GIT_ALLOW_PROTOCOL.
_FIXED = {
    "core.hooksPath": os.devnull,
    "core.fsmonitor": "false",
    "protocol.allow": "never",
    "gc.auto": "0",
    "maintenance.auto": "false",
    "fetch.writeCommitGraph": "false",
    "fetch.recurseSubmodules": "false",
    "submodule.recurse": "false",
    "advice.detachedHead": "false",
    "color.ui": "false",
}


class Door(Protocol):
    """`installer.process.run`, or a step's `Context.run`."""

    def __call__(  # noqa: D102 -- `installer.process.run` has the promise
        self,
        argv: Sequence[str],
        *,
        cwd: Path,
        env: Mapping[str, str] | None = None,
        timeout: float | None = None,
        check: bool = True,
        on_line: Callable[[str], None] | None = None,
    ) -> Finished: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Git:
    """`git` in one folder.

    protocols   transports that it may use
    settings    further configuration for every call: it outranks that of the repository
    repository  the git folder, where no worktree leads to it
    timeout     seconds that a call may take
    """

    program: str
    folder: Path
    door: Door
    protocols: tuple[str, ...] = SAFE_PROTOCOLS
    settings: tuple[tuple[str, str], ...] = ()
    repository: Path | None = None
    timeout: float | None = None

    def __call__(self, *words: str, check: bool = True) -> Finished:
        """Run `git WORDS`. A failure is raised as one of our errors, unless `check` is off."""
        fixed = [word for key, value in _FIXED.items() for word in ("-c", f"{key}={value}")]
        command = [self.program, *fixed, *words]
        finished = self.door(command, cwd=self.folder, env=self._environment(), timeout=self.timeout, check=False)
        if check and finished.status != 0:
            raise self._too_old() or failures.explain(finished, place=str(self.folder))
        return finished

    def at(self, folder: Path) -> Git:
        """The same in another repository, whose own settings are not known yet."""
        return replace(self, folder=folder, settings=(), repository=None)

    def inside(self, repository: Path) -> Git:
        """The same in the git folder of another repository, checked out or not."""
        return replace(self, folder=repository, settings=(), repository=repository)

    def _too_old(self) -> InstallerError | None:
        """Asked only after a failure: most runs need not know the version."""
        if (found := version(self.program)) >= OLDEST:
            return None
        return Precondition(
            "git.old",
            tr("`{program}` is git {found}", program=self.program, found=".".join(map(str, found))),
            hint=tr(
                "install git {needed} or newer, then run the same command again", needed=".".join(map(str, OLDEST))
            ),
        )

    def _environment(self) -> dict[str, str]:
        environment = {
            "LC_ALL": "C",  # its words are read
            "LANGUAGE": "",
            "GIT_ALLOW_PROTOCOL": ":".join(self.protocols),
            "GIT_PROTOCOL_FROM_USER": "0",
            "GIT_TERMINAL_PROMPT": "0",
            "GIT_OPTIONAL_LOCKS": "0",
            # A folder that is no repository must not be taken for the one around it.
            "GIT_CEILING_DIRECTORIES": str(self.folder.parent),
            "GIT_CONFIG_COUNT": str(len(self.settings)),
        }
        if self.repository is not None:
            environment["GIT_DIR"] = str(self.repository)
        for number, (key, value) in enumerate(self.settings):
            environment[f"GIT_CONFIG_KEY_{number}"] = key
            environment[f"GIT_CONFIG_VALUE_{number}"] = value
        return environment


def open_repository(root: Path, door: Door = process.run) -> Git:
    """`git` for the repository at `root`. Raises `Precondition` where there is no usable program."""
    if (program := find(root)) is None:
        raise Precondition(
            "git.missing",
            tr("`git` was not found, and this needs it"),
            hint=tr("install git (Debian, Ubuntu: `apt-get install git`), then run the same command again"),
        )
    return Git(program=program, folder=root, door=door)


def find(root: Path) -> str | None:
    """The `git` on PATH, absolute; never one from the project or from the current folder."""
    return _find(root, os.environ.get("PATH", os.defpath))


@cache
def _find(root: Path, path: str) -> str | None:
    """Looked for once: every submodule's step asks."""
    names = ("git.exe",) if os.name == "nt" else ("git",)
    for entry in path.split(os.pathsep):
        folder = Path(entry)
        if not folder.is_absolute() or folder.resolve().is_relative_to(root.resolve()):
            continue
        for name in names:
            if os.access(folder / name, os.X_OK) and (folder / name).is_file():
                return str(folder / name)
    return None


@cache
def version(program: str) -> tuple[int, ...]:
    """Its version, for what differs between versions. A distribution's patches do not show in it."""
    said = process.run([program, "version"], cwd=Path(program).parent).stdout
    found = re.search(r"(\d+)\.(\d+)(?:\.(\d+))?", said)
    return tuple(int(number) for number in found.groups("0")) if found else (0,)
