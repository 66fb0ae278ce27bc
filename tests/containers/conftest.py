"""The lab: a real engine and a real registry, started by the first test that asks."""

from __future__ import annotations

import gc
from typing import TYPE_CHECKING

import pytest

from tests.containers import kit, proxy

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture(autouse=True)
def leaks() -> Iterator[None]:
    """A socket or a child that a test forgot fails that very test, not whichever runs when it is collected."""
    yield
    gc.collect()


@pytest.fixture
def place(tmp_path: Path) -> Iterator[kit.Place]:
    """A project, and the engine; nothing of the test stays there."""
    with kit.place(tmp_path) as made:
        yield made


@pytest.fixture
def engine(place: kit.Place, tmp_path: Path) -> Iterator[proxy.Proxy]:
    """A proxy in front of the engine."""
    with proxy.Proxy(place.engine, tmp_path) as between:
        place.engine = between.url
        yield between


@pytest.fixture
def registry(place: kit.Place) -> Iterator[proxy.Proxy]:
    """A proxy in front of the registry."""
    with proxy.Proxy(f"tcp://{place.lab.registry}") as between:
        yield between
