"""`build watch`, with a provider of the test's own: what ends it, and what is said of a time that is over."""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING

import pytest

from installer.cli import build_watch
from installer.errors import NotAllowed, Unavailable, UsageError
from installer.manifest import load
from phases.builds import providers, states
from phases.builds.model import BuildState
from phases.builds.section import BuildSection
from tests.builds import bells, kit, stand_in

if TYPE_CHECKING:
    from pathlib import Path

AWAY = Unavailable("build.offline", "github.com cannot be reached: ConnectTimeout", sent=False)


@pytest.fixture
def provider(monkeypatch: pytest.MonkeyPatch) -> stand_in.Provider:
    made = stand_in.Provider()
    monkeypatch.setattr(providers, "connected", made.connected)
    return made


@pytest.fixture
def clone(tmp_path: Path) -> kit.Clone:
    return kit.Clone(tmp_path)


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """A clock that only goes on while `watch` waits; how long it waited each time."""
    waited: list[float] = []
    own = SimpleNamespace(monotonic=lambda: sum(waited), sleep=waited.append)
    monkeypatch.setattr(build_watch, "time", own)
    return waited


def test_a_network_that_is_away_for_a_while_is_no_news_and_said_once(
    clone: kit.Clone, provider: stand_in.Provider
) -> None:
    clone.manifest('notify = ["BELL"]\n')
    provider.add()
    provider.looks = [AWAY, AWAY, AWAY, None, AWAY, BuildState.SUCCEEDED]
    with bells.ringing() as bell:
        ended = clone.manage("build", "watch", BELL=bell.address)
    assert ended.status == 0, ended.err
    assert ended.err.count("no news: github.com cannot be reached: ConnectTimeout") == 2, "once each time"
    assert [each["title"] for each in bell.heard] == ["The project is ready"]


def test_a_network_that_stays_away_is_what_the_end_is_about(clone: kit.Clone, provider: stand_in.Provider) -> None:
    provider.add()
    provider.looks = [AWAY] * 100
    ended = clone.manage("build", "watch", "--timeout", "60")
    assert (ended.status, ended.err.count("has not ended")) == (7, 0)
    assert ended.err.count("error: github.com cannot be reached") == 1


def test_who_is_told_to_wait_longer_waits(clone: kit.Clone, provider: stand_in.Provider, clock: list[float]) -> None:
    provider.add()
    provider.looks = [Unavailable("build.limit", "slow down", retry_after=90.0), BuildState.SUCCEEDED]
    assert clone.manage("build", "watch", "--every", "2", "--json").status == 0
    assert clock == [2.0, 90.0]


def test_a_token_that_is_withdrawn_ends_it(clone: kit.Clone, provider: stand_in.Provider) -> None:
    provider.add()
    provider.looks = [NotAllowed("build.token", "withdrawn")]
    assert clone.manage("build", "watch").status == 8


def test_how_often_is_tried_is_the_users(clone: kit.Clone, provider: stand_in.Provider) -> None:
    provider.add()
    assert clone.manage("build", "status", SUREFOOT_RETRIES="5").status == 0
    assert provider.retries == [5]


def test_a_deployment_that_takes_too_long_is_not_called_a_build(
    clone: kit.Clone, provider: stand_in.Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    clone.manifest('[build]\ndeployed = "https://demo.example.org/health"\n')
    monkeypatch.setattr(states, "answers", lambda *_, **__: False)
    provider.add(BuildState.SUCCEEDED)
    ended = clone.manage("build", "watch", "--timeout", "60")
    assert ended.status == 7
    assert "the build succeeded, but https://demo.example.org/health has not answered within" in ended.err
    assert "the build has not ended" not in ended.err


@pytest.mark.parametrize(
    ("text", "said"), [("", "its image is built"), ('deployed = "https://demo.example.org"\n', "deployed")]
)
def test_a_notice_does_not_call_ready_what_is_being_deployed(
    clone: kit.Clone, provider: stand_in.Provider, monkeypatch: pytest.MonkeyPatch, text: str, said: str
) -> None:
    clone.manifest(f'notify = ["BELL"]\n[build]\n{text}')
    monkeypatch.setattr(states, "answers", lambda url: bool(url) or None)
    run = provider.add(BuildState.SUCCEEDED)
    with bells.ringing() as bell:
        assert clone.manage("build", "watch", BELL=bell.address).status == 0
    assert [each["message"] for each in bell.heard] == [f"project is ready\n{said}\n{run.url}"]


@pytest.mark.parametrize(
    "address",
    ["demo.example.org", "ftp://demo.example.org", "https://", "https:///x", "http://a b", "//x", "https://u:p@x"],
)
def test_what_is_no_address_of_a_page_is_refused_in_the_manifest(tmp_path: Path, address: str) -> None:
    (tmp_path / "surefoot.toml").write_text(f'[build]\ndeployed = "{address}"\n')
    with pytest.raises(UsageError) as caught:
        load(tmp_path, (BuildSection,))
    assert "`build.deployed` should be an address" in caught.value.details[0]


@pytest.mark.parametrize("address", ["", "https://demo.example.org/health?x=1", "http://[::1]:8080"])
def test_an_address_of_a_page_is_one(tmp_path: Path, address: str) -> None:
    (tmp_path / "surefoot.toml").write_text(f'[build]\ndeployed = "{address}"\n')
    assert load(tmp_path, (BuildSection,)).section(BuildSection).deployed == address
