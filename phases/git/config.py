"""A repository's configuration: what it says of submodules, and what of it must not be obeyed."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from installer.frozen import dataclass, replace
from phases.git import urls

if TYPE_CHECKING:
    from collections.abc import Mapping

    from phases.git.command import Git

# Keys that name a program to run. In the user's own files they are a wish; in a repository's they may have come along.
_RUNS = re.compile(
    r"core\.(?:sshcommand|askpass|gitproxy|editor|pager|alternaterefscommand)|credential\.(?:.*\.)?helper"
    r"|filter\..*\.(?:clean|smudge|process)|diff\.external|diff\..*\.(?:command|textconv)|merge\..*\.driver"
    r"|remote\..*\.(?:uploadpack|receivepack|vcs)|gpg\.(?:.*\.)?program",
    re.DOTALL,
)
_INSTEAD = re.compile(r"url\..*\.insteadof", re.DOTALL)
_OWN = {"local", "worktree"}
_LFS = re.compile(r"git-lfs [a-z-]+(?: -- %f| %f)?")

# A stalled transfer ends, and is tried again.
PATIENCE = (("http.lowspeedlimit", "1000"), ("http.lowspeedtime", "60"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """Every value in force for one repository: (scope, key, value), lowest rank first."""

    values: tuple[tuple[str, str, str], ...]

    def last(self, key: str) -> str:
        """The value that counts; empty where there is none."""
        return next((value for _, each, value in reversed(self.values) if each == key), "")

    def all(self, key: str) -> tuple[str, ...]:
        """Every value of a key that may be set many times."""
        return tuple(value for _, each, value in self.values if each == key)

    def submodule(self, name: str) -> Mapping[str, str]:
        """What the repository's own configuration says of one submodule: url, update, active."""
        prefix = f"submodule.{name}."
        return {
            key.removeprefix(prefix): value
            for _, key, value in self.values
            if key.startswith(prefix) and "." not in key.removeprefix(prefix)
        }

    def rewritten(self, url: str) -> str:
        """`url` as the user's own `url.BASE.insteadOf` has it: the longest one that fits counts."""
        fitting = [
            (len(value), key[len("url.") : -len(".insteadof")], value)
            for scope, key, value in self.values
            if scope not in _OWN and _INSTEAD.fullmatch(key) and url.startswith(value)
        ]
        if not fitting:
            return url
        _, base, start = max(fitting)
        return base + url.removeprefix(start)

    def remote_url(self, branch: str) -> str:
        """Where the repository was cloned from, as git takes it for relative addresses; empty if from nowhere."""
        return self.last(f"remote.{self.last(f'branch.{branch}.remote') or 'origin'}.url")


def read(git: Git) -> tuple[Git, Config]:
    """The configuration of a repository, and `git` for it with what must not be obeyed switched off."""
    listing = git("config", "--list", "-z", "--show-scope").stdout.split("\0")
    values = []
    for scope, pair in zip(listing[::2], listing[1::2], strict=False):
        key, newline, value = pair.partition("\n")
        values.append((scope, key, value if newline else "true"))
    config = Config(values=tuple(values))
    return replace(git, settings=_muted(config) + _patience(config), protocols=_protocols(git, config)), config


def _muted(config: Config) -> tuple[tuple[str, str], ...]:
    """What outranks the repository's own choice of programs: the user's choice, or none."""
    dangerous = {
        key
        for scope, key, value in config.values
        if scope in _OWN and _RUNS.fullmatch(key) and not _LFS.fullmatch(value)
    }
    settings: list[tuple[str, str]] = []
    for key in sorted(dangerous):
        wishes = [value for scope, each, value in config.values if each == key and scope not in _OWN]
        if key.startswith("credential."):
            settings += [(key, value) for value in ("", *wishes)]  # an empty one forgets those before it
        elif wishes or key != "core.sshcommand":
            settings.append((key, wishes[-1] if wishes else ""))
        else:
            settings.append((key, "ssh"))
    return tuple(settings)


def _patience(config: Config) -> tuple[tuple[str, str], ...]:
    """Unless the user chose otherwise."""
    known = {key for _, key, _ in config.values}
    return () if any(key in known for key, _ in PATIENCE) else PATIENCE


def _protocols(git: Git, config: Config) -> tuple[str, ...]:
    """Also the transports to which the user's own `url.BASE.insteadOf` leads (a mirror in the house)."""
    bases = (key[len("url.") :] for scope, key, _ in config.values if scope not in _OWN and _INSTEAD.fullmatch(key))
    mirrors = {kind for base in bases if (kind := urls.transport(base)) in {"http", "git", "file"}}
    return tuple(sorted({*git.protocols, *mirrors}))
