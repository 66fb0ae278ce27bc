"""Values of a TOML document whose shape is checked: what is wrong is named with the file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from installer.errors import UsageError
from installer.i18n import tr

if TYPE_CHECKING:
    from phases.python.discovery.metadata import Requirements
    from phases.python.discovery.tree import Table


def table(parent: Table, key: str, path: str) -> Table:
    """A table; empty where there is none. Raises `UsageError`."""
    value = parent.get(key, {})
    if not isinstance(value, dict):
        raise wrong(path, tr("{key} must be a table", key=key))
    return value


def strings(parent: Table, key: str, path: str) -> Requirements:
    """A list of strings; empty where there is none. Raises `UsageError`."""
    value = parent.get(key, [])
    if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
        raise wrong(path, tr("{key} must be a list of strings", key=key))
    return tuple(value)


def string(parent: Table, key: str, path: str) -> str:
    """A string; empty where there is none. Raises `UsageError`."""
    value = parent.get(key, "")
    if not isinstance(value, str):
        raise wrong(path, tr("{key} must be a string", key=key))
    return value


def wrong(path: str, what: str) -> UsageError:
    """The error that says what is wrong with the file."""
    return UsageError(
        "pyproject.malformed",
        f"{path}: {what}",
        hint=tr("mend {path} and run the same command again", path=path),
        path=path,
    )
