"""PEP 440 specifiers over versions of Python: three numbers, no more. Importing `packaging` takes 36 ms."""

from __future__ import annotations

import re

from installer import lazily

Version = tuple[int, ...]

_CLAUSE = lazily.pattern(r"\s*(===|~=|==|!=|<=|>=|<|>)?\s*v?(\d+(?:\.\d+)*)(\.\*)?[^,\s]*\s*")


def admits(specifiers: str, version: Version) -> bool:
    """Does `version` satisfy them all? What is no specifier at all stands in nobody's way."""
    return all(_holds(clause, version) for clause in specifiers.split(",") if clause.strip())


def is_valid(specifiers: str) -> bool:
    """Can every clause of it be read?"""
    return all(_CLAUSE.fullmatch(clause) for clause in specifiers.split(",") if clause.strip())


def joined(*specifiers: str) -> str:
    """All of them as one, each clause once."""
    clauses = (clause.strip() for each in specifiers for clause in each.split(","))
    return ",".join(dict.fromkeys(filter(None, clauses)))


def numbers(text: str) -> Version:
    """The leading numbers of a version: `3.11.7` and `3.11.7rc1` are (3, 11, 7). Empty where there are none."""
    found = re.match(r"\d+(?:\.\d+)*", text)
    return tuple(map(int, found[0].split("."))) if found else ()


def _holds(clause: str, version: Version) -> bool:
    found = _CLAUSE.fullmatch(clause)
    if not found:
        return True
    operator, wanted, wild = found[1] or "==", numbers(found[2]), bool(found[3])
    if operator == "~=":
        return _compare(version, wanted) >= 0 and version[: len(wanted) - 1] == wanted[:-1]
    if wild:
        inside = version[: len(wanted)] == wanted
        return inside is (operator != "!=")
    order = _compare(version, wanted)
    return {
        "==": order == 0, "===": order == 0, "!=": order != 0,
        "<": order < 0, ">": order > 0, "<=": order <= 0, ">=": order >= 0,
    }[operator]  # fmt: skip


def _compare(one: Version, other: Version) -> int:
    length = max(len(one), len(other))
    left, right = (each + (0,) * (length - len(each)) for each in (one, other))
    return (left > right) - (left < right)
