"""`build` on a project at a GitLab of one's own: the same commands, once, harmless, the token nowhere."""

from __future__ import annotations

import signal
import subprocess
import threading
from typing import TYPE_CHECKING

import pytest

from tests.builds import gitlab_forge, kit
from tests.builds.gitlab_forge import GitLabForge
from tests.containers import proxy

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.builds.kit import Clone

pytestmark = pytest.mark.slow  # they need npm


@pytest.fixture
def forge() -> Iterator[GitLabForge]:
    with GitLabForge(gitlab_forge.prism()) as made:
        yield made
    assert made.invalid == []


@pytest.fixture
def clone(tmp_path: Path, forge: GitLabForge) -> kit.Clone:
    made = kit.Clone(tmp_path, "ssh://git@gitlab.example.org:2222/group/sub/demo.git")
    made.api = forge.url
    forge.held.head = made.head
    forge.held.token = made.token
    return made


def test_a_build_is_begun_shown_read_and_followed_to_its_end(clone: Clone, forge: GitLabForge) -> None:
    ended = clone.manage("build", "trigger", GITLAB_TOKEN=clone.token)
    assert ended.status == 0, ended.err
    (asked,) = forge.begun()
    values = {each["key"]: each["value"] for each in asked.body["variables"]}
    assert values.pop("SUREFOOT_KEY").startswith("sf-")
    assert (asked.body["ref"], values) == ("main", {"PROJECT_SLUG": "demo", "TAG": "latest"})
    (made,) = forge.held.pipelines
    assert made["web_url"] in ended.out
    made |= {"status": "running"}
    shown = clone.manage("build", "status", "--json", GITLAB_TOKEN=clone.token)
    assert shown.events[-1]["run"]["url"] == made["web_url"]
    assert "$ make" in clone.manage("build", "logs", GITLAB_TOKEN=clone.token).out
    made |= {"status": "failed"}
    assert clone.manage("build", "watch", "--every", "0.1", GITLAB_TOKEN=clone.token).status == 1
    assert clone.manage("build", "trigger", GITLAB_TOKEN=clone.token).status == 0, "a failed one is none"
    assert len(forge.begun()) == 2
    assert clone.manage("build", "cancel", "-y", GITLAB_TOKEN=clone.token).status == 0
    assert forge.held.pipelines[0]["status"] == "canceling"


def test_a_pipeline_of_the_commit_is_enough(clone: Clone, forge: GitLabForge) -> None:
    made = forge.add(source="push")
    ended = clone.manage("build", "trigger", GITLAB_TOKEN=clone.token)
    assert (ended.status, forge.begun()) == (0, [])
    assert made["web_url"] in ended.out


@pytest.mark.parametrize("answered", [False, True], ids=["before it arrives", "before its answer"])
def test_a_kill_around_the_request_begins_one_pipeline_in_all(
    clone: Clone, forge: GitLabForge, *, answered: bool
) -> None:
    with proxy.Proxy(f"tcp://{forge.host}") as between:
        clone.api, go = f"http://{between.host}", threading.Event()
        between.spoil("POST", "/pipeline$", proxy.held(go) if answered else proxy.unheard())
        between.spoil("GET", "/pipelines", proxy.held(go), times=0)  # it does not come to its end by itself
        child = subprocess.Popen(
            clone.command("build", "trigger", "--strategy", "pipeline"),
            cwd=clone.root,
            env=clone.variables(GITLAB_TOKEN=clone.token),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        between.await_request("POST", "/pipeline")
        if answered:
            with forge.arrived:
                assert forge.arrived.wait_for(lambda: forge.held.pipelines, 60)
        child.send_signal(signal.SIGKILL)
        assert child.wait(30) == -signal.SIGKILL
        go.set()
        between.mend()
        assert len(forge.held.pipelines) == int(answered)
        for words in (("resume",), ("build", "trigger")):  # and once more, as people do
            ended = clone.manage(*words, GITLAB_TOKEN=clone.token)
            assert ended.status == 0, ended.err
        assert len(forge.begun()) == len(forge.held.pipelines) == 1
        assert clone.note()["run"]["id"] == str(forge.held.pipelines[0]["id"])


def test_an_answer_that_is_lost_is_found_by_its_key(clone: Clone, forge: GitLabForge) -> None:
    with proxy.Proxy(f"tcp://{forge.host}") as between:
        clone.api = f"http://{between.host}"
        between.spoil("POST", "/pipeline$", proxy.unanswered())
        ended = clone.manage("build", "trigger", GITLAB_TOKEN=clone.token)
    assert ended.status == 0, ended.err
    assert len(forge.begun()) == len(forge.held.pipelines) == 1
    assert clone.note()["run"]["id"] == str(forge.held.pipelines[0]["id"])


def test_a_trigger_token_is_sent_to_the_trigger_and_kept_nowhere(clone: Clone, forge: GitLabForge) -> None:
    clone.manifest('[build]\nstrategy = "trigger"\ntoken = "CI_TRIGGER"\n')
    secret = forge.held.trigger_token
    ended = clone.manage("build", "trigger", "-v", CI_TRIGGER=secret)
    assert ended.status == 0, ended.err
    assert [each.path.rpartition("demo")[2] for each in forge.begun()] == ["/trigger/pipeline"]
    refused = clone.manage("build", "trigger", "-v", "--strategy", "pipeline", CI_TRIGGER=secret)
    assert "can only trigger" in refused.out + refused.err
    assert secret not in ended.out + ended.err + refused.out + refused.err
    kept = [path for path in clone.root.rglob("*") if path.is_file() and secret.encode() in path.read_bytes()]
    assert kept == []


def test_a_trigger_whose_answer_was_lost_may_be_given_up(clone: Clone, forge: GitLabForge) -> None:
    clone.manifest('[build]\nstrategy = "trigger"\ntoken = "CI_TRIGGER"\n')
    secret = forge.held.trigger_token
    with proxy.Proxy(f"tcp://{forge.host}") as between:
        clone.api = f"http://{between.host}"
        between.spoil("POST", "/trigger/pipeline", proxy.unanswered())
        assert clone.manage("build", "trigger", CI_TRIGGER=secret).status == 7
    clone.api = forge.url
    again = clone.manage("build", "trigger", CI_TRIGGER=secret)
    assert again.status == 8
    assert "may not look whether an earlier request began one" in again.err
    assert "`manage.py build trigger --anew` asks for another" in again.err
    assert len(forge.begun()) == 1
    assert clone.manage("build", "trigger", "--anew", CI_TRIGGER=secret).status == 0
    assert len(forge.begun()) == 2
    assert clone.note()["stage"] == "begun"


def test_check_token_names_what_is_missing(clone: Clone, forge: GitLabForge) -> None:
    assert clone.manage("build", "check-token", GITLAB_TOKEN=clone.token).status == 0
    forge.held.scopes = ("read_api",)
    ended = clone.manage("build", "check-token", GITLAB_TOKEN=clone.token)
    assert ended.status == 8
    assert "api" in ended.err
