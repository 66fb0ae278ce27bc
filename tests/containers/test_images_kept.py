"""What tags named before: back to it without a network, its history, and how it goes for good."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.containers import proxy
from tests.containers.pulls import code, killed_in, moved

if TYPE_CHECKING:
    from pathlib import Path

    from tests.containers.kit import Place

pytestmark = pytest.mark.docker


def test_back_and_forth_without_a_registry(place: Place) -> None:
    with proxy.Proxy(f"tcp://{place.lab.registry}") as between:
        reference = place.pushed("moving").replace(place.lab.registry, between.host)
        place.client.images.get(place.image("own")).tag(reference)
        old = place.client.images.get(reference).id
        assert place.manage("images", "pull", reference).status == 0
        new = place.client.images.get(reference).id
    before = place.inventory()
    ended = place.manage("images", "rollback", reference)
    assert ended.status == 0, ended.err
    assert place.client.images.get(reference).id == old
    assert place.manage("rollback", "--yes").status == 0
    assert place.inventory() == before
    assert place.manage("images", "rollback", reference).status == 0
    assert place.manage("images", "rollback", reference).status == 0
    assert place.client.images.get(reference).id == new
    (event,) = place.manage("images", "info", reference, "--json").events
    runs = [each["run"] for each in event["kept"]]
    assert [each["id"] for each in event["kept"]] == [old, new, old]
    assert place.manage("images", "rollback", reference, "--to", runs[-1]).status == 0
    assert place.client.images.get(reference).id == old
    (event,) = place.manage("images", "history", reference, "--json").events
    told = [(each["verb"], each["old"], each["new"], each["state"]) for each in event["changes"]]
    assert told == [
        ("rollback", new, old, "done"),
        ("rollback", old, new, "done"),
        ("rollback", new, old, "done"),
        ("rollback", new, old, "undone"),
        ("pull", old, new, "done"),
    ]
    assert "taken back" in place.manage("images", "history").out


def test_where_nothing_was_kept_that_is_said(place: Place) -> None:
    ended = place.manage("images", "rollback", place.image(), "--json")
    assert (ended.status, code(ended)) == (6, "image.not-kept")
    assert place.manage("images", "history").out == "No run changed an image yet.\n"


@pytest.mark.parametrize("count", [1, 2])
@pytest.mark.parametrize("then", ["resume", "rollback"])
def test_a_rollback_of_an_image_that_was_killed(place: Place, tmp_path: Path, count: int, then: str) -> None:
    reference, old, _ = moved(place)
    assert place.manage("images", "pull", reference).status == 0
    before = place.inventory()
    with proxy.Proxy(place.engine, tmp_path) as between:
        place.engine = between.url
        killed_in(place, between, "/tag", "images", "rollback", reference, count=count)
        assert place.manage(then, "--yes").status == 0
    if then == "rollback":
        assert place.inventory() == before
    else:
        assert place.client.images.get(reference).id == old


def test_only_the_newest_of_ours_stay_and_none_that_is_used(place: Place) -> None:
    reference, first, _ = moved(place)
    assert place.manage("images", "pull", reference).status == 0
    place.pushed("moving", lines="ENV version=3", keep=True)
    place.client.images.remove(reference, noprune=True)
    second = str(place.client.images.get(place.image("moving", lines="ENV version=4")).id)
    assert place.manage("images", "pull", reference).status == 0
    (event,) = place.manage("images", "info", reference, "--json").events
    assert [each["id"] for each in event["kept"]] == [second, first]
    user = place.client.containers.create(first, "true", name=place.word)
    said = place.manage("images", "prune", "--keep-latest", "1", "--yes").out
    assert said == f"{first.removeprefix('sha256:')[:12]} stays: used by {place.word}\nNothing to do.\n"
    user.rename(f"{place.word}.before-20260101_000000")
    said = place.manage("images", "prune", "--keep-latest", "1", "--yes").out
    assert f"kept for a rollback as {place.word}.before-20260101_000000 (--include-kept" in said
    assert said.endswith("Nothing to do.\n")
    shown = place.manage("images", "prune", "--keep-latest", "1", "--include-kept", "--dry-run").out
    assert f"Remove {place.word}.before-20260101_000000, which an earlier update kept" in shown
    user.start()  # it sleeps no more than a moment, and is waited for
    user.wait()
    user.rename(f"{place.word}.before")
    assert "stays: used by" in place.manage("images", "prune", "--keep-latest", "1", "--include-kept", "--yes").out
    user.remove()
    assert place.manage("images", "prune", "--keep-latest", "1").status == 2  # nobody agreed
    shown = place.manage("images", "prune", "--keep-latest", "1", "--dry-run").out
    assert "cannot be taken back: the image is deleted for good" in shown
    assert place.manage("images", "prune", "--keep-latest", "1", "--yes").status == 0
    (event,) = place.manage("images", "info", reference, "--json").events
    assert [each["id"] for each in event["kept"]] == [second]
    ids = {image for _, image in place.images()}
    assert (first in ids, second in ids) == (False, True)


def test_a_kept_container_goes_before_the_image_that_it_holds(place: Place) -> None:
    reference, first, _ = moved(place)
    assert place.manage("images", "pull", reference).status == 0
    place.client.containers.create(first, "true", name=f"{place.word}.before-20260101_000000")
    words = ("images", "prune", "--keep-latest", "0", "--include-kept", "--yes")
    assert place.killed(2, "Intent", *words) == -9
    assert place.manage("resume", "--yes").status == 0
    assert first not in {image for _, image in place.images()}
    assert place.inventory()["containers"] == []


def test_what_has_another_name_only_loses_ours_and_gets_it_back(place: Place) -> None:
    reference, old, _ = moved(place)
    assert place.manage("images", "pull", reference).status == 0
    place.client.images.get(old).tag(f"{place.lab.registry}/{place.word}:mine")
    before = place.inventory()
    assert place.manage("images", "prune", reference, "--keep-latest", "0", "--yes").status == 0
    assert place.inventory() != before
    assert place.manage("rollback", "--yes").status == 0
    assert place.inventory() == before


def test_two_images_compared(place: Place) -> None:
    first = place.image("1", lines="ENV token=hidden1\nENV gone=1\nRUN echo 1 >/file\nCMD sleep 1")
    second = place.image("2", lines="ENV token=hidden2\nENV more=1\nRUN echo 22 >/file\nCMD sleep 2\nUSER 5")
    (event,) = place.manage("images", "compare", first, second, "--json").events
    assert event["layers"] == {"shared": 1, "only_first": 1, "only_second": 1}
    assert event["variables"] == {"added": ["more"], "removed": ["gone"], "changed": ["token"]}
    assert event["labels"]["changed"] == ["number"]
    assert event["settings"]["user"] == [None, "5"]
    said = place.manage("images", "compare", first, second).out
    assert "1 in both, 1 only in the first, 1 only in the second" in said
    assert "~token" in said
    assert "hidden" not in said
    identity = str(place.client.images.get(first).id)
    assert place.manage("images", "compare", first, identity).out == "They are the same image.\n"
    assert place.manage("images", "info", identity).status == 0
    assert place.manage("images", "info", "no-such:1").status == 6
