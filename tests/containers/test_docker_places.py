"""A project that was moved finds its containers; a copy of it does not touch them."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from tests.containers.test_docker_apps import fine, inspected, refused, state_of, written

if TYPE_CHECKING:
    from pathlib import Path

    from tests.containers.kit import Place

pytestmark = [pytest.mark.docker, pytest.mark.slow]


def test_a_moved_project_goes_on_with_its_containers_and_a_copy_leaves_them(place: Place, tmp_path: Path) -> None:
    name = written(
        place, 'command = ["sh", "-c", "cat word; sleep 1000"]', 'source = "code"', 'volumes = ["data:/data"]'
    )
    (place.root / "code").mkdir()
    (place.root / "code" / "word").write_text("first")
    fine(place.manage("apps", "start", "--yes"))
    made = inspected(place, name)["Id"]
    first, place.root = place.root, tmp_path / "moved"
    first.rename(place.root)
    assert state_of(place, name)["state"] == "running"
    fine(place.manage("apps", "stop", "--yes"))
    fine(place.manage("apps", "start", "--yes"))  # its release has another path by now: made anew
    now = inspected(place, name)
    assert now["Id"] != made
    volumes = [each["Name"] for each in now["Mounts"] if each["Destination"] == "/data"]
    assert volumes == [each["Name"] for each in place.client.api.inspect_container(made)["Mounts"] if each.get("Name")]
    fine(place.manage("rollback", "--yes"))
    assert inspected(place, name)["Id"] == made
    fine(place.manage("apps", "start", "--yes"))
    moved = place.root
    place.root = tmp_path / "copy"
    shutil.copytree(moved, place.root, symlinks=True)
    assert state_of(place, name)["state"] == "absent"
    assert refused(place.manage("apps", "start", "--yes", "--json")) == (10, "container.foreign")
    shutil.rmtree(moved)
    said = place.manage("apps", "start", "--yes")
    assert (said.status, "checkpoint repair --adopt" in said.err) == (10, True), said.err
    fine(place.manage("checkpoint", "repair", "--adopt", "--yes"))
    assert inspected(place, name)["Name"].endswith(name)
    fine(place.manage("apps", "recreate", "--yes"))
    assert state_of(place, name)["state"] == "running"
