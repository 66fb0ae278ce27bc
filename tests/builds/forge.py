"""GitHub on loopback: prism validates each request by GitHub's own description; its answers are filled with state.

    with Forge(lab.ensure("github")) as forge:
        forge.workflows["build.yml"] = text
        forge.refuse("POST", "/dispatches", 403, {"message": "…"})     # once; `times=0`: always
    assert forge.invalid == []                                          # `closed` checks that by itself

A dispatch makes a run, whose title is what the workflow's `run-name` would show: its inputs.
"""

from __future__ import annotations

import base64
import http.client
import itertools
import json
import re
import threading
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self
from urllib.parse import parse_qs, quote, urlsplit

BUILD = """\
name: build
run-name: build ${{ inputs.surefoot_key }}
on:
  push:
    branches: [main, master]
  workflow_dispatch:
    inputs:
      project_slug: {required: true, type: string}
      tag: {default: latest}
      surefoot_key: {default: ""}
jobs: {}
"""
_numbers = itertools.count(7000)


@dataclass
class Asked:
    """A request as it came."""

    method: str
    path: str
    query: dict[str, str]
    body: Any
    headers: dict[str, str]


@dataclass
class _Refusal:
    method: str
    path: re.Pattern[str]
    status: int
    body: object
    headers: dict[str, str]
    left: int


@dataclass
class State:
    """What the server holds."""

    workflows: dict[str, str] = field(default_factory=dict)  # file: text
    disabled: set[str] = field(default_factory=set)
    runs: list[dict[str, Any]] = field(default_factory=list)  # newest first
    head: str = "c" * 40
    branch: str = "main"
    scopes: str | None = "repo, workflow"
    private: bool = True
    push: bool = True
    details: bool = True  # does a dispatch tell its run? Servers from before 2026 do not
    hidden: int = 0  # so many looks do not show a new run yet
    ahead: timedelta = timedelta()  # of its clock
    log: str = "2026-11-23T05:00:00Z hello\n"


class Forge:
    """The server. `requests`: what came; `invalid`: what prism has to say against it."""

    def __init__(self, prism: str) -> None:
        self._prism = urlsplit(prism)
        self._lock = threading.RLock()
        self._refusals: list[_Refusal] = []
        self.state = State()
        self.requests: list[Asked] = []
        self.invalid: list[str] = []
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self.host = f"127.0.0.1:{self._server.server_address[1]}"
        self.url = f"http://{self.host}"

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def refuse(
        self, method: str, path: str, status: int, body: object = None, *, times: int = 1, **headers: str
    ) -> None:
        """Answer so instead, to requests whose path has `path` (a pattern) in it. Nothing is done for them."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        with self._lock:
            self._refusals.append(_Refusal(method, re.compile(path), status, body or {}, named, times or -1))

    def mend(self) -> None:
        """Refuse nothing any more."""
        with self._lock:
            self._refusals.clear()

    def dispatches(self) -> list[Asked]:
        """The requests that begin something."""
        return [each for each in self.requests if each.method == "POST" and each.path.endswith("/dispatches")]

    def add_run(self, **about: Any) -> dict[str, Any]:
        """A run of `build-project-image.yml`, as if somebody else had begun it."""
        number, now = next(_numbers), datetime.now(UTC) + self.state.ahead
        run = {
            "id": number,
            "html_url": f"https://github.com/me/demo/actions/runs/{number}",
            "status": "queued",
            "conclusion": None,
            "head_sha": self.state.head,
            "head_branch": self.state.branch,
            "event": "push",
            "created_at": now.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "run_started_at": now.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "updated_at": now.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "display_title": "a commit",
            "workflow": "build-project-image.yml",
        } | about
        with self._lock:
            self.state.runs.insert(0, run)
        return run

    # -- within ----------------------------------------------------------------------------------------------------

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        forge = self

        class Handler(BaseHTTPRequestHandler):
            def _any(self) -> None:
                forge._serve(self)  # its own part

            do_GET = do_POST = do_DELETE = do_PUT = _any  # noqa: N815 -- the library's names

            def log_message(self, *_: object) -> None:
                """Nothing: tests ask for `requests`."""

            def date_time_string(self, timestamp: float | None = None) -> str:
                return (datetime.now(UTC) + forge.state.ahead).strftime("%a, %d %b %Y %H:%M:%S GMT")

        return Handler

    def _serve(self, handler: BaseHTTPRequestHandler) -> None:
        data = handler.rfile.read(int(handler.headers.get("content-length") or 0))
        parts = urlsplit(handler.path)
        asked = Asked(
            handler.command,
            parts.path,
            {name: values[0] for name, values in parse_qs(parts.query).items()},
            json.loads(data) if data else None,
            {name.lower(): value for name, value in handler.headers.items()},
        )
        with self._lock:
            self.requests.append(asked)
            status, body, headers = self._refused(asked) or self._answer(asked, data)
        payload = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
        handler.send_response(status)
        for name, value in {"Content-Type": "application/json", **headers}.items():
            handler.send_header(name, value)
        handler.send_header("Content-Length", str(len(payload)))
        handler.send_header("Connection", "close")
        handler.close_connection = True
        handler.end_headers()
        handler.wfile.write(payload)

    def _refused(self, asked: Asked) -> tuple[int, object, dict[str, str]] | None:
        for each in self._refusals:
            if each.left and each.method in {"", asked.method} and each.path.search(asked.path):
                each.left -= 1
                return each.status, each.body, each.headers
        return None

    def _answer(  # noqa: PLR0911 -- a way out for each kind of request
        self, asked: Asked, data: bytes
    ) -> tuple[int, object, dict[str, str]]:
        path = asked.path
        if found := re.search(r"/runs/(\d+)/log-file$", path):
            return 200, self.state.log.encode(), {"Content-Type": "text/plain"}
        example = self._validated(asked, data)
        scopes = {} if self.state.scopes is None else {"X-OAuth-Scopes": self.state.scopes}
        if path == "/user":
            return 200, example | {"login": "me"}, scopes
        if path == "/repos/me/demo":
            about = {"default_branch": self.state.branch, "private": self.state.private}
            return 200, example | about | {"permissions": {"push": self.state.push}}, scopes
        if path.startswith("/repos/me/demo/commits/"):
            if not path.endswith(f"/{self.state.branch}"):
                return 422, {"message": "No commit found for SHA"}, {}
            made = {"commit": {"committer": {"date": "2026-01-01T00:00:00Z"}}, "sha": self.state.head}
            return 200, example | made, {}
        if found := re.search(r"/contents/\.github/workflows/([^/]+)$", path):
            text = self.state.workflows.get(found[1])
            return (404, {"message": "Not Found"}, {}) if text is None else (200, example | _content(text), {})
        if found := re.search(r"/actions/workflows/([^/]+)(/\w+)?$", path):
            return self._workflow(asked, found[1], found[2] or "", example)
        if path.endswith("/dispatches"):
            payload = asked.body["client_payload"]
            self.add_run(event="repository_dispatch", display_title=" ".join(map(str, payload.values())))
            return 204, None, {}
        return self._run(path, example)

    def _workflow(self, asked: Asked, file: str, part: str, example: Any) -> tuple[int, object, dict[str, str]]:
        text = self.state.workflows.get(file)
        if text is None:
            return 404, {"message": "Not Found"}, {}
        if part == "/runs":
            return 200, {"workflow_runs": self._listed(asked.query, example["workflow_runs"][0], file)}, {}
        if part == "":
            state = "disabled_manually" if file in self.state.disabled else "active"
            return 200, example | {"path": f".github/workflows/{file}", "state": state}, {}
        return self._dispatch(asked, file, text)

    def _dispatch(self, asked: Asked, file: str, text: str) -> tuple[int, object, dict[str, str]]:
        """As GitHub does: only declared inputs, only a workflow that listens."""
        inputs = asked.body.get("inputs") or {}
        if "workflow_dispatch" not in text:
            return 422, {"message": "Workflow does not have 'workflow_dispatch' trigger"}, {}
        if strange := [name for name in inputs if not re.search(rf"^ +{name}:", text, re.MULTILINE)]:
            return 422, {"message": f"Unexpected inputs provided: {json.dumps(strange)}"}, {}
        if not self.state.details and "return_run_details" in asked.body:
            return 422, {"message": 'Invalid request.\n\n"return_run_details" is not a permitted key.'}, {}
        shown = inputs.get("surefoot_key", "") if "run-name" in text else "build"
        run = self.add_run(event="workflow_dispatch", display_title=f"build {shown}", workflow=file)
        run["hidden"] = self.state.hidden
        if not self.state.details:
            return 204, None, {}
        return 200, {"workflow_run_id": run["id"], "run_url": self.url, "html_url": run["html_url"]}, {}

    def _listed(self, query: dict[str, str], example: Any, file: str) -> list[Any]:
        shown = []
        for run in self.state.runs:
            if run.get("hidden", 0) > 0:
                run["hidden"] -= 1
            elif run["workflow"] == file and all(
                run.get(name) == query.get(name, run.get(name)) for name in ("head_sha",)
            ):
                shown.append(example | run)
        return shown

    def _run(self, path: str, example: Any) -> tuple[int, object, dict[str, str]]:
        found = re.search(r"/actions/(runs|jobs)/(\d+)(/\w+)?$", path)
        run = next((each for each in self.state.runs if found and str(each["id"]) == found[2]), None)
        if run is None or found is None:
            return 404, {"message": "Not Found"}, {}
        if found[3] == "/jobs":
            return 200, {"jobs": [example["jobs"][0] | {"id": run["id"], "name": "image"}]}, {}
        if found[3] == "/logs":
            return 302, None, {"Location": f"{self.url.replace('127.0.0.1', 'localhost')}/runs/{run['id']}/log-file"}
        if found[3] == "/cancel":
            if run["status"] == "completed":
                return 409, {"message": "Cannot cancel a workflow run that is completed."}, {}
            run |= {"status": "completed", "conclusion": "cancelled"}
            return 202, {}, {}
        return 200, example | run, {}

    def _validated(self, asked: Asked, data: bytes) -> Any:
        """What prism answers to the same request; its complaint, if it has one, is kept."""
        path = asked.path
        if found := re.search(r"^(.*/contents/)(.+)$", path):
            path = found[1] + quote(found[2], safe="")  # a description cannot say that a part may have slashes
        query = "&".join(f"{name}={quote(value)}" for name, value in asked.query.items())
        connection = http.client.HTTPConnection(str(self._prism.hostname), self._prism.port, timeout=30)
        try:
            # its documentation recommends a media type of GitHub's own, which its description does not have
            left_out = {"host", "accept", "accept-encoding"}
            kept = {name: value for name, value in asked.headers.items() if name not in left_out}
            connection.request(asked.method, f"{path}?{query}" if query else path, data or None, kept)
            answer = connection.getresponse()
            said = answer.read()
        finally:
            connection.close()
        told = json.loads(said) if said.strip().startswith((b"{", b"[")) else {}
        if answer.status >= 400:
            self.invalid.append(f"{asked.method} {asked.path}: {json.dumps(told)}")
        return told if isinstance(told, dict) else {}


def _content(text: str) -> dict[str, object]:
    return {"type": "file", "encoding": "base64", "content": base64.b64encode(text.encode()).decode()}
