"""What the engine's refusals mean: not there, does not answer, not allowed, no such thing, in use, no room."""

# ruff: noqa: PLR2004 (statuses of HTTP are known by their numbers)

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from installer.errors import Conflict, InstallerError, NotAllowed, Precondition, Refused, StepFailed, Unavailable
from installer.i18n import tr
from installer.redact import redact

if TYPE_CHECKING:
    from collections.abc import Iterator

# The engine says some things only in words, and with whatever status: a registry's 429 comes as a 500.
_BY_WORD: tuple[tuple[str, str], ...] = (
    ("toomanyrequests", "registry.limit"),
    ("too many requests", "registry.limit"),
    ("unauthorized", "registry.denied"),
    ("authentication required", "registry.denied"),
    ("denied", "registry.denied"),
    ("no basic auth credentials", "registry.denied"),
    ("manifest unknown", "image.unknown"),
    ("name unknown", "image.unknown"),
    ("repository does not exist", "image.unknown"),
    ("not found: manifest", "image.unknown"),
    ("unknown blob", "image.unknown"),
    ("port is already allocated", "port.taken"),
    ("address already in use", "port.taken"),
    ("no space left on device", "engine.disk"),
    ("no such host", "registry.offline"),
    ("connection refused", "registry.offline"),
    ("network is unreachable", "registry.offline"),
    ("i/o timeout", "registry.offline"),
    (": eof", "registry.offline"),
    ("unexpected eof", "registry.offline"),
    ("connection reset by peer", "registry.offline"),
    ("received unexpected http status: 5", "registry.failed"),
    ("internal server error", "registry.failed"),
    ("tls handshake timeout", "registry.offline"),
    ("request canceled while waiting", "registry.offline"),
    ("no matching manifest", "image.platform"),
    ("does not match", "image.digest"),
    ("failed precondition", "image.digest"),
    ("verification failed", "image.digest"),
)
_KINDS: dict[str, type[InstallerError]] = {
    "registry.limit": Unavailable,
    "registry.denied": NotAllowed,
    "registry.offline": Unavailable,
    "registry.failed": Unavailable,
    "image.unknown": Precondition,
    "image.platform": Precondition,
    "port.taken": Precondition,
    "engine.disk": Unavailable,
    "image.digest": Refused,
}


@contextmanager
def translated(url: str) -> Iterator[None]:
    """Within, what the SDK raises becomes an `InstallerError`: see `said` and `unreachable` for which."""
    import docker.errors
    import requests.exceptions

    try:
        yield
    except docker.errors.APIError as error:
        raise said(str(error.explanation or error), error.status_code or 0) from error
    except (docker.errors.DockerException, requests.exceptions.RequestException, OSError) as error:
        if isinstance(error, OSError) and not isinstance(error, requests.exceptions.RequestException):
            raise  # a file of ours, not the engine
        raise unreachable(url, error) from error


def said(text: str, status: int = 0) -> InstallerError:
    """The error for what the engine said, in its answer or in the middle of a stream.

    404 and a name that no registry knows: `Precondition` (6); no connection, limits, no room, 5xx: `Unavailable` (7);
    401, 403: `NotAllowed` (8); 409: `Conflict` (10); all else `StepFailed` (1).
    """
    text = redact(" ".join(text.split()))
    code = next((code for word, code in _BY_WORD if word in text.lower()), "")
    if code:
        return _KINDS[code](code, _words(code, text), hint=_hint(code), status=status)
    if status == 404:
        return Precondition("engine.unknown", tr("the engine does not know that: {text}", text=text), status=status)
    if status in {401, 403}:
        return NotAllowed("engine.denied", tr("the engine refuses: {text}", text=text), status=status)
    if status == 409:
        return Conflict("engine.conflict", tr("the engine says that it is in use: {text}", text=text), status=status)
    if status >= 500:
        return Unavailable("engine.failed", tr("the engine failed: {text}", text=text), status=status)
    return StepFailed("engine.said", tr("the engine says: {text}", text=text), status=status)


def unreachable(url: str, error: Exception) -> InstallerError:
    """Nobody there (6), not for us (8), or there and silent (7)."""
    text = str(error)
    if "Permission denied" in text:
        return NotAllowed(
            "engine.denied",
            tr("the Docker Engine at {url} may not be used by you", url=url),
            hint=tr("add your user to the group `docker`, or set `DOCKER_HOST` to an engine of yours"),
        )
    if "No such file" in text or "FileNotFoundError" in text:
        return Precondition(
            "engine.missing",
            tr("there is no Docker Engine at {url}", url=url),
            hint=tr("start it, or set `DOCKER_HOST`; apps in process mode need none"),
        )
    return Unavailable(
        "engine.silent",
        tr("the Docker Engine at {url} does not answer: {reason}", url=url, reason=redact(text)),
        hint=tr("is it running? `docker info` tells more"),
    )


def _words(code: str, text: str) -> str:
    sentences = {
        "registry.limit": tr("the registry wants fewer requests: {text}", text=text),
        "registry.denied": tr("the registry asks for credentials: {text}", text=text),
        "registry.offline": tr("the registry cannot be reached: {text}", text=text),
        "registry.failed": tr("the registry failed: {text}", text=text),
        "image.unknown": tr("no registry has that image: {text}", text=text),
        "image.platform": tr("the image is not there for this kind of machine: {text}", text=text),
        "port.taken": tr("a port is taken: {text}", text=text),
        "engine.disk": tr("the engine has no room: {text}", text=text),
        "image.digest": tr("what came is not what was announced: {text}", text=text),
    }
    return sentences[code]


def _hint(code: str) -> str:
    hints = {
        "registry.limit": tr("wait, then run the same command again"),
        "registry.denied": tr("`docker login` keeps the credentials, which are used from there"),
        "registry.failed": tr("wait, then run the same command again"),
        "registry.offline": tr("what is here works without it; run the same command again when there is a network"),
        "image.unknown": tr("check the name and the tag"),
        "port.taken": tr("choose another one in `ports`, or stop who has it"),
        "engine.disk": tr("`manage.py images prune --keep-latest 1` makes room"),
    }
    return hints.get(code, "")
