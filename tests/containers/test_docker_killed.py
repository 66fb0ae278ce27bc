"""An app in a container, and `kill -9` of the tool at every boundary of every step: `resume` and `rollback`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from phases.containers import labels
from tests.containers import lab

if TYPE_CHECKING:
    from tests.containers.kit import Place

pytestmark = [pytest.mark.docker, pytest.mark.slow]

NOTHING: dict[str, list[str]] = {"containers": [], "volumes": [], "networks": [], "images": []}


def written(place: Place, seconds: int) -> None:
    """A manifest with one app in docker mode: a volume, a health check, code of its own."""
    (place.root / "code").mkdir(exist_ok=True)
    (place.root / "code" / "run").write_text(f"exec sleep {seconds}\n")
    place.manifest(
        f'[apps.{place.word}]\nmode = "docker"\nimage = "{lab.BASE}"\nsource = "code"\ncommand = ["sh", "run"]\n'
        'volumes = ["data:/data"]\nstop-timeout = "0s"\n'
        f'[apps.{place.word}.health]\ncommand = ["true"]\n'
    )


def well(place: Place, *words: str) -> None:
    """The command ends well."""
    ended = place.manage(*words, "--yes")
    assert ended.status == 0, (words, ended.out, ended.err)


def container(place: Place) -> dict[str, Any]:
    """What the engine knows of the app's container."""
    found: dict[str, Any] = place.client.api.inspect_container(f"surefoot-app-{place.word}")
    return found


@pytest.mark.parametrize("when", ["Intent", "Done"])
def test_a_start_that_is_killed_goes_on_or_leaves_nothing(place: Place, when: str) -> None:
    written(place, 1000)
    number = 1
    while place.killed(number, when, "apps", "start", "--yes"):
        well(place, "rollback")
        assert place.inventory() == NOTHING, number
        assert place.killed(number, when, "apps", "start", "--yes")
        well(place, "resume")
        project = labels.project_id(place.root)[:8]
        found = place.inventory()
        assert (len(found["containers"]), found["volumes"], found["networks"]) == (
            1,
            [f"surefoot-vol-{project}-data"],
            [f"surefoot-net-{project}"],
        )
        assert container(place)["State"]["Running"]
        well(place, "rollback")
        assert place.inventory() == NOTHING, number
        number += 1
    assert number == 9, "prepare, unpack, network, volume, switch, create, start, wait"


def test_an_update_that_is_killed_goes_on_or_leaves_the_old_one_running(place: Place) -> None:
    written(place, 1000)
    well(place, "apps", "start")
    before, old = place.inventory(), container(place)["Id"]
    written(place, 2000)
    number = 1
    while place.killed(number, "Done", "apps", "update", "--yes"):
        if number % 2:
            well(place, "resume")
            assert container(place)["Id"] != old
            assert container(place)["State"]["Running"]
        well(place, "rollback")
        assert (place.inventory(), container(place)["Id"]) == (before, old), number
        number += 1
    assert number == 9, "prepare, unpack, stop, aside, switch, create, start, wait"
