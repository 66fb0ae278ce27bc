"""The lab: a real engine and a real registry, started by the first test that asks."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.containers import kit

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def place(tmp_path: Path) -> Iterator[kit.Place]:
    """A project, and the engine; nothing of the test stays there."""
    with kit.place(tmp_path) as made:
        yield made
