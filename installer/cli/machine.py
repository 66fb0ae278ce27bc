"""What `doctor` looks at on the machine: interpreter, git, uv, disk."""

from __future__ import annotations

import platform
import shutil
import subprocess
import sys
from dataclasses import asdict
from typing import TYPE_CHECKING

from installer.frozen import dataclass
from installer.i18n import tr

if TYPE_CHECKING:
    from installer.cli.session import Session
    from installer.model import Json

_LOW = 1 << 30  # bytes free below which an installation may well fail
_OLDEST_GIT = (2, 30)


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """What was found of one subject. `serious`: an installation would fail on it."""

    key: str
    name: str
    what: str
    well: bool = True
    serious: bool = False
    remedy: str = ""

    def as_json(self) -> Json:
        """The same for scripts."""
        return asdict(self)


def tool(_session: Session) -> Check:
    """The interpreter that runs us."""
    return Check(key="tool", name=tr("this tool"), what=f"Python {platform.python_version()} ({sys.executable})")


def interpreter(session: Session) -> Check:
    """The interpreter that an environment would be made with."""
    from phases.python import interpreters
    from phases.python.sources import read_needs

    name = tr("interpreter")
    if session.manifest.environment == "active":
        return _active(session, name)
    needs = read_needs(session.root, session.manifest, session.settings.text("mode"))
    found = interpreters.find(session.root, needs.python, explicit=session.settings.text("python"))
    if found:
        version = ".".join(map(str, found[0].version))
        return Check(key="interpreter", name=name, what=f"Python {version} ({found[0].executable})")
    return Check(
        key="interpreter",
        name=name,
        what=tr("no Python on this machine satisfies {wish}", wish=needs.python.requires or "3"),
        well=False,
        serious=True,
        remedy=tr("install one (for example `uv python install 3.12`), or name it with `--python PATH`"),
    )


def _active(session: Session, name: str) -> Check:
    """The environment that is active, and what stands against installing into it."""
    from phases.python.active import chosen
    from phases.python.sources import read_needs

    needs = read_needs(session.root, session.manifest, session.settings.text("mode"))
    active = chosen.choose(session.root, session.settings.text("python"))
    against = list(chosen.objections(active, needs.python))
    what = f"Python {active.version} ({active.python})"
    return Check(
        key="interpreter",
        name=name,
        what="; ".join(each.message for each in against) or what,
        well=not against,
        serious=bool(against),
        remedy=against[0].hint if against else "",
    )


def git(session: Session) -> Check:
    """Is git there, and new enough for submodules?"""
    needed = (session.root / ".gitmodules").exists()
    program = shutil.which("git")
    if program is None:
        return Check(
            key="git",
            name="git",
            what=tr("not found"),
            well=not needed,
            serious=needed,
            remedy=tr("install git: the project has submodules"),
        )
    version = _version(program)
    numbers = tuple(int(part) for part in version.split(".")[:2] if part.isdecimal())
    return Check(
        key="git",
        name="git",
        what=f"{version} ({program})",
        well=numbers >= _OLDEST_GIT,
        remedy=tr("update git: this one is old"),
    )


def uv(session: Session) -> Check:
    """Is uv among our packages?"""
    if session.settings.text("backend") == "pip":
        return Check(key="uv", name="uv", what=tr("not needed: pip installs"))
    try:
        from uv import find_uv_bin

        program = find_uv_bin()
    except (ImportError, FileNotFoundError):
        return Check(
            key="uv",
            name="uv",
            what=tr("not among the tool's packages"),
            well=False,
            remedy=tr("use `--backend pip`, or run quickstart.py with a Python that uv has a build for"),
        )
    return Check(key="uv", name="uv", what=f"{_version(program)} ({program})")


def disk(session: Session) -> Check:
    """Is there room?"""
    free = shutil.disk_usage(session.root).free
    return Check(
        key="disk",
        name=tr("disk"),
        what=tr("{size} GB free", size=f"{free / 1e9:.1f}"),
        well=free >= _LOW,
        serious=free < _LOW // 4,
        remedy=tr("make room, for example with `manage.py checkpoint prune` or `uv cache prune`"),
    )


def _version(program: str) -> str:
    finished = subprocess.run([program, "--version"], capture_output=True, text=True, check=False, errors="replace")
    words = finished.stdout.split()
    return next((word for word in words if word[:1].isdecimal()), "?")
