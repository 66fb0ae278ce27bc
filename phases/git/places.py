"""Where a submodule's parts are, and whether it is at its commit."""

from __future__ import annotations

from typing import TYPE_CHECKING

from installer.model import RelPath
from phases.git import state

if TYPE_CHECKING:
    from pathlib import Path

    from phases.git.command import Git
    from phases.git.modules import Submodule


def is_in_place(git: Git, module: Submodule) -> bool:
    """Whether the submodule of the repository `git.folder` is checked out at its recorded commit, to the end.

    Without an index, the checkout was never finished. Changes in its files are the user's, and none of our business.
    """
    worktree = git.folder / module.path
    folder = state.git_folder(worktree)
    if folder is None or not (folder / "index").is_file():
        return False
    if (folder / "reftable").is_dir():  # a format of references that only git reads
        return git.at(worktree)("rev-parse", "--verify", "HEAD", check=False).stdout.strip() == module.commit
    return state.head(folder) == module.commit


def repository_of(root: Path, module: Submodule) -> Path | None:
    """The git folder of a submodule of the repository at `root`; None if it was never cloned."""
    if (folder := state.git_folder(root / module.path)) is not None:
        return folder
    own = state.git_folder(root)
    folder = own / "modules" / module.name if own else None
    return folder if folder and (folder / "HEAD").is_file() and not folder.is_symlink() else None


def shared_folders(wanted: tuple[Submodule, ...]) -> tuple[RelPath, ...]:
    """The folders that hold the worktrees and the git folders of these submodules of the project."""
    places = [each.path for each in wanted] + [RelPath(f".git/modules/{each.name}") for each in wanted]
    return tuple(dict.fromkeys(parent for each in places if (parent := each.parent) != "."))
