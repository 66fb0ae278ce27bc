"""How an engine is spoken to by what takes things back: its API over a socket, with nothing but the standard library.

Also kept beside the undo script of a run, as `talking.py`, for the day on which the tool is gone.

Source: the Docker Engine API. Version 1.40 is what every engine since 19.03 spoke; those from 29 on begin with 1.44.
"""

# ruff: noqa: PLR2004, ANN401 (statuses of HTTP are known by their numbers, and answers are JSON)

from __future__ import annotations

import http.client
import json
import os
import socket
import ssl
import urllib.parse
from typing import Any

VERSION = "1.40"  # what is asked for here is the same in every version since
SILENCE = 60  # seconds without a byte, after which the engine counts as gone; a container that stops takes more


class Failed(Exception):
    """It could not be taken back. `status`: of the engine's answer, if there was one."""

    status = 0


class InTheWay(Exception):
    """It could be taken back only over something that is not ours."""

    status = 409


class Engine:
    """One engine; an answer is (status, JSON or None). `wanted`: the version of its API, if it can be."""

    def __init__(self, url: str, certificates: str, wanted: str = VERSION) -> None:
        self.url = url
        self.certificates = "" if certificates == "-" else certificates
        self._wanted = wanted
        self._version = ""

    @property
    def version(self) -> str:
        """The one that is spoken, as `v1.40`: no newer than the engine's newest, no older than its oldest."""
        if not self._version:
            _, found = self._request("GET", "/version")
            oldest, newest = (_number((found or {}).get(name)) for name in ("MinAPIVersion", "ApiVersion"))
            chosen = max(min(_number(self._wanted), newest or _number(self._wanted)), oldest)
            self._version = "v" + ".".join(map(str, chosen))
        return self._version

    def ask(
        self, method: str, path: str, query: dict[str, Any] | None = None, body: Any = None, seconds: int = 0
    ) -> tuple[int, Any]:
        """One request. `body` is JSON, or an open file of a tar. Raises `OSError` where nobody answers."""
        where = f"/{self.version}{path}"
        where += "?" + urllib.parse.urlencode(query) if query else ""
        return self._request(method, where, body, seconds)

    def _request(self, method: str, where: str, body: Any = None, seconds: int = 0) -> tuple[int, Any]:
        connection = self.connection(SILENCE + seconds)
        try:
            headers = {"Host": "engine"}
            if body is not None and not hasattr(body, "read"):
                body, headers["Content-Type"] = json.dumps(body).encode(), "application/json"
            elif body is not None:
                headers["Content-Type"] = "application/x-tar"
            connection.request(method, where, body=body, headers=headers)
            answer = connection.getresponse()
            data = answer.read()
            return answer.status, json.loads(data.decode()) if data[:1] in (b"{", b"[") else None
        finally:
            connection.close()

    def connection(self, seconds: int) -> http.client.HTTPConnection:
        """Open, to a socket of this machine or over TCP."""
        if self.url.startswith("unix://"):
            made = http.client.HTTPConnection("engine", timeout=seconds)
            made.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            made.sock.settimeout(seconds)
            try:
                made.sock.connect(self.url[len("unix://") :])
            except OSError:
                made.close()
                raise
            return made
        host = self.url[len("tcp://") :]
        if not self.certificates:
            return http.client.HTTPConnection(host, timeout=seconds)
        trust = ssl.create_default_context(cafile=os.path.join(self.certificates, "ca.pem"))
        own = [os.path.join(self.certificates, name) for name in ("cert.pem", "key.pem")]
        trust.load_cert_chain(own[0], own[1])
        return http.client.HTTPSConnection(host, timeout=seconds, context=trust)

    def must(self, method: str, path: str, *fine: int, **more: Any) -> Any:
        """The answer, if its status is 2xx, 304 or one of `fine`. Raises `InTheWay` for 409, else `Failed`."""
        status, answer = self.ask(method, path, **more)
        tries = 20 if path == "/containers/json" else 0  # no list is there, engines say, if one in it just went
        while status == 404 and tries:
            (status, answer), tries = self.ask(method, path, **more), tries - 1
        if 200 <= status < 300 or status == 304 or status in fine:
            return answer if status < 400 else None
        said = answer.get("message", "") if isinstance(answer, dict) else ""
        problem = (InTheWay if status == 409 else Failed)(f"{method} {path}: {status} {said}")
        problem.status = status
        raise problem

    def labelled(self, kind: str, label: str, value: str) -> list[dict[str, Any]]:
        """All of a kind that carry it: of "containers/json", also those that do not run, "volumes" or "networks"."""
        query: dict[str, Any] = {"filters": json.dumps({"label": [label + "=" + value]})}
        if kind == "containers/json":
            query["all"] = "1"
        found = self.must("GET", "/" + kind, query=query)
        return list((found.get("Volumes") or []) if kind == "volumes" else found)


def _number(text: Any) -> tuple[int, ...]:
    """A version as numbers, that compare; empty for none."""
    return tuple(int(part) for part in str(text or "").split(".") if part.isdigit())
