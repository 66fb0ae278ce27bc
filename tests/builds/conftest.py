"""A forge behind which prism validates, and a clone of a project there."""

from __future__ import annotations

import gc
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from phases.builds import asking, providers
from tests.builds import forge as forges
from tests.builds import kit, lab
from tests.builds.desk import Provider

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture(autouse=True)
def leaks() -> Iterator[None]:
    """A socket or a child that a test forgot fails that very test."""
    yield
    gc.collect()


@pytest.fixture(scope="session")
def prism() -> str:
    """The validating mock of GitHub's API."""
    return lab.ensure("github")


@pytest.fixture
def forge(prism: str) -> Iterator[forges.Forge]:
    """A GitHub with one workflow. Every request of the test has to be as GitHub describes it."""
    with forges.Forge(prism) as made:
        made.state.workflows[kit.WORKFLOW] = forges.BUILD
        yield made
    assert made.invalid == []


@pytest.fixture
def clone(tmp_path: Path, forge: forges.Forge) -> kit.Clone:
    """A clone of a project at that GitHub."""
    made = kit.Clone(tmp_path)
    made.api = forge.url
    forge.state.head = made.head
    return made


@pytest.fixture
def provider(monkeypatch: pytest.MonkeyPatch) -> Provider:
    """The one that every remote has; nothing is waited for."""
    made = Provider()

    @contextmanager
    def connected(*_: object, **__: object) -> Iterator[Provider]:
        yield made

    monkeypatch.setattr(providers, "connected", connected)
    monkeypatch.setattr(asking, "WAITS", (0.0,))
    return made


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A clone of a project at GitHub."""
    return kit.Clone(tmp_path).root
