"""What an environment held when it was sealed: the list by which changes made by hand are noticed."""

from __future__ import annotations

import json
import os
from types import MappingProxyType
from typing import TYPE_CHECKING

from installer import lazily
from installer.frozen import dataclass, field
from installer.hashing import sha256
from installer.i18n import tr
from phases.python.environments import places, platforms, vouching
from phases.python.records import normalise

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from installer.model import Json

CONTENTS = "surefoot-contents"
_FORMAT = 1
_SMALL = 1 << 16  # bytes
_OF_NOBODY = frozenset(("__pycache__", ".lock", places.MARKER, CONTENTS))
_DISTRIBUTION = lazily.pattern(r"(?P<name>.+?)-(?P<version>[^-]+?)(?:-py[\d.]+)?\.(?:dist|egg)-info")


@dataclass(frozen=True, slots=True, kw_only=True)
class Contents:
    """A sealed environment.

    asked        what it was made from (see `phases.python.asked`)
    interpreter  the real executable of its Python, and `version` its version
    first        the version of the Python that was chosen, where the dependencies refused it
    folders      folder (relative to the environment) -> the names in it
    wish         the Python that was asked for on the command line
    missing      what was asked for and could not be installed
    platform     what kind of machine it was made on and for (see `platforms`)
    origins      package -> a digest of what the run's lock says of it: equal ones are interchangeable
    loose        small files that no RECORD need list (`bin/activate`, `pyvenv.cfg`) -> their digests
    records      package -> a digest of its RECORD (see `vouching`), and `commands` that may be executed
    stale        the packages that elsewhere must be built anew (see `stale`); None: an earlier version did not ask
    """

    asked: Json = field(default_factory=dict)
    interpreter: str = ""
    version: str = ""
    first: str = ""
    wish: str = ""
    folders: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    missing: tuple[str, ...] = ()
    platform: str = ""
    origins: Mapping[str, str] = field(default_factory=dict)
    loose: Mapping[str, str] = field(default_factory=dict)
    records: Mapping[str, str] = field(default_factory=dict)
    commands: tuple[str, ...] = ()
    stale: tuple[str, ...] | None = None

    @property
    def packages(self) -> dict[str, str]:
        """Every distribution (normalised name) and its version."""
        return dict(filter(None, (distribution(name) for names in self.folders.values() for name in names)))


def observe(
    env: Path,
    *,
    asked: Json,
    wish: str = "",
    first: str = "",
    missing: tuple[str, ...] = (),
    origins: Mapping[str, str] = MappingProxyType({}),
    stale: tuple[str, ...] = (),
) -> Contents:
    """What `env` holds now."""
    version = places.version(env)
    return Contents(
        asked=asked,
        interpreter=places.interpreter(env),
        version=version,
        first=first if first != version else "",
        wish=wish,
        folders={**_listing(env), ".": _names(env)},
        missing=missing,
        platform=platforms.here(),
        origins=origins,
        loose=loose(env),
        records=vouching.records(env),
        commands=vouching.commands(env),
        stale=stale,
    )


def packages(env: Path) -> dict[str, str]:
    """The distributions in `env` now, by the names of their metadata folders alone."""
    return Contents(folders=_listing(env)).packages


def read(env: Path) -> Contents | None:
    """What was noted when `env` was sealed; None where nothing readable was."""
    try:
        data = json.loads((env / CONTENTS).read_bytes())
        return Contents(
            asked=data["asked"],
            interpreter=os.fsdecode(bytes.fromhex(data["interpreter"])),
            version=data["version"],
            first=str(data.get("first", "")),
            wish=data["wish"],
            folders={folder: tuple(names) for folder, names in data["folders"].items()},
            missing=tuple(data["missing"]),
            platform=str(data.get("platform", "")),  # an earlier version of this tool did not note what follows
            origins=dict(data.get("origins", {})),
            loose=dict(data.get("loose", {})),
            records=dict(data.get("records", {})),
            commands=tuple(data.get("commands", ())),
            stale=tuple(data["stale"]) if "stale" in data else None,
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None


def as_bytes(contents: Contents) -> bytes:
    """The content of the file. The interpreter's path is in hexadecimal: it need not be UTF-8."""
    data = {
        "format": _FORMAT,
        "asked": contents.asked,
        "interpreter": os.fsencode(contents.interpreter).hex(),
        "version": contents.version,
        "wish": contents.wish,
        "folders": {folder: list(names) for folder, names in contents.folders.items()},
        "missing": list(contents.missing),
        "platform": contents.platform,
        "origins": dict(contents.origins),
        "loose": dict(contents.loose),
        "records": dict(contents.records),
        "commands": list(contents.commands),
        **({"first": contents.first} if contents.first else {}),
        **({} if contents.stale is None else {"stale": list(contents.stale)}),
    }
    return json.dumps(data, indent=1, sort_keys=True).encode() + b"\n"


def drift(env: Path, sealed: Contents) -> list[str]:
    """What changed in `env` since it was sealed, a sentence each."""
    now = _listing(env)
    before = {folder: names for folder, names in sealed.folders.items() if folder != "."}
    if now == before:
        return []
    packages_now = Contents(folders=now).packages
    return list(_changed_packages(sealed.packages, packages_now)) or list(_changed_names(before, now))


def foreign(env: Path, sealed: Contents) -> list[str]:
    """The paths in `env` that came after it was sealed, its top folder included."""
    now = {**_listing(env), ".": _names(env)}
    known = {**dict.fromkeys(now, ()), **sealed.folders}
    came = {f"{folder}/{name}" for folder, names in now.items() for name in set(names) - set(known[folder])}
    return sorted(came.union(*(_beside(env, site) for site in places.site_packages(env))))


def loose(env: Path) -> dict[str, str]:
    """The small files and links at the top of the environment and of its folders, each with a digest."""
    found = {}
    for folder in (env, places.scripts(env), *places.site_packages(env)):
        with os.scandir(folder) as entries:
            for entry in entries:
                name = entry.path[len(str(env)) + 1 :]
                if not is_nobodys(name) and (digest := _digest(entry)):
                    found[os.fsencode(name).decode("utf-8", "backslashreplace")] = digest
    return dict(sorted(found.items()))


def _digest(entry: os.DirEntry[str]) -> str:
    """Of a small file or of a link's target; empty for what is large, or a folder: those are in a RECORD."""
    if entry.is_symlink():
        return "link " + sha256(os.fsencode(os.readlink(entry.path))).hexdigest()[:32]
    if not entry.is_file() or entry.stat().st_size > _SMALL:
        return ""
    return digest(entry.path)


def digest(path: str | Path) -> str:
    """What `loose` has for an ordinary file; empty where it cannot be read."""
    try:
        with open(path, "rb") as stream:
            return sha256(stream.read()).hexdigest()[:32]
    except OSError:
        return ""


def is_nobodys(path: str) -> bool:
    """Say whether a change of the file `path` is no work of anybody's: compiled, or our own note."""
    return path.endswith((".pyc", ".pyo")) or not _OF_NOBODY.isdisjoint(path.split("/"))


def _beside(env: Path, site: Path) -> set[str]:
    """What lies in the folders on the way to a site-packages: nothing else of ours is there."""
    way = [folder for folder in site.parents if folder.is_relative_to(env) and folder != env]
    steps = {*way, site}
    return {(folder / name).relative_to(env).as_posix() for folder in way for name in _names(folder)} - {
        step.relative_to(env).as_posix() for step in steps
    }


def distribution(entry: str) -> tuple[str, str] | None:
    """Name (normalised) and version of the distribution whose metadata folder is called `entry`."""
    found = _DISTRIBUTION.fullmatch(entry)
    return (normalise(found["name"]), found["version"]) if found else None


def _listing(env: Path) -> dict[str, tuple[str, ...]]:
    folders = (*places.site_packages(env), places.scripts(env))
    return {folder.relative_to(env).as_posix(): _names(folder) for folder in folders}


def _names(folder: Path) -> tuple[str, ...]:
    try:
        names = os.listdir(folder)
    except OSError:
        return ()
    return tuple(
        sorted(os.fsencode(name).decode("utf-8", "backslashreplace") for name in names if name not in _OF_NOBODY)
    )


def _changed_packages(before: Mapping[str, str], now: Mapping[str, str]) -> Iterator[str]:
    for name in sorted(before.keys() | now.keys()):
        if name not in before:
            yield tr("the package {name} {version} was added by hand", name=name, version=now[name])
        elif name not in now:
            yield tr("the package {name} was removed by hand", name=name)
        elif before[name] != now[name]:
            yield tr(
                "the package {name} was changed by hand: {old} → {new}", name=name, old=before[name], new=now[name]
            )


def _changed_names(before: Mapping[str, tuple[str, ...]], now: Mapping[str, tuple[str, ...]]) -> Iterator[str]:
    for folder in sorted(before.keys() | now.keys()):
        old, new = set(before.get(folder, ())), set(now.get(folder, ()))
        yield from (tr("`{path}` was added by hand", path=f"{folder}/{name}") for name in sorted(new - old))
        yield from (tr("`{path}` was removed by hand", path=f"{folder}/{name}") for name in sorted(old - new))
