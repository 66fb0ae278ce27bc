"""`build trigger` that is cut off, with a provider of the test's own: what is noted, and how it is gone on with."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from installer import redact
from installer.cli import installing
from installer.errors import NotAllowed
from phases.builds import providers
from tests.builds import kit, stand_in

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

PASSWORD, TOKEN = "hunter2-is-long", "ghp_" + "a1B2" * 9


@pytest.fixture
def provider(monkeypatch: pytest.MonkeyPatch) -> Iterator[stand_in.Provider]:
    made = stand_in.Provider()
    monkeypatch.setattr(providers, "connected", made.connected)
    redact._values.cache_clear()  # noqa: SLF001 -- the environment is read once in a process, and here are many
    yield made
    redact._values.cache_clear()  # noqa: SLF001 -- as above


@pytest.fixture
def clone(tmp_path: Path) -> kit.Clone:
    return kit.Clone(tmp_path)


def held(clone: kit.Clone) -> bytes:
    return b"".join(path.read_bytes() for path in (clone.root / ".surefoot").rglob("*") if path.is_file())


@pytest.mark.parametrize("given", [f"password={PASSWORD}", f"other={TOKEN}", ""])
def test_a_secret_among_the_inputs_is_in_no_journal_and_no_stream(
    clone: kit.Clone, provider: stand_in.Provider, given: str
) -> None:
    clone.manifest(f'[build]\ninputs = {{ third = "{PASSWORD}", fourth = "{TOKEN}" }}\n')
    words = ("build", "trigger", "--json", "--strategy", "workflow_dispatch", "--input", given or "tag=x")
    ended = clone.manage(*words, DB_PASSWORD=PASSWORD)
    assert ended.status == 0, ended.err
    assert clone.manage(*words, "--input", "tag=y", DB_PASSWORD=PASSWORD).status == 0, "and it is archived"
    assert [each.inputs["third"] for each in provider.asked] == [PASSWORD] * 2
    for secret in (PASSWORD, TOKEN):
        assert secret not in ended.out + ended.err
        assert secret.encode() not in held(clone)
    assert b'"wish"' in held(clone)


def test_what_was_cut_off_with_a_secret_is_gone_on_with_by_the_same_command_only(
    clone: kit.Clone, provider: stand_in.Provider
) -> None:
    words, own = ("build", "trigger", "--input", f"password={PASSWORD}"), {"DB_PASSWORD": PASSWORD}
    provider.refusal = KeyboardInterrupt()
    assert clone.manage(*words, **own).status == 130
    provider.refusal = None
    for command in (("resume",), ("resume", "--dry-run"), ("resume", "--json")):
        ended = clone.manage(*command, **own)
        assert ended.status == 6
        assert "was begun with a secret, which is noted nowhere" in ended.out + ended.err
        assert "run the same command again" in ended.out + ended.err
    assert len(provider.asked) == 1
    ended = clone.manage(*words, **own)
    assert ended.status == 0, ended.err
    assert [each.inputs["password"] for each in provider.asked] == [PASSWORD] * 2
    assert len({each.key for each in provider.asked}) == 1
    assert PASSWORD.encode() not in held(clone)


def test_a_resume_ends_as_the_command_does(clone: kit.Clone, provider: stand_in.Provider) -> None:
    provider.refusal = KeyboardInterrupt()
    assert clone.manage("build", "trigger").status == 130
    provider.refusal = NotAllowed("build.forbidden", "github.com refuses it")
    ended = clone.manage("resume")
    assert ended.status == 8
    assert "error: github.com refuses it" in ended.err
    assert "💡 Begin it by hand" in ended.err
    assert json.loads(clone.manage("status", "--json").out.splitlines()[-1])["manual"]["reason"]


@pytest.mark.parametrize("refused", [True, False])
def test_a_build_that_cannot_be_gone_on_with_is_not_in_the_way_of_an_installation(
    clone: kit.Clone, provider: stand_in.Provider, monkeypatch: pytest.MonkeyPatch, *, refused: bool
) -> None:
    provider.refusal = KeyboardInterrupt()
    assert clone.manage("build", "trigger").status == 130
    installed: list[object] = []

    def note(*words: object) -> int:
        installed.append(words)
        return 0

    monkeypatch.setattr(installing, "install", note)
    assert clone.manage("-y", door="quickstart").status == 130, "cut off once more"
    assert installed == []
    provider.refusal = NotAllowed("build.forbidden", "no") if refused else None
    assert clone.manage("-y", door="quickstart").status == 0
    assert len(installed) == 1
