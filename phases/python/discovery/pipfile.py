"""A `Pipfile`, with what its lock decided."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from installer.errors import UsageError
from installer.frozen import dataclass
from installer.i18n import tr
from installer.model import RelPath
from phases.python.discovery import poetry
from phases.python.discovery.metadata import LocalPath, Requirements, normalised

if TYPE_CHECKING:
    from phases.python.discovery.tree import Table, Tree

PIPFILE, PIPFILE_LOCK = RelPath("Pipfile"), RelPath("Pipfile.lock")


@dataclass(frozen=True, slots=True, kw_only=True)
class Pipfile:
    """What it asks for at run time and for development; pinned where there is a lock."""

    packages: Requirements
    development: Requirements
    local: tuple[LocalPath, ...] = ()
    locked: bool = False


def read(tree: Tree) -> Pipfile | None:
    """The Pipfile of the root; nothing where there is none. Raises `UsageError` for a malformed one."""
    document = tree.toml(PIPFILE)
    if document is None:
        return None
    text = tree.text(PIPFILE_LOCK)
    lock = _parsed(text) if text is not None else None
    wished = [_section(document, name) for name in ("packages", "dev-packages")]
    local = tuple(
        LocalPath(path=path, name=normalised(name))
        for name, wish in wished[0].items()
        if (path := poetry.local_path(wish))
    )
    if lock is not None:
        packages, development = (_pinned(_section(lock, name)) for name in ("default", "develop"))
    else:
        packages, development = map(_wished, wished)
    return Pipfile(packages=packages, development=development, local=local, locked=lock is not None)


def _wished(section: Table) -> Requirements:
    return tuple(
        line
        for name, wish in section.items()
        if not poetry.local_path(wish)
        for line in poetry.requirements(name, _standard(wish))
    )


def _standard(wish: object) -> object:
    """Pipenv's `ref` of a git repository under Poetry's name; its `sys_platform = "== 'win32'"` as a marker."""
    if not isinstance(wish, dict):
        return wish
    markers = [str(wish["markers"])] if "markers" in wish else []
    markers += [
        f"{key} {wish[key]}" for key in ("sys_platform", "platform_system", "os_name", "python_version") if key in wish
    ]
    renamed: Table = {"rev" if key == "ref" else key: value for key, value in wish.items() if key != "index"}
    return {**renamed, "markers": " and ".join(markers)} if markers else renamed


def _pinned(section: Table) -> Requirements:
    return tuple(
        _pin(name, entry) for name, entry in section.items() if isinstance(entry, dict) and not poetry.local_path(entry)
    )


def _pin(name: str, entry: Table) -> str:
    if "git" in entry or "version" not in entry:
        return poetry.requirements(name, _standard(entry))[0]
    return f"{name}{poetry.extras(entry)}{entry['version']}" + (
        f" ; {entry['markers']}" if entry.get("markers") else ""
    )


def _parsed(text: str) -> Table:
    try:
        document = json.loads(text)
    except ValueError as error:
        raise UsageError(
            "lock.malformed", tr("{path}: {reason}", path=PIPFILE_LOCK, reason=error), path=PIPFILE_LOCK
        ) from error
    return document if isinstance(document, dict) else {}


def _section(document: Table, name: str) -> Table:
    section = document.get(name, {})
    return section if isinstance(section, dict) else {}
