"""Calls that fail, once or from then on: told in a sentence, resumed later, and taken back byte for byte."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.faults.interposer import Fault
from tests.faults.points import choose_errors, choose_in, parsed
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


def test_with_no_room_for_the_journal_nothing_is_done_unrecorded(
    fresh: Lab, record_property: Callable[[str, object], None]
) -> None:
    account = Account("no room for the journal alone")
    for fault in choose_in(fresh.calls, "ENOSPC", 4, program="tool", part="checkpoints/journal.jsonl"):
        endured(fresh, fault, account, said="disk")
    record_property("tried", str(account))
    assert account.problems == [], str(account)


# What the harness found once: git that went on without its settings, or over a clone that was killed; a resumed run
# that still went without what it had installed; a right that was missing taken for a bug of ours.
FOUND = (
    "EROFS@git/nested/config.lock:16",
    "EROFS@git/nested/config.lock:22",
    "EROFS@git/nested/config.lock:26",
    "EACCES@tool/checkpoints/.surefoot-8b06:5",
    "EACCES+@tool/packages.02.fast:1",
)


def test_what_was_found_once_stays_mended(fresh: Lab, record_property: Callable[[str, object], None]) -> None:
    account = Account("calls that fail, found before")
    for word in FOUND:
        endured(fresh, parsed(word), account)
        endured(fresh, parsed(word), account)  # resumed the one time, taken back the other
    for word in ("git:67", "git:300", "git:346"):
        endured(fresh, parsed(word, Fault("self")), account, said="signal 9")
    record_property("tried", str(account))
    assert account.problems == [], str(account)
