"""Which modules a distribution gives, read from its metadata and from what its editable installation left."""

from __future__ import annotations

import ast
import json
import os
import re
from typing import TYPE_CHECKING

from installer import lazily
from installer.frozen import dataclass
from phases.python.records import normalise

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

_SUFFIXES = lazily.pattern(r"(?:\.py|(?:\.[\w-]+)?\.(?:so|pyd))$")
_SIDE = frozenset(  # what lies beside a package and is not one
    "test tests testing doc docs example examples benchmark benchmarks script scripts tool tools build dist setup"
    " conftest noxfile tasks".split()
)
_LEVELS = 3  # of namespaces in namespaces
_LOADED = lazily.pattern(r"MesonpyMetaFinder\(\s*'[^']*',\s*\{([^}]*)\}")
_MAPPING = lazily.pattern(r"^MAPPING(?::[^=]+)?\s*=\s*(\{.*?\})\s*$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True, slots=True, kw_only=True)
class Distribution:
    """One that is installed: its normalised name and its metadata folder."""

    name: str
    version: str
    folder: Path

    def text(self, file: str) -> str:
        """A file of its metadata; empty where there is none."""
        try:
            return (self.folder / file).read_text(encoding="utf-8", errors="replace")
        except OSError:
            return ""

    @property
    def files(self) -> list[str]:
        """The paths of its RECORD, relative to site-packages."""
        return [line.rsplit(",", 2)[0].strip('"') for line in self.text("RECORD").splitlines() if line]

    @property
    def requires(self) -> list[str]:
        """Its `Requires-Dist` lines, in their own words."""
        return [value for key, value in self._headers() if key == "requires-dist"]

    @property
    def declared_version(self) -> str:
        """Its version as its metadata spells it: in the folder's name `-` is `_`."""
        return next((value for key, value in self._headers() if key == "version"), self.version)

    @property
    def address(self) -> str:
        """Where it was installed from, as a URL; empty where that is an index."""
        try:
            return str(json.loads(self.text("direct_url.json"))["url"])
        except (ValueError, KeyError, TypeError):
            return ""

    def comes_from(self, folder: Path) -> bool:
        """Was it installed from the project in `folder`?"""
        return self.address.rstrip("/") == folder.resolve().as_uri().rstrip("/")

    def _headers(self) -> Iterator[tuple[str, str]]:
        for line in self.text("METADATA").partition("\n\n")[0].splitlines():  # what follows is a long description
            if not line.strip():
                return
            key, colon, value = line.partition(":")
            if colon and not line[0].isspace():
                yield key.lower(), value.strip()


def distributions(sites: Iterable[Path]) -> dict[str, Distribution]:
    """Every installed distribution by its normalised name."""
    found = {}
    for site in sites:
        for entry in sorted(os.listdir(site)):
            if entry.endswith(".dist-info") and not entry.startswith("~"):
                name, _, version = entry.removesuffix(".dist-info").rpartition("-")
                found[normalise(name)] = Distribution(name=normalise(name), version=version, folder=site / entry)
    return found


def provided(distribution: Distribution) -> tuple[str, ...]:
    """The modules that are there to be imported by people: packages and modules, no private ones, sorted."""
    names = {*_from_record(distribution.files), *_from_editable(distribution)}
    told = set(distribution.text("top_level.txt").split())
    names |= {name for name in told if name not in {each.partition(".")[0] for each in names}}
    public = {name for name in names if re.fullmatch(r"[A-Za-z]\w*(?:\.\w+)*", name)}
    return tuple(sorted(public - _SIDE)) if public - _SIDE else tuple(sorted(public))


def _from_record(paths: Iterable[str]) -> Iterator[str]:
    """Top-level modules and packages; of a namespace without `__init__.py`, what lies in it."""
    inits = {path.rpartition("/")[0] for path in paths if path.rpartition("/")[2] == "__init__.py"}
    for path in paths:
        parts = path.split("/")
        if path.startswith(("..", "/")) or parts[0].endswith((".dist-info", ".data")):
            continue
        if len(parts) == 1 and (found := _SUFFIXES.search(path)):
            yield path[: found.start()]
        elif len(parts) > 1:
            yield from _package(parts, inits)


def _package(parts: list[str], inits: set[str]) -> Iterator[str]:
    for depth in range(1, len(parts)):
        if "/".join(parts[:depth]) in inits:
            yield ".".join(parts[:depth])
            return


def _from_editable(distribution: Distribution) -> Iterator[str]:
    site = distribution.folder.parent
    for path in distribution.files:
        if "/" in path:
            continue
        if path.startswith("__editable__") and path.endswith("_finder.py"):
            yield from _from_mapping(site / path)
        elif path.endswith("_editable_loader.py"):
            yield from _from_loader(site / path)
        elif path.endswith(".pth"):
            for line in _lines(site / path):
                if not line.startswith("import ") and os.path.isdir(site / line):
                    yield from _from_folder(site / line, distribution)


def _from_mapping(finder: Path) -> Iterator[str]:
    """The modules of an editable installation, as setuptools writes them into its finder."""
    found = _MAPPING.search("\n".join(_lines(finder)))
    if found:
        try:
            yield from ast.literal_eval(found[1])
        except (ValueError, SyntaxError):
            return


def _from_loader(loader: Path) -> Iterator[str]:
    """The modules of an editable installation, as meson-python writes them into its loader."""
    found = _LOADED.search("\n".join(_lines(loader)))
    if found:
        yield from re.findall(r"'([\w.]+)'", found[1])


def _from_folder(folder: Path, distribution: Distribution) -> Iterator[str]:
    """What a folder on the path gives: the package named like the project; else, in a folder just for it, all."""
    own = not _is_project(folder, distribution)
    names = list(_importable(folder, levels=_LEVELS if own or "-" in distribution.name else 1))
    wanted = (distribution.name, distribution.name.removeprefix("python-"))
    alike = [name for name in names if normalise(name) in wanted]
    yield from alike or (name for name in names if own and name not in _SIDE)


def _importable(folder: Path, *, levels: int) -> Iterator[str]:
    """The modules and packages of a folder; of one that only holds folders (a namespace), those in them."""
    for path in sorted(folder.iterdir()):
        if path.is_file() and (found := _SUFFIXES.search(path.name)):
            yield path.name[: found.start()]
        elif path.is_dir() and path.name.isidentifier():
            if any(path.glob("*.py")):
                yield path.name
            elif levels > 1:
                yield from (f"{path.name}.{name}" for name in _importable(path, levels=levels - 1))


def _is_project(folder: Path, distribution: Distribution) -> bool:
    """Is the folder the project's own, with tests and tools beside the package?"""
    named = any((folder / name).exists() for name in ("pyproject.toml", "setup.py", "setup.cfg"))
    return named or not distribution.address or distribution.comes_from(folder)


def _lines(path: Path) -> list[str]:
    try:
        return path.read_text(encoding="utf-8", errors="surrogateescape").splitlines()
    except OSError:
        return []
