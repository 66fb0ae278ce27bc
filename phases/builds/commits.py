"""The strategy `empty_commit`: a commit that changes nothing, pushed once, so that the push begins the build.

The commit is made as an object that no branch names, is pushed, and only then becomes the tip of the local branch: a
push that fails leaves nothing behind. Index and worktree are not touched. Its date is that of the wish and its message
has the wish's key, so that whoever repeats it makes the very same commit, or finds it at the server.
"""

from __future__ import annotations

import re
from datetime import datetime
from typing import TYPE_CHECKING, Any

from installer import files
from installer.errors import Conflict, InstallerError, NotAllowed, Precondition, Refused, StepFailed, Unavailable
from installer.frozen import dataclass, replace
from installer.i18n import tr
from installer.model import Action, Context, Effect, Json, Step
from phases.git import command, config, failures

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from installer.model import Finished
    from phases.git.command import Door, Git

MESSAGE = "chore: trigger initial build"  # S3.6
_PATIENCE = 300.0  # seconds for one call of git: a server that says nothing must not hold a command for ever
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


def step(name: str, phase: str, push: Push) -> Step:
    """The step that makes the commit and pushes it; its result is `{"commit": …}`."""
    if not _KEY.fullmatch(push.key):
        raise ValueError(push.key)
    return Step(
        id=name,
        phase=phase,
        title=tr("Push an empty commit to {branch}, which begins the build", branch=push.branch),
        action="commits.push",
        args={"remote": push.remote, "branch": push.branch, "key": push.key, "since": push.since},
        effect=Effect(lasting=tr("what was pushed stays pushed"), repeatable=True),
        on_failure="warn",
    )


def perform(git: Git, push: Push, scratch: Path) -> str:
    """Make sure that the commit of `push` is at its remote, and that the local branch has it; returns its id.

    May be cut off anywhere and be done again: the server sees one new commit. Raises `Conflict` if other commits came
    meanwhile, here or there, and what a push that was refused means.
    """
    tip = _tip(git, push.branch)
    if _has_key(git, tip, push.key):
        made, base = tip, git("rev-parse", "--verify", f"{tip}^").stdout.strip()
    else:
        made, base = _make(git, tip, push, scratch), tip
    there = _tip_of_remote(git, push.remote, push.branch)
    if there == base:
        _send(git, made, push)
    elif there != made:
        made = _found_at_server(git, base, push)
    if tip == base:
        git("update-ref", "-m", MESSAGE, f"refs/heads/{push.branch}", made, base)
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


def _has_key(git: Git, commit: str, key: str) -> bool:
    message = git("log", "-1", "--format=%B", commit).stdout
    return f"{_TRAILER}: {key}" in message.splitlines()


def _send(git: Git, commit: str, push: Push) -> None:
    words = ("push", "--porcelain", "--no-follow-tags", "--recurse-submodules=no", "--no-signed", "--")
    said = git(*words, push.remote, f"{commit}:refs/heads/{push.branch}", check=False)
    if said.status != 0:
        raise _meaning(said, push.remote, push.branch)


def _found_at_server(git: Git, base: str, push: Push) -> str:
    """The commit with the key, among those that came to the server since `base`. Raises `Conflict` for none."""
    said = git("fetch", "--no-tags", "--", push.remote, f"refs/heads/{push.branch}", check=False)
    if said.status != 0:
        raise _meaning(said, push.remote, push.branch)
    since = git("rev-list", f"--grep=^{_TRAILER}: {re.escape(push.key)}$", f"{base}..FETCH_HEAD").stdout.split()
    found = [each for each in since if _has_key(git, each, push.key)]
    if not found:
        raise _differ(push.remote, push.branch)
    return found[-1]


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


def _push(args: Mapping[str, Any], context: Context) -> Json:
    push = Push(remote=args["remote"], branch=args["branch"], key=args["key"], since=args["since"])
    return {"commit": perform(_open(context.root, context.run), push, context.scratch), "branch": push.branch}


ACTIONS: Mapping[str, Action] = {"commits.push": _push}
