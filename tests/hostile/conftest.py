"""An index that misbehaves, and a project that has something to lose."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.hostile import places
from tests.hostile.index import Index, serving

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="module")
def _made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[places.Place]:
    with serving() as index:
        yield places.make(tmp_path_factory.mktemp("hostile"), index)


@pytest.fixture
def place(_made: places.Place) -> places.Place:
    """A project whose environment works, asking the index of this test."""
    return places.renew(_made)


@pytest.fixture
def other_index() -> Iterator[Index]:
    """A second index, empty."""
    with serving() as index:
        yield index
