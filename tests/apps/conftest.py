from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.apps import kit

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def place(tmp_path: Path) -> Iterator[kit.Place]:
    """A project; no app of it runs after the test."""
    with kit.place(tmp_path) as made:
        yield made
