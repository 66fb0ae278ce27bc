"""A GitLab that sends its callers to another host: neither a token nor a request of ours goes there."""

from __future__ import annotations

import json
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING

import pytest

from installer.errors import Unavailable
from installer.frozen import replace
from phases.builds import gitlab, logs, remotes
from phases.builds.model import Strategy, Wish
from phases.builds.section import BuildSection
from phases.builds.tokens import Token
from tests.builds.servers import serving

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.builds.servers import Server

WISH = Wish(ref="main", commit="c" * 40, workflow="b.yml", key="sf-1", since="2026-11-23T04:00:00+00:00")


@pytest.fixture
def servers() -> Iterator[tuple[Server, Server]]:
    with ExitStack() as ends:
        yield ends.enter_context(serving()), ends.enter_context(serving())


@contextmanager
def connected(server: Server, token: str) -> Iterator[gitlab.GitLab]:
    section = replace(BuildSection(), provider="gitlab")
    remote = remotes.of("https://gitlab.com/me/demo", section, {remotes.API: server.url})
    with gitlab.connected(remote, Token(value=token, source="a test"), retries=0) as made:
        yield made


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("token", ["glptt-secret", "glpat-secret"])
def test_a_redirect_of_a_request_is_not_followed_to_another_host(
    servers: tuple[Server, Server], token: str, status: int
) -> None:
    one, other = servers
    one.status, one.headers = status, {"Location": f"{other.url}/api/v4/x"}
    with connected(one, token) as provider, pytest.raises(Unavailable) as caught:
        provider.trigger(WISH, Strategy.AUTO)
    assert caught.value.code == "build.answer"
    assert (len(one.asked), other.asked) == (1, [])


def test_the_next_page_is_at_the_same_host(servers: tuple[Server, Server]) -> None:
    one, other = servers
    one.headers = {"Link": f'<{other.url}/api/v4/projects/x/pipelines/1/jobs?page=2>; rel="next"'}
    one.body = json.dumps([])
    with connected(one, "glpat-secret") as provider:
        list(provider.logs("1"))
    assert len(one.asked) == 2
    assert other.asked == []


def test_a_next_page_that_looks_like_none_of_gitlabs_is_refused(servers: tuple[Server, Server]) -> None:
    one, other = servers
    one.headers = {"Link": f'<{other.url}/x?page=2>; rel="next"'}
    one.body = json.dumps([{"id": 1}])
    with connected(one, "glpat-secret") as provider, pytest.raises(Unavailable):
        list(provider.logs("1"))
    assert other.asked == []


@pytest.mark.parametrize(
    ("most", "lines"), [(5, ["== img (success)", "12345"]), (99, ["== img (success)", "12345678"])]
)
def test_a_log_without_end_is_cut_and_its_address_told(
    servers: tuple[Server, Server], monkeypatch: pytest.MonkeyPatch, most: int, lines: list[str]
) -> None:
    one, _ = servers
    monkeypatch.setattr(logs, "MOST", most)
    one.bodies["/jobs/7/trace"] = "12345678"
    one.body = json.dumps([{"id": 7, "name": "img", "status": "success"}])
    with connected(one, "glpat-secret") as provider:
        found = list(provider.logs("1"))
    assert found[:2] == lines
    assert found[2:] == (["… the log goes on: https://gitlab.com/me/demo/-/jobs/7"] if most == 5 else [])


def test_where_an_address_begins_is_said_with_and_without_the_usual_port() -> None:
    assert remotes.origins("https://a.b/x") == ("https://a.b/", "https://a.b:443/")
    assert remotes.origins("https://a.b:443") == ("https://a.b/", "https://a.b:443/")
    assert remotes.origins("http://[::1]:8080") == ("http://[::1]:8080/",)
