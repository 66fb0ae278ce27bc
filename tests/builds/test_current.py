"""Which build the verbs are about, with a provider of the test's own: the noted one, a newer one, or another's."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from installer.errors import NotAllowed, Unavailable
from installer.kernel_lock import KernelLock
from phases.builds import manual, memory, providers
from phases.builds.model import BuildState
from tests.builds import kit, stand_in

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def provider(monkeypatch: pytest.MonkeyPatch) -> stand_in.Provider:
    made = stand_in.Provider()
    monkeypatch.setattr(providers, "connected", made.connected)
    return made


@pytest.fixture
def clone(tmp_path: Path) -> kit.Clone:
    return kit.Clone(tmp_path)


def shown(clone: kit.Clone) -> Any:
    (event,) = clone.manage("build", "status", "--json").events
    return event


def test_a_newer_build_of_what_was_pushed_since_is_the_one(clone: kit.Clone, provider: stand_in.Provider) -> None:
    assert clone.manage("build", "trigger").status == 0
    own = provider.held[0]
    provider.looks = [BuildState.FAILED]
    assert shown(clone)["run"]["id"] == own.id
    provider.commit = "d" * 40
    assert shown(clone)["run"]["id"] == own.id, "what was pushed has none yet"
    pushed = provider.add()
    assert shown(clone)["run"]["id"] == pushed.id
    ended = clone.manage("build", "trigger")
    assert pushed.url in ended.out
    assert clone.note()["run"]["id"] == pushed.id
    assert "⚠️" not in clone.manage("status").out
    provider.looks = [None, BuildState.SUCCEEDED]
    ended = clone.manage("build", "watch", "--every", "0.1")
    assert (ended.status, pushed.url in ended.out) == (0, True)


def test_an_older_build_of_the_commit_is_not(clone: kit.Clone, provider: stand_in.Provider) -> None:
    provider.add(BuildState.FAILED)
    assert clone.manage("build", "trigger").status == 0
    own = provider.held[0]
    provider.held.reverse()  # as if the provider listed it otherwise
    assert shown(clone)["run"]["id"] == own.id


def test_a_build_of_another_branch_is_followed_until_that_one_has_a_newer(
    clone: kit.Clone, provider: stand_in.Provider
) -> None:
    assert clone.manage("build", "trigger", "--ref", "other").status == 0
    own = provider.held[0]
    provider.add(commit="c" * 40)
    assert shown(clone)["run"]["id"] == own.id


def test_a_build_at_another_repository_is_none_of_this_one(clone: kit.Clone, provider: stand_in.Provider) -> None:
    assert clone.manage("build", "trigger").status == 0
    clone.git("remote", "set-url", "origin", "https://github.com/me/other.git")
    provider.held.clear()
    assert shown(clone)["run"] is None
    there = provider.add()
    assert shown(clone)["run"]["id"] == there.id


def test_a_build_that_was_deleted_there_is_none(clone: kit.Clone, provider: stand_in.Provider) -> None:
    assert clone.manage("build", "trigger").status == 0
    provider.held.clear()
    assert shown(clone)["run"] is None


def test_a_dry_run_notes_nothing(clone: kit.Clone, provider: stand_in.Provider) -> None:
    there = provider.add()
    assert there.url in clone.manage("build", "trigger", "--dry-run").out
    assert not (clone.root / ".surefoot").exists()


def test_what_was_begun_by_hand_is_nobodys_task_any_more(clone: kit.Clone, provider: stand_in.Provider) -> None:
    provider.refusal = NotAllowed("build.forbidden", "github.com refuses it")
    assert clone.manage("build", "trigger").status == 8
    assert shown(clone)["manual"]["reason"] == "github.com refuses it"
    begun = provider.add(commit="d" * 40)
    provider.commit = "d" * 40
    lock = KernelLock(clone.root / ".surefoot" / "lock")
    assert lock.take()
    assert shown(clone)["manual"] is None, "while another run holds the project, it is told and not noted"
    lock.release()
    assert "⚠️" in clone.manage("status").out
    assert shown(clone)["manual"] is None
    assert "⚠️" not in clone.manage("status").out
    assert (clone.note()["stage"], clone.note()["run"]["id"]) == ("begun", begun.id)


def test_a_build_that_failed_before_is_not_what_was_wished_for(clone: kit.Clone, provider: stand_in.Provider) -> None:
    provider.add(BuildState.FAILED)
    provider.refusal = NotAllowed("build.forbidden", "github.com refuses it")
    assert clone.manage("build", "trigger").status == 8
    assert shown(clone)["manual"]["reason"] == "github.com refuses it"
    assert "⚠️" in clone.manage("status").out


def test_a_look_that_fails_does_not_hide_the_build_that_was_begun_here(
    clone: kit.Clone, provider: stand_in.Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert clone.manage("build", "trigger").status == 0

    def away(_: object) -> list[object]:
        raise Unavailable("build.limit", "slow down")

    monkeypatch.setattr(provider, "runs", away)
    assert shown(clone)["run"]["id"] == provider.held[0].id


@pytest.mark.parametrize(
    ("provider", "page"),
    [
        ("github", "https://docs.github.com/actions/"),
        ("gitlab", "https://docs.gitlab.com/ci/pipelines/"),
        ("", "manage.py build --help"),
    ],
)
def test_the_documentation_of_what_is_left_to_do_is_there_for_the_user(
    tmp_path: Path, provider: str, page: str
) -> None:
    error = {"message": "no"}
    note = memory.Note(install_id="x", args={}, key="k", since="", stage="failed", provider=provider, error=error)
    memory.write(tmp_path, note)
    found = manual.action(tmp_path, tmp_path)
    assert found is not None
    assert found.as_json()["documentation"].startswith(page)
    assert page in found.lines()[-1]
