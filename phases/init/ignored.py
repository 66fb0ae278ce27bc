"""Which of the files that `init` writes git would leave out of a commit: a clone without them installs nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from phases.git import command, state

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path


def among(root: Path, paths: Sequence[str]) -> tuple[str, ...]:
    """Those of `paths`, there or not, that git ignores and does not track; none without git or a repository."""
    if not paths or state.git_folder(root) is None or command.find(root) is None:
        return ()
    finished = command.open_repository(root)("check-ignore", "--", *paths, check=False)
    said = set(finished.stdout.splitlines()) if finished.status == 0 else set()
    return tuple(path for path in paths if path in said)
