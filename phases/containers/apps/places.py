"""Where an app lies: one folder an app below the state folder, so that one never touches another's."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from installer.frozen import dataclass

if TYPE_CHECKING:
    from pathlib import Path

    from installer.model import RelPath

APPS = "apps"


@dataclass(frozen=True, slots=True, kw_only=True)
class Home:
    """The folder of the app `name`. All names are relative to the project's root.

    run       what its shim works in         log       what it says
    releases  a folder a version             current   a link to the one in use
    held      the version that `apps rollback` left, which is not to come again by itself
    """

    state: RelPath
    name: str

    @property
    def folder(self) -> RelPath:
        """All of it."""
        return self.state / APPS / self.name

    @property
    def run(self) -> RelPath:
        """Status, lock and specs."""
        return self.folder / "run"

    @property
    def log(self) -> RelPath:
        """The newest log; older ones have numbers behind."""
        return self.folder / "log" / "output.log"

    @property
    def releases(self) -> RelPath:
        """The folder of all releases."""
        return self.folder / "releases"

    @property
    def current(self) -> RelPath:
        """The link to the release in use."""
        return self.folder / "current"

    @property
    def held(self) -> RelPath:
        """The note of a version that is not wanted."""
        return self.folder / "held"

    def version(self, root: Path) -> str:
        """The release in use; "" without one."""
        try:
            return os.path.basename(os.readlink(root / self.current))
        except OSError:
            return ""


def names(root: Path, state: RelPath) -> list[str]:
    """The apps that have a folder."""
    try:
        found = sorted(os.listdir(root / state / APPS))
    except OSError:
        return []
    return [name for name in found if name[0] != "." and (root / state / APPS / name).is_dir()]
