"""`images validate` and `status`: what is here and what is not, by the engine's word, and nothing fetched."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from phases.containers.images import memory
from tests.containers import kit, proxy

if TYPE_CHECKING:
    from pathlib import Path

    from tests.containers.kit import Place

pytestmark = pytest.mark.docker


def requires(place: Place, *names: str) -> None:
    place.manifest(f"[images]\nrequired = {json.dumps(names)}\n")


def test_a_missing_image_is_named_and_not_fetched(place: Place) -> None:
    here, there = place.image("here"), place.pushed("there")
    requires(place, here, there)
    ended = place.manage("images", "validate")
    assert (ended.status, ended.out) == (6, "")
    assert "image missing, download it manually" in ended.err
    assert there in ended.err
    assert f"manage.py images pull {there}" in ended.err
    assert "镜像缺失，请手动下载" in place.manage("images", "validate", "--lang", "zh").err
    assert place.manage("images", "validate", "--json").events[0]["missing"] == [there]
    assert [each.split()[0] for each in place.inventory()["images"]] == [here]


def test_all_is_well_when_they_are_here(place: Place) -> None:
    requires(place, place.image())
    assert place.manage("images", "validate").status == 0


def test_without_a_section_no_engine_is_asked(place: Place) -> None:
    place.engine = f"unix://{place.root}/nobody.sock"
    assert place.manage("images", "validate").status == 0
    assert place.manage("images", "status").status == 0
    place.manifest("")
    assert place.manage("images", "validate").status == 0


def test_an_engine_that_is_not_there_is_a_precondition(place: Place) -> None:
    requires(place, "redis:7")
    place.engine = f"unix://{place.root}/nobody.sock"
    ended = place.manage("images", "validate", "--json")
    assert (ended.status, ended.events[-1]["error"]["code"]) == (6, "engine.missing")


def test_status_tells_all_of_it(place: Place) -> None:
    here, there = place.image("here"), place.pushed("there")
    requires(place, here, there)
    place.client.containers.create(here, "true", name=f"{place.word}-user")
    (event,) = place.manage("images", "status", "--json").events
    first, second = event["images"]
    assert (first["state"], first["used_by"], first["update"]) == ("ready", [f"{place.word}-user"], "unknown")
    assert first["id"] == place.client.images.get(here).id
    assert first["size"] > 0
    assert (second["state"], second["present"], second["id"]) == ("missing", False, "")
    assert {name: event[name] for name in event if name not in {"event", "action", "images", "schema", "time"}} == {
        "any_pulling": False,
        "any_not_ready": True,
        "can_start": False,
        "overall_status": "missing",
        "pulling_count": 0,
        "total_images": 2,
    }
    shown = place.manage("images", "status").out
    assert f"used by {place.word}-user" in shown
    assert "image missing, download it manually" in shown


def test_what_the_registry_said_is_believed_only_of_the_image_of_then(place: Place) -> None:
    here = place.image()
    state = place.root / ".surefoot"
    state.mkdir()
    found = {"result": "available", "id": place.client.images.get(here).id, "remote": "sha256:1", "checked": "then"}
    memory.note(state, {here: found})
    requires(place, here)
    assert place.manage("images", "status", "--json").events[0]["images"][0]["update"] == "available"
    memory.note(state, {here: found | {"id": "another"}})
    assert place.manage("images", "status", "--json").events[0]["images"][0]["update"] == "unknown"
    (state / "images" / "checks.json").write_text("{")
    assert place.manage("images", "status", "--json").status == 0


def test_an_answer_in_pieces_or_cut_is_no_false_alarm(place: Place, tmp_path: Path) -> None:
    requires(place, place.image())
    with proxy.Proxy(place.engine, tmp_path) as between:
        place.engine = between.url
        between.spoil("GET", "/images/.*/json", proxy.sliced(5))
        assert place.manage("images", "validate").status == 0
        between.spoil("GET", "/images/.*/json", proxy.cut(300))
        assert place.manage("images", "validate", "--json").status == 7


@pytest.mark.slow
def test_an_install_makes_sure_of_them_before_it_switches(place: Place) -> None:
    (place.root / "requirements.txt").write_text("", encoding="utf-8")
    reference = place.pushed()
    requires(place, reference)
    ended = place.run(kit.command("--yes", door="quickstart"))
    assert (ended.status, "image missing, download it manually" in ended.err) == (6, True)
    assert not (place.root / ".venv").exists()
    assert place.manage("rollback", "--yes").status == 0
    assert place.manage("images", "pull").status == 0
    ended = place.run(kit.command("--yes", door="quickstart"))
    assert ended.status == 0, ended.err
    assert (place.root / ".venv").is_dir()


def test_the_image_of_an_app_in_a_container_is_one_of_the_projects(place: Place) -> None:
    image = f"{place.lab.registry}/{place.word}:1"
    place.manifest(f'[apps.here]\ncommand = ["true"]\n[apps.there]\nmode = "docker"\nimage = "{image}"\n')
    ended = place.manage("images", "validate", "--json")
    assert (ended.status, image in ended.out) == (6, True)
