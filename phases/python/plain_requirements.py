"""Requirements of the forms that nearly all have, read without `packaging`, whose import takes longer than all of them.

Whatever is not exactly of these forms is left to `packaging`: plain versions (`1.2.3`), the common operators, markers
that are comparisons joined by `and`.
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

from installer import lazily
from installer.frozen import dataclass
from phases.python.discovery import specifiers

if TYPE_CHECKING:
    from collections.abc import Mapping

_REQUIREMENT = lazily.pattern(
    r"(?P<name>[A-Za-z0-9](?:[\w.-]*[A-Za-z0-9])?)\s*(?:\[[\w\s,.-]*\])?\s*(?P<bounds>[^;@\[\]]*?)\s*(?:;\s*(?P<marker>.+?)\s*)?",
    re.ASCII,
)
_CLAUSE = lazily.pattern(r"\s*(?:(?:~=|<=|>=|<|>)\s*\d+(?:\.\d+)*|[=!]=\s*\d+(?:\.\d+)*(?:\.\*)?)\s*", re.ASCII)
_VERSION = lazily.pattern(r"\d+(?:\.\d+)*", re.ASCII)
_OF_EXTRA = lazily.pattern(r"""\([^()]*\)\s+and\s+extra\s*==\s*(["'])[^"']+\1""")
_COMPARISON = lazily.pattern(r"""(?P<key>\w+)\s*(?P<operator>==|!=|<=|>=|<|>)\s*(["'])(?P<value>[^"']*)\3""")
_VERSIONED = frozenset(("python_version", "python_full_version"))
_NAMED = frozenset(("os_name", "sys_platform", "platform_system", "platform_machine", "implementation_name"))
_NAMED |= {"platform_python_implementation"}


class NotPlain(Exception):
    """It is of another form."""


@dataclass(frozen=True, slots=True)
class Plain:
    """A requirement: the distribution as it spells it, the versions it takes, and where it applies at all."""

    name: str
    bounds: str
    marker: str

    def applies(self, markers: Mapping[str, str]) -> bool:
        """Does it hold without extras, for an interpreter with these `markers`? Raises `NotPlain`."""
        if not self.marker:
            return True
        if _OF_EXTRA.fullmatch(self.marker):
            return False
        parts = [_COMPARISON.fullmatch(part.strip()) for part in self.marker.split(" and ")]
        found = [(part["key"], part["operator"], part["value"]) for part in parts if part]
        if len(found) < len(parts):
            raise NotPlain
        return all(_holds(*each, markers) for each in found)

    def admits(self, version: str) -> bool:
        """Is `version` among those it takes? Raises `NotPlain`."""
        if not self.bounds:
            return True
        if not _VERSION.fullmatch(version) or not all(map(_CLAUSE.fullmatch, self.bounds.split(","))):
            raise NotPlain
        return _admits(self.bounds, version)


@cache
def parse(line: str) -> Plain:
    """The requirement that a `Requires-Dist` line is. Raises `NotPlain`."""
    found = _REQUIREMENT.fullmatch(line.strip())
    if not found:
        raise NotPlain
    bounds = found["bounds"]
    in_brackets = bounds.startswith("(") and bounds.endswith(")")
    return Plain(found["name"], bounds[1:-1] if in_brackets else bounds, found["marker"] or "")


def _holds(key: str, operator: str, value: str, markers: Mapping[str, str]) -> bool:
    if key == "extra" and operator == "==" and value:
        return False
    if key in _VERSIONED and _VERSION.fullmatch(value) and _VERSION.fullmatch(markers[key]):
        return _admits(f"{operator}{value}", markers[key])
    if key in _NAMED and operator in {"==", "!="} and not value[:1].isdigit():
        return (markers[key] == value) is (operator == "==")
    raise NotPlain


def _admits(bounds: str, version: str) -> bool:
    numbers = specifiers.numbers(version)
    longest = max((each.count(".") + 1 for each in bounds.split(",")), default=0)
    return specifiers.admits(bounds.replace(" ", ""), numbers + (0,) * (longest - len(numbers)))
