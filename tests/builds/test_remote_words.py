"""What a provider, or who plays one, tells: nothing of it steers a terminal, shows a secret or ends a command."""

from __future__ import annotations

import socket
import threading
from typing import TYPE_CHECKING

import pytest

from installer.errors import Precondition
from installer.redact import hide
from phases.builds import failures, github_runs, github_scopes, gitlab_runs, states
from phases.git import command

if TYPE_CHECKING:
    from pathlib import Path

EVIL = "https://x.test/\x1b]0;owned\x07\x1b[2J\r\nsecret-of-mine\x9b31m\u202e"


@pytest.mark.parametrize("read", [github_runs.read, gitlab_runs.read])
def test_a_run_has_no_steering_letters_and_no_secret(read: object) -> None:
    hide("secret-of-mine")
    assert callable(read)
    names = (
        "id",
        "html_url",
        "web_url",
        "head_sha",
        "sha",
        "head_branch",
        "ref",
        "created_at",
        "display_title",
        "name",
    )
    run = read(dict.fromkeys(names, EVIL))
    for text in (run.id, run.url, run.commit, run.ref, run.created, run.title):
        assert text == "https://x.test/ ****"


def test_an_error_has_neither() -> None:
    hide("secret-of-mine")
    for error in (
        failures.said(422, EVIL, host="x"),
        failures.said(403, EVIL, host="x"),
        failures.offline("x", EVIL),
        failures.odd("x", EVIL),
    ):
        assert not {"\x1b", "\x9b", "\x07", "\u202e"} & set(error.message)
        assert "secret-of-mine" not in error.message


def test_a_hint_names_no_switch_that_does_not_help() -> None:
    hint = failures.said(422, "jobs:x config should contain a script", host="x").hint
    assert hint
    assert "-v" not in hint


def test_git_that_is_missing_is_not_blamed_on_submodules(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(Precondition, match="`git` was not found") as caught:
        command.open_repository(tmp_path)
    assert "submodule" not in caught.value.message


SCOPES = [
    ("write:packages", "read:packages"),
    ("repo", "public_repo"),
    ("repo", "repo:status"),
    ("admin:org", "read:org"),
    ("write:org", "read:org"),
    ("user", "user:email"),
    ("workflow", "workflow"),
]


@pytest.mark.parametrize(("granted", "wanted"), SCOPES)
def test_a_scope_has_what_it_implies(granted: str, wanted: str) -> None:
    assert github_scopes.lacking([wanted], [granted]) == []
    assert granted == wanted or github_scopes.lacking([granted], [wanted]) == [granted]


def test_a_scope_has_no_other() -> None:
    assert github_scopes.lacking(["workflow", "delete:packages"], ["repo", "write:packages"]) == [
        "workflow",
        "delete:packages",
    ]


def test_an_answer_that_is_no_http_is_no_deployment() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:

        def answer() -> None:
            client, _ = server.accept()
            with client:
                client.recv(4096)
                client.sendall(b"SSH-2.0-x\r\n")

        thread = threading.Thread(target=answer)
        thread.start()
        try:
            assert states.answers(f"http://127.0.0.1:{server.getsockname()[1]}/") is False
        finally:
            thread.join()
