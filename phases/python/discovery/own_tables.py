"""Projects whose metadata is in a table of the tool that builds them, as Poetry and Flit had it before the standard."""

from __future__ import annotations

from typing import TYPE_CHECKING

from installer.i18n import tr
from phases.python.discovery import buildable, poetry
from phases.python.discovery.fields import string, strings, table
from phases.python.discovery.metadata import LocalPath, Metadata, Requirements, name_of, normalised

if TYPE_CHECKING:
    from installer.model import RelPath
    from phases.python.discovery.tree import Table, Tree


def read(tree: Tree, folder: RelPath, document: Table) -> Metadata | None:
    """The project of `[tool.poetry]` or `[tool.flit]`; nothing where there is none. Raises `UsageError`."""
    path, tool = folder / "pyproject.toml", document.get("tool", {})
    backend = string(table(document, "build-system", path), "build-backend", path)
    about = tool.get("poetry", {})
    if "name" in about or "dependencies" in about:
        return _poetry(tree, folder, document, backend)
    if "metadata" in tool.get("flit", {}):
        return _flit(folder, table(tool["flit"], "metadata", path), backend)
    return None


def _poetry(tree: Tree, folder: RelPath, document: Table, backend: str) -> Metadata:
    path, about = folder / "pyproject.toml", document["tool"]["poetry"]
    name = normalised(string(about, "name", path))
    wishes = {normalised(key): (key, wish) for key, wish in table(about, "dependencies", path).items()}
    _, python = wishes.pop("python", ("", ""))
    local = {key: place for key, (_, wish) in wishes.items() if (place := poetry.local_path(wish))}
    lines = {key: poetry.requirements(*wish) for key, wish in wishes.items() if key not in local}
    optional = {key for key, (_, wish) in wishes.items() if _is_optional(wish)}
    verdict = _verdict(tree, folder, document, name, backend)
    return Metadata(
        path=folder,
        source=path,
        name=name,
        backend=backend,
        requires_python=poetry.python(python) if isinstance(python, str) else "",
        classifiers=strings(about, "classifiers", path),
        dependencies=tuple(line for key, each in lines.items() if key not in optional for line in each),
        extras=_extras(table(about, "extras", path), lines, path),
        local=tuple(LocalPath(path=place, name=key) for key, place in local.items() if key not in optional),
        package=verdict.package,
        why=verdict.why,
        refused=verdict.refused,
    )


def _is_optional(wish: object) -> bool:
    alternatives = wish if isinstance(wish, list) else [wish]
    return any(isinstance(each, dict) and each.get("optional") is True for each in alternatives)


def _verdict(tree: Tree, folder: RelPath, document: Table, name: str, backend: str) -> buildable.Verdict:
    if backend:
        return buildable.judge(tree, folder, document, name, backend)
    return buildable.Verdict(
        package=False, why=tr("it names no build backend, and only Poetry would know how to build it")
    )


def _extras(extras: Table, lines: dict[str, Requirements], path: str) -> dict[str, Requirements]:
    """Poetry's extras name dependencies; what those ask for is what the extra asks for."""
    return {
        normalised(extra): tuple(
            line for each in strings(extras, extra, path) for line in lines.get(normalised(name_of(each) or each), ())
        )
        for extra in extras
    }


def _flit(folder: RelPath, about: Table, backend: str) -> Metadata:
    path = folder / "pyproject.toml"
    extras = table(about, "requires-extra", path)
    return Metadata(
        path=folder,
        source=path,
        name=normalised(string(about, "dist-name", path) or string(about, "module", path)),
        backend=backend or "flit_core.buildapi",
        requires_python=string(about, "requires-python", path).replace(" ", ""),
        classifiers=strings(about, "classifiers", path),
        dependencies=strings(about, "requires", path),
        extras={normalised(extra): strings(extras, extra, path) for extra in extras},
    )
