"""`kill -9` where many things move at once: containers that are updated together, images that are given up."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from phases.containers.images import kept
from phases.containers.references import parse
from tests.containers.test_update import QUICK, begun, built, log, named, running

if TYPE_CHECKING:
    from tests.containers.kit import Place

pytestmark = [pytest.mark.docker, pytest.mark.slow]


def test_three_that_move_together_are_killed_and_all_are_new_or_all_are_old(place: Place) -> None:
    olds = begun(place, 3)
    reference = built(place, "2")
    names = [f"{place.word}-{number}" for number in range(3)]
    some = [("Intent", 15), ("Done", 18), ("Intent", 24)]
    kills = place.kills(some, "images", "update", reference, "--all", *QUICK)
    for number, when in enumerate(kills):
        if number % 2:
            ended = place.manage("resume", "-y")
            assert ended.status == 0, (when, ended.err)
            assert running(place) == {name: ["2"] for name in names}, when
            assert all(log(place, each)[-1] == "2" for each in range(3)), when
        ended = place.manage("rollback", "-y")
        assert ended.status == 0, (when, ended.err)
        assert running(place) == {name: ["1"] for name in names}, when
        assert named(place) == names, when
        assert [place.client.containers.get(name).id for name in names] == [each.id for each in olds], when
        assert all(set(log(place, each)) == {"1"} for each in range(3)), when


def test_images_that_are_given_up_are_killed_and_come_back_but_for_what_was_deleted(place: Place) -> None:
    """Of three that are kept one stays, one only loses a name, and one is deleted, which is last."""
    moving = parse(f"{place.lab.registry}/{place.word}:moving")
    tags = [kept.tag_for(place.root, moving, f"20260101_00000{number}") for number in range(3)]

    def furnished() -> dict[str, list[str]]:
        for number, tag in enumerate(tags):
            place.client.images.get(place.image(str(number))).tag(tag)
        place.client.images.remove(f"{place.lab.registry}/{place.word}:0", noprune=True)
        return place.inventory()

    def without(*gone: str) -> dict[str, list[str]]:
        return {**before, "images": [each for each in before["images"] if each.split()[0] not in gone]}

    before = furnished()
    kills = place.kills([("Done", 2), ("Intent", 3), ("Done", 3)], "images", "prune", "--keep-latest", "1", "--yes")
    for number, when in enumerate(kills):
        if number % 2:
            ended = place.manage("resume", "-y")
            assert ended.status == 0, (when, ended.err)
            assert place.inventory() == without(tags[0], tags[1]), when
        ended = place.manage("rollback", "-y")
        assert ended.status == 0, (when, ended.err)
        gone = (tags[0],) if number % 2 or when == ("Done", 3) else ()
        assert place.inventory() == without(*gone), when
        before = furnished()
