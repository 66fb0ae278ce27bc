"""What of the user's a submodule holds that moving it to another commit would endanger."""

from __future__ import annotations

from typing import TYPE_CHECKING

from installer.i18n import tr
from phases.git import config, history, state

if TYPE_CHECKING:
    from pathlib import Path

    from phases.git.command import Git

_SHOWN = 5


def in_the_way(git: Git, folder: Path, target: str) -> str:
    """Why the submodule in `git.folder`, whose git folder is `folder`, must not be moved to `target`; empty if it may.

    Untracked files do not count: git itself refuses to write over them. Nothing is written, not even the index.
    """
    if note := state.under_way(folder):
        return tr("a merge, rebase or bisection is under way ({note})", note=note)
    has_files = state.git_folder(git.folder) is not None and not state.is_unfinished(git.folder)
    if has_files and (changed := _changed(config.read(git)[0])):
        return tr("changed files: {files}", files=changed)
    now = state.head(folder)
    if now in {"", target} or _is_published(git.inside(folder), folder, now, target):
        return ""
    return tr("commits that are on no server: {commits}", commits=history.describe(git.inside(folder), now))


def _changed(git: Git) -> str:
    options = ("--porcelain=v1", "-z", "--untracked-files=no", "--ignore-submodules=all", "--no-renames")
    names = [line[3:] for line in git("status", *options).stdout.split("\0") if line]
    return ", ".join(names[:_SHOWN]) + (", …" if len(names) > _SHOWN else "")


def _is_published(git: Git, folder: Path, commit: str, target: str) -> bool:
    """Whether it can be proven here that others have the commit too."""
    if commit in state.shallow_ends(folder):
        return True
    known = git("for-each-ref", "--count=1", "--contains", commit, "refs/remotes", "refs/tags", check=False)
    if known.status == 0 and known.stdout:
        return True
    return git("merge-base", "--is-ancestor", commit, target, check=False).status == 0
