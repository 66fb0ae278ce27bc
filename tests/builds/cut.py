"""Cuts a provider's description of its API down to the operations that we use, with all that they refer to."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

GITHUB = (
    ("get", "/user"),
    ("get", "/repos/{owner}/{repo}"),
    ("post", "/repos/{owner}/{repo}/dispatches"),
    ("get", "/repos/{owner}/{repo}/contents/{path}"),
    ("get", "/repos/{owner}/{repo}/commits/{ref}"),
    ("get", "/repos/{owner}/{repo}/actions/workflows/{workflow_id}"),
    ("get", "/repos/{owner}/{repo}/actions/workflows/{workflow_id}/runs"),
    ("post", "/repos/{owner}/{repo}/actions/workflows/{workflow_id}/dispatches"),
    ("get", "/repos/{owner}/{repo}/actions/runs/{run_id}"),
    ("post", "/repos/{owner}/{repo}/actions/runs/{run_id}/cancel"),
    ("get", "/repos/{owner}/{repo}/actions/runs/{run_id}/jobs"),
    ("get", "/repos/{owner}/{repo}/actions/jobs/{job_id}/logs"),
)


def cut(whole: dict[str, Any], operations: tuple[tuple[str, str], ...]) -> dict[str, Any]:
    """The same description with these operations only. Raises `KeyError` for one that it does not have."""
    paths: dict[str, Any] = {}
    for method, path in operations:
        paths.setdefault(path, {})[method] = whole["paths"][path][method]
        if shared := whole["paths"][path].get("parameters"):
            paths[path]["parameters"] = shared
    components: dict[str, Any] = {}
    open_ends = _references(paths)
    while open_ends:
        reference = open_ends.pop()
        _, _, kind, name = reference.split("/", 3)
        if name not in components.setdefault(kind, {}):
            components[kind][name] = whole["components"][kind][name]
            open_ends |= _references(components[kind][name])
    return {"openapi": whole["openapi"], "info": whole["info"], "paths": paths, "components": components}


def _references(part: Any) -> set[str]:
    if isinstance(part, list):
        return {found for each in part for found in _references(each)}
    if not isinstance(part, dict):
        return set()
    own = {part["$ref"]} if isinstance(part.get("$ref"), str) else set()
    return own | {found for each in part.values() for found in _references(each)}


if __name__ == "__main__":
    _source, _target = map(Path, sys.argv[1:])
    _target.write_text(json.dumps(cut(json.loads(_source.read_text(encoding="utf-8")), GITHUB)), encoding="utf-8")
