"""What a look at size, time and inode must cover, so that "nothing has changed" is true: see installer/fingerprint.py."""

from __future__ import annotations

import os
import posixpath
from typing import TYPE_CHECKING

from phases.python.environments import places

if TYPE_CHECKING:
    from collections.abc import Iterator

    from installer.manifest import Manifest
    from installer.model import Facts


def watched(manifest: Manifest, facts: Facts) -> Iterator[str]:
    """Every path, relative to the root, whose change may mean work: inputs, their folders, environment, submodules."""
    from phases.python.sources import read_needs

    inputs = list(read_needs(facts.root, manifest, facts.options.mode).inputs)
    inputs += [name for step in manifest.steps for name in (*step.inputs, *step.outputs)]
    yield "."
    yield from inputs
    yield from {posixpath.dirname(name) for name in inputs} - {""}
    yield from _environment(manifest.environment, facts)
    yield f"{facts.state}/checkpoints/journal.jsonl"
    yield from _submodules(facts)


def _environment(environment: str, facts: Facts) -> Iterator[str]:
    env = facts.root / environment
    yield environment
    yield f"{environment}/pyvenv.cfg"
    yield f"{environment}/{places.MARKER}"
    for folder in (places.scripts(env), *places.site_packages(env)):
        yield os.path.relpath(folder, facts.root)
    yield os.path.relpath(places.python(env), facts.root)


def _submodules(facts: Facts) -> Iterator[str]:
    """Where the superproject's pointers are, and where each submodule's own HEAD is, nested ones included."""
    yield ".gitmodules"
    if not (facts.root / ".gitmodules").exists():
        return
    yield ".git/index"
    yield ".git/HEAD"
    for folder, names, files in os.walk(facts.root / ".git" / "modules"):
        if "HEAD" in files:
            yield os.path.relpath(os.path.join(folder, "HEAD"), facts.root)
        names[:] = [name for name in names if name not in {"objects", "refs", "logs", "hooks", "info"}]
    for line in (facts.root / ".gitmodules").read_text(encoding="utf-8", errors="surrogateescape").splitlines():
        key, _, value = line.partition("=")
        if key.strip() == "path":  # spelt oddly, it is not watched by itself, but `.git/modules` is
            yield f"{value.strip()}/.git"
            yield value.strip()
