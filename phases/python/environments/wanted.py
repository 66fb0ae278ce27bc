"""What an environment is asked to be: everything that, when it changes, calls for another environment."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING

from installer.hashing import sha256
from installer.i18n import tr

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from installer.manifest import Manifest
    from installer.model import Facts, Json
    from phases.python.needs import Needs

_FORMAT = 1  # raise it when an environment made by an earlier version must be made anew


def asked(manifest: Manifest, facts: Facts, needs: Needs) -> Json:
    """All inputs of the environment as JSON, by the name of what a reader would call them.

    An explicit `--python` is not among them: it is compared with the interpreter that the environment has.
    """
    options = facts.options
    return {
        "format": _FORMAT,
        "files": inputs(facts.root, needs),
        "mode": options.mode,
        "python": [needs.python.requires, *needs.python.prefers],
        "backend": options.backend,
        "packages": [[member.name, member.path, *member.extras] for member in needs.members],
        "groups": [[group.name, group.path] for group in needs.groups],
        "requirements": [*needs.requirement_files, *needs.optional_files],
        "constraints": list(needs.constraint_files),
        "lock": needs.lock.path if needs.lock else "",
        "options": [options.as_of, options.require_hashes, options.no_build],
        "manifest": manifest.digest,
    }


def key(asked: Json) -> str:
    """One word for all that: equal keys, interchangeable environments."""
    return sha256(json.dumps(asked, sort_keys=True).encode()).hexdigest()


def inputs(root: Path, needs: Needs) -> dict[str, str]:
    """Every file that decides -> its sha256; "" where it is absent (it would decide if it came)."""
    return {path: _sha256(root / path) for path in sorted(set(needs.inputs))}


def differences(before: Json, now: Json) -> Iterator[str]:
    """What is asked for otherwise than before, a sentence each, most telling first."""
    if before.get("mode") != now["mode"]:  # then other files are asked for, and those of before need not be gone
        yield tr("the mode changed: {old} → {new}", old=before.get("mode"), new=now["mode"])
    else:
        yield from _changed_files(before.get("files", {}), now["files"])
    sentences = {
        "backend": tr("the installer changed: {old} → {new}", old=before.get("backend"), new=now["backend"]),
        "python": tr("another Python is asked for"),
        "packages": tr("the local packages, or their extras, changed"),
        "groups": tr("the dependency groups changed"),
        "requirements": tr("other requirement files are asked for"),
        "constraints": tr("other constraint files are asked for"),
        "lock": tr("another lock file is asked for"),
        "options": tr("other options are asked for"),
        "manifest": tr("the manifest changed"),
    }
    yield from (sentence for part, sentence in sentences.items() if before.get(part) != now[part])
    yield tr("it was made by another version of this tool")


def _changed_files(before: Json, now: Json) -> Iterator[str]:
    for path in sorted(before.keys() | now.keys()):
        old, new = before.get(path, ""), now.get(path, "")
        if old and new and old != new:
            yield tr("`{path}` changed", path=path)
        elif new and not old:
            yield tr("`{path}` is new", path=path)
        elif old and not new:
            yield tr("`{path}` is gone", path=path)


def _sha256(path: Path) -> str:
    """Follows links, as the installers that read these files do."""
    try:
        if not os.path.isfile(path):  # a pipe would block
            return ""
        return sha256(path.read_bytes()).hexdigest()
    except OSError:
        return ""
