"""The door to the Docker Engine: which one, and how to reach it. The SDK is imported where an engine is asked for."""

from __future__ import annotations

import os
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, cast

from installer import extras
from installer.errors import Precondition
from installer.frozen import dataclass
from installer.i18n import tr
from phases.containers.failures import translated

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from docker import DockerClient

EXTRA = "containers"
DEFAULT = "unix:///var/run/docker.sock"
TIMEOUT = 60  # seconds without a byte of an answer; a pull speaks all the time


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """Where the engine listens: `unix://PATH` or `tcp://HOST:PORT`; `certificates` is the folder for TLS, or empty."""

    url: str
    certificates: str = ""


def address(environ: Mapping[str, str] | None = None) -> Address:
    """The engine that is meant: DOCKER_HOST, else the context that `docker` was told to use, else the default socket.

    Raises `Precondition` for one that is reached in a way we do not speak (ssh), and without the extra.
    """
    environ = os.environ if environ is None else environ
    url = environ.get("DOCKER_HOST", "") or _of_context(environ) or DEFAULT
    certificates = ""
    if url.startswith("tcp://") and environ.get("DOCKER_TLS_VERIFY", ""):
        certificates = environ.get("DOCKER_CERT_PATH", "") or os.path.expanduser("~/.docker")
    if not url.startswith(("unix://", "tcp://")):
        raise Precondition(
            "engine.address",
            tr("an engine at {url} cannot be used; `unix://` and `tcp://` can", url=url),
            hint=tr("set `DOCKER_HOST` to a socket, for example of `ssh -L`"),
        )
    return Address(url=url, certificates=certificates)


@contextmanager
def connected(where: Address | None = None, *, timeout: float = TIMEOUT) -> Iterator[DockerClient]:
    """A client of the engine, which has answered; closed at the end. What goes wrong within is said in our words.

    Raises `Precondition` (6) without the extra or an engine, `Unavailable` (7) for one that does not answer,
    `NotAllowed` (8) for one that we may not speak to; see `failures`.
    """
    docker = cast("Any", extras.need(EXTRA, "docker"))
    where = where or address()
    with translated(where.url):
        client = docker.DockerClient(base_url=where.url, version="auto", timeout=timeout, tls=_tls(docker, where))
        try:
            yield client
        finally:
            client.close()


def _tls(docker: Any, where: Address) -> Any:  # noqa: ANN401 -- the SDK's module and its own type
    if not where.certificates:
        return False
    names = [os.path.join(where.certificates, name) for name in ("cert.pem", "key.pem", "ca.pem")]
    return docker.tls.TLSConfig(client_cert=(names[0], names[1]), ca_cert=names[2], verify=True)


def _of_context(environ: Mapping[str, str]) -> str:
    """The host of the context that `docker context use` chose; empty for the default one."""
    folder = environ.get("DOCKER_CONFIG", "") or os.path.expanduser("~/.docker")
    if not environ.get("DOCKER_CONTEXT", "") and not os.path.exists(os.path.join(folder, "contexts")):
        return ""
    docker = cast("Any", extras.need(EXTRA, "docker"))
    with translated(""):
        found = docker.context.ContextAPI.get_context(environ.get("DOCKER_CONTEXT", "") or None)
        return str(found.Host or "") if found is not None and found.name != "default" else ""
