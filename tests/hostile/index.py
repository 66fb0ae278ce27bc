"""A package index on loopback that can misbehave: PEP 503 and 691 pages, and every way to answer them wrongly."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import socket
import ssl
import threading
import time
import zipfile
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING
from urllib.parse import unquote

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

PATIENT = 60.0  # seconds after which an answer that never ends does end, whatever the client does


@dataclass(frozen=True, kw_only=True)
class Trouble:
    """A wrong answer.

    status   given instead of the content, if it is not 0
    headers  sent with it
    cut      the connection is closed after so many bytes of the content; the length that was promised is the full one
    flood    seconds for which zeros follow the content; no length is promised
    slow     seconds between single bytes of the content
    times    how often it is given; afterwards the answer is right
    """

    status: int = 0
    headers: tuple[tuple[str, str], ...] = ()
    cut: int = -1
    flood: float = 0.0
    slow: float = 0.0
    times: int = 1 << 30


@dataclass
class Index:
    """What is on the index, and what it was asked.

    files    name to content; the page of a distribution lists those whose name begins with it
    hashes   name to a hash that the page claims in place of the true one
    trouble  beginning of a path to what goes wrong there
    user     "name:password" that a client must give; empty: anybody may come in
    """

    url: str
    files: dict[str, bytes] = field(default_factory=dict)
    hashes: dict[str, str] = field(default_factory=dict)
    trouble: dict[str, Trouble] = field(default_factory=dict)
    user: str = ""
    asked: list[str] = field(default_factory=list)
    agents: list[str] = field(default_factory=list)
    times: list[float] = field(default_factory=list)

    @property
    def simple(self) -> str:
        return f"{self.url}/simple"

    @property
    def port(self) -> int:
        return int(self.url.rpartition(":")[2])

    def put(self, name: str, content: bytes) -> str:
        """Offer a file; its sha256."""
        self.files[name] = content
        return hashlib.sha256(content).hexdigest()

    def with_user(self, userinfo: str) -> str:
        """Its address with `userinfo` before the host."""
        scheme, _, rest = self.simple.partition("://")
        return f"{scheme}://{userinfo}@{rest}"

    def page(self, name: str, *, as_json: bool) -> tuple[str, bytes]:
        """The page of one distribution: media type and content."""
        mine = {file: self._sha256(file) for file in self.files if file.partition("-")[0].replace("_", "-") == name}
        if as_json:
            listed = [
                {
                    "filename": file,
                    "url": f"../../files/{file}",
                    "hashes": {"sha256": digest},
                    "core-metadata": bool(self.metadata(file)),
                }
                for file, digest in mine.items()
            ]
            text = json.dumps({"meta": {"api-version": "1.0"}, "name": name, "files": listed})
            return "application/vnd.pypi.simple.v1+json", text.encode()
        links = "".join(
            f'<a href="../../files/{file}#sha256={sha}"{" data-core-metadata=true" * bool(self.metadata(file))}>'
            f"{file}</a>\n"
            for file, sha in mine.items()
        )
        return "text/html", f"<!DOCTYPE html><html><body>{links}</body></html>".encode()

    def metadata(self, file: str) -> bytes:
        """The METADATA of a wheel, which installers ask for in its place (PEP 658); empty where there is none."""
        name = "-".join(file.split("-")[:2]) + ".dist-info/METADATA"
        try:
            with zipfile.ZipFile(io.BytesIO(self.files.get(file, b""))) as archive:
                return archive.read(name)
        except (zipfile.BadZipFile, KeyError):
            return b""

    def _sha256(self, file: str) -> str:
        return self.hashes.get(file) or hashlib.sha256(self.files[file]).hexdigest()

    def trouble_at(self, path: str) -> Trouble | None:
        """What goes wrong at `path`, counted."""
        for start, each in self.trouble.items():
            if path.startswith(start) and each.times > 0:
                self.trouble[start] = Trouble(**{**vars(each), "times": each.times - 1})
                return each
        return None


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    index: Index

    def do_HEAD(self) -> None:
        self.do_GET()

    def do_GET(self) -> None:
        path = unquote(self.path)
        self.index.asked.append(path)
        self.index.agents.append(self.headers.get("User-Agent", ""))
        self.index.times.append(time.monotonic())
        wanted = "Basic " + base64.b64encode(self.index.user.encode()).decode()
        if self.index.user and self.headers.get("Authorization") != wanted:
            self._status(401, (("WWW-Authenticate", 'Basic realm="index"'),))
            return
        trouble = self.index.trouble_at(path)
        if trouble and trouble.status:
            self._status(trouble.status, trouble.headers)
            return
        kind, content = self._content(path)
        if not kind:
            self._status(404, ())
            return
        self._send(kind, content, trouble or Trouble())

    def _content(self, path: str) -> tuple[str, bytes]:
        if path.startswith("/files/"):
            file = path.removeprefix("/files/")
            content = self.index.files.get(file) or self.index.metadata(file.removesuffix(".metadata"))
            return ("application/octet-stream", content) if content else ("", b"")
        if path.startswith("/simple/"):
            name = path.removeprefix("/simple/").strip("/")
            if any(file.partition("-")[0].replace("_", "-") == name for file in self.index.files):
                return self.index.page(name, as_json="v1+json" in self.headers.get("Accept", ""))
        return "", b""

    def _status(self, status: int, headers: tuple[tuple[str, str], ...]) -> None:
        self.send_response(status)
        for name, value in headers:
            self.send_header(name, value)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def _send(self, kind: str, content: bytes, trouble: Trouble) -> None:
        self.send_response(200)
        self.send_header("Content-Type", kind)
        if not trouble.flood:
            self.send_header("Content-Length", str(len(content)))
        if trouble.flood or trouble.cut >= 0:
            self.send_header("Connection", "close")
            self.close_connection = True
        self.end_headers()
        if self.command == "HEAD":
            return
        with suppress(OSError):  # the client went away
            if trouble.slow:
                self._drip(content, trouble.slow)
            else:
                self.wfile.write(content if trouble.cut < 0 else content[: trouble.cut])
            if trouble.flood:
                self._flood(trouble.flood)
            if trouble.cut >= 0:
                self.wfile.flush()
                self.connection.shutdown(socket.SHUT_RDWR)

    def _drip(self, content: bytes, pause: float) -> None:
        until = time.monotonic() + PATIENT
        for byte in content:
            if time.monotonic() > until:
                break
            self.wfile.write(bytes((byte,)))
            time.sleep(pause)

    def _flood(self, seconds: float) -> None:
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            self.wfile.write(b"\0" * 65536)

    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def serving(certificate: Path | None = None) -> Iterator[Index]:
    """An empty index that answers until the end of the block; with `certificate` (a PEM with its key) by TLS."""
    index = Index("")
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Handler,), {"index": index}))
    server.daemon_threads = True
    if certificate:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        server.socket = context.wrap_socket(server.socket, server_side=True)
        server.handle_error = lambda *_: None  # type: ignore[method-assign]  # a client that does not trust us
    index.url = f"{'https' if certificate else 'http'}://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield index
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
