"""Stands between a client and a real engine or registry, and spoils the answers that a test names; all others are real.

    with Proxy(place.lab.engine, tmp_path) as proxy:        # a socket; without a folder: a TCP port
        proxy.spoil("POST", "/images/create", cut(200))     # the next such request only; `times=0`: every one
        place.engine = proxy.url                            # of a registry: proxy.host, as in `{host}/name:tag`

What a fault may be: `unheard`, `unanswered`, `cut`, `told`, `sliced`, `changed`, `held`; see these functions.
"""

from __future__ import annotations

import re
import socket
import threading
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

_BLOCK = 65536
_TLS = b"\x16"  # how a handshake begins


@dataclass(frozen=True)
class Fault:
    """How an answer is spoilt; see the functions below for what goes together."""

    forward: bool = True
    most: int = -1  # bytes of the answer that get through, then the connection drops; -1: all
    answer: bytes = b""
    piece: int = 0
    change: Callable[[bytes], bytes] | None = None
    hold: threading.Event | None = None


def unheard() -> Fault:
    """The connection drops before the request reaches anybody."""
    return Fault(forward=False)


def unanswered() -> Fault:
    """The request is carried out; its answer is lost."""
    return Fault(most=0)


def cut(after: int) -> Fault:
    """The connection drops after so many bytes of the answer, head included."""
    return Fault(most=after)


def told(status: int, body: str = "") -> Fault:
    """Another answer; the request reaches nobody."""
    data, first = body.encode(), f"HTTP/1.1 {status} {HTTPStatus(status).phrase}"
    head = f"{first}\r\nContent-Type: application/json\r\nContent-Length: {len(data)}\r\nConnection: close\r\n\r\n"
    return Fault(forward=False, answer=head.encode() + data)


def sliced(piece: int) -> Fault:
    """The answer comes in pieces of so many bytes."""
    return Fault(piece=piece)


def changed(change: Callable[[bytes], bytes]) -> Fault:
    """Each piece of the answer, its head too, goes through `change`, which keeps the length."""
    return Fault(change=change)


def held(until: threading.Event) -> Fault:
    """The request is carried out; the answer waits."""
    return Fault(hold=until)


@dataclass
class _Rule:
    method: str
    path: re.Pattern[str]
    fault: Fault
    left: int  # times; below 0: always
    passed: int  # requests that come through before the first spoilt one


class Proxy:
    """One listener; every request goes to `upstream` on a connection of its own. `requests`: what came, in order."""

    def __init__(self, upstream: str, folder: Path | None = None) -> None:
        self._upstream = upstream
        self._rules: list[_Rule] = []
        self._lock = threading.Lock()
        self._open: set[socket.socket] = set()
        self._heard = threading.Condition(self._lock)
        self.requests: list[tuple[str, str]] = []
        if folder is None:
            self._listener = socket.create_server(("127.0.0.1", 0))
            self.host = f"127.0.0.1:{self._listener.getsockname()[1]}"
            self.url = f"tcp://{self.host}"
        else:
            path = folder / "proxy.sock"
            path.unlink(missing_ok=True)
            self._listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            self._listener.bind(str(path))
            self._listener.listen()
            self.host, self.url = "", f"unix://{path}"

    def __enter__(self) -> Self:
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        with self._lock:
            for each in self._open:
                with suppress(OSError):
                    each.shutdown(socket.SHUT_RDWR)

    def spoil(self, method: str, path: str, fault: Fault, *, times: int = 1, after: int = 0) -> None:
        """Let `after` requests through whose path has `path` (a pattern) in it, then spoil `times` (0: all) of them."""
        with self._lock:
            self._rules.append(_Rule(method, re.compile(path), fault, times or -1, after))

    def mend(self) -> None:
        """Spoil nothing any more."""
        with self._lock:
            self._rules.clear()

    def await_request(self, method: str, path: str, *, count: int = 1, seconds: float = 60) -> None:
        """Wait until `count` such requests have come. Raises `TimeoutError`."""

        def heard() -> bool:
            return sum(each[0] == method and path in each[1] for each in self.requests) >= count

        with self._heard:
            if not self._heard.wait_for(heard, seconds):
                raise TimeoutError(f"{method} {path}: {self.requests}")

    # -- within ----------------------------------------------------------------------------------------------------

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        with client, suppress(OSError), self._kept(client):
            self._one(client)

    def _one(self, client: socket.socket) -> None:
        """One request of the connection, which is closed after it."""
        data = b""
        while b"\r\n\r\n" not in data:
            block = client.recv(_BLOCK)
            if not block or (not data and block.startswith(_TLS)):
                return  # an engine tries TLS first, and then without
            data += block
        head, _, rest = data.partition(b"\r\n\r\n")
        method, path = head.split(b"\r\n")[0].decode("latin-1").split(" ")[:2]
        fault = self._fault(method, path)
        if not fault.forward:
            _drain(client, head, rest)
            client.sendall(fault.answer)
            return
        with self._dial() as server, self._kept(server):
            try:
                server.sendall(_alone(head) + b"\r\n\r\n" + rest)
                threading.Thread(target=_pump, args=(client, server), daemon=True).start()
                _relay(server, client, fault)
            finally:
                with suppress(OSError):
                    client.shutdown(socket.SHUT_RDWR)  # ends the pump

    def _fault(self, method: str, path: str) -> Fault:
        with self._lock:
            self.requests.append((method, path))
            self._heard.notify_all()
            for rule in self._rules:
                if rule.left != 0 and rule.method in {"", method} and rule.path.search(path):
                    if rule.passed:
                        rule.passed -= 1
                        continue
                    rule.left -= 1
                    return rule.fault
        return Fault()

    def _dial(self) -> socket.socket:
        if self._upstream.startswith("unix://"):
            made = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            made.connect(self._upstream.removeprefix("unix://"))
            return made
        host, _, port = self._upstream.removeprefix("tcp://").rpartition(":")
        return socket.create_connection((host, int(port)))

    @contextmanager
    def _kept(self, each: socket.socket) -> Iterator[None]:
        """Within, the connection is known to the end of the proxy."""
        with self._lock:
            self._open.add(each)
        try:
            yield
        finally:
            with self._lock:
                self._open.discard(each)


def _alone(head: bytes) -> bytes:
    """The head of a request that wants no second one on its connection; one that changes the protocol stays."""
    lines = head.split(b"\r\n")
    if any(line.lower().startswith(b"upgrade:") for line in lines):
        return head
    return b"\r\n".join(
        [*(line for line in lines if not line.lower().startswith(b"connection:")), b"Connection: close"]
    )


def _drain(client: socket.socket, head: bytes, rest: bytes) -> None:
    """Take the body that was announced: who closes with unread bytes resets the connection, and the answer is lost."""
    found = re.search(rb"(?i)content-length: *(\d+)", head)
    left = int(found[1]) - len(rest) if found else 0
    while left > 0 and (block := client.recv(_BLOCK)):
        left -= len(block)


def _pump(source: socket.socket, target: socket.socket) -> None:
    with suppress(OSError):
        while block := source.recv(_BLOCK):
            target.sendall(block)


def _relay(server: socket.socket, client: socket.socket, fault: Fault) -> None:
    left = fault.most
    while block := server.recv(_BLOCK):
        if fault.hold is not None:
            fault.hold.wait()
        if fault.change is not None:
            block = fault.change(block)
        if left >= 0:
            block, left = block[:left], left - len(block)
        size = fault.piece or len(block) or 1
        for start in range(0, len(block), size):
            client.sendall(block[start : start + size])
        if fault.most >= 0 and left <= 0:
            return
