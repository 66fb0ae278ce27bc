"""`images pull`: as a run of the engine, killed or not, with its way back."""

from __future__ import annotations

import subprocess
import threading
from typing import TYPE_CHECKING

import pytest

from tests.containers import kit, proxy
from tests.containers.pulls import code, killed_in, moved

if TYPE_CHECKING:
    from tests.containers.kit import Place

pytestmark = pytest.mark.docker


def test_an_image_comes_and_goes_again(place: Place) -> None:
    reference = place.pushed(lines="RUN echo data >/file")
    before = place.inventory()
    ended = place.manage("images", "pull", reference, "--json")
    assert ended.status == 0, ended.err
    assert place.client.images.get(reference).attrs["RepoDigests"]
    progress = [each for each in ended.events if each["event"] == "progress"]
    assert progress[-1]["total"] == 100
    assert [each["done"] for each in progress] == sorted(each["done"] for each in progress)
    assert place.manage("images", "pull", reference).out == "Nothing to do.\n"
    assert place.manage("rollback", "--yes").status == 0
    assert place.inventory() == before


def test_what_the_tag_named_is_kept_and_comes_back(place: Place) -> None:
    reference, old, new = moved(place)
    before = place.inventory()
    ended = place.manage("images", "pull", reference)
    assert ended.status == 0, ended.err
    assert place.client.images.get(reference).id == new
    assert [each.split()[1] for each in place.inventory()["images"] if each.startswith("surefoot/kept:")] == [old]
    assert place.manage("rollback", "--yes").status == 0
    assert place.inventory() == before
    assert place.client.images.get(reference).id == old


def test_the_way_back_leaves_what_somebody_else_moved(place: Place) -> None:
    reference, _, _ = moved(place)
    assert place.manage("images", "pull", reference).status == 0
    other = place.image("other")
    place.client.images.get(other).tag(reference)
    ended = place.manage("rollback", "--yes")
    assert (ended.status, "was moved to" in ended.err + ended.out) == (10, True)
    assert place.client.images.get(reference).id == place.client.images.get(other).id


def test_a_digest_is_fetched_and_made_sure_of(place: Place) -> None:
    reference = place.pushed("1", keep=True)
    (digest,) = place.client.images.get(reference).attrs["RepoDigests"]
    place.client.images.remove(reference, noprune=True)
    before = place.inventory()
    assert place.manage("images", "pull", digest).status == 0
    assert place.client.images.get(digest).tags == []
    assert place.manage("rollback", "--yes").status == 0
    assert place.inventory() == before
    wrong = digest[:-4] + ("0000" if not digest.endswith("0000") else "1111")
    assert place.manage("images", "pull", wrong).status == 6


def test_the_plan_says_what_is_missing_before_anything_is_fetched(place: Place) -> None:
    reference = place.pushed()
    before = place.inventory()
    ended = place.manage("images", "pull", reference, f"{place.lab.registry}/{place.word}:none", "--json")
    assert (ended.status, code(ended)) == (6, "image.unknown")
    assert place.inventory() == before
    shown = place.manage("images", "pull", reference, "--dry-run")
    assert (shown.status, f"Fetch {reference}" in shown.out) == (0, True)
    assert place.inventory() == before


def test_only_repositories_that_are_allowed(place: Place) -> None:
    reference = place.pushed()
    place.manifest(f'[images]\nrequired = ["{reference}"]\nallowed = ["{place.lab.registry}/other", "redis"]\n')
    ended = place.manage("images", "pull", "--json")
    assert (ended.status, code(ended)) == (9, "image.refused")
    place.manifest(f'[images]\nrequired = ["{reference}"]\nallowed = ["{place.lab.registry}/*"]\n')
    assert place.manage("images", "pull").status == 0
    assert place.manage("images", "validate").status == 0


@pytest.mark.parametrize(("path", "count"), [("/tag", 1), ("/images/create", 1), ("/tag", 2)])
@pytest.mark.parametrize("then", ["again", "resume", "rollback"])
def test_killed_it_goes_on_or_goes_back(place: Place, engine: proxy.Proxy, path: str, count: int, then: str) -> None:
    reference, _, new = moved(place)
    before = place.inventory()
    killed_in(place, engine, path, "images", "pull", reference, count=count)
    words = {"again": ("images", "pull", reference), "resume": ("resume", "--yes"), "rollback": ("rollback", "--yes")}
    ended = place.manage(*words[then])
    assert ended.status == 0, ended.err
    if then == "rollback":
        assert place.inventory() == before
        return
    assert place.client.images.get(reference).id == new
    assert place.manage("rollback", "--yes").status == 0
    assert place.inventory() == before


@pytest.mark.parametrize("then", ["resume", "rollback"])
def test_killed_in_the_second_of_two_the_first_stays_or_goes_too(place: Place, engine: proxy.Proxy, then: str) -> None:
    first, _, one = moved(place, name=f"{place.word}/one")
    second, _, two = moved(place, name=f"{place.word}/two")
    before = place.inventory()
    killed_in(place, engine, "/images/create", "images", "pull", first, second, count=2)
    assert place.client.images.get(first).id == one
    if then == "resume":  # the registry goes on meanwhile
        place.pushed("moving", name=f"{place.word}/one", lines="ENV version=3", keep=True)
        place.client.images.get(one).tag(first)
    assert place.manage(then, "--yes").status == 0
    if then == "rollback":
        assert place.inventory() == before
        return
    assert [place.client.images.get(each).id for each in (first, second)] == [one, two]
    assert sum("/images/create" in path for _, path in engine.requests) == 3  # the first was not fetched again


def test_two_tags_of_one_image_come_and_go(place: Place) -> None:
    reference = place.pushed("one", keep=True)
    other = reference.replace(":one", ":other")
    place.client.images.get(reference).tag(other)
    for line in place.client.images.push(other, stream=True, decode=True):
        assert "error" not in line
    for each in (reference, other):
        place.client.images.remove(each)
    before = place.inventory()
    assert place.manage("images", "pull", reference, other).status == 0
    assert place.client.images.get(reference).id == place.client.images.get(other).id
    assert place.manage("rollback", "--yes").status == 0
    assert place.inventory() == before


def test_two_at_once_are_both_right(place: Place) -> None:
    reference = place.pushed(lines="RUN echo data >/file")
    running = [
        subprocess.Popen(
            kit.command("images", "pull", reference),
            cwd=place.root,
            env=place.variables(),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for _ in range(2)
    ]
    said = [each.communicate(timeout=120) for each in running]
    assert [each.returncode for each in running] == [0, 0], said
    assert sum("Nothing to do" in out for out, _ in said) == 1
    assert place.client.images.get(reference).tags == [reference]


def test_a_pull_of_another_process_is_seen(place: Place, engine: proxy.Proxy) -> None:
    reference, _, _ = moved(place)
    place.manifest(f'[images]\nrequired = ["{reference}"]\n')
    go = threading.Event()
    engine.spoil("POST", "/images/create", proxy.held(go))
    argv = kit.command("images", "pull", reference)
    child = subprocess.Popen(
        argv, cwd=place.root, env=place.variables(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        engine.await_request("POST", "/images/create")
        (event,) = place.manage("images", "status", "--json").events
        assert (event["any_pulling"], event["pulling_count"], event["overall_status"]) == (True, 1, "pulling")
        assert (event["images"][0]["state"], event["images"][0]["present"]) == ("pulling", True)
        assert place.manage("images", "pull", reference, "--no-wait").status == 3
    finally:
        go.set()
        assert child.wait(120) == 0
    assert place.manage("images", "status", "--json").events[0]["overall_status"] == "ready"


def test_rollback_sh_takes_it_back_without_the_tool(place: Place) -> None:
    reference, old, _ = moved(place)
    before = place.inventory()
    assert place.manage("images", "pull", reference).status == 0
    script = place.root / ".surefoot" / "checkpoints" / "rollback.sh"
    bare = {"PATH": "/usr/bin:/bin"}
    ended = subprocess.run(["sh", str(script)], capture_output=True, text=True, check=False, env=bare)
    assert ended.returncode == 0, ended.stderr
    assert place.inventory() == before
    assert place.client.images.get(reference).id == old
