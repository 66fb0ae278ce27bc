"""Which variables hold secrets: their values are hidden everywhere, so that a wrong one hides ordinary words."""

from __future__ import annotations

import pytest

from installer import redact

SECRET = """GITHUB_TOKEN NPM_AUTH HTTP_AUTHORIZATION AUTHORISATION OAUTH_KEY CLIENT_SECRET DB_PASSWORD PGPASSWD
    AWS_CREDENTIALS MY_API_KEY OPENAI_APIKEY authtoken""".split()
PUBLIC = """GIT_AUTHOR_NAME GIT_AUTHOR_EMAIL GIT_AUTHOR_DATE AUTHOR CO_AUTHORS AUTHORITY XAUTHORITY SSH_AUTH_SOCK
    UV_CREDENTIALS_DIR SSH_ASKPASS HOME PATH PWD""".split()


@pytest.mark.parametrize("name", SECRET)
def test_a_variable_that_is_named_like_a_secret_is_one(name: str) -> None:
    assert redact.is_secret_name(name, "long-enough")
    assert not redact.is_secret_name(name, "short")


@pytest.mark.parametrize("name", PUBLIC)
def test_a_variable_that_holds_a_name_or_a_path_is_none(name: str) -> None:
    assert not redact.is_secret_name(name, "/run/user/octocat")


def test_who_wrote_a_commit_is_not_hidden_in_an_address(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_AUTHOR_NAME", "octocat")
    redact._values.cache_clear()  # noqa: SLF001 -- the environment is read once in a process
    try:
        assert redact.redact("https://github.com/octocat/demo") == "https://github.com/octocat/demo"
    finally:
        redact._values.cache_clear()  # noqa: SLF001 -- as above
