"""What a look at size, time and inode must cover for "nothing has changed": see installer/fingerprint.py."""

from __future__ import annotations

import os
import posixpath
from typing import TYPE_CHECKING

from installer.project import MANIFEST
from phases.python.environments import places

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from installer.manifest import Manifest
    from installer.model import Facts

_OF_A_MODULE = ("HEAD", "logs/HEAD")


def watched(manifest: Manifest, facts: Facts) -> Iterator[str]:
    """Every path, relative to the root, whose change may mean work: inputs, their folders, environment, submodules."""
    from phases.python.sources import read_needs
    from phases.step_inputs import covered

    needs = read_needs(facts.root, manifest, facts.options.mode)
    inputs: list[str] = list(needs.inputs)
    ours = (facts.state, manifest.environment)
    inputs += [name for step in manifest.steps for name in (*covered(facts.root, step.inputs, ours), *step.outputs)]
    yield "."
    yield MANIFEST  # what is written into it as it stands leaves the folder's time alone
    yield from (f"./{path}" if path.startswith("$") else path for path in inputs)
    yield from sorted({folder for name in inputs for folder in _folders(name)} | {*needs.folders})
    if manifest.environment == places.ACTIVE:
        yield from ("$VIRTUAL_ENV", "$CONDA_PREFIX", "$0")  # they decide which one is active
    yield from _environment(places.folder(manifest.environment, facts.state), facts)
    yield f"{facts.state}/checkpoints/journal.jsonl"
    yield f"{facts.state}/checkpoints/install_progress.json"
    yield from _submodules(facts)


def _folders(path: str) -> Iterator[str]:
    """Every folder on the way: a new neighbour of a package may be a package."""
    while path := posixpath.dirname(path):
        yield path


def _environment(environment: str, facts: Facts) -> Iterator[str]:
    env = facts.root / environment
    yield environment
    yield os.path.relpath(places.prefix(env) / "pyvenv.cfg", facts.root)
    yield f"{environment}/{places.MARKER}"
    for folder in (places.scripts(env), *places.site_packages(env)):
        yield os.path.relpath(folder, facts.root)
    yield os.path.relpath(places.python(env), facts.root)


def _submodules(facts: Facts) -> Iterator[str]:
    """Where the superproject's pointers are, and what tells where each submodule is, nested ones included."""
    yield ".gitmodules"
    if not (facts.root / ".gitmodules").exists():
        return
    git = os.path.relpath(_git_folder(facts.root), facts.root)
    yield f"{git}/index"
    yield f"{git}/HEAD"
    for folder, names, files in os.walk(facts.root / git / "modules"):
        if "HEAD" in files:  # of one on a branch it stays the same; the log of where it went does not
            yield from (os.path.relpath(os.path.join(folder, name), facts.root) for name in _OF_A_MODULE)
        names[:] = [name for name in names if name not in {"objects", "refs", "logs", "hooks", "info"}]
    for path in _paths(str(facts.root / ".gitmodules")):
        yield path
        yield f"{path}/.git"


def _git_folder(root: Path) -> Path:
    """Where git keeps what is of this tree: in a worktree, `.git` is a file that says so (gitrepository-layout)."""
    try:
        told = (root / ".git").read_text(encoding="utf-8", errors="surrogateescape")
    except OSError:
        return root / ".git"
    return root / told.removeprefix("gitdir:").strip()


def _paths(gitmodules: str) -> Iterator[str]:
    """The paths of the submodules, as git reads the file (quotes, comments, continued lines)."""
    os.environ.setdefault("GIT_PYTHON_REFRESH", "quiet")  # it only reads a file here: no git needed
    from git.config import GitConfigParser  # 110 ms, and only for a repository with submodules

    with GitConfigParser(gitmodules, read_only=True, merge_includes=False) as parser:
        for section in parser.sections():
            if path := str(parser.get_value(section, "path", default="")):
                yield path
