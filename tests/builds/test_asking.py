"""Which run is the answer to a wish, and which wish is another one; with a provider of the test's own."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING, Any, cast

import pytest

from installer.errors import NotAllowed, Unavailable
from installer.frozen import replace
from installer.model import Step
from phases.builds import asking, memory, planning, remotes, targets, wishes
from phases.builds.model import Tip
from phases.builds.section import BuildSection
from tests.builds import kit
from tests.builds.desk import RUN, STATE, Provider, act, facts, manifest, note, planned

if TYPE_CHECKING:
    from pathlib import Path


def push(root: Path, *, ago: int) -> None:
    clone = kit.Clone.at(root, root.parent / "home")
    clone.commit()
    clone.push(ago=ago)


def test_a_commit_that_was_pushed_a_moment_ago_is_given_time_however_old_it_is(
    root: Path, provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(asking, "WAITS", (0.0, 0.0))
    push(root, ago=5)
    provider.known, provider.seen, provider.late = Tip(commit="d" * 40, age=600.0), RUN, 1
    act(root, planned(root, "r1"), "r1")
    assert provider.asked == []


def test_a_clone_without_logs_tells_by_its_files_when_it_pushed(root: Path) -> None:
    clone, section = kit.Clone.at(root, root.parent / "home"), BuildSection()
    age = targets.age(root, section, "main")
    assert age is not None
    assert age > 3000
    clone.git("config", "core.logAllRefUpdates", "false")
    clone.git("tag", "v1")
    for name, file in (("main", "remotes/origin/main"), ("v1", "tags/v1")):
        (root / ".git" / "logs" / "refs" / file).unlink(missing_ok=True)
        os.utime(root / ".git" / "refs" / file, (time.time() - 600,) * 2)
        age = targets.age(root, section, name)
        assert age is not None
        assert 500 < age < 3000
    clone.git("pack-refs", "--all")
    assert [targets.age(root, section, name) for name in ("main", "", "other")] == [None] * 3


@pytest.mark.parametrize(("ago", "anew", "looks"), [(5, False, 2), (5, True, 1), (600, False, 1)])
def test_who_only_looks_waits_for_what_a_push_begins(
    root: Path, provider: Provider, monkeypatch: pytest.MonkeyPatch, ago: int, looks: int, *, anew: bool
) -> None:
    monkeypatch.setattr(asking, "WAITS", (0.0, 0.0))
    push(root, ago=ago)
    section = BuildSection()
    wish = wishes.now(root, section, remotes.origin(root, section), provider.default_branch)
    assert asking.there(cast("Any", provider), wish, anew=anew) is None
    assert len(provider.commits) == looks


def test_where_the_clone_knows_no_default_branch_the_provider_does(root: Path, provider: Provider) -> None:
    clone = kit.Clone.at(root, root.parent / "home")
    clone.git("symbolic-ref", "--delete", "refs/remotes/origin/HEAD")
    of_main = clone.head
    clone.git("switch", "-q", "-c", "feature")
    clone.commit()
    section = BuildSection()
    wish = wishes.now(root, section, remotes.origin(root, section), provider.default_branch)
    assert (wish.ref, wish.commit) == ("main", of_main)
    act(root, planned(root, "r1"), "r1")
    assert [(each.ref, each.commit) for each in provider.asked] == [("main", of_main)]


LONG_AGO = "2026-01-01T00:00:00+00:00"


def test_a_run_from_before_the_request_is_not_its_answer(root: Path, provider: Provider) -> None:
    """The first attempt was refused, long ago: what began since then was not ours."""
    text = 'strategy = "repository_dispatch"\n'
    provider.answer = NotAllowed("build.forbidden", "no", status=403)
    with pytest.raises(NotAllowed):
        act(root, planned(root, "r1", text), "r1")
    memory.write(root / STATE, replace(note(root), since=LONG_AGO))
    again = planned(root, "r2", text)
    assert again["since"] == LONG_AGO
    provider.answer = Unavailable("build.offline", "?", sent=True)
    with pytest.raises(Unavailable):
        act(root, again, "r2")
    ((since, _),) = provider.looks
    assert since > LONG_AGO
    assert note(root).since == since
    with pytest.raises(Unavailable):
        act(root, again, "r2")  # what may have been sent is looked for since then, not since now
    assert {each for each, _ in provider.looks} == {since}


def test_until_the_last_look_only_the_key_counts(
    root: Path, provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(asking, "WAITS", (0.0, 0.0, 0.0))
    provider.answer = None
    act(root, planned(root, "r1"), "r1")
    assert [last for _, last in provider.looks] == [False, False, True]


@pytest.mark.parametrize(
    ("change", "same"),
    [
        ("minutes = [9, 9]", True),
        ('deployed = "https://x.test/"', True),
        ('token = "MY_TOKEN"', True),
        ('scopes = ["workflow"]', True),
        ('api = "https://api.github.com"', True),
        ('workflow = "other.yml"', False),
        ('inputs = {tag = "v1"}', False),
        ('ref = "v1"', False),
        ('strategy = "workflow_dispatch"', False),
        ('event = "other"', False),
    ],
)
def test_another_build_is_another_wish_and_another_way_to_follow_it_is_not(
    root: Path, provider: Provider, change: str, *, same: bool
) -> None:
    provider.answer = Unavailable("build.offline", "?", sent=True)
    with pytest.raises(Unavailable):
        act(root, planned(root, "r1"), "r1")
    assert (planned(root, "r2", change)["key"] == note(root).key) is same


def test_a_wish_that_is_given_up_is_not_looked_for(root: Path, provider: Provider) -> None:
    provider.answer = Unavailable("build.offline", "?", sent=True)
    with pytest.raises(Unavailable):
        act(root, planned(root, "r1"), "r1")
    before = note(root)
    (step,) = planning.plan({"anew": True}, manifest(root), facts(root, "r2"))
    assert isinstance(step, Step)
    assert step.args["key"] != before.key
    provider.looks.clear()
    provider.answer = RUN
    act(root, dict(step.args), "r2")
    assert (provider.looks, len(provider.asked)) == ([], 2)
