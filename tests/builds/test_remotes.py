"""Which provider a clone is of, where its API is, and where a token may go."""

from __future__ import annotations

import io
import sys
import threading
import types
from typing import TYPE_CHECKING

import httpx
import pytest

from installer.errors import NotAllowed, Precondition, Refused, Unavailable, UsageError
from installer.manifest import load
from installer.redact import redact
from phases.builds import github_door, remotes, tokens
from phases.builds.section import BuildSection

if TYPE_CHECKING:
    from pathlib import Path

CHOSEN = {"PYTHON_KEYRING_BACKEND": "one.of.Ours"}
ADDRESSES = [
    ("https://github.com/me/demo.git", "github", "me/demo", "https://api.github.com"),
    ("https://me:secret@github.com/me/demo", "github", "me/demo", "https://api.github.com"),
    ("git@github.com:me/demo.git", "github", "me/demo", "https://api.github.com"),
    ("ssh://git@ssh.github.com:443/me/demo.git", "github", "me/demo", "https://api.github.com"),
    ("https://gitlab.com/group/sub/demo.git", "gitlab", "group/sub/demo", "https://gitlab.com"),
    ("git@gitlab.example.org:group/demo.git", "gitlab", "group/demo", "https://gitlab.example.org"),
    ("https://github.example.org:8443/me/demo", "github", "me/demo", "https://github.example.org:8443/api/v3"),
    ("https://corp.ghe.com/me/demo", "github", "me/demo", "https://api.corp.ghe.com"),
]


@pytest.mark.parametrize(("url", "provider", "name", "api"), ADDRESSES, ids=[each[0] for each in ADDRESSES])
def test_an_address_of_git_names_provider_repository_and_api(url: str, provider: str, name: str, api: str) -> None:
    found = remotes.of(url, BuildSection(), {})
    assert (found.provider, found.name, found.api) == (provider, name, api)
    assert "secret" not in repr(found)


@pytest.mark.parametrize(
    "url",
    [
        "/srv/demo.git",
        "file:///srv/demo",
        "https://github.com/demo",
        "https://github.com/../x/y",
        "git@github.com:-x/y",
        "",
    ],
)
def test_what_names_no_repository_at_a_provider_is_said_to(url: str) -> None:
    with pytest.raises(Precondition, match="the remote is at no provider"):
        remotes.of(url, BuildSection(), {})


def test_a_host_that_does_not_say_what_it_is_has_to_be_told() -> None:
    with pytest.raises(Precondition, match=r"what kind of service is at code\.example\.org"):
        remotes.of("https://code.example.org/me/demo", BuildSection(), {})
    found = remotes.of("https://code.example.org/me/demo", BuildSection(provider="gitlab"), {})
    assert (found.api, found.trusted) == ("https://code.example.org", False)


def test_a_manifest_cannot_send_the_token_to_another_host_nor_in_the_clear() -> None:
    for api in ("https://evil.example", "https://github.com.evil.example", "https://evil.example/github.com"):
        with pytest.raises(Refused) as caught:
            remotes.of("https://github.com/me/demo", BuildSection(api=api), {})
        assert caught.value.code == "build.api"
    with pytest.raises(Refused, match="without encryption"):
        remotes.of("https://ghe.example/me/demo", BuildSection(provider="github", api="http://ghe.example"), {})
    own = {remotes.API: "https://evil.example"}
    assert remotes.of("https://github.com/me/demo", BuildSection(), own).api == "https://evil.example"


ODD = [
    "https://evil.example\\@gitlab.com",
    "https://me:x@gitlab.com",
    "https://evil.example#@gitlab.com",
    "https://gitlab.com?x=1",
    "https://gitlab.com#x",
    "https://git\nlab.com",
    " https://gitlab.com",
    "https://gitlab.com\t/x",
    "https://gitlab.com:x",
    "https://gitlab.com:99999999",
    "https:gitlab.com",
    "https:///gitlab.com",
    "https://gitlab.com/%2e%2e",
    "https://gitlab。com",
]


@pytest.mark.parametrize("api", ODD)
@pytest.mark.parametrize("own", [True, False])
def test_an_api_whose_host_libraries_might_read_otherwise_is_refused(api: str, *, own: bool) -> None:
    section = BuildSection() if own else BuildSection(api=api)
    with pytest.raises(Refused) as caught:
        remotes.of("https://gitlab.com/me/demo", section, {remotes.API: api} if own else {})
    assert caught.value.code == "build.api"


def test_the_api_is_put_together_from_what_was_read() -> None:
    for api, made in (
        ("HTTPS://GitLab.com:443/x/", "https://gitlab.com:443/x"),
        ("https://sub.gitlab.com/api/", "https://sub.gitlab.com/api"),
    ):
        assert remotes.of("https://gitlab.com/me/demo", BuildSection(api=api), {}).api == made
    own = {remotes.API: "http://[::1]:8080/"}
    assert remotes.of("https://gitlab.com/me/demo", BuildSection(), own).api == "http://[::1]:8080"


def test_a_strange_host_gets_a_token_only_when_the_user_names_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _keyring(monkeypatch, {})
    section = BuildSection(provider="github")
    secrets = {"GITHUB_TOKEN": "public-secret", "GH_ENTERPRISE_TOKEN": "enterprise-secret", "MINE": "my-own-secret"}
    strange = remotes.of("https://evil.example/me/demo", section, secrets)
    for wanted in ("", "MINE", "GITHUB_TOKEN"):
        with pytest.raises(NotAllowed) as caught:
            tokens.find(strange, tmp_path, wanted, secrets)
        assert caught.value.code == "build.host"
    named = remotes.of("https://evil.example/me/demo", section, secrets | {remotes.HOSTS: "other, evil.example"})
    assert tokens.find(named, tmp_path, "", secrets).value == "enterprise-secret"


def test_a_token_is_looked_for_in_variables_then_dotenv_then_the_keyring(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    remote = remotes.of("https://github.com/me/demo", BuildSection(), {})
    _keyring(monkeypatch, {("surefoot", "github.com"): "ring-secret"})
    found = tokens.find(remote, tmp_path, "", CHOSEN)
    assert (found.value, found.source) == ("ring-secret", "the keyring")
    (tmp_path / ".env").write_text('GITHUB_PACKAGES_TOKEN="dotenv-secret"\n')
    found = tokens.find(remote, tmp_path, "", {})
    assert (found.value, found.source) == ("dotenv-secret", ".env: GITHUB_PACKAGES_TOKEN")
    found = tokens.find(remote, tmp_path, "", {"GH_TOKEN": "variable-secret"})
    assert (found.value, found.source) == ("variable-secret", "$GH_TOKEN")
    assert "variable-secret" not in repr(found)
    assert redact("said: dotenv-secret ring-secret") == "said: **** ****"


def test_a_keyring_is_asked_only_where_somebody_can_unlock_it_and_not_for_ever(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    remote = remotes.of("https://github.com/me/demo", BuildSection(), {})
    go, asked = threading.Event(), []

    def locked(*_: str) -> str:
        asked.append(1)
        assert go.wait(60)
        raise ValueError

    _keyring(monkeypatch, {})
    monkeypatch.setattr(sys.modules["keyring"], "get_password", locked)
    monkeypatch.setattr(tokens, "_PATIENCE", 0.05)
    terminal = io.StringIO()
    terminal.isatty = lambda: True  # type: ignore[method-assign]
    for environ, stream, times in ((CHOSEN, None, 1), ({}, None, 0), ({"CI": "1"}, terminal, 0), ({}, terminal, 1)):
        asked.clear()
        monkeypatch.setattr(sys, "stdin", stream)
        monkeypatch.setattr(sys, "stderr", stream or sys.__stderr__)
        with pytest.raises(NotAllowed, match="there is no token"):
            tokens.find(remote, tmp_path, "", environ)
        assert len(asked) == times
    go.set()
    for each in threading.enumerate():
        if each.name == "keyring":
            each.join(60)


@pytest.mark.parametrize("value", ["ghp\x1b[31mdef", "abc def-ghi", "abc\r\nX: y", "tokén-of-mine", "abc\u200bdef"])
def test_what_cannot_be_a_token_is_refused_and_not_shown(tmp_path: Path, value: str) -> None:
    remote = remotes.of("https://github.com/me/demo", BuildSection(), {})
    with pytest.raises(NotAllowed) as caught:
        tokens.find(remote, tmp_path, "", {"GH_TOKEN": value})
    assert caught.value.code == "build.token-form"
    assert value not in str(caught.value.as_json())
    assert "$GH_TOKEN" in caught.value.message
    assert tokens.find(remote, tmp_path, "", {"GH_TOKEN": " abcdefgh\n"}).value == "abcdefgh"


def test_an_error_of_the_librarys_is_told_without_its_text() -> None:
    door = github_door.Door("github.com", headers={}, retries=0)

    def failing(**_: object) -> None:
        raise httpx.LocalProtocolError("Illegal header value b'Bearer secret-value'")

    def odd(**_: object) -> None:
        raise UnicodeEncodeError("ascii", "secret-value", 0, 1, "of it")

    for call in (failing, odd):
        with pytest.raises(Unavailable) as caught:
            door.ask(call, what="x")
        assert "secret-value" not in str(caught.value.as_json())


def test_a_manifest_may_name_a_variable_and_never_hold_a_token(tmp_path: Path) -> None:
    wrong = ['token = "ghp_abcdefghij"', 'workflow = "../x.yml"', 'ref = "a..b"', 'event = "a b"', 'strategy = "magic"']
    for line in wrong:
        (tmp_path / "surefoot.toml").write_text(f"[build]\n{line}\n")
        with pytest.raises(UsageError) as caught:
            load(tmp_path, (BuildSection,))
        assert f"`build.{line.split()[0]}` should be" in caught.value.details[0]
    (tmp_path / "surefoot.toml").write_text('[build]\ntoken = "MINE"\nref = "release/1"\ninputs = {a = "b"}\n')
    section = load(tmp_path, (BuildSection,)).section(BuildSection)
    assert (section.token, section.ref, dict(section.inputs)) == ("MINE", "release/1", {"a": "b"})


def _keyring(monkeypatch: pytest.MonkeyPatch, held: dict[tuple[str, str], str]) -> None:
    """A keyring of the test's own: that of whoever runs the tests is none of theirs."""
    module, errors = types.ModuleType("keyring"), types.ModuleType("keyring.errors")
    module.get_password = lambda service, name: held.get((service, name))  # type: ignore[attr-defined]
    errors.KeyringError = RuntimeError  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "keyring", module)
    monkeypatch.setitem(sys.modules, "keyring.errors", errors)
