"""`pdm.lock`, formats 4.x: https://pdm-project.org/latest/usage/lockfile/."""

from __future__ import annotations

from typing import Any

from phases.python.locks.entry import Entry
from phases.python.locks.poetry_lock import git_url


def entries(document: dict[str, Any]) -> tuple[Entry, ...]:
    """All that the lock holds; with extras a distribution is there once more, which does no harm."""
    files = document.get("metadata", {}).get("files", {})  # before 4.0: all hashes at the end
    return tuple(_entry(package, files) for package in document.get("package", []))


def _entry(package: dict[str, Any], files: dict[str, Any]) -> Entry:
    listed = package.get("files") or files.get(f"{package['name']} {package.get('version', '')}", [])
    return Entry(
        name=package["name"],
        version=package.get("version", ""),
        hashes=frozenset(file["hash"] for file in listed if "hash" in file),
        marker=package.get("marker", ""),
        python=package.get("requires_python", ""),
        direct=_direct(package),
        local="path" in package,
    )


def _direct(package: dict[str, Any]) -> str:
    folder = f"#subdirectory={package['subdirectory']}" if package.get("subdirectory") else ""
    if "git" in package:
        return f"git+{git_url(package['git'])}@{package['revision']}{folder}"
    return str(package.get("url", "")) + (folder if "url" in package else "")
