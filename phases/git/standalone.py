"""Make the copy of a project a repository of its own: nothing that git does in it reaches the original.

A copied `.git` may lead back: as the file of a worktree or submodule, and through `core.worktree` in a configuration.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from installer import process
from installer.copying import copy_tree
from installer.frozen import dataclass
from phases.git.command import Git, find

if TYPE_CHECKING:
    from collections.abc import Iterator

_PREFIX = "gitdir: "
_NOT_COPIED = frozenset({"commondir", "gitdir", "modules", "config.worktree"})


@dataclass(frozen=True, slots=True)
class _Moved:
    """A folder of the original, and where it is for the copy."""

    source: Path
    target: Path

    def place(self, path: Path) -> Path | None:
        return self.target / path.relative_to(self.source) if path.is_relative_to(self.source) else None


def stand_alone(source: Path, copy: Path) -> None:
    """Cut what leads from `copy` (a plain copy of the tree at `source`) to the git folders of `source`.

    A git folder that lies outside of `source` is copied into it; one that cannot be found is no longer referred to.
    """
    source = Path(os.path.realpath(source))
    moved = [_Moved(source, copy)]
    if (copy / ".git").is_file():
        moved += _bring_home(source, copy)
    for file in list(_git_files(copy)):
        _lead(file, moved, source / file.parent.relative_to(copy))
    if program := find(copy):
        for folder in list(_git_folders(copy)):
            _settle(program, folder, _origin(folder, moved), moved)
        for folder in list(_worktrees(copy)):
            _refresh(Git(program=program, folder=folder, door=process.run))


def _bring_home(source: Path, copy: Path) -> list[_Moved]:
    """The project is a worktree, or a submodule: its git folder lies elsewhere."""
    outside = _pointed_at(copy / ".git", source)
    if outside is None or not (outside / "HEAD").is_file():
        return []
    home = copy / ".git"
    home.unlink()
    common = _common(outside)
    if common == outside:
        copy_tree(outside, home)
        return [_Moved(outside, home)]
    copy_tree(common, home, without=frozenset({"worktrees", "modules", "index", "HEAD"}))
    for name in sorted(set(os.listdir(outside)) - _NOT_COPIED):
        if (outside / name).is_dir():
            shutil.copytree(outside / name, home / name, symlinks=True, dirs_exist_ok=True)
        else:
            shutil.copy2(outside / name, home / name, follow_symlinks=False)
    if (outside / "modules").is_dir():
        copy_tree(outside / "modules", home / "modules")
    return [_Moved(outside, home), _Moved(common, home)]


def _common(folder: Path) -> Path:
    """The git folder of the main worktree."""
    pointer = folder / "commondir"
    return Path(os.path.normpath(folder / pointer.read_text().strip())) if pointer.is_file() else folder


def _lead(file: Path, moved: list[_Moved], origin: Path) -> None:
    """Let a `.git` file of the copy lead to the git folder in the copy, or be gone."""
    pointed = _pointed_at(file, origin)
    target = _place(pointed, moved) if pointed else None
    if target is None or not target.is_dir():
        file.unlink()
        return
    line = f"{_PREFIX}{os.path.relpath(target, file.parent)}\n"
    if file.read_text() != line and _pointed_at(file, file.parent) != target:
        file.write_text(line)


def _pointed_at(file: Path, folder: Path) -> Path | None:
    """The git folder that a `.git` file in `folder` names."""
    text = file.read_text(errors="surrogateescape")
    if not text.startswith(_PREFIX):
        return None
    return Path(os.path.normpath(folder / text.removeprefix(_PREFIX).rstrip("\n")))


def _place(path: Path, moved: list[_Moved]) -> Path | None:
    found = (each.place(path) for each in sorted(moved, key=lambda each: len(each.source.parts), reverse=True))
    return next((each for each in found if each is not None), None)


def _origin(folder: Path, moved: list[_Moved]) -> Path:
    """Where a git folder of the copy was."""
    for each in moved[1:]:
        if folder.is_relative_to(each.target):
            return each.source / folder.relative_to(each.target)
    return moved[0].source / folder.relative_to(moved[0].target)


def _settle(program: str, folder: Path, origin: Path, moved: list[_Moved]) -> None:
    """Let `core.worktree` and borrowed objects, where a git folder has such, mean the same from its new place."""
    config, away = folder / "config", Path(program).parent  # in the folder itself, git would look for its worktree
    call = [program, "config", "--file", str(config)]
    value = process.run([*call, "--get", "core.worktree"], cwd=away, check=False).stdout.rstrip("\n")
    if value:
        target = _place(Path(os.path.normpath(origin / value)), moved)
        if target is None:
            process.run([*call, "--unset-all", "core.worktree"], cwd=away)
        elif (wanted := os.path.relpath(target, folder)) != value:
            process.run([*call, "core.worktree", wanted], cwd=away)
    borrowed = folder / "objects" / "info" / "alternates"
    if borrowed.is_file():
        lines = [line for line in borrowed.read_text().splitlines() if line]
        there = [line if line.startswith("#") else os.path.normpath(origin / "objects" / line) for line in lines]
        if there != lines:
            borrowed.write_text("".join(f"{line}\n" for line in there))


def _refresh(git: Git) -> None:
    """The index notes inodes and times of files: those of the original. As fresh as there, no build will rewrite it."""
    git("update-index", "-q", "--refresh", check=False)


def _worktrees(copy: Path) -> Iterator[Path]:
    for folder, names, leaves in os.walk(copy):
        if ".git" in names or ".git" in leaves:
            yield Path(folder)
        names[:] = [name for name in names if name != ".git"]


def _git_files(copy: Path) -> Iterator[Path]:
    for folder, names, leaves in os.walk(copy):
        names[:] = [name for name in names if name != ".git"]
        if ".git" in leaves:
            yield Path(folder, ".git")


def _git_folders(copy: Path) -> Iterator[Path]:
    """Every git folder in the copy: of the project, of its submodules, of repositories that merely lie in it."""
    for folder, names, leaves in os.walk(copy):
        if {"HEAD", "config"} <= set(leaves) and "objects" in names:
            yield Path(folder)
            names[:] = [name for name in names if name == "modules" or name not in {"objects", "refs", "hooks", "logs"}]
