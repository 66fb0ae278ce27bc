"""`manage.py servers create`: a server as a run of the one engine; whole or not at all, killed anywhere, taken back."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING

import pytest

from phases.containers.servers import Server, configuring, records, start_server
from tests.containers import lab
from tests.containers.test_docker_apps import fine, refused

if TYPE_CHECKING:
    from tests.containers.kit import Place
    from tests.ended import Ended

pytestmark = [pytest.mark.docker, pytest.mark.slow]

SECRET = "s3cret-of-the-test"  # noqa: S105 -- it is none
NOTHING: dict[str, list[str]] = {"containers": [], "volumes": [], "networks": [], "images": []}


def written(place: Place, *lines: str, image: str = lab.BASE, command: str = '["sleep", "1000"]') -> None:
    """A manifest with an app like which servers are."""
    (place.root / "ours.ini").write_text("[server]\nname = ours\n")
    text = ("[apps.like]", f'image = "{image}"', f"command = {command}", 'stop-timeout = "0s"', *lines)
    health = ("[apps.like.health]", 'command = ["test", "-s", "/data/conf/server.ini"]')
    secret = ("[apps.like.env]", 'PASSWORD = { env = "THE_PASSWORD" }')
    place.manifest("\n".join((*text, *health, *secret)) + "\n")


def words(place: Place) -> tuple[str, ...]:
    """The command."""
    return ("servers", "create", place.word, "--like", "like", "--file", "conf/server.ini=ours.ini", "--yes")


def create(place: Place, *more: str) -> Ended:
    return place.manage(*words(place), *more, THE_PASSWORD=SECRET)


def rows(place: Place) -> list[tuple[str, str]]:
    """(identifier, status); without a database, none."""
    database = place.root / "servers.db"
    return [(name, status) for name, status, _ in records.rows(database)] if database.exists() else []


def none(place: Place, when: object = "") -> None:
    """Nothing of it is there."""
    assert (place.inventory(), rows(place)) == (NOTHING, []), when


def whole(place: Place, when: object = "") -> None:
    """It is there, once, running and configured; its row says so."""
    name, there = f"surefoot-server-{place.word}", place.inventory()
    assert [each.split()[:2] for each in there["containers"]] == [[name, "running"]], when
    assert (there["volumes"], rows(place)) == ([f"{name}-data", f"{name}-plugins"], [(place.word, "running")]), when
    assert configuring.read(place.client, name, "/data/conf/server.ini") == b"[server]\nname = ours\n", when


def test_a_server_comes_as_a_run_and_goes_with_it(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    written(place, 'network = "app"')  # a server has none
    before = sorted(place.root.iterdir())
    fine(create(place, "--dry-run"))
    assert sorted(place.root.iterdir()) == before
    fine(create(place))
    whole(place)
    for path in place.root.rglob("*"):
        assert not path.is_file() or SECRET.encode() not in path.read_bytes(), path
    assert refused(create(place, "--json")) == (10, "server.there")
    assert fine(place.manage("servers", "list", "--json")).events[-1]["servers"] == [
        {"name": place.word, "status": "running"}
    ]
    assert "servers" in fine(place.manage("history")).out
    # a library user goes on with it, and the way back finds it all the same
    monkeypatch.setenv("DOCKER_HOST", place.engine)
    container = place.client.containers.get(f"surefoot-server-{place.word}")
    container.stop(timeout=0)
    from installer.manifest import load
    from phases import SECTIONS
    from phases.containers.apps import config
    from phases.containers.servers import wished

    monkeypatch.setenv("THE_PASSWORD", SECRET)
    app = config.apps(load(place.root, SECTIONS))["like"]
    wish = {"name": place.word, "like": "like", "files": {}}
    server: Server = wished.server(wish, app, place.root)
    assert start_server(server, place.root / "servers.db") == container.id
    fine(place.manage("rollback", "--yes"))
    none(place)
    kept = list((place.root / ".surefoot" / "kept").rglob("*.tar.gz"))
    assert [place.word in each.name for each in kept] == [True], "what the volume held"


def test_what_fails_leaves_all_as_it_was(place: Place) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = f'ports = ["{taken.getsockname()[1]}:80"]'
        for code, lines, given in (
            ((6, "image.missing"), (), {"image": f"nobody/{place.word}:1"}),
            ((6, "port.taken"), (port,), {}),
            ((1, "app.start"), (), {"command": '["false"]'}),
        ):
            written(place, *lines, **given)
            assert refused(create(place, "--json")) == code
            none(place, code)
    written(place)
    assert refused(place.manage(*words(place), "--json")) == (6, "app.secret")
    fine(create(place))
    whole(place)


def test_a_creation_that_is_killed_goes_on_or_leaves_nothing(place: Place) -> None:
    """Its steps: prepare, two volumes, create, configure, start, wait, record."""
    written(place)
    kills = place.kills([("Done", 4), ("Intent", 6), ("Done", 8)], *words(place), THE_PASSWORD=SECRET)
    for number, when in enumerate(kills):
        if number % 2 == 0:
            fine(place.manage("resume", "--yes", THE_PASSWORD=SECRET))
            whole(place, when)
        fine(place.manage("rollback", "--yes"))
        none(place, when)
