"""An answer that is not as the API has it, to a request that was carried out: the build stands, and has no name yet."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest

from installer.errors import UsageError
from installer.frozen import replace
from phases.builds import github, github_door, gitlab, gitlab_door, gitlab_runs, remotes
from phases.builds.model import Strategy, Wish
from phases.builds.section import BuildSection
from phases.builds.tokens import Token

WISH = Wish(ref="main", commit="c" * 40, workflow="b.yml", key="sf-1", since="2026-11-23T04:00:00+00:00")
ANSWERS = ["", "<html>", "[]", "null", "{}", '{"workflow_run_id": null}', '{"workflow_run_id": "x"}', '"text"']


class Answer:
    """As githubkit has one."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.headers = {"date": "the day before yesterday"}

    def json(self) -> Any:
        return json.loads(self.text)


@pytest.mark.parametrize("text", ANSWERS)
def test_github_accepted_whatever_its_answer_looks_like(text: str) -> None:
    door = github_door.Door("github.com", headers={}, retries=0)
    remote = remotes.of("https://github.com/me/demo", BuildSection(), {})
    workflow = Answer('{"state": "active", "path": "x"}')
    rest = SimpleNamespace(
        actions=SimpleNamespace(
            get_workflow=lambda *_, **__: workflow, create_workflow_dispatch=lambda *_, **__: Answer(text)
        ),
        repos=SimpleNamespace(get_content=lambda *_, **__: Answer('{"content": "b246IHdvcmtmbG93X2Rpc3BhdGNo"}')),
    )
    made = github.GitHub(SimpleNamespace(rest=rest), remote, retries=0)
    assert made.trigger(WISH, Strategy.WORKFLOW_DISPATCH) is None
    assert door.ask(lambda **_: workflow, what="x") is workflow


def test_gitlab_accepted_whatever_its_answer_looks_like() -> None:
    remote = remotes.of("https://gitlab.com/me/demo", replace(BuildSection(), provider="gitlab"), {})
    made = SimpleNamespace(attributes={})
    project = SimpleNamespace(pipelines=SimpleNamespace(create=lambda *_, **__: made))
    client = SimpleNamespace(projects=SimpleNamespace(get=lambda *_, **__: project))
    token = Token(value="glpat-x", source="a test")
    provider = gitlab.GitLab(client, client, remote, token, gitlab_door.Door("gitlab.com", retries=0))
    assert provider.trigger(WISH, Strategy.PIPELINE) is None


def test_github_is_asked_for_the_commit_of_the_ref_and_shows_no_other_branchs_run() -> None:
    remote = remotes.of("https://github.com/me/demo", BuildSection(), {})
    runs = [{"id": 1, "head_branch": "other"}, {"id": 2, "head_branch": "main"}, {"id": 3}]
    now = datetime.now(UTC).isoformat()
    tip = {"sha": "d" * 40, "commit": {"committer": {"date": now}}}
    for text, commit in ((json.dumps(tip), "d" * 40), ("{}", WISH.commit), ("[]", WISH.commit), ("", WISH.commit)):
        answers = {"list_workflow_runs": json.dumps({"workflow_runs": runs}), "get_commit": text}
        rest = SimpleNamespace(
            actions=SimpleNamespace(list_workflow_runs=lambda *_, a=answers, **__: Answer(a["list_workflow_runs"])),
            repos=SimpleNamespace(get_commit=lambda *_, a=answers, **__: Answer(a["get_commit"])),
        )
        made = github.GitHub(SimpleNamespace(rest=rest), remote, retries=0)
        assert made.tip(WISH).commit == commit
        assert [each.id for each in made.runs(WISH)] == ["2", "3"]


def looking(runs: list[dict[str, Any]], workflow: str = "") -> github.GitHub:
    """GitHub with these runs, and that text of a workflow."""
    content = base64.b64encode(workflow.encode()).decode()
    rest = SimpleNamespace(
        actions=SimpleNamespace(
            list_workflow_runs=lambda *_, **__: Answer(json.dumps({"workflow_runs": runs})),
            get_workflow=lambda *_, **__: Answer('{"state": "active", "path": "x"}'),
        ),
        repos=SimpleNamespace(
            get=lambda *_, **__: Answer('{"default_branch": "main"}'),
            get_content=lambda *_, **__: Answer(json.dumps({"content": content})),
        ),
    )
    remote = remotes.of("https://github.com/me/demo", BuildSection(), {})
    return github.GitHub(SimpleNamespace(rest=rest), remote, retries=0)


def a_run(title: str, number: int = 1) -> dict[str, Any]:
    now = datetime.now(UTC).isoformat()
    return {"id": number, "head_sha": WISH.commit, "created_at": now, "display_title": title}


def test_github_takes_no_run_with_another_wishs_key() -> None:
    title = "build sf-0123456789abcdef"
    assert looking([a_run(title)]).find(WISH) is None
    found = looking([a_run(title), a_run("a commit", 2)]).find(WISH)
    assert found is not None
    assert found.id == "2"


@pytest.mark.parametrize(
    ("workflow", "at_once"),
    [
        ("on: workflow_dispatch", True),
        ("on: {workflow_dispatch: {inputs: {surefoot_key: {}}}}", False),
        ("run-name: ${{ github.event.client_payload.surefoot_key }}\non: repository_dispatch", False),
        ("", False),
    ],
)
def test_github_waits_for_the_key_where_the_workflow_knows_it(workflow: str, *, at_once: bool) -> None:
    runs = [a_run("a commit")]
    assert (looking(runs, workflow).find(WISH, last=False) is not None) is at_once
    assert looking(runs, workflow).find(WISH) is not None
    runs.append(a_run(f"build {WISH.key}", 2))
    found = looking(runs, workflow).find(WISH, last=False)
    assert found is not None
    assert found.id == "2"


def test_github_sends_no_event_for_another_branch_than_that_which_would_be_built() -> None:
    wish = replace(WISH, ref="release")
    with pytest.raises(UsageError, match="default branch, main, and not release"):
        looking([]).trigger(wish, Strategy.REPOSITORY_DISPATCH)


def test_gitlab_tells_the_commit_of_the_ref() -> None:
    told = {"id": "d" * 40, "committed_date": datetime.now(UTC).isoformat()}
    found = gitlab_runs.tip(told)
    assert found.commit == "d" * 40
    assert found.age is not None
    assert abs(found.age) < 60
