"""Artifacts of apps in containers, and apps that have a network of their own."""

from __future__ import annotations

import hashlib
import io
import tarfile
import zipfile
from typing import TYPE_CHECKING

import pytest

from phases.containers import labels
from tests.containers import lab
from tests.containers.test_docker_apps import fine, inspected, refused

if TYPE_CHECKING:
    from tests.containers.kit import Place

pytestmark = [pytest.mark.docker, pytest.mark.slow]

NOTHING: dict[str, list[str]] = {"containers": [], "volumes": [], "networks": [], "images": []}


def packed(place: Place, name: str, text: str) -> str:
    """An archive with a program in it, one folder deep; its sha256."""
    content = f"#!/bin/sh\n{text}\n".encode()
    if name.endswith(".zip"):
        with zipfile.ZipFile(place.root / name, "w") as archive:
            entry = zipfile.ZipInfo("app/run")
            entry.external_attr = 0o755 << 16
            archive.writestr(entry, content)
    else:
        with tarfile.open(place.root / name, "w:gz") as archive_:
            member = tarfile.TarInfo("app/run")
            member.size, member.mode = len(content), 0o755
            archive_.addfile(member, io.BytesIO(content))
    return hashlib.sha256((place.root / name).read_bytes()).hexdigest()


def written(place: Place, artifact: str, *lines: str) -> None:
    """A manifest with one app in a container, of an artifact; as a user who is not the one that unpacked it."""
    place.manifest(
        f'[apps.{place.word}]\nmode = "docker"\nimage = "{lab.BASE}"\ncommand = ["./run"]\nuser = "1000"\n'
        f'stop-timeout = "0s"\nartifact = {artifact}\n' + "\n".join(lines)
    )


def said(place: Place) -> tuple[str, set[str]]:
    """How it is, and the lines of its log; one that was started again says the same again."""
    found = place.client.containers.get(f"surefoot-app-{place.word}")
    return found.status, set(found.logs().decode().splitlines())


def test_an_artifact_is_updated_taken_back_and_gone_back_from(place: Place) -> None:
    first = packed(place, "one.zip", "echo one $SUREFOOT_APP_VERSION; exec sleep 1000")
    second = packed(place, "two.tar.gz", "echo two $SUREFOOT_APP_VERSION; exec sleep 1000")
    bad = packed(place, "bad.tar.gz", "echo oh dear; exit 3")
    written(place, f'{{path = "one.zip", sha256 = "{first}", version = "1", strip = 1}}')
    fine(place.manage("apps", "start", "--yes"))
    assert said(place) == ("running", {f"one 1-{first[:12]}"})
    written(place, f'{{path = "two.tar.gz", sha256 = "{second}", version = "2", strip = 1}}')
    fine(place.manage("apps", "update", "--yes"))
    assert said(place) == ("running", {f"two 2-{second[:12]}"})
    before, old = place.inventory(), inspected(place, place.word)["Id"]
    written(place, f'{{path = "bad.tar.gz", sha256 = "{bad}", strip = 1}}')
    assert refused(place.manage("apps", "update", "--yes", "--json")) == (1, "app.start")
    assert said(place) == ("running", {f"two 2-{second[:12]}"})
    assert (place.inventory(), inspected(place, place.word)["Id"]) == (before, old)
    fine(place.manage("apps", "rollback", place.word, "--yes"))
    assert said(place) == ("running", {f"one 1-{first[:12]}"})


def test_an_artifact_of_another_hash_starts_nothing(place: Place) -> None:
    packed(place, "one.zip", "exec sleep 1000")
    written(place, f'{{path = "one.zip", sha256 = "{"0" * 64}", strip = 1}}')
    assert refused(place.manage("apps", "start", "--yes", "--json")) == (9, "artifact.hash")
    assert place.inventory() == NOTHING


def test_an_app_with_a_network_of_its_own_is_reached_by_no_other(place: Place) -> None:
    """The name of each means it in its own network only; the network goes with the run that made it."""
    apps = {f"{place.word}-{which}": network for which, network in (("own", "app"), ("one", ""), ("two", ""))}
    tables = (
        f'[apps.{name}]\nmode = "docker"\nimage = "{lab.BASE}"\ncommand = ["sleep", "1000"]\n'
        f'stop-timeout = "0s"\nnetwork = "{network}"\n'
        for name, network in apps.items()
    )
    place.manifest("".join(tables))
    fine(place.manage("apps", "start", "--yes"))
    project, (own, one, two) = labels.project_id(place.root)[:8], apps
    networks = [f"surefoot-net-{project}", f"surefoot-net-{project}-{own}"]
    assert place.inventory()["networks"] == networks
    found = [list(inspected(place, name)["NetworkSettings"]["Networks"]) for name in apps]
    assert found == [[networks[1]], [networks[0]], [networks[0]]]

    def reaches(name: str, other: str) -> bool:
        container = place.client.containers.get(f"surefoot-app-{name}")
        return container.exec_run(["ping", "-c", "1", "-W", "2", other]).exit_code == 0

    assert [reaches(one, two), reaches(one, own), reaches(own, one)] == [True, False, False]
    fine(place.manage("rollback", "--yes"))
    assert place.inventory() == NOTHING
