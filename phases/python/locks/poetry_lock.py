"""`poetry.lock`, formats 1.0 to 2.1: https://python-poetry.org/docs/libraries/#lock-file."""

from __future__ import annotations

from typing import Any

from phases.python.locks.entry import Entry


def entries(document: dict[str, Any]) -> tuple[Entry, ...]:
    """All that the lock holds. Raises `KeyError`, `TypeError` where its shape is another."""
    files = document.get("metadata", {}).get("files", {})  # format 1: all hashes at the end
    return tuple(_entry(package, files) for package in document.get("package", []))


def _entry(package: dict[str, Any], files: dict[str, Any]) -> Entry:
    source = package.get("source", {})
    kind = source.get("type", "")
    return Entry(
        name=package["name"],
        version=package["version"],
        hashes=frozenset(file["hash"] for file in package.get("files") or files.get(package["name"], [])),
        marker=_marker(package.get("markers", "")),
        python=package.get("python-versions", ""),
        direct=_direct(source),
        index=source.get("url", "") if kind == "legacy" else "",
        local=kind in {"directory", "file"},
    )


def _marker(markers: str | dict[str, str]) -> str:
    """A table has a marker for each group: one that holds is enough."""
    if isinstance(markers, str):
        return markers
    return " or ".join(f"({marker})" for marker in dict.fromkeys(markers.values()))


def _direct(source: dict[str, str]) -> str:
    if source.get("type") == "url":
        return source["url"]
    if source.get("type") != "git":
        return ""
    folder = f"#subdirectory={source['subdirectory']}" if source.get("subdirectory") else ""
    return f"git+{git_url(source['url'])}@{source['resolved_reference']}{folder}"


def git_url(url: str) -> str:
    """`git@host:owner/name` is an address for git, but no URL."""
    if "://" not in url and ":" in url:
        host, _, path = url.partition(":")
        return f"ssh://{host}/{path}"
    return url
