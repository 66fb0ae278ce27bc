"""A log is told line by line while it comes; it may be longer than a line, a letter, the memory."""

from __future__ import annotations

import itertools
import json
from typing import TYPE_CHECKING, Literal

import pytest

from installer.errors import Unavailable
from installer.frozen import replace
from phases.builds import logs, providers, remotes
from phases.builds.section import BuildSection
from tests.builds.servers import serving

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

URL = "https://x.test/jobs/7"


@pytest.mark.parametrize("size", [1, 2, 5, 100])
def test_lines_and_letters_are_whole_wherever_the_pieces_end(size: int) -> None:
    whole = "\ufeffone\nmüde\r\n\n世界".encode()
    pieces = (whole[at : at + size] for at in range(0, len(whole), size))
    assert list(logs.lines(pieces, URL)) == ["one", "müde\r", "", "世界"]


def test_a_line_is_told_before_the_next_piece_is_asked_for() -> None:
    asked = []

    def pieces() -> Iterator[bytes]:
        for word in (b"one\ntw", b"o\n"):
            asked.append(word)
            yield word

    found = logs.lines(pieces(), URL)
    assert next(found) == "one"
    assert len(asked) == 1
    assert list(found) == ["two"]


@pytest.mark.parametrize(("end", "told"), [(b"", "abcabcabca"), (b"\n", "abcabcab")])
def test_a_log_without_end_is_left_at_its_limit(monkeypatch: pytest.MonkeyPatch, end: bytes, told: str) -> None:
    monkeypatch.setattr(logs, "MOST", 10)
    found = list(logs.lines(itertools.repeat(b"abc" + end), URL))
    assert "".join(found[:-1]) == told
    assert found[-1] == f"… the log goes on: {URL}"


def test_a_line_without_end_is_told_in_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(logs, "_LONGEST", 4)
    assert list(logs.lines([b"abc", b"def", b"gh\n"], URL)) == ["abcdef", "gh"]


@pytest.mark.parametrize(("provider", "path"), [("github", "/actions/jobs/7/logs"), ("gitlab", "/jobs/7/trace")])
def test_a_log_that_breaks_off_is_a_network_that_did(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, provider: Literal["github", "gitlab"], path: str
) -> None:
    monkeypatch.setenv(f"{provider.upper()}_TOKEN", "a-token-of-a-test")
    with serving() as server:
        job = {"id": 7, "name": "img", "status": "success"}
        server.body = json.dumps([job] if provider == "gitlab" else {"jobs": [job]})
        server.bodies[path], server.cut = "one\ntwo\n", path
        section = replace(BuildSection(), provider=provider)
        remote = remotes.of(f"https://{provider}.com/me/demo", section, {remotes.API: server.url})
        told: list[str] = []
        with providers.connected(remote, section, tmp_path) as connected, pytest.raises(Unavailable) as caught:
            told.extend(connected.logs("1"))
    assert caught.value.code == "build.offline"
    assert told[:1] == ["== img (success)"]  # and what came before the last piece
