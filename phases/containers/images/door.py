"""Requests whose answers are streams: messages put together whatever the reads cut, failures among them raised.

The engine answers 200 first and tells of a failure in the stream (moby#8844, docker-py#467).
"""

from __future__ import annotations

import codecs
import json
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, cast

from installer.errors import NotAllowed, Unavailable
from installer.extras import need
from installer.i18n import tr
from phases.containers import failures
from phases.containers.client import EXTRA
from phases.containers.references import HUB

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from docker import DockerClient

    from installer.model import Json
    from phases.containers.references import Reference

_SILENCE = 600  # seconds without a byte: a large layer is checked and extracted in silence
_CHUNK = 1 << 16


def stream(client: DockerClient, method: str, path: str, **more: Any) -> Iterator[bytes]:  # noqa: ANN401 -- of requests
    """The bytes of an answer, as they come. Raises as the SDK does, for a refusal before the first byte."""
    requests, errors = (cast("Any", need(EXTRA, name)) for name in ("requests", "docker.errors"))
    url = f"{client.api.base_url}/v{client.api.api_version}{path}"
    with client.api.request(method, url, stream=True, timeout=(60, _SILENCE), **more) as answer:
        try:
            answer.raise_for_status()
        except requests.exceptions.HTTPError as error:
            errors.create_api_error_from_http_exception(error)
        yield from answer.iter_content(None if method == "POST" else _CHUNK)


def messages(pieces: Iterable[bytes]) -> Iterator[Json]:
    """The JSON objects in `pieces`. Raises what `failures.said` makes of an error among them.

    Raises `Unavailable` where the stream ends within an object.
    """
    decoder, whole, rest = codecs.getincrementaldecoder("utf-8")("replace"), json.JSONDecoder(), ""
    for piece in pieces:
        rest += decoder.decode(piece)
        while rest := rest.lstrip():
            try:
                one, end = whole.raw_decode(rest)
            except ValueError:
                break  # the rest of it is in the next piece
            rest = rest[end:]
            yield checked(one)
    if rest.strip():
        raise Unavailable(
            "engine.cut",
            tr("the engine stopped in the middle of what it said"),
            hint=tr("run the same command again"),
        )


def checked(message: Any) -> Json:  # noqa: ANN401 -- whatever JSON came
    """`message`, unless it tells of a failure."""
    said: Json = message if isinstance(message, dict) else {}
    detail = said.get("errorDetail") or {}
    if problem := detail.get("message") or said.get("error"):
        raise failures.said(str(problem), int(detail.get("code") or 0))
    return said


def credentials(client: DockerClient, reference: Reference) -> dict[str, str]:
    """The header by which the registry of `reference` knows the user; empty where `docker login` kept nothing."""
    auth = cast("Any", need(EXTRA, "docker.auth"))
    with helper():
        header = auth.get_config_header(client.api, auth.INDEX_NAME if reference.domain == HUB else reference.domain)
    return {"X-Registry-Auth": header.decode() if isinstance(header, bytes) else header} if header else {}


@contextmanager
def helper() -> Iterator[None]:
    """Within, a credential helper that fails is a refusal (8) which names it, not an engine that is silent."""
    errors = cast("Any", need(EXTRA, "docker.errors"))
    try:
        yield
    except errors.DockerException as error:
        if isinstance(error, errors.APIError):
            raise
        raise NotAllowed(
            "registry.helper",
            tr("the credential helper of Docker failed: {reason}", reason=str(error)),
            hint=tr("see `credsStore` and `credHelpers` in the configuration of `docker`"),
        ) from error
