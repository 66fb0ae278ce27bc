"""`pylock.toml` (PEP 751): reading, narrowing and writing what was resolved."""

from __future__ import annotations

import datetime as dt
import json
import re
import tomllib
from typing import TYPE_CHECKING, Any

from installer import lazily
from installer.errors import Refused, StepFailed
from installer.hashing import sha256
from installer.i18n import tr
from phases.python.records import normalise

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

Table = dict[str, Any]  # what tomllib returns
_PACKAGE = lazily.pattern(r'^\[\[packages\]\]\nname = "([^"]+)"(?:\nversion = "([^"]+)")?(\nmarker = )?', re.MULTILINE)
_KEYS = (
    "lock-version",
    "created-by",
    "requires-python",
    "environments",
    "extras",
    "dependency-groups",
    "default-groups",
)
_FILES = ("sdist", "archive")
_MEND = "mend it, then run the same command again"


def parse(text: str, origin: str = "pylock.toml") -> Table:
    """The document. Raises `StepFailed` where it is no pylock.toml that we know."""
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        message = tr("cannot read {path}: {error}", path=origin, error=error)
        raise StepFailed("lock.unreadable", message, hint=tr(_MEND)) from error
    packages = document.get("packages")
    if not str(document.get("lock-version", "")).startswith("1.") or not isinstance(packages, list):
        message = tr("{path} is not a {kind} lock as we know it", path=origin, kind="pylock")
        raise StepFailed("lock.shape", message, hint=tr(_MEND))
    return document


def listed(text: str) -> dict[str, str]:
    """Name to version of what uv wrote, those with a marker left out: they may not be for this interpreter.

    Reads lines, not TOML: a lock with the wheels of all platforms takes the parser a tenth of a second.
    """
    return {normalise(name): version for name, version, marker in _PACKAGE.findall(text) if not marker}


def origins(text: str) -> dict[str, str]:
    """Name to a digest of all that the lock says of it: versions, indexes, addresses, hashes. Reads lines, as `listed`.

    What lies on this machine, comes from version control, or is listed more than once has none: only what an index
    gives is known by that.
    """
    found: dict[str, str] = {}
    twice = set()
    head, *entries = re.split(r"^\[\[packages\]\]\n", text, flags=re.MULTILINE)
    del head
    for entry in entries:
        own = re.split(r"^\[(?!\[?packages)", entry, maxsplit=1, flags=re.MULTILINE)[0]  # our own table at the end
        named = re.match(r'name = "([^"]+)"\nversion = ', own)
        if named is None or re.search(r"^(?:vcs|directory|archive)\b|^\[packages\.(?:vcs|dir|arch)", own, re.MULTILINE):
            continue
        name = normalise(named[1])
        twice |= {name} & found.keys()
        found[name] = sha256(own.strip().encode()).hexdigest()[:32]
    return {name: digest for name, digest in found.items() if name not in twice}


def has_local(text: str) -> bool:
    """Is there anything in it that lies on this machine?"""
    return (
        re.search(r"^(?:directory = |archive = \{ path = |\[packages\.(?:directory|archive)\])", text, re.MULTILINE)
        is not None
    )


def without(document: Table, unwanted: Callable[[Table], bool]) -> Table:
    """The same lock without some packages."""
    return {**document, "packages": [package for package in document["packages"] if not unwanted(package)]}


def folder_of(package: Table, base: Path) -> Path | None:
    """The local folder that a package is installed from, if it is."""
    directory = package.get("directory")
    return (base / directory["path"]).resolve() if directory else None


def absolute(document: Table, base: Path) -> Table:
    """The same lock with the full paths of what lies on this machine, which are relative to `base`."""
    packages = []
    for package in document["packages"]:
        moved = {
            key: {**package[key], "path": str((base / package[key]["path"]).resolve())}
            for key in ("directory", "archive")
            if "path" in package.get(key, {})
        }
        packages.append({**package, **moved})
    return {**document, "packages": packages}


class Unlisted(Refused):
    """Nothing gives a hash for it: as little is installed as of what was changed, but nobody changed anything."""

    exit_code = 6


def restrict(
    document: Table, allowed: Mapping[str, frozenset[str]], *, origin: str, every: bool = False, hint: str = ""
) -> Table:
    """The same lock with only the files whose hashes are `allowed` for their name.

    Names that `allowed` has not are left alone, unless `every`: then `Unlisted` is raised, with `hint`, which says
    how they come there. Raises `Refused` where no file is left.
    """
    packages = []
    for package in document["packages"]:
        name = normalise(package["name"])
        if (name not in allowed and not every) or "directory" in package or "vcs" in package:
            packages.append(package)
        elif name in allowed:
            packages.append(_restricted(package, allowed[name], origin))
        else:
            said = tr("{origin} gives no hash for `{name}`", origin=origin, name=package["name"])
            raise Unlisted("python.no-hash", said, hint=hint, name=package["name"])
    return {**document, "packages": packages}


def write(document: Table) -> str:
    """The text of the lock."""
    lines = [f"{key} = {_value(document[key])}" for key in _KEYS if key in document]
    if not document["packages"]:
        lines.append("packages = []")
    for package in document["packages"]:
        lines.append("\n[[packages]]")
        lines += [f"{_key(key)} = {_value(value)}" for key, value in package.items()]
    for name, table in document.get("tool", {}).items():
        lines.append(f"\n[tool.{_key(name)}]")
        lines += [f"{_key(key)} = {_value(value)}" for key, value in table.items()]
    return "\n".join(lines) + "\n"


def _restricted(package: Table, allowed: frozenset[str], origin: str) -> Table:
    kept = {key: value for key, value in package.items() if key not in {"wheels", *_FILES}}
    wheels = [wheel for wheel in package.get("wheels", []) if _is_allowed(wheel, allowed)]
    if wheels:
        kept["wheels"] = wheels
    kept |= {key: package[key] for key in _FILES if key in package and _is_allowed(package[key], allowed)}
    if not kept.keys() & {"wheels", *_FILES}:
        raise Refused(
            "python.hash",
            tr(
                "no file of `{name}` {version} has a hash that {origin} lists",
                name=package["name"],
                version=package.get("version", ""),
                origin=origin,
            ),
            hint=tr("if the new file is meant, lock it anew"),
            name=package["name"],
        )
    return kept


def _is_allowed(file: Table, allowed: frozenset[str]) -> bool:
    return any(f"{algorithm}:{value}" in allowed for algorithm, value in file.get("hashes", {}).items())


def _key(key: str) -> str:
    return key if re.fullmatch(r"[\w-]+", key, re.ASCII) else json.dumps(key)


def _value(value: object) -> str:
    match value:
        case bool():
            return "true" if value else "false"
        case int() | float():
            return str(value)
        case dt.datetime() | dt.date():
            return value.isoformat()
        case list():
            return "[" + ", ".join(map(_value, value)) + "]"
        case dict():
            return "{ " + ", ".join(f"{_key(key)} = {_value(each)}" for key, each in value.items()) + " }"
        case _:
            return json.dumps(str(value), ensure_ascii=False).replace("\x7f", "\\u007f")
