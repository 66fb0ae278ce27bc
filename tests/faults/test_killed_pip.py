"""An upgrade by pip, killed as a whole at any change: it resumes to the same, and is taken back byte for byte."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.faults.interposer import Fault
from tests.faults.points import Share, choose
from tests.faults.trial import Account, both_ways

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.faults.lab import Lab

pytestmark = pytest.mark.slow

SHARES = (Share("python", 4), Share("tool", 4))


def test_killed_at_any_change_it_resumes_or_reverts(
    upgrade_by_pip: Lab, record_property: Callable[[str, object], None]
) -> None:
    account = Account("killed, upgrade by pip")
    for fault in choose(upgrade_by_pip.calls, SHARES, Fault("tree"), name="pip"):
        both_ways(upgrade_by_pip, fault, account, back=())
    record_property("tried", str(account))
    assert account.problems == [], str(account)


def test_pip_at_work_leaves_no_bytecode_of_its_own_in_the_environment_that_it_fills(upgrade_by_pip: Lab) -> None:
    calls = [call for call in upgrade_by_pip.calls if "/pip/_" in call.path and "__pycache__" in call.path]
    assert len({call.process for call in calls}) == 1, "only the one that compiles it, when the environment is made"
