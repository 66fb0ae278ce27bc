"""Only a part of the tree of processes is killed: the tool while its child works, or the child alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.faults.interposer import Fault
from tests.faults.points import LINKING, Share, choose
from tests.faults.trial import Account, endured, orphaned

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.faults.lab import Lab

pytestmark = pytest.mark.slow

CHILDREN = (
    Share("uv", 5, LINKING),
    Share("uv", 2),
    Share("git", 4),
    Share("python", 2),
    Share("as", 1),
    Share("ld", 1),
)


def test_only_the_tool_is_killed_and_no_orphan_writes_beside_the_next_run(
    fresh: Lab, record_property: Callable[[str, object], None]
) -> None:
    account = Account("only the tool killed")
    for fault in choose(fresh.calls, CHILDREN, Fault("tool"), name="tool"):
        orphaned(fresh, fault, account)
    record_property("tried", str(account))
    assert account.problems == [], str(account)


def test_only_the_child_is_killed_and_the_failure_says_by_what(
    fresh: Lab, record_property: Callable[[str, object], None]
) -> None:
    account = Account("only the child killed")
    for fault in choose(fresh.calls, CHILDREN, Fault("self"), name="child"):
        endured(fresh, fault, account, said="SIGKILL" if fault.program == "uv" else "")
    record_property("tried", str(account))
    assert account.problems == [], str(account)
