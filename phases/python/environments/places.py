"""Where a virtual environment is, and what lies where inside it. Reads only; pure standard library."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from installer.frozen import dataclass
from installer.model import RelPath

if TYPE_CHECKING:
    from collections.abc import Mapping

MARKER = "surefoot-generation"  # line 1: install_id, line 2: key, the rest: the root of the project
ACTIVE = "active"  # the manifest's word for: install in place, into the environment that is active
LAYOUT = "surefoot-layout"  # a folder with this file stands for an environment that lies elsewhere


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """Where the parts of an environment are that nobody made for us: full paths, as its own interpreter tells them.

    prefix   the environment          python  its interpreter    base     the real executable behind it
    scripts  the folder of commands   purelib, platlib           data     the root of all other files
    managed  the file by which its owner forbids installers to write into it (PEP 668); empty where there is none
    """

    prefix: str
    python: str
    base: str
    version: str
    scripts: str
    purelib: str
    platlib: str
    data: str
    managed: str = ""

    @property
    def sites(self) -> tuple[str, ...]:
        """The folders that distributions are installed in."""
        return tuple(dict.fromkeys((self.purelib, self.platlib)))

    @property
    def numbers(self) -> tuple[int, ...]:
        """The version in numbers."""
        return tuple(int(part) for part in self.version.split("."))

    def as_json(self) -> dict[str, Any]:
        """The content of the file, and of steps' arguments."""
        from dataclasses import asdict  # 5 ms, for those few who have no environment of their own

        return asdict(self)


def layout(env: Path) -> Layout | None:
    """Where the parts of the environment are that the folder `env` stands for; None if it is one itself."""
    try:
        return layout_of(json.loads((env / LAYOUT).read_bytes()))
    except (OSError, ValueError, TypeError):
        return None


def layout_of(told: Mapping[str, Any]) -> Layout:
    """The layout that `as_json` gave. Raises `TypeError` for anything else."""
    return Layout(**told)


def folder(environment: str, state: RelPath) -> RelPath:
    """The folder that is, or stands for, the environment that the manifest names."""
    return state / ACTIVE if environment == ACTIVE else RelPath(environment)


@dataclass(frozen=True, slots=True, kw_only=True)
class EnvPaths:
    """The three places of an environment: where it is built, where it is kept, where it is used."""

    staging: RelPath
    generation: RelPath
    current: RelPath


@dataclass(frozen=True, slots=True, kw_only=True)
class Current:
    """What an environment of ours says of itself."""

    install_id: str
    key: str
    root: str


def paths(_root: Path, state: RelPath, install_id: str, environment: str = ".venv") -> EnvPaths:
    """The places of the environment of the run `install_id`."""
    return EnvPaths(
        staging=state / "staging" / install_id,
        generation=generations(state) / install_id,
        current=RelPath(environment),
    )


def generations(state: RelPath) -> RelPath:
    """The folder of the environments that were once current."""
    return state / "generations"


def current(root: Path, environment: str) -> Current | None:
    """What the environment in use says of itself; None where there is none, or one that the user made."""
    return read_marker(root / environment)


def read_marker(env: Path) -> Current | None:
    """What `env` says of itself; None for one that is not ours."""
    try:
        text = os.fsdecode((env / MARKER).read_bytes())
    except (FileNotFoundError, NotADirectoryError):
        return None
    install_id, _, rest = text.partition("\n")
    key, _, root = rest.partition("\n")
    return Current(install_id=install_id, key=key, root=root.removesuffix("\n"))  # a root may hold newlines


def marker_text(marker: Current) -> bytes:
    """The content of the marker file."""
    return os.fsencode(f"{marker.install_id}\n{marker.key}\n{marker.root}\n")


def prefix(env: Path) -> Path:
    """The environment itself."""
    elsewhere = layout(env)
    return Path(elsewhere.prefix) if elsewhere else env


def python(env: Path) -> Path:
    """The interpreter of an environment."""
    if elsewhere := layout(env):
        return Path(elsewhere.python)
    return env / "Scripts" / "python.exe" if sys.platform == "win32" else env / "bin" / "python"


def scripts(env: Path) -> Path:
    """The folder of an environment's commands."""
    if elsewhere := layout(env):
        return Path(elsewhere.scripts)
    return env / ("Scripts" if sys.platform == "win32" else "bin")


def site_packages(env: Path) -> tuple[Path, ...]:
    """The folders that distributions are installed in: mostly one, two where lib64 is no link to lib."""
    if elsewhere := layout(env):
        found = [Path(site) for site in elsewhere.sites]
    elif sys.platform == "win32":
        found = [env / "Lib" / "site-packages"]
    else:
        libs = [env / name for name in ("lib", "lib64") if (env / name).is_dir() and not (env / name).is_symlink()]
        found = [folder / "site-packages" for lib in libs for folder in sorted(lib.iterdir())]
    return tuple(folder for folder in found if folder.is_dir())


def configuration(env: Path) -> dict[str, str]:
    """The keys of `pyvenv.cfg`; empty where there is none."""
    try:
        lines = (env / "pyvenv.cfg").read_text(encoding="utf-8", errors="surrogateescape").splitlines()
    except OSError:
        return {}
    pairs = (line.partition("=") for line in lines if "=" in line)
    return {key.strip().lower(): value.strip() for key, _, value in pairs}


def interpreter(env: Path) -> str:
    """The real executable that the environment stands on, outside of it."""
    inside = python(env)
    if inside.is_symlink():
        return os.path.realpath(inside)
    home = configuration(env).get("home", "")  # it was copied, as on Windows
    return os.path.join(home, inside.name)


def version(env: Path) -> str:
    """The version of its Python, as `pyvenv.cfg` says: "3.12.1"; empty where it does not."""
    if elsewhere := layout(env):
        return elsewhere.version
    told = configuration(env)
    text = told.get("version_info") or told.get("version") or ""
    return ".".join(text.split(".")[:3])
