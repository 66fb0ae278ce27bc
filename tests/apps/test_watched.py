"""Health, logs, use, and the agent's loop."""

from __future__ import annotations

import os
import signal
import socket
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import TYPE_CHECKING

import pytest

from phases.containers.apps.process import reading
from phases.containers.apps.shim.logs import Log
from tests.apps.kit import SECONDS, Place

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def answering() -> Iterator[HTTPServer]:
    """Answers with the status in `RequestHandlerClass.status`."""

    class Handler(BaseHTTPRequestHandler):
        status = 200

        def do_GET(self) -> None:
            self.send_response(self.status)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    made = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=made.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    yield made
    made.shutdown()
    made.server_close()
    thread.join()


def test_an_app_that_turns_ill_and_well_again_is_seen_by_its_command(place: Place) -> None:
    (place.root / "well").touch()
    place.manifest(place.sleeper(more='health = {command = ["test", "-e", "well"], interval = "30ms", retries = 2}'))
    place.done("apps", "start")
    assert place.status().health == "healthy"
    assert place.manage("apps", "health").status == 0
    (place.root / "well").unlink()
    place.until(lambda each: each.health == "unhealthy")
    assert place.manage("apps", "health").status == 1
    (place.root / "well").touch()
    place.until(lambda each: each.health == "healthy")


def test_an_app_is_asked_by_http(place: Place, answering: HTTPServer) -> None:
    url = f"http://127.0.0.1:{answering.server_port}/health"
    place.manifest(place.sleeper(more=f'health = {{http = "{url}", interval = "30ms", retries = 1}}'))
    place.done("apps", "start")
    assert place.status().health == "healthy"
    answering.RequestHandlerClass.status = 503  # type: ignore[attr-defined]  # ours, above
    place.until(lambda each: each.health == "unhealthy")


def test_an_app_is_asked_by_its_port(place: Place, answering: HTTPServer) -> None:
    port = answering.server_port
    place.manifest(place.sleeper(more=f'health = {{tcp = "127.0.0.1:{port}", interval = "30ms", retries = 1}}'))
    place.done("apps", "start")
    assert place.status().health == "healthy"


def test_a_question_that_hangs_is_ended_and_counts_as_a_no(place: Place) -> None:
    more = 'health = {command = ["sh", "-c", "sleep 1000 # WORD"], interval = "30ms", timeout = "50ms", retries = 2}'
    place.manifest(place.sleeper(more=more))
    ended = place.manage("apps", "start")
    assert (ended.status, "is not healthy" in ended.err, place.running()) == (1, True, [])


def test_refusals_in_the_start_period_do_not_count(place: Place) -> None:
    command = "sleep 0.6; touch well; sleep 1000 & wait # WORD"
    health = 'health = {command = ["test", "-e", "well"], interval = "20ms", retries = 1, start-period = "50s"}'
    place.manifest(f'[apps.web]\ncommand = ["sh", "-c", "{command}"]\n{health}\n')
    place.done("apps", "start")
    assert place.status().health == "healthy"


def test_a_taken_port_is_said_before_anything_is_changed(place: Place) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        place.manifest(place.sleeper(more=f'ports = ["{port}"]'))
        ended = place.manage("apps", "start")
    assert (ended.status, str(port) in ended.err, place.status().state) == (6, True, "absent")


def test_what_an_app_uses_is_counted_over_its_group(place: Place) -> None:
    place.manifest(place.sleeper())
    place.done("apps", "start")
    place.says("up")
    (found,) = place.done("apps", "stats", "--json").events
    assert found["processes"] >= 1
    assert found["memory"] > 0


# -- logs --------------------------------------------------------------------------------------------------------------


def test_a_full_log_is_put_aside_and_the_oldest_goes(tmp_path: Path) -> None:
    log = Log(str(tmp_path / "log"), 10, 3)
    for letter in "abcde":
        log.write(letter.encode() * 8 + b"\n")
    assert {path.name: path.read_text()[0] for path in tmp_path.iterdir()} == {"log": "e", "log.1": "d", "log.2": "c"}


def test_the_end_of_a_log_reaches_back_into_those_put_aside(tmp_path: Path) -> None:
    log = Log(str(tmp_path / "log"), 20, 3)
    for number in range(9):
        log.write(f"line {number}\n".encode())
    assert list(reading.lines(tmp_path / "log", 3, follow=False)) == ["line 6", "line 7", "line 8"]
    assert list(reading.lines(tmp_path / "log", 100, follow=False)) == [f"line {number}" for number in range(4, 9)]
    assert list(reading.lines(tmp_path / "log", 0, follow=False)) == []
    assert list(reading.lines(tmp_path / "none", 5, follow=False)) == []


def test_a_log_is_followed_beyond_its_turn(tmp_path: Path) -> None:
    log = Log(str(tmp_path / "log"), 20, 3)
    log.write(b"line 0\nhal")
    found = reading.lines(tmp_path / "log", 10, follow=True)
    assert next(found) == "line 0"
    log.write(b"f\n")
    assert next(found) == "half"
    for number in range(1, 4):
        log.write(f"line {number}\n".encode())
        assert next(found) == f"line {number}"


def test_the_log_of_an_app_turns_and_is_read(place: Place) -> None:
    place.manifest(
        '[apps.web]\ncommand = ["sh", "-c", "i=0; while [ $i -lt 300 ]; do echo number $i; i=$((i+1)); done"]\n'
        'log = {max-size = "1k", files = 2}\n'
    )
    place.done("apps", "start")
    place.until(lambda each: each.state == "exited")
    place.says("number 299")
    lines = place.done("apps", "logs", "web", "--tail", "3").out.splitlines()
    assert lines == ["number 297", "number 298", "number 299"]
    assert sorted(path.name for path in (place.root / ".surefoot/apps/web/log").iterdir()) == [
        "output.log",
        "output.log.1",
    ]


def test_a_log_that_is_followed_ends_with_ctrl_c(place: Place) -> None:
    place.manifest(place.sleeper())
    place.done("apps", "start")
    with place.begin("apps", "logs", "web", "-f") as following:
        assert following.stdout is not None
        assert following.stdout.readline() == "up\n"
        assert ended(following, signal.SIGINT) == 0


# -- the loop ----------------------------------------------------------------------------------------------------------


def watching(place: Place) -> subprocess.Popen[str]:
    return place.begin("apps", "reconcile", "--watch", "--every", "0.1")


def ended(loop: subprocess.Popen[str], number: int) -> int:
    loop.send_signal(number)
    loop.communicate(timeout=SECONDS)
    return loop.returncode


def test_the_loop_follows_the_manifest_and_leaves_the_apps_running(place: Place) -> None:
    place.manifest(place.sleeper("one"))
    with watching(place) as loop:
        place.until(lambda each: each.state == "running", "one")
        place.manifest(place.sleeper("one") + place.sleeper("two"))
        digest = place.until(lambda each: each.state == "running", "two").digest
        place.manifest(place.sleeper("two", more='env = {NEW = "1"}'))
        place.until(lambda each: each.state == "stopped", "one")
        place.until(lambda each: each.state == "running" and each.digest != digest, "two")
        assert ended(loop, signal.SIGTERM) in {0, 143}
    assert place.status("two").state == "running"


def test_an_app_that_the_manifest_does_not_have_any_more_is_shown_and_stopped(place: Place) -> None:
    place.manifest(place.sleeper())
    place.done("apps", "start")
    place.manifest("")
    assert "running" in place.done("apps", "status").out
    assert place.done("apps", "reconcile", "--dry-run", "--json").events[-1]["steps"][-1]["step"] == "apps.50.stop.web"
    place.done("apps", "reconcile")
    assert (place.status().state, place.running()) == ("stopped", [])
    assert "names no apps" in place.done("apps", "status").out
    place.done("rollback", "-y")
    assert place.status().state == "running"


def test_a_killed_loop_is_begun_again_without_touching_the_apps(place: Place) -> None:
    place.manifest(place.sleeper())
    with watching(place) as loop:
        place.until(lambda each: each.state == "running")
        assert ended(loop, signal.SIGKILL) == -signal.SIGKILL
    before = place.until(lambda each: each.state == "running")
    with watching(place) as loop:
        os.killpg(before.pid, signal.SIGKILL)  # seen by its shim, whose policy is "no": it stays as it is
        place.until(lambda each: each.state == "failed")
        os.kill(loop.pid, 0)
        ended(loop, signal.SIGINT)
    assert place.status().state == "failed"


def test_the_loop_starts_what_is_gone_and_leaves_what_was_stopped(place: Place) -> None:
    place.manifest(place.sleeper("gone") + place.sleeper("left"))
    place.done("apps", "start")
    place.done("apps", "stop", "left")
    first = place.status("gone")
    shim = place.note("gone")["shim"]
    os.kill(shim, signal.SIGKILL)
    os.killpg(first.pid, signal.SIGKILL)
    with watching(place) as loop:
        place.until(lambda each: each.state == "running" and each.pid != first.pid, "gone")
        assert ended(loop, signal.SIGTERM) in {0, 143}
    assert place.status("left").state == "stopped"


def test_a_broken_manifest_does_not_end_the_loop(place: Place) -> None:
    place.manifest("[apps.web]\nnonsense = 1\n")
    with watching(place) as loop:
        assert loop.stderr is not None
        while "nonsense" not in loop.stderr.readline():  # the first look is over
            assert loop.poll() is None
        place.manifest(place.sleeper())
        place.until(lambda each: each.state == "running")
        assert ended(loop, signal.SIGTERM) in {0, 143}
