"""Poetry's own way to write requirements, as the standard's (PEP 440, PEP 508)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from installer import lazily
from phases.python.discovery import specifiers

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from phases.python.discovery.tree import Table

_CLAUSE = lazily.pattern(r"(\^|~=|~|===|==|!=|<=|>=|<|>|=)?\s*v?([0-9][^\s,|]*|\*)")
_MINORS = ("2.7", *(f"3.{minor}" for minor in range(50)))


def specifier(constraint: str) -> str:
    """`^1.2` is `>=1.2,<2`. Of alternatives (`||`) the range around them all: the standard knows no "or"."""
    alternatives = [_all_of(each) for each in re.split(r"\|\|?", constraint)]
    if len(alternatives) == 1 or "" in alternatives:
        return alternatives[0] if len(alternatives) == 1 else ""
    return _around(alternatives)


def python(constraint: str) -> str:
    """A constraint on Python: of alternatives, the range around them without the versions between them."""
    alternatives = [_all_of(each) for each in re.split(r"\|\|?", constraint)]
    if len(alternatives) == 1 or "" in alternatives:
        return alternatives[0] if len(alternatives) == 1 else ""
    around = _around(alternatives)
    inside = [minor for minor in _MINORS if specifiers.admits(around, (*specifiers.numbers(minor), 99))]
    gaps = [minor for minor in inside if not any(_touches(each, minor) for each in alternatives)]
    return specifiers.joined(around, *(f"!={minor}.*" for minor in gaps))


def requirements(name: str, wish: object) -> tuple[str, ...]:
    """An entry of a dependency table as requirements: `{version = "^1", python = "<3.8"}`, or a list of such."""
    if isinstance(wish, list):
        return tuple(requirement for each in wish for requirement in requirements(name, each))
    if isinstance(wish, str):
        return (f"{name}{specifier(wish)}",)
    return (_from_table(name, wish),) if isinstance(wish, dict) else ()


def local_path(wish: object) -> str:
    """The folder of an entry that is `{path = …}`."""
    return str(wish["path"]) if isinstance(wish, dict) and isinstance(wish.get("path"), str) else ""


def extras(wish: Table) -> str:
    """`[a,b]`; empty where it asks for none."""
    wanted = wish.get("extras")
    return f"[{','.join(map(str, wanted))}]" if wanted and isinstance(wanted, list) else ""


def _from_table(name: str, wish: Table) -> str:
    marker = " and ".join(f"({each})" if " or " in each else each for each in _markers(wish))
    source = _source(wish)
    what = f" @ {source}" if source else specifier(str(wish.get("version", "*")))
    return f"{name}{extras(wish)}{what}" + (f" ; {marker}" if marker else "")


def _source(wish: Table) -> str:
    if "git" in wish:
        revision = next((f"@{wish[key]}" for key in ("rev", "tag", "branch") if key in wish), "")
        url = str(wish["git"])
        url = url if "://" in url else re.sub(r"^([^@/]+@)?([^:/]+):", r"ssh://\1\2/", url)
        folder = f"#subdirectory={wish['subdirectory']}" if "subdirectory" in wish else ""
        return f"git+{url}{revision}{folder}"
    return str(wish.get("url", ""))


def _markers(wish: Table) -> Iterator[str]:
    if isinstance(wish.get("markers"), str):
        yield wish["markers"]
    if isinstance(wish.get("python"), str) and wish["python"] != "*":
        yield " or ".join(filter(None, map(_python_marker, re.split(r"\|\|?", wish["python"]))))
    if isinstance(wish.get("platform"), str):
        yield f"sys_platform == '{wish['platform']}'"


def _python_marker(constraint: str) -> str:
    clauses = re.findall(r"(===|~=|==|!=|<=|>=|<|>)([^,]+)", _all_of(constraint))
    return " and ".join(f"{_variable(version)} {operator} '{version}'" for operator, version in clauses)


def _variable(version: str) -> str:
    """The marker to compare with `3.8`, or with `3.8.1`."""
    return "python_full_version" if version.count(".") > 1 and "*" not in version else "python_version"


def _all_of(constraint: str) -> str:
    """Clauses that must all hold, separated by commas or spaces."""
    return specifiers.joined(*(_clause(operator, version) for operator, version in _CLAUSE.findall(constraint)))


def _clause(operator: str, version: str) -> str:
    if version == "*":
        return ""
    if operator == "^":
        return f">={version},<{_after_caret(version)}"
    if operator == "~":
        return f">={version},<{_bumped(version, min(1, len(specifiers.numbers(version)) - 1))}"
    return f"{'==' if operator in ('', '=') else operator}{version}"


def _after_caret(version: str) -> str:
    """The first number that is not zero may not grow."""
    parts = specifiers.numbers(version)
    return _bumped(version, next((index for index, part in enumerate(parts) if part), len(parts) - 1))


def _bumped(version: str, index: int) -> str:
    parts = specifiers.numbers(version)
    return ".".join(map(str, (*parts[:index], parts[index] + 1)))


def _around(alternatives: list[str]) -> str:
    """The lowest lower bound and the highest upper bound, where every alternative has one."""
    lowest = [_bound(each, (">=", ">", "==", "~=")) for each in alternatives]
    highest = [_bound(_closed(each), ("<", "<=")) for each in alternatives]
    return specifiers.joined(_extreme(lowest, min), _extreme(highest, max))


def _extreme(bounds: list[tuple[str, str]], choose: Callable[..., tuple[str, str]]) -> str:
    if ("", "") in bounds:
        return ""
    operator, version = choose(bounds, key=lambda bound: specifiers.numbers(bound[1]))
    return f"{operator if operator in ('>', '<', '<=') else '>='}{version}"


def _bound(clauses: str, operators: tuple[str, ...]) -> tuple[str, str]:
    """The first clause with one of `operators`, in two."""
    parts = (re.match(r"([<>=~!]+)(.+)", clause) for clause in clauses.split(","))
    found = ((part[1], part[2].removesuffix(".*")) for part in parts if part)
    return next((each for each in found if each[0] in operators), ("", ""))


def _closed(clauses: str) -> str:
    """`==3.8.*` and `~=3.8` with the upper bound that they imply."""
    wild = re.fullmatch(r"==([\d.]+)\.\*|~=([\d.]+)\.\d+", clauses)
    if not wild:
        return clauses
    version = wild[1] or wild[2]
    return f"{clauses},<{_bumped(version, version.count('.'))}"


def _touches(clauses: str, minor: str) -> bool:
    """Is any patch release of `minor` admitted?"""
    number = specifiers.numbers(minor)
    return any(specifiers.admits(clauses, (*number, patch)) for patch in (0, 1, 9, 30))
