"""Which run is the answer to a wish, and which wish is another one; with a provider of the test's own."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from installer.errors import Unavailable
from installer.model import Step
from phases.builds import planning
from tests.builds.desk import RUN, Provider, act, facts, manifest, note, planned

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    ("change", "same"),
    [
        ("minutes = [9, 9]", True),
        ('deployed = "https://x.test/"', True),
        ('token = "MY_TOKEN"', True),
        ('scopes = ["workflow"]', True),
        ('api = "https://api.github.com"', True),
        ('workflow = "other.yml"', False),
        ('inputs = {tag = "v1"}', False),
        ('ref = "v1"', False),
        ('strategy = "workflow_dispatch"', False),
        ('event = "other"', False),
    ],
)
def test_another_build_is_another_wish_and_another_way_to_follow_it_is_not(
    root: Path, provider: Provider, change: str, *, same: bool
) -> None:
    provider.answer = Unavailable("build.offline", "?", sent=True)
    with pytest.raises(Unavailable):
        act(root, planned(root, "r1"), "r1")
    assert (planned(root, "r2", change)["key"] == note(root).key) is same


def test_a_wish_that_is_given_up_is_not_looked_for(root: Path, provider: Provider) -> None:
    provider.answer = Unavailable("build.offline", "?", sent=True)
    with pytest.raises(Unavailable):
        act(root, planned(root, "r1"), "r1")
    before = note(root)
    (step,) = planning.plan({"anew": True}, manifest(root), facts(root, "r2"))
    assert isinstance(step, Step)
    assert step.args["key"] != before.key
    provider.looks.clear()
    provider.answer = RUN
    act(root, dict(step.args), "r2")
    assert (provider.looks, len(provider.asked)) == ([], 2)
