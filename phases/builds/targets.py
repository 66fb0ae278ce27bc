"""What of the clone a build is of: the branch that is built, and its commit, as far as the clone knows; no network."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from phases.git import state

if TYPE_CHECKING:
    from pathlib import Path

    from phases.builds.section import BuildSection


def ref(root: Path, section: BuildSection) -> str:
    """The section's; else the remote's default branch, as it was when it was cloned; empty where that is unknown.

    An empty commit goes to the branch that is checked out.
    """
    folder = state.git_folder(root)
    if section.ref or folder is None:
        return section.ref
    if section.strategy == "empty_commit":
        return state.branch(root)
    start = f"refs/remotes/{section.remote}/"
    named = state.symbolic(folder, f"{start}HEAD")
    return named.removeprefix(start) if named.startswith(start) else ""


def commit(root: Path, section: BuildSection, branch: str) -> str:
    """What the remote has of `branch`, as of the last push or fetch; of a tag, what it names.

    HEAD where no branch is known, or that one is checked out; else empty: another branch's commit says nothing of it.
    """
    folder = state.git_folder(root)
    if folder is None:
        return ""
    pushed = state.reference(folder, f"refs/remotes/{section.remote}/{branch}") if branch else ""
    named = pushed or (state.reference(folder, f"refs/tags/{branch}") if branch else "")
    return named or (state.head(folder) if branch in {"", state.branch(root)} else "")


def age(root: Path, section: BuildSection, branch: str) -> float | None:
    """Seconds since this clone saw what the remote has of `branch` change, by a push or a fetch, or made that tag.

    None where nothing tells.
    """
    folder = state.git_folder(root)
    names = (f"refs/remotes/{section.remote}/{branch}", f"refs/tags/{branch}") if folder and branch else ()
    told = [moment for name in names if folder and (moment := state.changed(folder, name)) is not None]
    return time.time() - max(told) if told else None


def unpushed(root: Path, section: BuildSection, branch: str) -> bool:
    """Is that branch checked out, and ahead of what the remote is known to have, or elsewhere?"""
    folder = state.git_folder(root)
    if folder is None or state.branch(root) != branch:
        return False
    return state.head(folder) != state.reference(folder, f"refs/remotes/{section.remote}/{branch}")
