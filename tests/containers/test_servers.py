"""A server comes whole or not at all: row, volumes, configuration, container. Whatever fails, whenever it is killed."""

from __future__ import annotations

import shutil
import signal
import socket
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from installer.errors import Conflict, InstallerError, Precondition, StepFailed, Unavailable, UsageError
from installer.frozen import replace
from phases.containers.apps.amounts import Port
from phases.containers.apps.section import Health
from phases.containers.servers import Server, configuring, create_server, records, settle, start_server
from tests.containers import killed_server, lab, proxy

if TYPE_CHECKING:
    from tests.containers.kit import Place

pytestmark = [pytest.mark.docker, pytest.mark.slow]

NOTHING: dict[str, list[str]] = {"containers": [], "volumes": [], "networks": [], "images": []}


@pytest.fixture
def server(place: Place, monkeypatch: pytest.MonkeyPatch) -> Server:
    """One that gets well; the engine is the lab's."""
    monkeypatch.setenv("DOCKER_HOST", place.engine)
    return killed_server.server(place.word, lab.BASE)


def everything(place: Place) -> tuple[dict[str, list[str]], list[tuple[str, str]]]:
    """What is in the engine, and the rows."""
    return place.inventory(), [(name, status) for name, status, _ in records.rows(place.root / "servers.db")]


def whole(place: Place) -> None:
    """It is there, once, running and configured; its row says so."""
    name = f"surefoot-server-{place.word}"
    there, rows = everything(place)
    assert [each.split()[:2] for each in there["containers"]] == [[name, "running"]]
    assert (there["volumes"], rows) == ([f"{name}-data", f"{name}-plugins"], [(place.word, "running")])
    written = configuring.read(place.client, name, "/data/conf/server.ini")
    assert written == b"[server]\nname = ours\n"


def kill(place: Place, number: int, verb: str) -> bool:
    """Run it up to that boundary; was there one?"""
    argv = [sys.executable, killed_server.__file__, str(number), verb, str(place.root), place.word, lab.BASE]
    ended = subprocess.run(argv, env=place.variables(), capture_output=True, text=True, check=False)
    assert ended.returncode in {0, -signal.SIGKILL}, ended.stderr
    return ended.returncode != 0


def test_a_server_is_created_and_started(place: Place, server: Server) -> None:
    container = create_server(server, place.root / "servers.db")
    whole(place)
    found: dict[str, Any] = place.client.api.inspect_container(container)
    assert (found["HostConfig"]["SecurityOpt"], "PASSWORD=s3cret-of-the-test" in found["Config"]["Env"]) == (
        ["no-new-privileges"],
        True,
    )
    for path in place.root.rglob("*"):
        assert not path.is_file() or b"s3cret-of-the-test" not in path.read_bytes(), path
    with pytest.raises(Conflict):
        create_server(server, place.root / "servers.db")
    whole(place)


def test_what_fails_leaves_all_as_it_was(place: Place, server: Server) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = Port(f"{taken.getsockname()[1]}:80")
        small = {"type": "tmpfs", "device": "tmpfs", "o": "size=16k"}
        cases: list[tuple[type[InstallerError], Server]] = [
            (UsageError, replace(server, identifier="../other")),
            (UsageError, replace(server, configuration={"../passwd": b""})),
            (Precondition, replace(server, app=replace(server.app, image=f"nobody/{place.word}:1"))),
            (Precondition, replace(server, app=replace(server.app, ports=(port,)))),
            (Unavailable, replace(server, volume_options=small, configuration={"large": bytes(1 << 20)})),
            (InstallerError, replace(server, app=replace(server.app, command=("no-such-program",)))),
            (StepFailed, replace(server, app=replace(server.app, command=("false",)))),
            (StepFailed, replace(server, app=replace(server.app, health=Health(command=("false",))))),
        ]
        for expected, given in cases:
            with pytest.raises(expected):
                create_server(given, place.root / "servers.db", patience=1)
            assert everything(place) == (NOTHING, []), given
    create_server(server, place.root / "servers.db")
    whole(place)


def test_a_check_that_the_engine_cannot_run_is_tried_again_and_told_in_the_end(
    place: Place, engine: proxy.Proxy, server: Server
) -> None:
    """An engine answers so while the container ends, which it does not know yet."""
    runtime = proxy.told(500, '{"message": "OCI runtime exec failed: setns"}')
    checked = replace(server, app=replace(server.app, health=Health(command=("true",))))
    engine.spoil("POST", "/exec/", runtime, times=0)
    with pytest.raises(StepFailed, match=r"did not get well in 1 seconds \(OCI runtime exec failed: setns\)"):
        create_server(checked, place.root / "servers.db", patience=1)
    assert everything(place) == (NOTHING, [])
    engine.mend()
    engine.spoil("POST", "/exec/", runtime)
    create_server(checked, place.root / "servers.db")
    whole(place)


def test_a_port_that_is_taken_at_the_last_moment_leaves_nothing(
    place: Place, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The check before saw it free."""
    monkeypatch.setattr("phases.containers.apps.container.prechecks.ports", lambda *_: None)
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = Port(f"{taken.getsockname()[1]}:80")
        with pytest.raises(Precondition, match="port"):
            create_server(replace(server, app=replace(server.app, ports=(port,))), place.root / "servers.db")
    assert everything(place) == (NOTHING, [])


def test_what_was_there_before_is_not_taken_away(place: Place, server: Server) -> None:
    place.client.volumes.create(server.volume("plugins"))
    before = everything(place)
    with pytest.raises(Conflict):
        create_server(server, place.root / "servers.db")
    assert everything(place) == before


def test_a_creation_that_is_killed_is_taken_back_or_done_again(place: Place, server: Server) -> None:
    database, number = place.root / "servers.db", 1
    while number <= 3:
        assert kill(place, number, "create")
        assert settle(database)
        assert everything(place) == (NOTHING, []), number
        assert kill(place, number, "create")
        create_server(server, database)
        whole(place)
        place.client.containers.get(server.name).remove(force=True)
        for which in ("data", "plugins"):
            place.client.volumes.get(server.volume(which)).remove()
        with records.transaction(database) as rows:
            rows.execute("delete from servers")
        number += 1
    assert kill(place, 4, "create"), "committed, and the journal not cleared"
    assert settle(database)
    whole(place)
    assert not settle(database)


def test_what_a_killed_creation_left_goes_when_the_tool_that_made_it_is_gone(place: Place, server: Server) -> None:
    """As after an upgrade into another folder: the journal names nothing of the package."""
    here, there = Path(__file__).resolve().parents[2], place.root.parent / "installed"
    for name in ("installer", "phases"):
        shutil.copytree(here / name, there / name, ignore=shutil.ignore_patterns("__pycache__"))
    script = there / "tests" / "containers" / "killed_server.py"
    script.parent.mkdir(parents=True)
    shutil.copy(killed_server.__file__, script)
    argv = [sys.executable, str(script), "3", "create", str(place.root), place.word, lab.BASE]
    environment = place.variables(PYTHONPATH=str(there))
    ended = subprocess.run(argv, env=environment, capture_output=True, text=True, check=False)
    assert ended.returncode == -signal.SIGKILL, ended.stderr
    shutil.rmtree(there)
    assert len(place.inventory()["volumes"]) == 2
    assert settle(place.root / "servers.db")
    assert everything(place) == (NOTHING, [])
    del server  # for its engine


def test_a_start_rebuilds_what_changed_and_keeps_the_data(place: Place, server: Server) -> None:
    database = place.root / "servers.db"
    first = create_server(server, database)
    place.client.api.stop(first, timeout=0)
    assert start_server(server, database) == first
    place.client.api.stop(first, timeout=0)
    bad = replace(server, app=replace(server.app, command=("false",)))
    with pytest.raises(StepFailed):
        start_server(bad, database)
    there, rows = everything(place)
    assert (there["containers"][0].split()[:2], rows) == ([server.name, "exited"], [(place.word, "stopped")])
    assert str(place.client.containers.get(server.name).id) == first
    second = start_server(killed_server.server(place.word, lab.BASE, seconds=3000), database)
    assert second != first
    whole(place)


def test_a_start_that_is_killed_is_taken_back_or_done_again(place: Place, server: Server) -> None:
    database = place.root / "servers.db"
    first = create_server(server, database)
    place.client.api.stop(first, timeout=0)
    before = everything(place)[0]
    for number in (1, 2):
        assert kill(place, number, "start")
        assert settle(database)
        assert (everything(place)) == (before, [(place.word, "stopped")]), number
    assert kill(place, 3, "start"), "committed, and the journal not cleared"
    start_server(killed_server.server(place.word, lab.BASE, seconds=2000), database)
    whole(place)
    assert Path(f"{database}.journal").exists()


def test_the_example_does_what_it_says(place: Place, server: Server) -> None:
    script = Path(__file__).resolve().parents[2] / "examples" / "server" / "create.py"
    for image, status in ((f"nobody/{place.word}:1", 6), (lab.BASE, 0)):
        argv = [sys.executable, str(script), "servers.db", server.identifier, image]
        ended = subprocess.run(argv, cwd=place.root, env=place.variables(), capture_output=True, text=True, check=False)
        assert ended.returncode == status, ended.stderr
    assert len(everything(place)[0]["volumes"]) == 2
