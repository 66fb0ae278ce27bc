"""What speaks against bringing a submodule to its commit: work of the user's that it holds, or no network."""

from __future__ import annotations

from typing import TYPE_CHECKING

from installer.errors import Conflict, Unavailable
from installer.i18n import tr
from phases.git import config, history, places, state, urls

if TYPE_CHECKING:
    from pathlib import Path

    from phases.git.command import Git
    from phases.git.modules import Submodule

_SHOWN = 5


def refuse_offline(root: Path, module: Submodule, place: str) -> None:
    """Raise `Unavailable` if the submodule would have to be fetched from the network."""
    if urls.transport(module.url) != "file" and places.repository_of(root, module) is None:
        raise Unavailable(
            "submodule.offline",
            tr("the submodule `{place}` was never fetched, and `--offline` forbids it", place=place),
            hint=tr("run once without `--offline`"),
            submodule=place,
        )


def refuse_to_lose_work(git: Git, module: Submodule, place: str) -> None:
    """Raise `Conflict` if moving the submodule to its recorded commit would endanger work of the user's."""
    worktree = git.folder / module.path
    if (folder := places.repository_of(git.folder, module)) is not None:
        why = _in_the_way(git.at(worktree), folder, module.commit)
    else:
        why = "" if state.is_empty(worktree) else tr("files that belong to no repository")
    if why:
        raise Conflict(
            "submodule.changed",
            tr("`{place}` is to be moved to its recorded commit, but holds work of yours", place=place),
            details=(why,),
            hint=tr(
                "commit and push it (then `git add` the folder), or stash it; "
                "`[tool.surefoot.submodules] skip` leaves it alone"
            ),
            submodule=place,
        )


def _in_the_way(git: Git, folder: Path, target: str) -> str:
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
