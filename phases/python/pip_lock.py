"""Between pip and `pylock.toml`: pip reports what it would install, and installs what requirement lines ask for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

from phases.python import pylock
from phases.python.records import normalise

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


def from_report(report: Mapping[str, Any]) -> str:
    """The text of a pylock.toml from what `pip install --report` wrote (pip.pypa.io, "Installation Report")."""
    packages = sorted(map(_package, report.get("install", [])), key=lambda each: str(each["name"]))
    return pylock.write({"lock-version": "1.0", "created-by": "surefoot", "packages": packages})


def requirements(lock: Path, markers: Mapping[str, str]) -> tuple[list[str], list[str]]:
    """What the lock lists for the interpreter that `markers` describe, as lines: those with hashes, and the others."""
    document = pylock.parse(lock.read_text(encoding="utf-8"))
    hashed, direct = [], []
    for package in document["packages"]:
        if not _applies(package, document, markers):
            continue
        hashes = [
            f"--hash={algorithm}:{value}"
            for file in _files(package)
            for algorithm, value in file.get("hashes", {}).items()
        ]
        if "directory" in package or "vcs" in package or "version" not in package or not hashes:
            direct.append(_direct(package, lock.parent))
        else:
            hashed.append(" ".join([f"{package['name']}=={package['version']}", *dict.fromkeys(hashes)]))
    return hashed, direct


def indexes(lock: Path) -> tuple[str, ...]:
    """The indexes that the lock names, each once."""
    document = pylock.parse(lock.read_text(encoding="utf-8"))
    return tuple(dict.fromkeys(package["index"] for package in document["packages"] if "index" in package))


def _package(item: Mapping[str, Any]) -> pylock.Table:
    info, metadata = item["download_info"], item["metadata"]
    name = normalise(metadata["name"])
    url = info["url"]
    if "dir_info" in info:
        return {
            "name": name,
            "directory": {"path": unquote(urlsplit(url).path), "editable": bool(info["dir_info"].get("editable"))},
        }
    if "vcs_info" in info:
        vcs = {"type": info["vcs_info"]["vcs"], "url": url, "commit-id": info["vcs_info"]["commit_id"]}
        return {"name": name, "vcs": vcs | ({"subdirectory": info["subdirectory"]} if "subdirectory" in info else {})}
    file = {"url": _without_user(url), "hashes": info["archive_info"].get("hashes", {})}
    kept: pylock.Table = {"name": name, "version": metadata["version"]}
    if item.get("is_direct"):
        return {**kept, "archive": file}
    return {**kept, "wheels": [file]} if urlsplit(url).path.endswith(".whl") else {**kept, "sdist": file}


def _without_user(url: str) -> str:
    """No secret goes into a file: pip finds it again in its own settings."""
    parts = urlsplit(url)
    return parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl()


def _applies(package: pylock.Table, document: pylock.Table, markers: Mapping[str, str]) -> bool:
    if "marker" not in package:
        return True
    from packaging.markers import Marker

    environment: dict[str, Any] = {  # Any: packaging's own type has strings and sets
        **markers,
        "extras": frozenset[str](),
        "dependency_groups": frozenset(document.get("default-groups", ())),
    }
    return bool(Marker(package["marker"]).evaluate(environment, context="lock_file"))


def _files(package: pylock.Table) -> list[pylock.Table]:
    return [*package.get("wheels", []), *(package[key] for key in ("sdist", "archive") if key in package)]


def _direct(package: pylock.Table, base: Path) -> str:
    name = package["name"]
    if "directory" in package:
        return f"{name} @ {(base / package['directory']['path']).resolve().as_uri()}"
    if "vcs" in package:
        vcs = package["vcs"]
        folder = f"#subdirectory={vcs['subdirectory']}" if "subdirectory" in vcs else ""
        return f"{name} @ {vcs['type']}+{vcs['url']}@{vcs['commit-id']}{folder}"
    file = _files(package)[0]
    address = file["url"] if "url" in file else (base / file["path"]).resolve().as_uri()
    hashes = next((f"#{algorithm}={value}" for algorithm, value in file.get("hashes", {}).items()), "")
    return f"{name} @ {address}{hashes}"
