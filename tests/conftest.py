"""What every test starts from: English, whatever the test before it spoke."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from installer import i18n

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(autouse=True)
def _english() -> Iterator[None]:
    i18n.use("en")
    yield
    i18n.use("en")
