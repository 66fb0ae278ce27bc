"""A `pyproject.toml`: the standard's `[project]`, or what Poetry and Flit had before it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from installer.frozen import replace
from installer.i18n import tr
from phases.python.discovery import buildable, groups, legacy, own_tables, specifiers
from phases.python.discovery.fields import string, strings, table, wrong
from phases.python.discovery.metadata import LocalPath, Metadata, Workspace, name_of, names_of, normalised

if TYPE_CHECKING:
    from collections.abc import Iterator

    from installer.model import RelPath
    from phases.python.discovery.tree import Table, Tree

_TOOLS = ("uv", "poetry", "pdm", "flit", "hatch", "setuptools")  # whose tables are read


def read(tree: Tree, folder: RelPath) -> Metadata | None:
    """The project in `folder`, by its `pyproject.toml` and else by its `setup.py` or `setup.cfg`.

    Nothing where there is neither. Raises `UsageError` for a file that cannot be right.
    """
    path = folder / "pyproject.toml"
    document = tree.toml(path)
    old = legacy.read(tree, folder)
    if document is None:
        return old
    tool = table(document, "tool", path)
    for name in _TOOLS:
        table(tool, name, path)
    about = replace(_about(tree, folder, document, old), **_besides(document, tool, path))
    return replace(about, local=(*about.local, *groups.local(tool), *_uv_local(tool, about)))


def _about(tree: Tree, folder: RelPath, document: Table, old: Metadata | None) -> Metadata:
    path = folder / "pyproject.toml"
    about = _standard(tree, folder, document, old) if "project" in document else own_tables.read(tree, folder, document)
    build = table(document, "build-system", path)
    builds = strings(build, "requires", path)
    if about is not None:
        return replace(about, builds=builds)
    if old is not None:
        backend = string(build, "build-backend", path)
        return replace(old, backend=backend, builds=(*builds, *old.builds), package=True, why="", refused=False)
    return Metadata(
        path=folder, source=path, is_project=False, package=False, why=tr("it holds only settings of tools")
    )


def _standard(tree: Tree, folder: RelPath, document: Table, old: Metadata | None) -> Metadata:
    """`[project]`; what it leaves open (`dynamic`) an old setup.py or setup.cfg may say."""
    path = folder / "pyproject.toml"
    project, tool = table(document, "project", path), document.get("tool", {})
    name = project.get("name")
    if not isinstance(name, str) or not name_of(name):
        raise wrong(path, tr("[project] must have a name"))
    backend = string(table(document, "build-system", path), "build-backend", path)
    dynamic = strings(project, "dynamic", path)
    extras = table(project, "optional-dependencies", path)
    verdict = buildable.judge(tree, folder, document, normalised(name), backend)
    about = Metadata(
        path=folder,
        source=path,
        name=normalised(name),
        backend=backend,
        static="dependencies" not in dynamic and "optional-dependencies" not in dynamic,
        requires_python=string(project, "requires-python", path).replace(" ", ""),
        classifiers=strings(project, "classifiers", path),
        dependencies=strings(project, "dependencies", path),
        extras={normalised(extra): strings(extras, extra, path) for extra in extras},
        package=verdict.package,
        why=verdict.why,
        refused=verdict.refused,
        doubtful=verdict.doubtful,
    )
    if "dependencies" not in project and backend.startswith("poetry") and "dependencies" in tool.get("poetry", {}):
        return _with_own_table(about, own_tables.read(tree, folder, document))
    return _completed(about, old, tuple(_dynamic_files(tree, tool, folder))) if dynamic else about


def _with_own_table(about: Metadata, own: Metadata | None) -> Metadata:
    """`about` with the dependencies of Poetry's own table, which Poetry reads where the standard's has none."""
    if own is None:
        return about
    return replace(
        about,
        static=False,
        hidden=True,
        requires_python=specifiers.joined(about.requires_python, own.requires_python),
        dependencies=own.dependencies,
        extras=about.extras or own.extras,
        local=own.local,
    )


def _completed(about: Metadata, old: Metadata | None, files: tuple[RelPath, ...]) -> Metadata:
    """`about` with what its setup.py or setup.cfg says of what it leaves open; `files` are its requirement files."""
    if about.static or old is None:
        return replace(
            about,
            requires_python=about.requires_python or (old.requires_python if old else ""),
            known=about.static,
            reads=() if about.static else files,
        )
    return replace(
        about,
        requires_python=about.requires_python or old.requires_python,
        known=bool(old.known and old.dependencies),
        dependencies=about.dependencies or old.dependencies,
        extras=about.extras or old.extras,
        reads=files or old.reads,
    )


def _besides(document: Table, tool: Table, path: RelPath) -> dict[str, Any]:  # Any: fields of Metadata
    """What any kind of project may have: groups, a workspace, conflicts."""
    settings = tool.get("uv", {})
    default = settings.get("default-groups", [])
    workspace = table(settings, "workspace", path) if "workspace" in settings else None
    return {
        "groups": groups.read(document, path),
        "default_groups": tuple(normalised(str(each)) for each in default) if isinstance(default, list) else ("all",),
        "workspace": None
        if workspace is None
        else Workspace(members=strings(workspace, "members", path), exclude=strings(workspace, "exclude", path)),
        "conflicts": tuple(_conflicts(settings)),
    }


def _dynamic_files(tree: Tree, tool: Table, folder: RelPath) -> Iterator[RelPath]:
    """Requirement files that setuptools is told to read the dependencies from."""
    place = tool.get("setuptools", {})
    for key in ("dynamic", "dependencies"):
        place = place.get(key, {}) if isinstance(place, dict) else {}
    files = place.get("file", []) if isinstance(place, dict) else []
    for file in [files] if isinstance(files, str) else files if isinstance(files, list) else []:
        if isinstance(file, str) and file and tree.is_file(folder / file):
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
    conflicts = settings.get("conflicts", [])
    for each in conflicts if isinstance(conflicts, list) else []:
        items = [item for item in each if isinstance(item, dict)] if isinstance(each, list) else []
        yield tuple(
            (kind, normalised(str(item[kind]))) for item in items for kind in ("extra", "group") if kind in item
        )
