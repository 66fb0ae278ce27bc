"""What bringing a submodule to its commit touches, so that it can be taken back byte for byte."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from installer.errors import Precondition
from installer.i18n import tr
from installer.model import Effect, RelPath
from phases.git import places, state

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from phases.git.modules import Level, Submodule
    from phases.git.survey import Survey

_VOLATILE = ("FETCH_HEAD", ".git/modules/*/index")  # what any `git status` rewrites


def of(level: Level, module: Submodule, survey: Survey) -> Effect:
    """A submodule that was never cloned comes whole; of one that is there, anything may change.

    Raises `Precondition` if its repository lies outside of the project.
    """
    root = level.git.folder
    folder = places.repository_of(root, module)
    if folder is None:
        return Effect(touches=(RelPath(f".git/modules/{module.name}"), module.path), volatile=_VOLATILE)
    if not folder.resolve().is_relative_to(root.resolve()):
        raise _elsewhere(module.path)
    where = RelPath(folder.resolve().relative_to(root.resolve()).as_posix())
    if state.git_folder(root / module.path) is None:
        return Effect(touches=(module.path,), guards=(where,), volatile=_VOLATILE)
    return Effect(
        touches=tuple(survey.empty_inside(level.git, module)), guards=(module.path, where), volatile=_VOLATILE
    )


def refuse_elsewhere(root: Path) -> None:
    """Raise `Precondition` where the project's own `.git` leads out of the project: it could not be taken back."""
    own = root / ".git"
    if not own.is_dir() or any(each.is_symlink() for each in (own, own / "config", own / "modules")):
        raise _elsewhere(".git")


def outermost_absent(root: Path, folders: Iterable[RelPath]) -> tuple[RelPath, ...]:
    """Of those folders that are not there, the ones that hold the others."""
    chosen: list[RelPath] = []
    for folder in sorted(each for each in folders if not os.path.lexists(root / each)):
        if not any(folder.within(each) for each in chosen):
            chosen.append(folder)
    return tuple(chosen)


def _elsewhere(place: str) -> Precondition:
    return Precondition(
        "git.elsewhere",
        tr(
            "the repository behind `{place}` lies outside of the project, where its submodules could not be taken back",
            place=place,
        ),
        hint=tr("run `git submodule update --init --recursive` yourself, then the same command again"),
    )
