"""The provider behind a remote: its module is imported when it is asked."""

from __future__ import annotations

import importlib
from contextlib import contextmanager
from typing import TYPE_CHECKING, cast

from phases.builds import tokens

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from phases.builds.model import Provider
    from phases.builds.remotes import Remote
    from phases.builds.section import BuildSection


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
