"""A first installation, killed as a whole at any change: it resumes to the same, and is taken back byte for byte."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.faults.interposer import Fault
from tests.faults.points import LINKING, WANTED, Share, choose
from tests.faults.trial import Account, both_ways

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.faults.lab import Lab

pytestmark = pytest.mark.slow

SHARES = (
    Share("tool", 52),
    Share("git", 26),
    Share("uv", 64, LINKING),
    Share("uv", 10),
    Share("python", 12),
    Share("as", 3),
    Share("ld", 3),
)
PHASES = {"environment_setup", "submodule_sync", "python_deps", "packages", "verification", "cleanup"}


def test_killed_at_any_change_it_resumes_or_reverts(fresh: Lab, record_property: Callable[[str, object], None]) -> None:
    account = Account("killed, first installation")
    for fault in choose(fresh.calls, SHARES, Fault("tree"), name="fresh"):
        both_ways(fresh, fault, account)
    record_property("tried", str(account))
    assert account.problems == [], str(account)
    assert WANTED or account.where.keys() >= PHASES, str(account)
