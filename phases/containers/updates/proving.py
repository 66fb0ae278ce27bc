"""Is a container well? By its own health check, or by running on for a while."""

from __future__ import annotations

import re
import time
from typing import TYPE_CHECKING

from installer.errors import StepFailed
from installer.i18n import tr
from installer.redact import redact

if TYPE_CHECKING:
    from installer.model import Json
    from phases.containers.undoing import Engine

_BETWEEN = 0.1  # seconds between two looks
_LINES = 8  # of its log


def wait(engine: Engine, container: str, name: str, *, wait: float, steady: float) -> str:
    """How it proved itself: "healthy" or "running".

    With a health check it has `wait` seconds to become healthy; without one it has to run on for `steady` seconds.
    Raises `StepFailed` for one that ends, is started again by the engine, or is not healthy.
    """
    begun = time.monotonic()
    while True:
        found = engine.must("GET", "/containers/" + container + "/json")
        state = found["State"]
        health = (state.get("Health") or {}).get("Status", "none")
        if found.get("RestartCount"):  # by then the status is the next one's
            raise _failed(engine, found, tr("{name} ended, and the engine started it again", name=name))
        if state.get("Restarting") or not state["Running"]:
            raise _failed(engine, found, tr("{name} ended with status {status}", name=name, status=state["ExitCode"]))
        if health == "healthy":
            return "healthy"
        if health == "unhealthy":
            raise _failed(engine, found, tr("{name} is not healthy", name=name))
        passed = time.monotonic() - begun
        if health == "none" and passed >= steady:
            return "running"
        if passed >= max(wait, steady):
            raise _failed(engine, found, tr("{name} is not healthy after {seconds} s", name=name, seconds=int(wait)))
        time.sleep(_BETWEEN)


def between(old: Json, new: Json) -> float:
    """Seconds from the end of the old one to the new one's first good check, or start; by the engine's own clock."""
    good = [each for each in (new["State"].get("Health") or {}).get("Log") or [] if each.get("ExitCode") == 0]
    return round(
        max(0.0, _when(good[0]["End"] if good else new["State"]["StartedAt"]) - _when(old["State"]["FinishedAt"])), 3
    )


def _when(text: str) -> float:
    """Seconds since the epoch; the engine says nanoseconds, which are cut to what we know."""
    from datetime import datetime

    found = re.fullmatch(r"(.{19})(?:\.(\d{1,6})\d*)?(Z|[+-]\d\d:\d\d)", text)
    if found is None:
        return 0.0
    return datetime.fromisoformat(f"{found[1]}.{found[2] or '0':0<6}{found[3]}").timestamp()


def _failed(engine: Engine, found: Json, text: str) -> StepFailed:
    return StepFailed("update.unwell", text, details=tuple(_last_words(engine, found)))


def _last_words(engine: Engine, found: Json) -> list[str]:
    """The end of its log and of its health check, without secrets as far as they can be told."""
    checks = (found["State"].get("Health") or {}).get("Log") or []
    said = [str(checks[-1].get("Output", ""))] if checks else []
    connection = engine.connection(10)
    try:
        where = f"/{engine.version}/containers/{found['Id']}/logs?stdout=1&stderr=1&tail={_LINES}"
        connection.request("GET", where, headers={"Host": "engine"})
        answer = connection.getresponse()
        data = answer.read() if answer.status == 200 else b""  # noqa: PLR2004 -- of HTTP
    except OSError:
        data = b""
    finally:
        connection.close()
    said.append((data if found["Config"]["Tty"] else _unframed(data)).decode(errors="replace"))
    return [redact(line) for text in said for line in text.splitlines()[-_LINES:] if line.strip()]


def _unframed(data: bytes) -> bytes:
    """Without the eight bytes before each piece: which stream, and how long."""
    pieces = []
    while len(data) >= 8:  # noqa: PLR2004
        size = int.from_bytes(data[4:8], "big")
        pieces.append(data[8 : 8 + size])
        data = data[8 + size :]
    return b"".join(pieces)
