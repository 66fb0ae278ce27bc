"""What an environment holds, read from its RECORD files: an installer's word is not proof (docs/architecture.md)."""

from __future__ import annotations

import base64
import os
import re
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Literal

from installer.files import replace
from installer.frozen import dataclass

if TYPE_CHECKING:
    from collections.abc import Mapping

_READ = os.O_RDONLY | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)
_CHUNK = 1 << 18
Fault = Literal["missing", "size", "hash", "outside", "no record", "twice"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One way in which a distribution is not what its RECORD says. `path` is relative to site-packages."""

    distribution: str
    path: str
    fault: Fault

    def __str__(self) -> str:
        return f"{self.distribution}: {self.path} ({self.fault})" if self.path else f"{self.distribution}: {self.fault}"


def check(
    site_packages: Path,
    *,
    deep: bool = False,
    only: frozenset[str] | None = None,
    seen: Mapping[str, os.stat_result] = MappingProxyType({}),
) -> list[Problem]:
    """Every RECORD holds: each file is there with its size, and with `deep` its hash. Nothing wrong: an empty list.

    `only`: the names of the distributions that are looked at; None: all. `seen`: ordinary files that were looked at
    already, by their full paths.

    Compiled files, and virtualenv's folders of them, without a size are passed over: they come and go. A folder that is
    not there has nothing wrong.
    """
    problems: list[Problem] = []
    versions: dict[str, str] = {}
    prefix = _prefix(site_packages)
    for folder, name, version in distributions(site_packages):
        if only is not None and name not in only:
            continue
        if name in versions:
            problems.append(Problem(distribution=name, path=folder, fault="twice"))
        versions[name] = version
        if folder.endswith(".dist-info"):
            problems += _check_one(site_packages, folder, name, prefix, {} if deep else seen, deep=deep)
    return problems


def installed(site_packages: Path) -> dict[str, str]:
    """Normalised name to version of every distribution, by the names of the metadata folders."""
    return {name: version for _, name, version in distributions(site_packages)}


def lines(record: Path) -> list[tuple[str, str, str]]:
    """(path, "algorithm=hash", size) of every line of a RECORD; nothing where there is none."""
    return [_fields(line) for line in (_read(record) or "").splitlines() if line]


def listed(site_packages: Path) -> dict[str, tuple[str, str]]:
    """Every file that a RECORD lists, by its absolute path: ("sha256=…", size); empty where the RECORD says nothing."""
    found: dict[str, tuple[str, str]] = {}
    for folder, _, _ in distributions(site_packages):
        for line in (_read(site_packages / folder / "RECORD") or "").splitlines():
            path, recorded, size = _fields(line)
            if path:
                found[os.path.normpath(os.path.join(site_packages, path))] = (recorded, size)
    return found


def matches(path: str, recorded: str) -> bool:
    """Has the file the digest that a RECORD gives it?"""
    algorithm, _, expected = recorded.partition("=")
    return _hash(path, algorithm) == expected.rstrip("=")


def normalise(name: str) -> str:
    """The name as PEP 503 compares it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def amend(site_packages: Path, changed: frozenset[Path]) -> None:
    """Write the present size and hash of `changed` (absolute paths) into the RECORDs that list them."""
    for folder, _, _ in distributions(site_packages):
        record = site_packages / folder / "RECORD"
        text = _read(record)
        if text is None:
            continue
        lines = [_amended(site_packages, line, changed) for line in text.splitlines()]
        new = "\n".join(lines) + "\n"
        if new != text:
            replace(record, new.encode("utf-8", "surrogateescape"), mode=0o644)


def _amended(site: Path, line: str, changed: frozenset[Path]) -> str:
    path, recorded, _ = _fields(line)
    place = Path(os.path.normpath(site / path))
    if not recorded or place not in changed:
        return line
    shown = f'"{path}"' if "," in path else path
    return f"{shown},sha256={_hash(str(place), 'sha256')},{place.stat().st_size}"


def distributions(site: Path) -> list[tuple[str, str, str]]:
    """(folder or file name, name, version) of what is in a site-packages, sorted."""
    found = []
    try:
        entries = sorted(os.listdir(site))
    except (FileNotFoundError, NotADirectoryError):
        return []
    for entry in entries:
        stem, dot, kind = entry.rpartition(".")
        if kind == "dist-info":
            name, _, version = stem.rpartition("-")
        elif kind == "egg-info":
            name, _, version = stem.partition("-")
            version = version.partition("-py")[0]
        else:
            continue
        if dot and name and not name.startswith("~"):
            found.append((entry, normalise(name), version))
    return found


def _check_one(
    site: Path, folder: str, name: str, prefix: str, seen: Mapping[str, os.stat_result], *, deep: bool
) -> list[Problem]:
    text = _read(site / folder / "RECORD")
    if not text or not text.strip():
        return [Problem(distribution=name, path=folder, fault="no record")]
    problems = []
    base = str(site) + os.sep
    for line in text.splitlines():
        if not line or (not deep and _is_there(line, base, seen)):
            continue
        path, recorded, size = _fields(line)
        place = path if os.path.isabs(path) else base + path
        fault: Fault | None
        if path.startswith(("..", "/")) and prefix and not os.path.normpath(place).startswith(prefix):
            fault = "outside"
        else:
            fault = _fault(place, recorded, size, deep=deep)
        if fault:
            problems.append(Problem(distribution=name, path=path, fault=fault))
    return problems


def _is_there(line: str, base: str, seen: Mapping[str, os.stat_result]) -> bool:
    """Is it, at first glance, an ordinary line of a file that has its size? Nearly all are; others are looked at."""
    parts = line.split(",")
    if len(parts) != 3 or line[0] in './"\\':  # noqa: PLR2004  # path,hash,size
        return False
    place = base + parts[0]
    try:
        return str((seen.get(place) or os.stat(place)).st_size) == parts[2]
    except (OSError, ValueError):  # a NUL byte is in no path
        return False


def _fields(line: str) -> tuple[str, str, str]:
    if line.startswith('"'):
        path, _, rest = line[1:].rpartition('"')
        _, recorded, size = rest.split(",") if rest.count(",") == 2 else ("", "", "")  # noqa: PLR2004  # path,hash,size
        return path.replace('""', '"'), recorded, size
    fields = line.rsplit(",", 2)
    return (fields[0], fields[1], fields[2]) if len(fields) == 3 else (line, "", "")  # noqa: PLR2004  # path,hash,size


def _fault(place: str, recorded: str, size: str, *, deep: bool) -> Fault | None:
    try:
        actual = os.stat(place).st_size
    except (OSError, ValueError):  # a NUL byte is in no path
        return None if place.endswith((".pyc", "__pycache__")) and not size else "missing"
    if size.isdecimal() and int(size) != actual:
        return "size"
    if deep and recorded:
        algorithm, _, expected = recorded.partition("=")
        if _hash(place, algorithm) != expected.rstrip("="):
            return "hash"
    return None


def _hash(place: str, algorithm: str) -> str:
    import hashlib  # with OpenSSL, which takes 9 ms to be loaded: the bytes are read rarely, and then all of them

    try:
        digest = hashlib.new(algorithm)
        descriptor = os.open(place, _READ)
        try:
            while chunk := os.read(descriptor, _CHUNK):  # most files are one: `file_digest` clears 256 KiB for each
                digest.update(chunk)
        finally:
            os.close(descriptor)
        raw = digest.digest()
    except (OSError, ValueError, TypeError):  # nothing to be read, no algorithm, or one that needs a length
        return ""
    return base64.urlsafe_b64encode(raw).decode("ascii").rstrip("=")


def _prefix(site: Path) -> str:
    """The environment that holds `site`, with a separator at its end; empty where there is none to be seen."""
    for folder in site.parents:
        if (folder / "pyvenv.cfg").is_file():
            return str(folder) + os.sep
    return ""


def _read(path: Path) -> str | None:
    try:
        return path.read_text(encoding="utf-8", errors="surrogateescape")
    except OSError:
        return None
