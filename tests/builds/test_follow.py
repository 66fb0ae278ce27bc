"""`build status`, `watch`, `logs`, `cancel`, `check-token`: what is told of a build, and by which exit code."""

from __future__ import annotations

import threading
import time
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import TYPE_CHECKING, Self

import pytest

from tests.builds import bells

if TYPE_CHECKING:
    from tests.builds.forge import Forge
    from tests.builds.kit import Clone

pytestmark = pytest.mark.slow  # they need npm


def test_the_four_states_are_told_with_the_time_that_is_expected(clone: Clone, forge: Forge) -> None:
    assert "created; there is no build yet" in clone.manage("build", "status").out
    run = forge.add_run()
    shown = clone.manage("build")
    assert "building (3–5 min expected)" in shown.out
    assert run["html_url"] in shown.out
    run |= {"status": "completed", "conclusion": "success"}
    assert "built; being deployed (1–5 min expected" in clone.manage("build", "status").out
    with _Site() as site:
        clone.manifest(f'[build]\ndeployed = "{site.url}"\n')
        (event,) = clone.manage("build", "status", "--json").events
        assert (event["stage"], event["percent"]) == ("deploying", 66)
        site.status = 200
        (event,) = clone.manage("build", "status", "--json").events
        assert (event["stage"], event["percent"], event["run"]["url"]) == ("deployed", 100, run["html_url"])


def test_a_build_is_followed_to_its_end(clone: Clone, forge: Forge) -> None:
    assert clone.manage("build", "trigger").status == 0
    run = forge.state.runs[0]
    timer = threading.Thread(target=_soon, args=(forge, run, {"status": "completed", "conclusion": "success"}))
    timer.start()
    ended = clone.manage("build", "watch", "--every", "0.1")
    timer.join()
    assert ended.status == 0, ended.err
    assert "waiting for a machine" in ended.err
    run |= {"conclusion": "failure"}
    ended = clone.manage("build", "watch", "--every", "0.1")
    assert ended.status == 1
    assert f"the build failed: {run['html_url']}" in ended.err
    assert f"manage.py build logs {run['id']}" in ended.err


def test_who_wants_notices_is_told_how_it_ended(clone: Clone, forge: Forge) -> None:
    run = forge.add_run(status="completed", conclusion="failure")
    with bells.ringing() as bell:
        clone.manifest('notify = ["BELL"]\n')
        assert clone.manage("build", "watch", BELL=bell.address).status == 1
        run |= {"conclusion": "success"}
        assert clone.manage("build", "watch", BELL=bell.address).status == 0
    assert [each["title"] for each in bell.heard] == ["The build failed", "The project is ready"]
    assert all(run["html_url"] in each["message"] for each in bell.heard)


def test_a_build_that_takes_too_long_is_said_to(clone: Clone, forge: Forge) -> None:
    forge.add_run(status="in_progress")
    ended = clone.manage("build", "watch", "--timeout", "0.2", "--every", "0.1")
    assert (ended.status, "has not ended within" in ended.err) == (7, True)


def test_the_log_comes_from_elsewhere_and_the_token_stays_here(clone: Clone, forge: Forge) -> None:
    run = forge.add_run(status="completed", conclusion="failure")
    forge.state.log = "\ufeffone\r\n\x1b[31mtwo\x1b[0m\n"
    ended = clone.manage("build", "logs", str(run["id"]))
    assert ended.out.splitlines()[1:] == ["one", "two"]
    elsewhere = [each for each in forge.requests if each.path.endswith("/log-file")]
    assert [each.headers.get("authorization") for each in elsewhere] == [None]


def test_a_build_is_ended_once_and_a_dry_run_ends_none(clone: Clone, forge: Forge) -> None:
    run = forge.add_run(status="in_progress")
    assert "would end the build" in clone.manage("build", "cancel", "--dry-run").out
    assert run["status"] == "in_progress"
    assert clone.manage("build", "cancel").status == 2  # nobody to ask, nothing agreed
    assert clone.manage("build", "cancel", "-y").status == 0
    assert run["conclusion"] == "cancelled"
    assert "it has ended" in clone.manage("build", "cancel").out
    assert clone.manage("build", "cancel", "12x").status == 2


def test_a_token_is_told_what_it_lacks(clone: Clone, forge: Forge) -> None:
    ended = clone.manage("build", "check-token")
    assert ended.status == 0
    assert "$GITHUB_TOKEN" in ended.out
    clone.manifest('[build]\nscopes = ["workflow", "write:packages"]\n')
    (event, _) = clone.manage("build", "check-token", "--json").events
    assert event["missing"] == ["write:packages"]
    forge.state.scopes = "workflow, repo, write:packages"  # which has read:packages in it
    clone.manifest('[build]\nscopes = ["workflow", "read:packages"]\n')
    assert clone.manage("build", "check-token").status == 0
    clone.manifest('[build]\nscopes = ["workflow", "write:packages"]\n')
    forge.state.scopes = "gist"
    ended = clone.manage("build", "check-token")
    assert ended.status == 8
    assert "it lacks repo, workflow, write:packages" in ended.err
    forge.state.scopes, forge.state.push = None, False
    (event, _) = clone.manage("build", "check-token", "--json").events
    assert (event["known"], event["missing"]) == (False, ["the right to write to me/demo"])


def test_a_dry_run_says_what_would_be_done_and_asks_for_nothing(clone: Clone, forge: Forge) -> None:
    ended = clone.manage("build", "trigger", "--dry-run")
    assert ended.status == 0
    assert "Have the project's image built (cannot be taken back" in ended.out
    assert forge.dispatches() == []
    assert not (clone.root / ".surefoot").exists()


def test_a_rollback_does_not_pretend_to_take_a_build_back(clone: Clone, forge: Forge) -> None:
    assert clone.manage("build", "trigger").status == 0
    assert clone.manage("rollback", "--yes").status == 0
    assert [each["status"] for each in forge.state.runs] == ["queued"]


def _soon(forge: Forge, run: dict[str, object], change: dict[str, object]) -> None:
    """When the run was looked at twice."""
    end = time.monotonic() + 30
    while sum(each.path.endswith(f"/runs/{run['id']}") for each in forge.requests) < 2 and time.monotonic() < end:
        time.sleep(0.02)
    run |= change


class _Site:
    """What the build is deployed to."""

    def __init__(self) -> None:
        self.status = 503
        site = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self.send_response(site.status)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_: object) -> None:
                """Nothing."""

        self._server = HTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}/"

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
