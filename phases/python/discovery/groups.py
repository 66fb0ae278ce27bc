"""Dependency groups: PEP 735, and what Poetry, PDM and older uv had before it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from installer.i18n import tr
from phases.python.discovery import poetry
from phases.python.discovery.fields import wrong
from phases.python.discovery.metadata import LocalPath, Requirements, extras_of, normalised

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from phases.python.discovery.tree import Table


def read(document: Table, path: str) -> dict[str, Requirements]:
    """All groups of a `pyproject.toml`, by normalised name; of one name in two tables both. Raises `UsageError`."""
    tool = document.get("tool", {})
    groups: dict[str, Requirements] = {}
    for name, requirements in _all(document, tool, path):
        groups[normalised(name)] = tuple(dict.fromkeys((*groups.get(normalised(name), ()), *requirements)))
    return groups


def poetry_tables(tool: Table) -> Iterator[tuple[str, Table]]:
    """Poetry's groups as its own tables."""
    settings = tool.get("poetry", {})
    if isinstance(settings.get("dev-dependencies"), dict):
        yield "dev", settings["dev-dependencies"]
    grouped = settings.get("group", {})
    for name, group in grouped.items() if isinstance(grouped, dict) else ():
        if isinstance(group, dict) and isinstance(group.get("dependencies"), dict):
            yield name, group["dependencies"]


def local(tool: Table) -> Iterator[LocalPath]:
    """Projects of the tree that groups ask for by their path."""
    for group, table in poetry_tables(tool):
        for name, wish in table.items():
            if path := poetry.local_path(wish):
                yield LocalPath(path=path, name=normalised(name), group=normalised(group))
    for group, lines in _pdm(tool).items():
        for line in lines:
            if path := _pdm_path(line):
                yield LocalPath(path=path, extras=extras_of(line), group=normalised(group))


def _all(document: Table, tool: Table, path: str) -> Iterator[tuple[str, Requirements]]:
    standard = document.get("dependency-groups", {})
    if not isinstance(standard, dict):
        raise wrong(path, tr("[dependency-groups] must be a table"))
    by_name = {normalised(name): value for name, value in standard.items()}
    for name in by_name:
        yield name, tuple(_expanded(name, by_name, path, ()))
    if isinstance(old := tool.get("uv", {}).get("dev-dependencies"), list):
        yield "dev", tuple(line for line in old if isinstance(line, str))
    for name, lines in _pdm(tool).items():
        yield name, tuple(line for line in lines if not line.startswith("-e"))
    for name, table in poetry_tables(tool):
        yield name, tuple(_poetry(table))


def _expanded(name: str, groups: Mapping[str, object], path: str, above: tuple[str, ...]) -> Iterator[str]:
    """The requirements of a group, with those of the groups it includes."""
    if name in above:
        raise wrong(path, tr("the dependency groups {names} include each other", names=" → ".join((*above, name))))
    if name not in groups:
        raise wrong(
            path, tr("dependency group {name} includes {other}, which does not exist", name=above[-1], other=name)
        )
    entries = groups[name]
    if not isinstance(entries, list):
        raise wrong(path, tr("dependency group {name} must be a list", name=name))
    for entry in entries:
        if isinstance(entry, str):
            yield entry
        elif isinstance(entry, dict) and isinstance(entry.get("include-group"), str):
            yield from _expanded(normalised(entry["include-group"]), groups, path, (*above, name))
        else:
            raise wrong(
                path, tr("dependency group {name} holds {entry}, which is no requirement", name=name, entry=repr(entry))
            )


def _poetry(table: Table) -> Iterator[str]:
    for name, wish in table.items():
        if normalised(name) != "python" and not poetry.local_path(wish):
            yield from poetry.requirements(name, wish)


def _pdm(tool: Table) -> dict[str, list[str]]:
    groups = tool.get("pdm", {}).get("dev-dependencies", {})
    if not isinstance(groups, dict):
        return {}
    return {name: list(map(str, lines)) for name, lines in groups.items() if isinstance(lines, list)}


def _pdm_path(line: str) -> str:
    """`-e file:///${PROJECT_ROOT}/sub#egg=x` is `sub`."""
    root = "${PROJECT_ROOT}"
    if not line.startswith("-e") or root not in line:
        return ""
    return line.partition(root)[2].partition("#")[0].strip("/") or "."
