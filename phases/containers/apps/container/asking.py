"""Asking a container from outside whether it is well: by a url or a port, once."""

from __future__ import annotations

import http.client
import json
import socket
import urllib.parse
from typing import TYPE_CHECKING

from installer.frozen import dataclass

if TYPE_CHECKING:
    from phases.containers.apps.section import Health

_MOMENT = 0.3  # seconds: the engine's proxy takes every call, and hangs up where nobody in the container does
_BEST, _WORST = 200, 399  # what HTTP counts as an answer that will do


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """`kind` "http" or "tcp"; `timeout` seconds; a refusal within the first `patience` seconds does not count."""

    kind: str
    address: str
    timeout: float
    patience: float

    @classmethod
    def of(cls, wish: Health) -> Question | None:
        """The question that the manifest has; None where the engine asks by itself."""
        if wish.command:
            return None
        return cls(
            kind="http" if wish.http else "tcp",
            address=wish.http or wish.tcp,
            timeout=wish.timeout.seconds,
            patience=wish.start_period.seconds + wish.interval.seconds * wish.retries,
        )

    @classmethod
    def read(cls, label: str) -> Question:
        """What `label` noted."""
        kind, address, timeout, patience = json.loads(label)
        return cls(kind=kind, address=address, timeout=float(timeout), patience=float(patience))

    @property
    def label(self) -> str:
        """For the container to carry."""
        return json.dumps([self.kind, self.address, self.timeout, self.patience])

    def is_well(self) -> bool:
        """Ask."""
        try:
            return self._http() if self.kind == "http" else self._tcp()
        except (OSError, ValueError, http.client.HTTPException):
            return False

    def _tcp(self) -> bool:
        host, _, port = self.address.rpartition(":")
        with socket.create_connection((host.strip("[]") or "127.0.0.1", int(port)), self.timeout) as line:
            line.settimeout(min(_MOMENT, self.timeout))
            try:
                return line.recv(1, socket.MSG_PEEK) != b""
            except TimeoutError:
                return True

    def _http(self) -> bool:
        parts = urllib.parse.urlsplit(self.address)
        kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
        connection = kind(parts.hostname or "127.0.0.1", parts.port, timeout=self.timeout)
        try:
            connection.request("GET", (parts.path or "/") + (f"?{parts.query}" if parts.query else ""))
            return _BEST <= connection.getresponse().status <= _WORST
        finally:
            connection.close()
