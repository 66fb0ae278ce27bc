"""One locked distribution, whatever the format, and what its lock means for a resolution."""

from __future__ import annotations

from typing import TYPE_CHECKING

from installer.frozen import dataclass, field
from phases.python.records import normalise

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """What one lock says of one version of one distribution.

    hashes    "sha256:…" of every file that may be installed; empty where the lock has none
    marker    an environment marker that must hold for it to be wanted; empty: always
    python    PEP 440 specifiers of Python
    direct    where it comes from when from no index: "git+https://…@revision", an archive's URL
    index     the index that has it, when not the default one
    local     it is a folder or file of the project
    """

    name: str
    version: str
    hashes: frozenset[str] = field(default_factory=frozenset)
    marker: str = ""
    python: str = ""
    direct: str = ""
    index: str = ""
    local: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Pinned:
    """What a resolution is told, so that it comes out as the lock has it.

    choices   the versions, lowest first, of what the lock has in several for this interpreter
    """

    pins: tuple[str, ...] = ()
    overrides: tuple[str, ...] = ()
    indexes: tuple[str, ...] = ()
    choices: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


def pin(entries: tuple[Entry, ...], markers: Mapping[str, str]) -> Pinned:
    """Constraints that hold every distribution at the version that the lock has for this interpreter.

    `markers` describe the interpreter; they are looked at only where a distribution is locked in several versions.
    """
    pins, overrides = [], []
    choices = {}
    for name, versions in by_name(entries).items():
        fitting = _fitting(versions, markers) if len(versions) > 1 else versions
        if len({entry.version for entry in fitting}) != 1:
            if ordered := _ascending(fitting):
                choices[name] = ordered
            continue
        entry = fitting[0]
        if entry.local:
            continue
        if entry.direct:
            overrides.append(f"{name} @ {entry.direct}")
        else:
            pins.append(f"{name}=={entry.version}")
    indexes = tuple(dict.fromkeys(entry.index for entry in entries if entry.index))
    return Pinned(pins=tuple(pins), overrides=tuple(overrides), indexes=indexes, choices=choices)


def between(name: str, versions: tuple[str, ...]) -> str:
    """A constraint around `versions`, which are in order: nothing above the highest, nothing below the lowest."""
    lowest, highest = (versions[index].partition("+")[0] for index in (0, -1))  # a local label is in no range
    return f"{name}>={lowest},<={highest}"


def highest(versions: tuple[str, ...], limit: str) -> str:
    """Of `versions`, which are in order, the highest that is not above `limit`; else the lowest."""
    from packaging.version import Version

    return next((each for each in reversed(versions) if Version(each) <= Version(limit)), versions[0])


def by_name(entries: tuple[Entry, ...]) -> dict[str, list[Entry]]:
    """Normalised name to all that the lock has under it."""
    found: dict[str, list[Entry]] = {}
    for entry in entries:
        found.setdefault(normalise(entry.name), []).append(entry)
    return found


def _ascending(entries: list[Entry]) -> tuple[str, ...]:
    """Their versions in order; none where one of them comes from elsewhere than an index, or is no version."""
    from packaging.version import InvalidVersion, Version

    if any(entry.local or entry.direct for entry in entries):
        return ()
    try:
        return tuple(sorted({entry.version for entry in entries}, key=Version))
    except InvalidVersion:
        return ()


def _fitting(versions: list[Entry], markers: Mapping[str, str]) -> list[Entry]:
    """Those that are meant for the interpreter; all of them if that leaves none."""
    from packaging.markers import InvalidMarker, Marker
    from packaging.specifiers import InvalidSpecifier, SpecifierSet

    def fits(entry: Entry) -> bool:
        try:
            wanted = not entry.marker or Marker(entry.marker).evaluate({**markers, "extra": ""})
            suits = SpecifierSet(entry.python if entry.python != "*" else "").contains(
                markers["python_full_version"], prereleases=True
            )
        except (InvalidMarker, InvalidSpecifier):  # Poetry's `^3.8 || …`: no reason against it
            return True
        return bool(wanted) and suits

    return [entry for entry in versions if fits(entry)] or versions
