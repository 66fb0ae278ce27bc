"""`images check-updates`: what the registry has now against what the engine has; never a download."""

from __future__ import annotations

import base64
import json
import stat
from typing import TYPE_CHECKING, Any

import pytest

from tests.containers import proxy, registries

if TYPE_CHECKING:
    from pathlib import Path

    from tests.containers.kit import Place
    from tests.ended import Ended

pytestmark = pytest.mark.docker


def results(ended: Ended) -> dict[str, str]:
    (event,) = ended.events
    return {name: each["result"] for name, each in event["results"].items()}


def digest(place: Place, reference: str) -> str:
    return str(place.client.images.get(reference).attrs["RepoDigests"][0].partition("@")[2])


def test_a_newer_one_is_told_and_remembered_and_not_fetched(place: Place) -> None:
    current, moving = place.pushed("current", keep=True), place.pushed("moving", keep=True)
    old = place.client.images.get(moving)
    place.pushed("moving", lines="ENV version=2", keep=True)
    old.tag(moving)
    place.manifest(f'[images]\nrequired = ["{current}", "{moving}"]\n')
    before = place.inventory()
    ended = place.manage("images", "check-updates", "--json")
    assert (ended.status, results(ended)) == (0, {current: "current", moving: "available"})
    assert place.inventory() == before
    (event,) = place.manage("images", "status", "--json").events
    assert [each["update"] for each in event["images"]] == ["current", "available"]
    assert "there is a newer one" in place.manage("images", "status").out
    assert place.manage("images", "pull").status == 0
    (event,) = place.manage("images", "status", "--json").events
    assert [each["update"] for each in event["images"]] == ["current", "current"]


def test_the_digest_of_the_manifest_is_as_good_as_that_of_the_index(place: Place) -> None:
    reference = place.pushed("one", keep=True)
    inside, other = digest(place, reference), digest(place, place.pushed("two", keep=True))
    machine = place.client.images.get(reference).attrs["Architecture"]
    index = registries.put_index(
        place.lab.registry, place.word, "many", {other: "linux/s390x", inside: f"linux/{machine}"}
    )
    many = reference.replace(":one", ":many")
    place.client.images.get(reference).tag(many)  # known here by the manifest's digest only
    assert results(place.manage("images", "check-updates", many, "--json")) == {many: "current"}
    place.client.images.remove(many, noprune=True)
    assert place.manage("images", "pull", many).status == 0
    known = place.client.images.get(many).attrs["RepoDigests"]
    assert any(each.endswith(index) for each in known)
    assert results(place.manage("images", "check-updates", many, "--json")) == {many: "current"}
    registries.put_index(place.lab.registry, place.word, "many", {other: f"linux/{machine}"})
    assert results(place.manage("images", "check-updates", many, "--json")) == {many: "available"}


def test_an_image_that_lost_its_digest_is_known_by_its_configuration(place: Place) -> None:
    reference = place.pushed("one", keep=True)
    saved = b"".join(place.client.images.get(reference).save(named=True))
    place.client.images.remove(reference, force=True)
    place.client.images.load(saved)
    assert place.client.images.get(reference).attrs["RepoDigests"] == []
    assert results(place.manage("images", "check-updates", reference, "--json")) == {reference: "current"}
    own = place.image("one")
    assert results(place.manage("images", "check-updates", own, "--json")) == {own: "available"}


def test_every_image_has_its_own_answer_and_the_worst_is_the_status(place: Place) -> None:
    fine = place.pushed("fine", keep=True)
    none = fine.replace(":fine", ":none")
    gone = f"{place.lab.registry}/{place.word}-missing:1"
    pinned = f"{place.lab.registry}/{place.word}@{digest(place, fine)}"
    there = place.pushed("there")
    ended = place.manage("images", "check-updates", fine, none, gone, pinned, there, "--json")
    assert ended.status == 6
    assert results(ended) == {fine: "current", none: "failed", gone: "failed", pinned: "pinned", there: "missing"}
    with proxy.Proxy(f"tcp://{place.lab.registry}") as between:
        slow = fine.replace(place.lab.registry, between.host)
        between.spoil("", "/manifests/", proxy.told(429, '{"errors":[{"code":"TOOMANYREQUESTS"}]}'), times=0)
        ended = place.manage("images", "check-updates", none, slow, fine, "--json")
        assert ended.status == 7
        assert results(ended) == {none: "failed", slow: "failed", fine: "current"}
        codes = [each["error"]["code"] for each in ended.events[0]["results"].values() if "error" in each]
        assert codes == ["image.unknown", "registry.limit"]
        host = between.host
    offline = fine.replace(place.lab.registry, host)
    ended = place.manage("images", "check-updates", offline, "--json")
    assert ended.status == 7
    assert ended.events[0]["results"][offline]["error"]["code"] == "registry.offline"


def test_a_private_registry_wants_what_docker_login_keeps(place: Place, tmp_path: Path) -> None:
    with registries.locked(tmp_path) as host:
        reference = f"{host}/{place.word}:1"
        place.client.images.get(place.image()).tag(reference)
        login = {"username": registries.USER, "password": registries.PASSWORD}
        pushed = place.client.api.push(reference, auth_config=login, stream=True, decode=True)
        assert not [each for each in pushed if "error" in each]
        for words in (("check-updates",), ("pull",)):
            if words == ("pull",):
                place.client.images.remove(reference, noprune=True)
            ended = place.manage("images", *words, reference, "--json")
            assert ended.status == 8, ended.out
        ended = place.manage("images", "pull", reference, DOCKER_CONFIG=str(config(tmp_path / "bad", host, "wrong")))
        assert ended.status == 8
        good = str(config(tmp_path / "good", host, registries.PASSWORD))
        ended = place.manage("images", "pull", reference, DOCKER_CONFIG=good)
        assert ended.status == 0, ended.err
        assert results(place.manage("images", "check-updates", reference, "--json", DOCKER_CONFIG=good)) == {
            reference: "current"
        }
        by_helper(place, tmp_path, host, reference)
        secret = registries.PASSWORD.encode()
        files = [each for each in (place.root / ".surefoot").rglob("*") if each.is_file()]
        assert [each for each in files if secret in each.read_bytes()] == []


def by_helper(place: Place, folder: Path, host: str, reference: str) -> None:
    """The same, where a credential helper has the password; one that fails is named."""
    program = folder / "docker-credential-tests"
    told: dict[str, Any] = {"ServerURL": host, "Username": registries.USER, "Secret": registries.PASSWORD}
    program.write_text(f"#!/bin/sh\ncat >/dev/null\necho '{json.dumps(told)}'\n")
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    kept = folder / "helper"
    kept.mkdir()
    (kept / "config.json").write_text(json.dumps({"credHelpers": {host: "tests"}}))
    words = ("images", "check-updates", reference, "--json")
    ended = place.manage(*words, DOCKER_CONFIG=str(kept), PATH=f"{folder}:/usr/bin:/bin")
    assert results(ended) == {reference: "current"}
    ended = place.manage(*words, DOCKER_CONFIG=str(kept), PATH="/usr/bin:/bin")
    assert ended.status == 8
    assert ended.events[0]["results"][reference]["error"]["code"] == "registry.helper"


def config(folder: Path, host: str, password: str) -> Path:
    """A configuration of Docker's with a login."""
    folder.mkdir()
    word = base64.b64encode(f"{registries.USER}:{password}".encode()).decode()
    (folder / "config.json").write_text(json.dumps({"auths": {host: {"auth": word}}}))
    return folder
