"""`uv.lock`, for an installer that is not uv: https://docs.astral.sh/uv/concepts/resolution/#lockfile."""

from __future__ import annotations

from typing import Any

from installer import lazily
from phases.python.locks.entry import Entry

_PUBLIC = lazily.pattern(r"https://pypi\.[a-z]+/simple/?")  # the index that needs no naming


def entries(document: dict[str, Any]) -> tuple[Entry, ...]:
    """All that the lock holds, the workspace's own members as local ones."""
    return tuple(_entry(package) for package in document.get("package", []))


def _entry(package: dict[str, Any]) -> Entry:
    source = package["source"]
    files = [*package.get("wheels", []), *([package["sdist"]] if "sdist" in package else [])]
    registry = source.get("registry", "")
    return Entry(
        name=package["name"],
        version=package.get("version", ""),
        hashes=frozenset(file["hash"] for file in files if "hash" in file),
        marker=" or ".join(f"({marker})" for marker in package.get("resolution-markers", [])),
        direct=_direct(source),
        index="" if _PUBLIC.fullmatch(registry) else registry,
        local=any(kind in source for kind in ("virtual", "editable", "directory", "path")),
    )


def _direct(source: dict[str, str]) -> str:
    if "url" in source:
        return source["url"]
    if "git" not in source:
        return ""
    address, _, revision = source["git"].partition("#")
    address, _, query = address.partition("?")
    folder = next((part.partition("=")[2] for part in query.split("&") if part.startswith("subdirectory=")), "")
    return f"git+{address}@{revision}" + (f"#subdirectory={folder}" if folder else "")
