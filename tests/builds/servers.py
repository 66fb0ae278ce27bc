"""A server that says what it is told to, for what no provider's description has."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator


class Server:
    """Answers every request with `status`, `headers` and `body`, and notes it."""

    def __init__(self, port: int) -> None:
        self.url = f"http://127.0.0.1:{port}"
        self.status, self.body = 200, "[]"
        self.headers: dict[str, str] = {}
        self.asked: list[str] = []
        self.heads: list[dict[str, str]] = []  # of the same requests
        self.bodies: dict[str, str] = {}  # of paths that end so, another one
        self.cut = ""  # paths that end so get less than was promised


@contextmanager
def serving() -> Iterator[Server]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.rfile.read(int(self.headers.get("content-length", 0)))
            made.asked.append(self.path)
            made.heads.append({name.lower(): value for name, value in self.headers.items()})
            self.send_response(made.status)
            body = next((text for end, text in made.bodies.items() if self.path.endswith(end)), made.body)
            own = {} if "page=2" in self.path else made.headers  # that is the last one
            promised = len(body) + (10 if made.cut and self.path.endswith(made.cut) else 0)
            for name, value in ({"Content-Length": str(promised)} | own).items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body.encode())

        do_POST = do_GET  # noqa: N815 -- http.server's name

        def log_message(self, *_: Any) -> None: ...

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        made = Server(server.server_address[1])
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield made
        finally:
            server.shutdown()
            thread.join()
