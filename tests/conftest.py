"""What every test starts from: English, nobody's build server, and signals that do what they do."""

from __future__ import annotations

import os
import signal
from typing import TYPE_CHECKING

import pytest

from installer import i18n

if TYPE_CHECKING:
    from collections.abc import Iterator

# Under `nohup`, or in the background of a script, these are ignored, and every child would inherit that.
signal.signal(signal.SIGHUP, signal.SIG_DFL)
signal.signal(signal.SIGINT, signal.default_int_handler)
# A test that is about a build server says so itself; every other one does the same on a desk and in CI.
for _name in ("CI", "GITHUB_ACTIONS", "GITLAB_CI"):
    os.environ.pop(_name, None)


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
