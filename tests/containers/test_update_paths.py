"""The planner of updates as others use it: of some containers only, of those on the image already, as another phase."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING

import pytest

from tests.containers.test_update import begun, built, log, running

if TYPE_CHECKING:
    from typing import Any

    from tests.containers.kit import Place
    from tests.ended import Ended

pytestmark = [pytest.mark.docker, pytest.mark.slow]

# as `carry_out` does, in another phase: its ids, results and archives must not be those of `images`
DRIVER = """
import json, sys
from installer.cli import plans
from installer.cli.asked import Asked
from installer.cli.outcome import finish
from installer.cli.session import open_session
from phases.containers import taking_back
from phases.containers.updates import plans as updating

session, args = open_session(Asked(yes=True)), json.loads(sys.argv[1])
plan = plans.Plan(
    kind="images",
    order=("apps",),
    steps=lambda phase, facts: updating.plan(args, session.manifest, facts, phase),
    on_failure="run",
    actions={**taking_back.ACTIONS, **updating.ACTIONS},
)
with session.engine(plan) as engine:
    sys.exit(finish(session, engine.run(), done="done"))
"""


def update(place: Place, **args: Any) -> Ended:
    reference = f"{place.lab.registry}/{place.word}:now"
    wish = {"references": [reference], "recreate": True, "local": True, "steady": 0.3, **args}
    return place.run([sys.executable, "-c", DRIVER, json.dumps(wish)])


def test_only_those_that_are_named_move_and_come_back(place: Place) -> None:
    olds = begun(place, 2)
    built(place, "2")
    ended = update(place, only=[f"{place.word}-1"])
    assert ended.status == 0, ended.out + ended.err
    assert running(place) == {f"{place.word}-0": ["1"], f"{place.word}-1": ["2"]}
    assert log(place, 1) == ["1", "2"]
    assert place.manage("rollback", "-y").status == 0
    assert running(place) == {f"{place.word}-{number}": ["1"] for number in range(2)}
    assert [place.client.containers.get(f"{place.word}-{each}").id for each in range(2)] == [each.id for each in olds]
    assert set(log(place, 1)) == {"1"}


def test_one_that_is_on_the_image_already_is_made_anew_if_that_is_wished(place: Place) -> None:
    (old,) = begun(place)
    ended = update(place, anew=True)
    assert ended.status == 0, ended.out + ended.err
    assert running(place) == {f"{place.word}-0": ["1"]}
    assert place.client.containers.get(f"{place.word}-0").id != old.id
    assert place.manage("rollback", "-y").status == 0
    assert (running(place), place.client.containers.get(f"{place.word}-0").id) == ({f"{place.word}-0": ["1"]}, old.id)
