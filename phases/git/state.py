"""Where a repository stands, read from its files: no process is started, nothing of its configuration is obeyed."""

from __future__ import annotations

import os
import re
import stat
from pathlib import Path

_COMMIT = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")
_UNDER_WAY = ("MERGE_HEAD", "CHERRY_PICK_HEAD", "REVERT_HEAD", "BISECT_LOG", "rebase-merge", "rebase-apply")


def git_folder(worktree: Path) -> Path | None:
    """The folder of the repository behind `worktree`: `.git`, or where a file `.git` points to. None without one."""
    own = os.path.join(worktree, ".git")
    try:
        kind = os.lstat(own).st_mode
    except (OSError, ValueError):
        return None
    if stat.S_ISDIR(kind):
        return Path(own)
    if stat.S_ISLNK(kind) or not (text := _read(own)).startswith("gitdir: "):
        return None
    folder = os.path.realpath(os.path.join(worktree, text[8:].rstrip("\r\n")))
    return Path(folder) if os.path.isfile(os.path.join(folder, "HEAD")) else None


def head(folder: Path) -> str:
    """The commit that HEAD of the repository in `folder` (its git folder) names; empty if there is none yet."""
    said = _read(folder / "HEAD").strip()
    if _COMMIT.fullmatch(said):
        return said
    common = _common(folder)
    for _ in range(5):  # git follows no longer chain of references either
        if not said.startswith("ref: "):
            break
        name = said[5:]
        said = _read(common / name).strip() or _packed(common, name)
    return said if _COMMIT.fullmatch(said) else ""


def reference(folder: Path, name: str) -> str:
    """The commit that `name` (`refs/remotes/origin/main`) names in the repository whose git folder that is, or ""."""
    said = _read(_common(folder) / name).strip() or _packed(_common(folder), name)
    return said if _COMMIT.fullmatch(said) else ""


def symbolic(folder: Path, name: str) -> str:
    """The reference to which `name` (`refs/remotes/origin/HEAD`) leads; empty where it leads to none."""
    said = _read(_common(folder) / name).strip()
    return said.removeprefix("ref: ") if said.startswith("ref: ") else ""


def changed(folder: Path, name: str) -> float | None:
    """When `name` last changed, in seconds since 1970, as its log has it, else its own file; None without either."""
    last = _read(_common(folder) / "logs" / name).rstrip("\n").rpartition("\n")[2]
    if found := re.search(r"> (\d+) [+-]\d{4}(?:\t|$)", last):
        return float(found[1])
    try:
        return os.stat(_common(folder) / name).st_mtime
    except (OSError, ValueError):
        return None


def branch(worktree: Path) -> str:
    """The branch that is checked out; empty for none."""
    folder = git_folder(worktree)
    said = _read(folder / "HEAD").strip() if folder else ""
    return said.removeprefix("ref: refs/heads/") if said.startswith("ref: refs/heads/") else ""


def is_unfinished(worktree: Path) -> bool:
    """Whether `worktree` was cloned, but its checkout never begun."""
    folder = git_folder(worktree)
    return (
        folder is not None
        and not (folder / "index").exists()
        and [each.name for each in worktree.iterdir()] == [".git"]
    )


def is_empty(folder: Path) -> bool:
    """Whether there is nothing, or an empty folder."""
    try:
        return next(folder.iterdir(), None) is None
    except FileNotFoundError:
        return True
    except NotADirectoryError:
        return False


def under_way(folder: Path) -> str:
    """The merge, rebase or bisection that was begun in the repository, by the name of its note; empty if none."""
    return next((name for name in _UNDER_WAY if (folder / name).exists()), "")


def shallow_ends(folder: Path) -> frozenset[str]:
    """The commits at which the history of a shallow repository ends: all of them came from a server."""
    return frozenset(_read(folder / "shallow").split())


def _common(folder: Path) -> Path:
    """The folder that all worktrees of a repository share."""
    return Path(folder, _read(folder / "commondir").strip()) if (folder / "commondir").is_file() else folder


def _packed(folder: Path, name: str) -> str:
    found = re.search(rf"^([0-9a-f]+) {re.escape(name)}$", _read(folder / "packed-refs"), re.MULTILINE)
    return found[1] if found else ""


def _read(path: Path | str) -> str:
    try:
        with open(path, encoding="utf-8", errors="surrogateescape") as stream:
            return stream.read()
    except OSError:
        return ""
