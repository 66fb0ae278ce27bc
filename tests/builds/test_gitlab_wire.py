"""What of a request to GitLab may have left where TLS fails, and whose credentials go along."""

from __future__ import annotations

import socket
import ssl
import subprocess
import threading
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

import pytest

from installer.errors import InstallerError, Unavailable
from installer.frozen import replace
from phases.builds import gitlab, remotes
from phases.builds.model import Strategy, Wish
from phases.builds.section import BuildSection
from phases.builds.tokens import Token
from tests.builds.servers import serving

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

WISH = Wish(ref="main", commit="c" * 40, workflow="b.yml", key="sf-1", since="2026-11-23T04:00:00+00:00")


@contextmanager
def connected(url: str, token: str = "glpat-secret") -> Iterator[gitlab.GitLab]:  # noqa: S107 -- of no server
    section = replace(BuildSection(), provider="gitlab")
    remote = remotes.of("https://gitlab.com/me/demo", section, {remotes.API: url})
    with gitlab.connected(remote, Token(value=token, source="a test"), retries=0) as made:
        yield made


def asked(url: str) -> Unavailable:
    with connected(url) as provider, pytest.raises(Unavailable) as caught:
        provider.trigger(WISH, Strategy.PIPELINE)
    assert caught.value.code == "build.offline"
    return caught.value


@contextmanager
def tls(folder: Path) -> Iterator[tuple[str, list[bytes]]]:
    """A server with a certificate in `folder`; it hears one request and answers with what is no TLS."""
    key, certificate = folder / "key.pem", folder / "cert.pem"
    names = ["-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"]
    kind = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"]
    subprocess.run(
        ["openssl", "req", "-x509", *kind, *names, "-keyout", key, "-out", certificate], check=True, capture_output=True
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    heard: list[bytes] = []

    def hear() -> None:
        with suppress(OSError):
            client, _ = server.accept()
            with client, suppress(OSError):
                shaken = context.wrap_socket(client, server_side=True)
                heard.append(shaken.recv(65536))
                with socket.socket(fileno=shaken.detach()) as plain:
                    plain.sendall(b"HTTP/1.1 502 a proxy's own words\r\n\r\n")

    with socket.create_server(("127.0.0.1", 0)) as server:
        listener = threading.Thread(target=hear)
        listener.start()
        try:
            yield f"https://127.0.0.1:{server.getsockname()[1]}", heard
        finally:
            with suppress(OSError):
                socket.create_connection(server.getsockname(), 5).close()
            listener.join()


def test_a_certificate_that_nobody_vouches_for_has_certainly_kept_the_request_here(tmp_path: Path) -> None:
    with tls(tmp_path) as (url, heard):
        assert asked(url).facts["sent"] is False
    assert heard == []


def test_a_server_without_tls_has_certainly_not_heard_us() -> None:
    with serving() as plain:
        assert asked(plain.url.replace("http", "https", 1)).facts["sent"] is False
    assert plain.asked == []


def test_tls_that_breaks_while_the_answer_is_read_may_have_carried_the_request(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with tls(tmp_path) as (url, heard):
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(tmp_path / "cert.pem"))
        assert asked(url).facts["sent"] is True
    assert heard[0].startswith(b"POST ")


@pytest.mark.parametrize("token", ["glptt-secret", "glpat-secret"])
def test_credentials_of_a_netrc_do_not_go_along(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, token: str) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login me password of-a-netrc\n")
    monkeypatch.setenv("NETRC", str(netrc))
    with serving() as server:
        server.status, server.headers = 302, {"Location": f"{server.url}/api/v4/once-more?page=2"}
        with connected(server.url, token) as provider, suppress(InstallerError):
            provider.runs(WISH)
        with connected(server.url, token) as provider, suppress(InstallerError):
            provider.trigger(WISH, Strategy.AUTO)
    own = None if token.startswith("glptt") else f"Bearer {token}"
    assert len(server.heads) >= 3, "a redirect was followed"
    assert {each.get("authorization") for each in server.heads} == {own}


def test_a_proxy_of_the_users_is_asked_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    with serving() as proxy:
        proxy.body, proxy.headers = '{"default_branch": "main"}', {"Content-Type": "application/json"}
        monkeypatch.setenv("http_proxy", proxy.url)
        monkeypatch.setenv("no_proxy", "")
        with connected("http://localhost:9") as provider:
            assert provider.default_branch() == "main"
    assert proxy.asked[0].startswith("http://localhost:9/")
