"""A `pyproject.toml`: the standard's `[project]`, or what Poetry and Flit had before it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from installer.errors import UsageError
from installer.i18n import tr
from phases.python.discovery import buildable, groups, legacy, poetry
from phases.python.discovery.metadata import LocalPath, Metadata, Requirements, Workspace, name_of, names_of, normalised

if TYPE_CHECKING:
    from collections.abc import Iterator

    from installer.model import RelPath
    from phases.python.discovery.tree import Table, Tree

_OWN_TABLES = ("poetry", "flit")  # of tools that once kept the metadata in a table of their own


def read(tree: Tree, folder: RelPath) -> Metadata | None:
    """The project in `folder`, by its `pyproject.toml` and else by its `setup.py` or `setup.cfg`.

    Nothing where there is neither. Raises `UsageError` for a file that cannot be right.
    """
    path = folder / "pyproject.toml"
    document = tree.toml(path)
    old = legacy.read(tree, folder)
    if document is None:
        return old
    tool = _table(document, "tool", path)
    for name in ("uv", "poetry", "pdm", "flit", "hatch", "setuptools"):
        _table(tool, name, path)
    about = replace(_about(tree, folder, document, old), **_shared(document, tool, path))
    return replace(about, local=(*about.local, *groups.local(tool), *_uv_local(tool, about)))


def _about(tree: Tree, folder: RelPath, document: Table, old: Metadata | None) -> Metadata:
    path, tool = folder / "pyproject.toml", document.get("tool", {})
    backend, builds = _build_system(document, path)
    if "project" in document:
        return _standard(tree, folder, document, backend, builds, old)
    if isinstance(tool.get("poetry", {}).get("name"), str) or "dependencies" in tool.get("poetry", {}):
        return _poetry(tree, folder, tool["poetry"], backend, builds)
    if isinstance(tool.get("flit", {}).get("metadata"), dict):
        return _flit(folder, tool["flit"]["metadata"], backend, builds)
    if old is not None:
        return replace(old, backend=backend, builds=(*builds, *old.builds))
    return Metadata(
        path=folder, source=path, is_project=False, package=False, why=tr("it holds only settings of tools")
    )


def _standard(
    tree: Tree, folder: RelPath, document: Table, backend: str, builds: Requirements, old: Metadata | None
) -> Metadata:
    path, project, tool = (
        folder / "pyproject.toml",
        _table(document, "project", folder / "pyproject.toml"),
        document.get("tool", {}),
    )
    name = project.get("name")
    if not isinstance(name, str) or not name_of(name):
        raise _wrong(path, tr("[project] must have a name"))
    dynamic = _strings(project, "dynamic", path)
    reads = tuple(_dynamic_files(tree, tool, folder)) if "dependencies" in dynamic else ()
    from_script = old if old is not None and "dependencies" in dynamic else None
    package, why, doubtful = _is_package(tree, folder, document, normalised(name), backend)
    extras = _table(project, "optional-dependencies", path)
    return Metadata(
        path=folder,
        source=path,
        name=normalised(name),
        backend=backend,
        builds=builds,
        static="dependencies" not in dynamic and "optional-dependencies" not in dynamic,
        known="dependencies" not in dynamic or bool(from_script and from_script.known and from_script.dependencies),
        requires_python=_string(project, "requires-python", path).replace(" ", "")
        or (old.requires_python if old else ""),
        classifiers=tuple(_strings(project, "classifiers", path)),
        dependencies=from_script.dependencies if from_script else tuple(_strings(project, "dependencies", path)),
        extras={normalised(extra): tuple(_strings(extras, extra, path)) for extra in extras}
        or (old.extras if old else {}),
        reads=reads or (from_script.reads if from_script else ()),
        package=package,
        why=why,
        doubtful=doubtful,
    )


def _is_package(tree: Tree, folder: RelPath, document: Table, name: str, backend: str) -> tuple[bool, str, bool]:
    """Is it to be installed, why (not), and is that no more than our guess?"""
    tool = document.get("tool", {})
    managed = tool.get("uv", {}).get("package", tool.get("pdm", {}).get("distribution"))
    if managed is False or tool.get("poetry", {}).get("package-mode") is False:
        return False, tr("its pyproject.toml says that it is no package"), False
    if managed is True or tree.is_file(folder / "setup.py"):
        return True, "", False
    if refusal := buildable.objection(tree, folder, name, backend, tool):
        return False, refusal, False
    if "build-system" in document or "setuptools" in tool:
        return True, "", False
    if buildable.has_module(tree, folder, name) or buildable.has_src(tree, folder):
        return True, tr("it names no build backend, but there is a package in it"), True
    return False, tr("it names no build backend, and there is no package of its name in it"), False


def _poetry(tree: Tree, folder: RelPath, about: Table, backend: str, builds: Requirements) -> Metadata:
    path = folder / "pyproject.toml"
    table = _table(about, "dependencies", path)
    name = normalised(_string(about, "name", path))
    wished = {normalised(key): (key, wish) for key, wish in table.items() if normalised(key) != "python"}
    lines = {
        key: poetry.requirements(written, wish)
        for key, (written, wish) in wished.items()
        if not poetry.local_path(wish)
    }
    extras = _table(about, "extras", path)
    optional = {key for key, (_, wish) in wished.items() if isinstance(wish, dict) and wish.get("optional")}
    no_package = about.get("package-mode") is False
    refusal = "" if no_package else buildable.objection(tree, folder, name, backend or "poetry.core", {"poetry": about})
    python = table.get("python", "")
    return Metadata(
        path=folder,
        source=path,
        name=name,
        backend=backend or "poetry.core.masonry.api",
        builds=builds,
        requires_python=poetry.python(python) if isinstance(python, str) else "",
        classifiers=tuple(_strings(about, "classifiers", path)),
        dependencies=tuple(line for key, each in lines.items() if key not in optional for line in each),
        extras={
            normalised(extra): tuple(
                line
                for each in _strings(extras, extra, path)
                for line in lines.get(normalised(name_of(each) or each), ())
            )
            for extra in extras
        },
        local=tuple(
            LocalPath(path=poetry.local_path(wish), name=key)
            for key, (_, wish) in wished.items()
            if poetry.local_path(wish) and key not in optional
        ),
        package=not no_package and not refusal,
        why=tr("its pyproject.toml says that it is no package") if no_package else refusal,
    )


def _flit(folder: RelPath, about: Table, backend: str, builds: Requirements) -> Metadata:
    path = folder / "pyproject.toml"
    extras = _table(about, "requires-extra", path)
    return Metadata(
        path=folder,
        source=path,
        name=normalised(_string(about, "dist-name", path) or _string(about, "module", path)),
        backend=backend or "flit_core.buildapi",
        builds=builds,
        requires_python=_string(about, "requires-python", path).replace(" ", ""),
        classifiers=tuple(_strings(about, "classifiers", path)),
        dependencies=tuple(_strings(about, "requires", path)),
        extras={normalised(extra): tuple(_strings(extras, extra, path)) for extra in extras},
    )


def _shared(document: Table, tool: Table, path: RelPath) -> dict[str, Any]:  # fields
    """What any kind of project may have besides: groups, a workspace, conflicts."""
    settings = tool.get("uv", {})
    default = settings.get("default-groups", [])
    workspace = settings.get("workspace")
    return {
        "groups": groups.read(document, path),
        "default_groups": tuple(map(normalised, default)) if isinstance(default, list) else ("all",),
        "workspace": Workspace(
            members=tuple(_strings(workspace, "members", path)), exclude=tuple(_strings(workspace, "exclude", path))
        )
        if isinstance(workspace, dict)
        else None,
        "conflicts": tuple(_conflicts(settings)),
    }


def _build_system(document: Table, path: RelPath) -> tuple[str, Requirements]:
    table = _table(document, "build-system", path)
    return _string(table, "build-backend", path), tuple(_strings(table, "requires", path))


def _dynamic_files(tree: Tree, tool: Table, folder: RelPath) -> Iterator[RelPath]:
    """Requirement files that setuptools is told to read the dependencies from."""
    dynamic = tool.get("setuptools", {}).get("dynamic", {}).get("dependencies", {})
    files = dynamic.get("file", []) if isinstance(dynamic, dict) else []
    for file in [files] if isinstance(files, str) else files:
        if tree.is_file(folder / file):
            yield folder / file


def _uv_local(tool: Table, about: Metadata) -> Iterator[LocalPath]:
    """Sources that are folders; one that just a group asks for is that group's."""
    sources = tool.get("uv", {}).get("sources", {})
    for written, source in sources.items() if isinstance(sources, dict) else ():
        name = normalised(written)
        asking = (group for group, lines in about.groups.items() if name in names_of(lines))
        group = "" if name in names_of(about.dependencies) else next(asking, "")
        for each in source if isinstance(source, list) else [source]:
            path = each.get("path") if isinstance(each, dict) else None
            if isinstance(path, str) and not path.endswith((".whl", ".gz", ".zip")):
                yield LocalPath(path=path, name=name, group=group)


def _conflicts(settings: Table) -> Iterator[tuple[tuple[str, str], ...]]:
    for each in settings.get("conflicts", []):
        pairs = [
            (kind, normalised(str(item[kind])))
            for item in each
            if isinstance(item, dict)
            for kind in ("extra", "group")
            if kind in item
        ]
        yield tuple(pairs)


def _table(parent: Table, key: str, path: str) -> Table:
    value = parent.get(key, {})
    if not isinstance(value, dict):
        raise _wrong(path, tr("{key} must be a table", key=key))
    return value


def _strings(parent: Table, key: str, path: str) -> list[str]:
    value = parent.get(key, [])
    if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
        raise _wrong(path, tr("{key} must be a list of strings", key=key))
    return value


def _string(parent: Table, key: str, path: str) -> str:
    value = parent.get(key, "")
    if not isinstance(value, str):
        raise _wrong(path, tr("{key} must be a string", key=key))
    return value


def _wrong(path: str, what: str) -> UsageError:
    return UsageError(
        "pyproject.malformed",
        f"{path}: {what}",
        hint=tr("mend {path} and run the same command again", path=path),
        path=path,
    )
