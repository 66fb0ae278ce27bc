"""The proxy does to real answers what its faults say, and nothing to the others."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import docker
import docker.errors
import pytest
import requests

from tests.containers import lab, proxy

if TYPE_CHECKING:
    from pathlib import Path

    from tests.containers.kit import Place

pytestmark = pytest.mark.docker


def test_what_is_not_named_is_as_without_it(place: Place, tmp_path: Path) -> None:
    with proxy.Proxy(place.engine, tmp_path) as between:
        client = docker.DockerClient(base_url=between.url)
        assert client.images.get(lab.BASE).id == place.client.images.get(lab.BASE).id
        assert client.containers.run(lab.BASE, "echo hello", name=place.word, remove=True) == b"hello\n"
        client.close()
        assert ("POST", "/containers/create") in {
            (method, path.partition("?")[0].partition("/v1.")[2][2:]) for method, path in between.requests
        }


def test_an_answer_may_be_lost_after_the_deed_or_the_request_before_it(place: Place, tmp_path: Path) -> None:
    with proxy.Proxy(place.engine, tmp_path) as between:
        client = docker.DockerClient(base_url=between.url)
        between.spoil("POST", "/volumes/create", proxy.unheard())
        between.spoil("POST", "/volumes/create", proxy.unanswered(), after=0)
        for made in (False, True):
            with pytest.raises(requests.exceptions.ConnectionError):
                client.volumes.create(place.word)
            assert (place.word in {each.name for each in place.client.volumes.list()}) is made
        client.close()


def test_an_answer_may_be_another_or_cut_or_late(place: Place, tmp_path: Path) -> None:
    with proxy.Proxy(place.engine, tmp_path) as between:
        client = docker.DockerClient(base_url=between.url)
        between.spoil("GET", "/info", proxy.told(500, '{"message": "toomanyrequests"}'))
        with pytest.raises(docker.errors.APIError, match="toomanyrequests"):
            client.info()
        between.spoil("GET", "/info", proxy.cut(400))
        with pytest.raises((requests.exceptions.RequestException, ValueError)):
            client.info()
        between.spoil("GET", "/info", proxy.sliced(7))
        assert client.info()["ID"] == place.client.info()["ID"]
        go = threading.Event()
        between.spoil("GET", "/version", proxy.held(go))
        answers: list[object] = []
        waiting = threading.Thread(target=lambda: answers.append(client.version()))
        waiting.start()
        between.await_request("GET", "/version", count=2)  # the client itself asked once, to begin with
        assert answers == []
        go.set()
        waiting.join(30)
        assert len(answers) == 1
        client.close()


def test_a_registry_may_stand_behind_it(place: Place) -> None:
    reference = place.pushed()
    with proxy.Proxy(f"tcp://{place.lab.registry}") as between:
        name = reference.replace(place.lab.registry, between.host)
        between.spoil("", "/manifests/", proxy.told(429, "{}"), times=0)
        with pytest.raises(docker.errors.APIError):
            place.client.images.pull(name)
        between.mend()
        assert name in place.client.images.pull(name).tags
