"""A service that takes notices: HTTP on loopback, an address for apprise, and what came."""

from __future__ import annotations

import json
import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

SECRET = "pass-w0rd-of-the-bell"  # noqa: S105 -- of a bell that rings in a test


@dataclass
class Bell:
    """`heard`: the notices that came, in order; `status`: what it answers."""

    port: int = 0
    status: int = 200
    heard: list[dict[str, Any]] = field(default_factory=list)

    @property
    def address(self) -> str:
        """As a variable would hold it, with a secret in it."""
        return f"json://bell-ringer:{SECRET}@127.0.0.1:{self.port}/{SECRET}-path?cto=60&rto=60"


@contextmanager
def ringing() -> Iterator[Bell]:
    """A bell that is closed at the end."""
    bell = Bell()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            bell.heard.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(bell.status)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        bell.port = server.server_address[1]
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield bell
        finally:
            server.shutdown()
            thread.join()
