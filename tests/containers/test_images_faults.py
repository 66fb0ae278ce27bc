"""`images pull`, whatever the engine and the registry do to it: the rows 100 to 102 of the matrix of faults."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.containers import proxy
from tests.containers.pulls import code, moved

if TYPE_CHECKING:
    from tests.containers.kit import Place

pytestmark = pytest.mark.docker

_DENIED = '{"errors":[{"code":"DENIED","message":"requested access to the resource is denied"}]}'
_LIMIT = '{"errors":[{"code":"TOOMANYREQUESTS","message":"You have reached your pull rate limit"}]}'
_UNKNOWN = '{"errors":[{"code":"MANIFEST_UNKNOWN","message":"manifest unknown"}]}'


@pytest.mark.parametrize(
    ("where", "answer", "status", "name"),
    [
        ("/manifests/", proxy.told(404, _UNKNOWN), 6, "image.unknown"),
        ("/manifests/", proxy.told(403, _DENIED), 8, "registry.denied"),
        ("/manifests/", proxy.told(429, _LIMIT), 7, "registry.limit"),
        ("/manifests/", proxy.told(500, "{}"), 7, "registry.failed"),
        ("/manifests/", proxy.unheard(), 7, "registry.offline"),
        ("/blobs/", proxy.told(404, _UNKNOWN), 6, "image.unknown"),
        ("/blobs/", proxy.told(429, _LIMIT), 7, "registry.limit"),
        # the engine tries these some times, for about 15 seconds
        pytest.param("/blobs/", proxy.told(500, "{}"), 7, "registry.failed", marks=pytest.mark.slow),
        pytest.param("/blobs/", proxy.unheard(), 7, "registry.offline", marks=pytest.mark.slow),
    ],
)
def test_what_the_registry_refuses_has_a_status_of_its_own(
    place: Place, registry: proxy.Proxy, answer: proxy.Fault, status: int, name: str, where: str
) -> None:
    reference = place.pushed().replace(place.lab.registry, registry.host)
    before = place.inventory()
    registry.spoil("", where, answer, times=0)
    ended = place.manage("images", "pull", reference, "--json")
    assert ended.status == status, (ended.out, ended.err)
    assert code(ended) == name
    assert place.inventory() == before
    registry.mend()
    assert place.manage("images", "pull", reference).status == 0


def test_a_layer_that_was_changed_on_its_way_is_refused(place: Place, registry: proxy.Proxy) -> None:
    reference = place.pushed(lines="RUN echo data >/file").replace(place.lab.registry, registry.host)
    before = place.inventory()

    def spoilt(piece: bytes) -> bytes:
        head, end, body = piece.rpartition(b"\r\n\r\n")
        return head + end + bytes(each ^ 1 for each in body)

    registry.spoil("GET", "/blobs/", proxy.changed(spoilt), times=0)
    ended = place.manage("images", "pull", reference, "--json")
    assert (ended.status, code(ended)) == (9, "image.digest"), ended.out
    assert place.inventory() == before
    registry.mend()
    assert place.manage("images", "pull", reference).status == 0


def _stream(*messages: object) -> str:
    return "".join(json.dumps(each) + "\r\n" for each in messages)


@pytest.mark.parametrize(
    ("messages", "status", "name"),
    [
        ([{"errorDetail": {"message": "toomanyrequests: slow down"}, "error": "x"}], 7, "registry.limit"),
        ([{"status": "Pulling fs layer", "id": "a"}, {"error": "unauthorized: who are you"}], 8, "registry.denied"),
        ([{"error": "write /x: no space left on device"}], 7, "engine.disk"),
        ([{"error": "something else"}], 1, "engine.said"),
        ([{"status": "Digest: sha256:" + "0" * 64}], 9, "image.digest"),
        ([{"status": "all is well"}], 9, "image.digest"),
    ],
)
def test_a_failure_inside_the_engine_s_good_answer_is_a_failure(
    place: Place, engine: proxy.Proxy, messages: list[object], status: int, name: str
) -> None:
    reference = place.pushed()
    before = place.inventory()
    engine.spoil("POST", "/images/create", proxy.told(200, _stream(*messages)))
    ended = place.manage("images", "pull", reference, "--json")
    assert (ended.status, code(ended)) == (status, name)
    assert place.inventory() == before


def test_messages_cut_across_reads_are_not_lost(place: Place, engine: proxy.Proxy) -> None:
    reference = place.pushed(lines="RUN echo data >/file")
    engine.spoil("POST", "/images/create", proxy.sliced(3))
    ended = place.manage("images", "pull", reference, "--json")
    assert ended.status == 0, ended.out
    assert [each["done"] for each in ended.events if each["event"] == "progress"][-1] == 100


@pytest.mark.parametrize(
    ("path", "fault"),
    [
        ("/images/create", proxy.unheard()),
        ("/images/create", proxy.unanswered()),
        ("/images/create", proxy.cut(260)),
        ("/images/.*/tag", proxy.unheard()),
        ("/images/.*/tag", proxy.unanswered()),
    ],
)
@pytest.mark.parametrize("after", [0, 1])
def test_a_connection_that_drops_leaves_what_was_before(
    place: Place, engine: proxy.Proxy, path: str, fault: proxy.Fault, after: int
) -> None:
    reference, _, new = moved(place)
    before = place.inventory()
    engine.spoil("POST", path, fault, after=after)
    ended = place.manage("images", "pull", reference, "--json")
    if "create" in path and after:
        assert ended.status == 0  # there is but one such request
    else:
        assert (ended.status, code(ended)) == (7, "engine.silent")
        assert place.inventory() == before
        assert place.manage("images", "pull", reference).status == 0
    assert place.client.images.get(reference).id == new
