"""Updates while the engine, the registry or somebody else is in the way."""

from __future__ import annotations

import json
import socket
from typing import TYPE_CHECKING

import pytest

from tests.containers import kit, proxy, test_update

if TYPE_CHECKING:
    from pathlib import Path

    from tests.containers.kit import Place

pytestmark = pytest.mark.docker


def test_an_image_of_a_registry_is_fetched_and_a_rollback_leaves_the_engine_as_it_was(place: Place) -> None:
    reference = place.pushed("now", lines="LABEL version=1\n" + test_update.RUNS, keep=True)
    place.client.containers.run(
        reference, name=f"{place.word}-0", detach=True, volumes={f"{place.word}-v": {"bind": "/data"}}
    )
    old = str(place.client.images.get(reference).id)
    place.pushed("now", lines="LABEL version=2\n" + test_update.RUNS, keep=True)
    place.client.images.remove(reference)  # as if it had been pushed elsewhere
    place.client.images.get(old).tag(reference.rpartition(":")[0], "now")
    before = place.inventory()
    ended = place.manage("images", "update", reference, "--recreate", "--steady", "0.3", "-y")
    assert ended.status == 0, ended.err
    assert test_update.running(place) == {f"{place.word}-0": ["2"]}
    assert place.manage("images", "update", reference, "--recreate", "-y").status == 0
    assert test_update.running(place) == {f"{place.word}-0": ["2"]}
    assert place.manage("rollback", "-y").status == 0
    assert place.inventory() == before


def test_a_tag_that_moves_before_the_container_is_made_changes_nothing(place: Place) -> None:
    test_update.begun(place)
    reference = test_update.built(place, "2")
    assert place.killed(2, "Intent", "images", "update", reference, *test_update.QUICK) == -9
    test_update.built(place, "3")
    ended = place.manage("resume", "-y")
    assert ended.status == 0, ended.err
    assert test_update.running(place) == {f"{place.word}-0": ["2"]}


def test_a_port_that_somebody_took_meanwhile_is_told_and_once_it_is_free_the_old_one_runs(place: Place) -> None:
    port = kit.free_port()
    (old,) = test_update.begun(place, ports={"80/tcp": ("127.0.0.1", port)})
    reference = test_update.built(place, "2")
    stop = 7  # prepare, create, hold, rename, rename, stop
    assert place.killed(stop, "Done", "images", "update", reference, *test_update.QUICK) == -9
    with socket.create_server(("127.0.0.1", port)):
        ended = place.manage("resume", "-y")
        assert (ended.status, "a port is taken" in ended.err, "could not be taken back" in ended.err) == (6, True, True)
    ended = place.manage("rollback", "-y")
    assert ended.status == 0, ended.err
    assert test_update.running(place) == {f"{place.word}-0": ["1"]}
    assert place.client.containers.get(f"{place.word}-0").id == old.id


def test_an_engine_without_room_leaves_the_old_one(place: Place, tmp_path: Path) -> None:
    (old,) = test_update.begun(place)
    test_update.built(place, "2")
    with proxy.Proxy(place.engine, tmp_path) as between:
        place.engine = between.url
        full = proxy.told(500, json.dumps({"message": "write /var/lib/x: no space left on device"}))
        between.spoil("POST", "/containers/create", full)
        ended = test_update.update(place)
    assert (ended.status, "no room" in ended.err) == (7, True), ended.err
    assert test_update.running(place) == {f"{place.word}-0": ["1"]}
    assert place.client.containers.get(f"{place.word}-0").id == old.id
    assert test_update.named(place) == [f"{place.word}-0"]


@pytest.mark.slow
def test_whichever_answer_is_lost_there_is_one_of_each_name_and_nothing_else(place: Place, tmp_path: Path) -> None:
    (old,) = test_update.begun(place)
    test_update.built(place, "2")
    direct, at = place.engine, 0
    while True:
        with proxy.Proxy(direct, tmp_path) as between:
            place.engine = between.url
            between.spoil("POST", ".", proxy.unanswered(), after=at)
            status = test_update.update(place).status
            if status == 0:
                break
            assert status != 5 or place.manage("rollback", "-y").status == 0, at
            assert test_update.running(place) == {f"{place.word}-0": ["1"]}, at
            assert test_update.named(place) == [f"{place.word}-0"], at
            assert place.client.containers.get(f"{place.word}-0").id == old.id
            assert set(test_update.log(place)) == {"1"}
        at += 1
    assert at == 6  # create, hold, rename, rename, stop, start
