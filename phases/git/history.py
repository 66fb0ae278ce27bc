"""Commits and tracked files of a repository.

Read through the hardened `git`: GitPython would start git outside of the process door, and with every GIT_* variable
that we were started with.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from installer import process
from installer.errors import UsageError
from installer.i18n import tr
from phases.git import command

if TYPE_CHECKING:
    from pathlib import Path

    from phases.git.command import Door, Git


def commit_date(root: Path, revision: str, door: Door = process.run) -> str:
    """When the commit `revision` (a hash, tag, branch, `HEAD~3`) was made, ISO 8601 with offset.

    Raises `UsageError` if the repository at `root` has no such commit, `Precondition` without git.
    """
    git = command.open_repository(root, door)
    found = git("log", "-1", "--format=%cI", "--end-of-options", revision, "--", check=False)
    if found.status != 0 or not found.stdout:
        raise UsageError("revision.unknown", tr("there is no commit `{revision}`", revision=revision))
    return found.stdout.strip()


def tracked_files(root: Path, door: Door = process.run) -> tuple[str, ...]:
    """The files that the repository at `root` records, without submodules' own. Raises `Precondition` without git."""
    listed = command.open_repository(root, door)("ls-files", "-z", "--cached").stdout
    return tuple(filter(None, listed.split("\0")))


def describe(git: Git, commit: str) -> str:
    """A commit in a few words: short hash, subject, day; only the hash if it cannot be read."""
    found = git("log", "-1", "--no-show-signature", "--format=%s%x00%cs", "--end-of-options", commit, "--", check=False)
    subject, _, day = found.stdout.strip().partition("\0")
    plain = "".join(sign for sign in subject if sign.isprintable())
    return f"{commit[:10]} “{plain}” ({day})" if day else commit[:10]
