"""The step of a build, with a provider of the test's own: what a note says is done, and what may be asked for again."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from installer.errors import Conflict, InstallerError, NotAllowed, StepFailed, Unavailable
from installer.frozen import replace
from installer.redact import hide
from phases.builds import asking, memory, planning
from phases.builds.model import BuildRun, Tip
from tests.builds.desk import RUN, STATE, Provider, act, facts, manifest, note, planned

if TYPE_CHECKING:
    from pathlib import Path


def test_what_was_begun_before_a_kill_is_not_asked_for_again(root: Path, provider: Provider) -> None:
    text = 'strategy = "workflow_dispatch"\n'
    first = act(root, planned(root, "r1", text), "r1")  # and here the process ends, before the journal knows
    again = act(root, planned(root, "r1", text), "r1")
    assert len(provider.asked) == 1
    assert (again["id"], again["key"], again["url"]) == ("7", first["key"], RUN.url)


@pytest.mark.parametrize("seen", [None, RUN])
def test_what_was_begun_without_a_name_is_looked_for_and_never_sent_again(
    root: Path, provider: Provider, seen: BuildRun | None
) -> None:
    provider.answer = None
    text = 'strategy = "repository_dispatch"\n'
    assert act(root, planned(root, "r1", text), "r1")["id"] == ""
    provider.seen = seen
    assert act(root, planned(root, "r1", text), "r1")["id"] == ("7" if seen else "")
    assert len(provider.asked) == 1
    assert (note(root).stage, note(root).run) == ("begun", seen)


def test_the_command_goes_on_with_the_wish_of_the_first_installation(root: Path, provider: Provider) -> None:
    told = manifest(root, 'trigger = "first-install"\n')
    (step,) = planning.first_install("finish", told, facts(root, "r1"))
    provider.answer = Unavailable("build.offline", "no answer", sent=True)
    with pytest.raises(Unavailable):
        act(root, dict(step.args), "r1")
    again = planned(root, "r2", 'trigger = "first-install"\n')
    assert (again["key"], again["anew"]) == (step.args["key"], True)
    provider.seen = RUN
    assert act(root, again, "r2")["found"] is True
    assert len(provider.asked) == 1


ANSWERS = [
    (StepFailed("build.refused", "no", status=422), False),
    (NotAllowed("build.forbidden", "no", status=403), False),
    (Conflict("build.conflict", "no", status=409), False),
    (Unavailable("build.limit", "no", status=429), False),
    (Unavailable("build.offline", "no", sent=False), False),
    (Unavailable("build.offline", "?", sent=True), True),
    (Unavailable("build.failed", "?", status=502), True),
    (Unavailable("build.answer", "?"), True),
    (StepFailed("build.bug", "?"), True),
    (KeyError("id"), True),
    (ValueError("no JSON"), True),
]


@pytest.mark.parametrize(("answer", "heard"), ANSWERS, ids=[f"{each[0]!r}"[:60] for each in ANSWERS])
def test_what_was_sent_counts_as_heard_unless_it_was_certainly_refused(
    root: Path, provider: Provider, answer: Exception, *, heard: bool
) -> None:
    provider.answer = answer
    with pytest.raises(InstallerError):
        act(root, planned(root, "r1"), "r1")
    assert (note(root).stage, note(root).error["sent"]) == ("failed", heard)


def test_a_secret_in_an_input_is_sent_as_it_is_and_kept_nowhere(root: Path, provider: Provider) -> None:
    hide("hunter2-is-long")
    text = 'inputs = {password = "hunter2-is-long"}\n'
    provider.answer = Unavailable("build.offline", "?", sent=False)
    for run in ("r1", "r1", "r2"):  # again by resume, and by another command
        with pytest.raises(Unavailable):
            act(root, planned(root, run, text), run)
    assert [each.inputs["password"] for each in provider.asked] == ["hunter2-is-long"] * 3
    assert len({each.key for each in provider.asked}) == 1
    assert b"hunter2" not in (root / STATE / "builds" / "last.json").read_bytes()
    assert planned(root, "r3", text.replace("2-is", "3-is"))["key"] != note(root).key


def test_a_note_from_before_the_digest_is_compared_by_its_args(root: Path, provider: Provider) -> None:
    provider.answer = Unavailable("build.offline", "?", sent=True)
    with pytest.raises(Unavailable):
        act(root, planned(root, "r1"), "r1")
    memory.write(root / STATE, replace(note(root), digest=""))
    assert planned(root, "r2")["key"] == note(root).key


@pytest.mark.parametrize(("age", "asked"), [(5.0, 0), (3600.0, 1), (None, 1)])
def test_a_push_of_a_moment_ago_is_given_time_to_show_its_run(
    root: Path, provider: Provider, monkeypatch: pytest.MonkeyPatch, age: float | None, asked: int
) -> None:
    monkeypatch.setattr(asking, "WAITS", (0.0, 0.0))
    provider.known, provider.seen, provider.late = Tip(commit="d" * 40, age=age), RUN, 1
    act(root, planned(root, "r1"), "r1")
    assert len(provider.asked) == asked
    assert set(provider.commits) == {"d" * 40}, "the commit that the provider has"


def test_a_branch_that_the_clone_does_not_know_has_no_commit_of_another(root: Path) -> None:
    assert planned(root, "r1", 'ref = "other"\n')["commit"] == ""
    assert planned(root, "r2", 'ref = "main"\n')["commit"] != ""
