"""`doctor` looks at the engine where the manifest asks for containers, and nowhere else."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from tests.containers import lab, proxy

if TYPE_CHECKING:
    from tests.containers.kit import Place
    from tests.ended import Ended

pytestmark = pytest.mark.docker

APP = f'[apps.web]\nmode = "docker"\nimage = "{lab.BASE}"\ncommand = ["true"]\n'
IMAGES = f'[images]\nrequired = ["{lab.BASE}"]\n'


def doctor(place: Place, text: str) -> tuple[Ended, dict[str, Any]]:
    """How it ended, and what it found of the engine; nothing: empty."""
    (place.root / "requirements.txt").write_text("six\n")
    place.manifest(text)
    ended = place.manage("doctor", "--json")
    return ended, next((each for each in ended.events[-1]["checks"] if each["key"] == "engine"), {})


def test_without_images_and_containers_no_engine_is_asked(place: Place) -> None:
    place.engine = "ssh://nobody"
    ended, found = doctor(place, '[apps.web]\ncommand = ["true"]\n')
    assert (ended.status, found) == (0, {})


def test_an_engine_that_answers_is_named(place: Place) -> None:
    ended, found = doctor(place, APP)
    api = place.client.version()["ApiVersion"]
    assert (ended.status, found["well"], f"API {api} ({place.engine})" in found["what"]) == (0, True, True)


def test_one_that_is_not_there_is_serious_where_an_installation_needs_it(place: Place) -> None:
    place.engine = f"unix://{place.root}/nobody.sock"
    ended, found = doctor(place, APP)
    assert (ended.status, found["well"], found["serious"], "[apps.web]" in found["what"]) == (0, False, False, True)
    ended, found = doctor(place, IMAGES)
    assert (ended.status, found["well"], found["serious"], lab.BASE in found["what"]) == (6, False, True, True)
    assert "DOCKER_HOST" in found["remedy"]


def test_one_that_is_too_old_is_told(place: Place, engine: proxy.Proxy) -> None:
    told = {"Version": "18.09.1", "ApiVersion": "1.39", "MinAPIVersion": "1.12"}
    engine.spoil("GET", "/version", proxy.told(200, json.dumps(told)), times=0)
    ended, found = doctor(place, IMAGES)
    assert (ended.status, found["what"].partition(" (")[0], "19.03" in found["remedy"]) == (
        6,
        "18.09.1, API 1.39",
        True,
    )
