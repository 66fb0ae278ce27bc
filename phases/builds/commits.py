"""The strategy `empty_commit`: a commit that changes nothing, pushed once, so that the push begins the build.

The commit is made as an object that no branch names, is pushed, and only then becomes the tip of the local branch: a
push that fails leaves nothing behind. Index and worktree are not touched. Its date is that of the wish and its message
has the wish's key, so that whoever repeats it makes the very same commit, or finds it at the server.
"""

from __future__ import annotations

import re
from datetime import datetime
from typing import TYPE_CHECKING

from installer import files
from installer.errors import Conflict, InstallerError, NotAllowed, Precondition, Refused, StepFailed, Unavailable
from installer.frozen import dataclass, replace
from installer.i18n import tr
from phases.git import command, config, failures

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from installer.model import Context, Finished
    from phases.git.command import Door, Git

MESSAGE = "chore: trigger initial build"  # S3.6
_PATIENCE = 300.0  # seconds for one call of git: a server that says nothing must not hold a command for ever
_LOOKED_AT = 50  # commits, the newest first, among which one that was pushed before must be
_TRAILER = "Surefoot-Key"
_KEY = re.compile(r"[\w.:-]+", re.ASCII)
_PROTECTED = re.compile(
    r"protected branch|GH00\d|hook declined|not allowed to push|prohibited by Gitlab", re.IGNORECASE
)
_MOVED = re.compile(r"\[rejected\]|fetch first|non-fast-forward|cannot lock ref|failed to update ref", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Push:
    """What is to be pushed where: the branch `branch` of `remote`, for the wish `key` that was noted at `since`."""

    remote: str
    branch: str
    key: str
    since: str


def check(root: Path, remote: str, branch: str) -> str:
    """The tip of `branch`, which is the same here and at `remote`; nothing is changed. To be asked by a plan.

    Raises `Conflict` where the two differ, `Precondition` where one of them is missing or git knows no name to commit
    under, and what a server that does not answer means.
    """
    git = _open(root)
    tip, there = _tip(git, branch), _tip_of_remote(git, remote, branch)
    _identity(git)
    if not there:
        raise Precondition(
            "build.not-pushed",
            tr("the branch {branch} is not at {remote} yet", branch=branch, remote=remote),
            hint=tr("`git push -u {remote} {branch}`: that begins the build by itself", remote=remote, branch=branch),
        )
    if tip != there:
        raise _differ(remote, branch)
    return tip


def push(context: Context, wanted: Push) -> str:
    """The commit of `wanted`, which is at its remote now: see `perform`."""
    if not _KEY.fullmatch(wanted.key):
        raise ValueError(wanted.key)
    return perform(_open(context.root, context.run), wanted, context.scratch, context.warn)


def perform(git: Git, push: Push, scratch: Path, warn: Callable[[str], None]) -> str:
    """Make sure that the commit of `push` is at its remote, and the tip of the local branch if nothing else came.

    May be cut off anywhere and be done again, also after other commits: the server sees one new commit. Returns its id.
    Raises `Conflict` if the branch is not the same here and there, and what a push that was refused means.
    """
    tip = _tip(git, push.branch)
    if made := _with_key(git, tip, push.key):
        return made  # it came to be part of the branch after the server had it
    if _tip_of_remote(git, push.remote, push.branch) == tip:
        made = _make(git, tip, push, scratch)
        _send(git, made, push)
    else:
        made = _found_at_server(git, push)
    if git("rev-parse", "--verify", "--quiet", f"{made}^", check=False).stdout.strip() == tip:
        git("update-ref", "-m", MESSAGE, f"refs/heads/{push.branch}", made, tip)
    else:  # the user's own commits came meanwhile
        warn(
            tr(
                "{remote} has a commit that your branch {branch} has not: `git pull` brings it",
                remote=push.remote,
                branch=push.branch,
            )
        )
    return made


def _open(root: Path, door: Door | None = None) -> Git:
    """Git with what a repository's own configuration must not choose switched off."""
    git, _ = config.read(command.open_repository(root, door) if door else command.open_repository(root))
    return replace(git, timeout=_PATIENCE)


def _tip(git: Git, branch: str) -> str:
    found = git("rev-parse", "--verify", "--quiet", f"refs/heads/{branch}^{{commit}}", check=False)
    if found.status != 0:
        raise Precondition(
            "build.no-branch",
            tr("there is no branch {branch} in this clone", branch=branch),
            hint=tr("check it out once: `git switch {branch}`", branch=branch),
        )
    return found.stdout.strip()


def _tip_of_remote(git: Git, remote: str, branch: str) -> str:
    """Empty if the branch is not there."""
    said = git("ls-remote", "--heads", "--", remote, f"refs/heads/{branch}", check=False)
    if said.status != 0:
        raise _meaning(said, remote, branch)
    lines = (line.split("\t") for line in said.stdout.splitlines())
    return next((words[0] for words in lines if words[-1] == f"refs/heads/{branch}"), "")


def _identity(git: Git) -> str:
    """`Name <address>`, as git would commit."""
    said = git("var", "GIT_COMMITTER_IDENT", check=False)
    found = re.fullmatch(r"(.*<.*>) \d+ [+-]\d{4}", said.stdout.strip())
    if said.status != 0 or not found:
        raise Precondition(
            "git.identity",
            tr("git does not know who you are, so it cannot commit"),
            hint=tr("`git config user.name NAME` and `git config user.email ADDRESS`, then run the same command again"),
        )
    return found[1]


def _make(git: Git, tip: str, push: Push, scratch: Path) -> str:
    """Write the commit as an object; the same commit every time, as nothing in it depends on now."""
    tree = git("rev-parse", "--verify", f"{tip}^{{tree}}").stdout.strip()
    who = f"{_identity(git)} {int(datetime.fromisoformat(push.since).timestamp())} +0000"
    text = f"tree {tree}\nparent {tip}\nauthor {who}\ncommitter {who}\n\n{MESSAGE}\n\n{_TRAILER}: {push.key}\n"
    place = scratch / "commit"
    files.replace(place, text.encode("utf-8", "surrogateescape"))
    return git("hash-object", "-t", "commit", "-w", "--no-filters", "--", str(place)).stdout.strip()


def _with_key(git: Git, tip: str, key: str) -> str:
    """The commit with the key, among `tip` and the newest before it; empty for none."""
    told = git("rev-list", f"--max-count={_LOOKED_AT}", "--format=%B%x00", tip, "--").stdout
    commits = (each.splitlines() for each in told.split("\0"))
    marked = (lines for lines in commits if f"{_TRAILER}: {key}" in lines)
    return next((line.removeprefix("commit ") for lines in marked for line in lines if line), "")


def _send(git: Git, commit: str, push: Push) -> None:
    words = ("push", "--porcelain", "--no-follow-tags", "--recurse-submodules=no", "--no-signed", "--")
    said = git(*words, push.remote, f"{commit}:refs/heads/{push.branch}", check=False)
    if said.status != 0:
        raise _meaning(said, push.remote, push.branch)


def _found_at_server(git: Git, push: Push) -> str:
    """The commit with the key, as the server has it. Raises `Conflict` for none."""
    said = git("fetch", "--no-tags", "--", push.remote, f"refs/heads/{push.branch}", check=False)
    if said.status != 0:
        raise _meaning(said, push.remote, push.branch)
    if found := _with_key(git, "FETCH_HEAD", push.key):
        return found
    raise _differ(push.remote, push.branch)


def _differ(remote: str, branch: str) -> Conflict:
    return Conflict(
        "build.diverged",
        tr("the branch {branch} is not the same here and at {remote}", branch=branch, remote=remote),
        hint=tr("push or pull it: a push begins the build by itself"),
    )


def _meaning(said: Finished, remote: str, branch: str) -> InstallerError:
    """The error that a refusal of the server's, or its silence, stands for; git's own words are its details."""
    about = failures.explain(said, place=remote)
    details = about.details or tuple(line for line in said.stdout.splitlines() if line.startswith("!"))
    words = said.stdout + said.stderr
    if _PROTECTED.search(words):
        message = tr("{remote} does not let you push to {branch}", remote=remote, branch=branch)
        hint = tr("choose another strategy in `[build]`, or have it allowed; then run the same command again")
        return NotAllowed("build.protected", message, hint=hint, details=details)
    if _MOVED.search(words):
        return _differ(remote, branch)
    match about:
        case NotAllowed():
            message, hint = (
                tr("{remote} does not know you, or not that repository", remote=remote),
                tr("log in (`git credential`, an ssh key), then run the same command again"),
            )
        case Unavailable():
            message, hint = (
                tr("{remote} cannot be reached", remote=remote),
                tr("check the network, then run the same command again: what was pushed is found"),
            )
        case Refused():
            message, hint = tr("the address of {remote} is refused: only https and ssh are allowed", remote=remote), ""
        case _:
            message, hint = tr("git could not push to {remote}", remote=remote), about.hint
    kind = type(about) if isinstance(about, NotAllowed | Unavailable | Refused) else StepFailed
    return kind("build.push", message, hint=hint, details=details)
