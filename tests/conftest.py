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


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """What the long suites tried, also where all went well: a proof is worth its denominators."""
    for outcome in ("passed", "failed"):
        for report in terminalreporter.getreports(outcome):
            for name, value in report.user_properties:
                if name == "tried":
                    terminalreporter.write_line(str(value))
