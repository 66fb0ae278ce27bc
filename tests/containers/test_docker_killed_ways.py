"""An app in a container, `kill -9` of the tool while it stops, goes back, is reconciled; then `resume`, `rollback`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.containers.test_docker_killed import container, well, written

if TYPE_CHECKING:
    from tests.containers.kit import Place

pytestmark = [pytest.mark.docker, pytest.mark.slow]


def killed_at(place: Place, some: list[tuple[str, int]], expected: list[str], *words: str) -> None:
    """At each of them: `resume` (at every other one) ends with containers as `expected`, `rollback` as it was."""
    before, old = there(place), container(place)
    for number, when in enumerate(place.kills(some, *words, "--yes")):
        if number % 2 == 0:
            well(place, "resume")
            assert [each.split()[1] for each in sorted(place.inventory()["containers"])] == expected, when
        well(place, "rollback")
        found = container(place)
        assert (there(place), found["Id"]) == (before, old["Id"]), when
        assert found["State"]["Running"] == old["State"]["Running"], when


def there(place: Place) -> dict[str, list[str]]:
    """The inventory, but for what earlier runs put aside: that goes for good with the next one."""
    found = place.inventory()
    return {**found, "containers": [each for each in found["containers"] if "-before-" not in each]}


def test_a_stop_that_is_killed(place: Place) -> None:
    written(place, 1000)
    well(place, "apps", "start")
    killed_at(place, [("Done", 2)], ["exited"], "apps", "stop")


def test_a_way_back_to_an_earlier_release_that_is_killed(place: Place) -> None:
    written(place, 1000)
    well(place, "apps", "start")
    written(place, 2000)
    well(place, "apps", "update")
    killed_at(place, [("Intent", 4), ("Done", 5)], ["running", "exited"], "apps", "rollback", place.word)


def test_a_reconciling_that_is_killed(place: Place) -> None:
    written(place, 1000)
    well(place, "apps", "start")
    written(place, 2000)
    killed_at(place, [("Intent", 6), ("Done", 4)], ["running", "exited"], "apps", "reconcile")
