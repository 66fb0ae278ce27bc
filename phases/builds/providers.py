"""The provider behind a remote: its module is imported when it is asked."""

from __future__ import annotations

import importlib
from contextlib import contextmanager
from typing import TYPE_CHECKING, cast

from phases.builds import failures, github, gitlab_tokens, tokens

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from phases.builds.model import Provider
    from phases.builds.remotes import Remote
    from phases.builds.section import BuildSection


def check_strategy(remote: Remote, section: BuildSection) -> None:
    """Raises `UsageError` where the provider of `remote` has no such strategy, before anybody is asked."""
    known = github.STRATEGIES if remote.provider == "github" else gitlab_tokens.STRATEGIES
    if section.strategy not in known:
        raise failures.no_strategy(remote.host, section.strategy, known)


@contextmanager
def connected(remote: Remote, section: BuildSection, root: Path, *, retries: int = 2) -> Iterator[Provider]:
    """The provider of `remote`, with the user's token.

    Raises `NotAllowed` (8) without one, `Precondition` (6) without the extra. A provider's module has a context manager
    `connected(remote, token, *, retries, scopes)`, too.
    """
    token = tokens.find(remote, root, section.token)
    module = importlib.import_module(f"phases.builds.{remote.provider}")
    with module.connected(remote, token, retries=retries, scopes=section.scopes) as provider:
        yield cast("Provider", provider)
