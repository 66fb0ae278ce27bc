"""Calls that fail, once or from then on: told in a sentence, resumed later, and taken back byte for byte."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.faults.points import choose_errors
from tests.faults.trial import Account, endured

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.faults.lab import Lab

pytestmark = pytest.mark.slow


def test_whatever_call_fails_the_same_command_completes_later(
    fresh: Lab, record_property: Callable[[str, object], None]
) -> None:
    account = Account("calls that fail, first installation")
    for fault in choose_errors(fresh.calls, 5, name="errors"):
        endured(fresh, fault, account)
    record_property("tried", str(account))
    assert account.problems == [], str(account)
