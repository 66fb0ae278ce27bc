"""What every test starts from: English, whatever the test before it spoke, and signals that do what they do."""

from __future__ import annotations

import signal
from typing import TYPE_CHECKING

import pytest

from installer import i18n

if TYPE_CHECKING:
    from collections.abc import Iterator

# Under `nohup`, or in the background of a script, these are ignored, and every child would inherit that.
signal.signal(signal.SIGHUP, signal.SIG_DFL)
signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(autouse=True)
def _english() -> Iterator[None]:
    i18n.use("en")
    yield
    i18n.use("en")
