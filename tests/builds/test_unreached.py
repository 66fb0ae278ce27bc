"""A provider that nobody reaches: said in words, and no build is promised where none can have begun."""

from __future__ import annotations

import socket
import ssl
from typing import TYPE_CHECKING

import httpx
import pytest
import requests
from urllib3 import exceptions as wire

from installer.errors import Unavailable
from phases.builds import failures, github_door, gitlab_door
from tests.builds.desk import Provider, act, planned

if TYPE_CHECKING:
    from pathlib import Path

FOUND = "a build that began all the same is found"


def caused(error: Exception, cause: Exception) -> Exception:
    """`error`, raised from `cause`."""
    try:
        try:
            raise cause
        except type(cause) as inner:
            raise error from inner
    except type(error) as outer:
        return outer


UNKNOWN = socket.gaierror(socket.EAI_NONAME, "Name or service not known")
ERRORS = [
    (httpx.ConnectError("x"), "no connection"),
    (caused(httpx.ConnectError("x"), UNKNOWN), "the name is not known"),
    (caused(httpx.ConnectError("x"), ssl.SSLCertVerificationError("x")), "its certificate is not accepted"),
    (httpx.ConnectTimeout("x"), "no answer in time"),
    (httpx.ReadTimeout("x"), "no answer in time"),
    (httpx.ProxyError("x"), "the proxy lets nothing through"),
    (httpx.RemoteProtocolError("x"), "the connection broke off"),
    (requests.ConnectionError("x"), "no connection"),
    (requests.ConnectTimeout("x"), "no answer in time"),
    (requests.exceptions.ProxyError("x"), "the proxy lets nothing through"),
    (requests.exceptions.ChunkedEncodingError("x"), "the connection broke off"),
    (caused(requests.ConnectionError("x"), UNKNOWN), "the name is not known"),
    (caused(requests.ConnectionError("x"), wire.ProtocolError("x")), "the connection broke off"),
]


@pytest.mark.parametrize(("error", "words"), ERRORS, ids=[f"{each[0]!r} {each[1]}" for each in ERRORS])
def test_who_cannot_be_reached_is_said_in_words(error: Exception, words: str) -> None:
    github = github_door.Door("x.test", headers={}, retries=0)
    door = github if isinstance(error, httpx.TransportError) else gitlab_door.Door("x.test", retries=0)
    told = door.explained(error, "it")
    assert told.message == f"x.test cannot be reached: {words}"
    assert told.hint == "run the same command again when there is a network"


def test_a_server_out_of_order_promises_no_build() -> None:
    assert FOUND not in failures.said(503, host="x.test").hint


@pytest.mark.parametrize("heard", [True, False])
def test_only_where_a_request_may_have_left_a_build_may_be_found(
    root: Path, provider: Provider, *, heard: bool
) -> None:
    provider.answer = failures.offline("x.test", "?", sent=heard)
    with pytest.raises(Unavailable) as caught:
        act(root, planned(root, "r1"), "r1")
    assert (FOUND in caught.value.hint) == heard
