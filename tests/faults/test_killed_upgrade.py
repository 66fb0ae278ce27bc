"""An upgrade, killed as a whole at any change: it resumes to the same, and is taken back byte for byte."""

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
    Share("tool", 38),
    Share("uv", 48, LINKING),
    Share("uv", 8),
    Share("python", 12),
    Share("as", 3),
    Share("ld", 3),
)
PHASES = {"environment_setup", "submodule_sync", "python_deps", "packages", "verification"}


def test_killed_at_any_change_it_resumes_or_reverts(
    upgrade: Lab, record_property: Callable[[str, object], None]
) -> None:
    account = Account("killed, upgrade")
    for fault in choose(upgrade.calls, SHARES, Fault("tree"), name="upgrade"):
        both_ways(upgrade, fault, account, back=())
    record_property("tried", str(account))
    assert account.problems == [], str(account)
    assert WANTED or account.where.keys() >= PHASES, str(account)
