"""Apps whose image's name means another image by now; and what an image alone keeps in a volume."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

import pytest

from tests.containers import lab
from tests.containers.test_docker_apps import fine, inspected, state_of

if TYPE_CHECKING:
    from tests.containers.kit import Place

pytestmark = [pytest.mark.docker, pytest.mark.slow]


def built(place: Place, version: int) -> str:
    """The tag names this version from now on; it has a volume that no manifest names."""
    reference = f"{place.lab.registry}/{place.word}:now"
    text = f'FROM {lab.BASE}\nLABEL version={version} test={place.word}\nVOLUME /keep\nCMD ["sleep", "1000"]\n'
    place.client.images.build(fileobj=io.BytesIO(text.encode()), tag=reference, rm=True, pull=False)
    return str(place.client.images.get(reference).id)


def kept(place: Place, script: str) -> str:
    made: Any = place.client.containers.get(f"surefoot-app-{place.word}")
    said = made.exec_run(["sh", "-c", script])
    assert said.exit_code == 0, said.output
    return str(said.output.decode())


def test_a_moved_tag_is_told_and_update_goes_by_it_with_all_data(place: Place) -> None:
    name, first = place.word, built(place, 1)
    reference = f"{place.lab.registry}/{place.word}:now"
    place.manifest(f'[apps.{name}]\nmode = "docker"\nimage = "{reference}"\nstop-timeout = "0s"\nnetwork = "none"\n')
    fine(place.manage("apps", "start", "--yes"))
    assert not state_of(place, name)["moved"]
    kept(place, "echo one >/keep/one")
    second = built(place, 2)
    said = fine(place.manage("apps", "reconcile", "--yes")).out
    assert "names another image by now" in said
    assert inspected(place, name)["Image"] == first  # told, and left to the user
    assert state_of(place, name)["moved"]
    said = fine(place.manage("apps", "update", "--yes")).out
    assert "names another image by now" in said
    assert (inspected(place, name)["Image"], state_of(place, name)["moved"]) == (second, False)
    assert kept(place, "cat /keep/one; echo two >/keep/two") == "one\n"
    again = fine(place.manage("apps", "update", "--yes", "--json"))
    assert not [each for each in again.events if each["event"] in {"moved", "step_started"}]
    fine(place.manage("rollback", "--yes"))
    assert (inspected(place, name)["Image"], kept(place, "cat /keep/*")) == (first, "one\ntwo\n")
    for _ in range(2):  # the second one removes the container that made the volume
        fine(place.manage("apps", "recreate", "--yes"))
    assert (inspected(place, name)["Image"], kept(place, "cat /keep/*")) == (second, "one\ntwo\n")
