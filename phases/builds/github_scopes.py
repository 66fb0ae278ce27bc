"""The scopes of GitHub's classic tokens: a header names only the highest, and each has others in it."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

# source: GitHub's documentation, "Scopes for OAuth apps"
_IMPLIED: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "repo": ("repo:status", "repo_deployment", "public_repo", "repo:invite", "security_events"),
        "write:packages": ("read:packages",),
        "user": ("read:user", "user:email", "user:follow"),
        "project": ("read:project",),
        "write:discussion": ("read:discussion",),
        **{
            f"{high}:{what}": (f"{low}:{what}",)
            for what in ("org", "public_key", "repo_hook", "gpg_key", "ssh_signing_key")
            for high, low in (("admin", "write"), ("write", "read"))
        },
    }
)


def lacking(wanted: Iterable[str], granted: Iterable[str]) -> list[str]:
    """Those `wanted` that a token with the scopes `granted` does not have."""
    has = {each for scope in granted for each in _all(scope)}
    return [each for each in wanted if each not in has]


def _all(scope: str) -> Iterator[str]:
    yield scope
    for each in _IMPLIED.get(scope, ()):
        yield from _all(each)
