"""`build trigger`: once, whatever happens in between, and harmless."""

from __future__ import annotations

import signal
import subprocess
import threading
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.builds import kit
from tests.containers import proxy

if TYPE_CHECKING:
    from tests.builds.forge import Forge
    from tests.builds.kit import Clone

pytestmark = pytest.mark.slow  # they need npm


def test_a_build_is_begun_with_the_declared_inputs_and_its_address_told(clone: Clone, forge: Forge) -> None:
    ended = clone.manage("build", "trigger")
    assert ended.status == 0, ended.err
    (asked,) = forge.dispatches()
    assert asked.body["ref"] == "main"
    assert asked.body["inputs"].pop("surefoot_key").startswith("sf-")
    assert asked.body["inputs"] == {"project_slug": "demo", "tag": "latest"}
    assert forge.state.runs[0]["html_url"] in ended.out
    note = clone.note()
    assert (note["stage"], note["run"]["id"]) == ("begun", str(forge.state.runs[0]["id"]))


def test_what_a_workflow_does_not_declare_is_not_sent(clone: Clone, forge: Forge) -> None:
    forge.state.workflows[kit.WORKFLOW] = "on:\n  workflow_dispatch:\n    inputs:\n      tag: {}\n"
    assert clone.manage("build", "trigger", "--input", "tag=v1", "--input", "other=x").status == 0
    assert [each.body["inputs"] for each in forge.dispatches()] == [{"tag": "v1"}]


def test_without_the_right_to_read_the_file_what_is_refused_is_left_out(clone: Clone, forge: Forge) -> None:
    forge.state.workflows[kit.WORKFLOW] = "on:\n  workflow_dispatch:\n    inputs:\n      tag: {}\n"
    forge.refuse("GET", "/contents/", 403, {"message": "Resource not accessible by personal access token"}, times=0)
    assert clone.manage("build", "trigger").status == 0
    assert [each.body["inputs"] for each in forge.dispatches()][-1] == {"tag": "latest"}
    assert len(forge.state.runs) == 1


def test_a_build_of_the_commit_that_is_there_is_enough(clone: Clone, forge: Forge) -> None:
    run = forge.add_run()
    ended = clone.manage("build", "trigger")
    assert (ended.status, forge.dispatches()) == (0, [])
    assert "Nothing to do" in ended.out
    assert run["html_url"] in ended.out
    assert not (clone.root / ".surefoot" / "checkpoints" / "journal.jsonl").exists()


def test_a_failed_build_is_none_and_an_explicit_strategy_does_not_look(clone: Clone, forge: Forge) -> None:
    forge.add_run(status="completed", conclusion="failure")
    assert clone.manage("build", "trigger").status == 0
    assert len(forge.dispatches()) == 1
    assert clone.manage("build", "trigger", "--strategy", "workflow_dispatch").status == 0
    assert len(forge.dispatches()) == 2


@pytest.mark.parametrize("answered", [False, True], ids=["before it arrives", "before its answer"])
def test_a_kill_around_the_request_dispatches_once_in_all(clone: Clone, forge: Forge, *, answered: bool) -> None:
    with proxy.Proxy(f"tcp://{forge.host}") as between:
        clone.api = f"http://{between.host}"
        go = threading.Event()
        between.spoil("POST", "/dispatches", proxy.held(go) if answered else proxy.unheard(), times=1)
        between.spoil("GET", "/runs", proxy.held(go), after=0 if not answered else 10**6)
        child = subprocess.Popen(
            clone.command("build", "trigger", "--strategy", "workflow_dispatch"),
            cwd=clone.root,
            env=clone.variables(),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        between.await_request("POST", "/dispatches")
        if answered:
            _until(lambda: len(forge.dispatches()) == 1)
        child.send_signal(signal.SIGKILL)
        assert child.wait(30) == -signal.SIGKILL
        go.set()
        between.mend()
        assert len(forge.dispatches()) == int(answered)
        assert clone.note()["stage"] == "sent"
        ended = clone.manage("resume")
        assert ended.status == 0, ended.err
        again = clone.manage("build", "trigger")  # and once more, as people do
        assert again.status == 0, again.err
        assert len(forge.dispatches()) == 1
        assert len(forge.state.runs) == 1
        assert clone.note()["run"]["id"] == str(forge.state.runs[0]["id"])


def test_an_answer_that_is_lost_is_found(clone: Clone, forge: Forge) -> None:
    with proxy.Proxy(f"tcp://{forge.host}") as between:
        clone.api = f"http://{between.host}"
        between.spoil("POST", "/dispatches", proxy.unanswered())
        ended = clone.manage("build", "trigger")
    assert ended.status == 0, ended.err
    assert len(forge.dispatches()) == len(forge.state.runs) == 1
    assert clone.note()["run"]["id"] == str(forge.state.runs[0]["id"])


def test_a_server_that_does_not_name_the_run_is_asked_for_it_and_its_clock_may_be_wrong(
    clone: Clone, forge: Forge
) -> None:
    from datetime import timedelta

    forge.state.details = False
    forge.state.workflows[kit.WORKFLOW] = "on: workflow_dispatch\n"  # and no key shows
    forge.state.ahead = timedelta(hours=-3)
    forge.state.hidden = 1
    ended = clone.manage("build", "trigger")
    assert ended.status == 0, ended.err
    assert clone.note()["run"]["id"] == str(forge.state.runs[0]["id"])
    assert len(forge.state.runs) == 1


def test_a_repository_dispatch_carries_inputs_and_key(clone: Clone, forge: Forge) -> None:
    clone.manifest('[build]\nstrategy = "repository_dispatch"\n')
    assert clone.manage("build", "trigger").status == 0
    (asked,) = forge.dispatches()
    assert asked.body["event_type"] == "build-image"
    assert set(asked.body["client_payload"]) == {"project_slug", "tag", "surefoot_key"}
    assert clone.note()["run"]["id"] == str(forge.state.runs[0]["id"])


def test_without_a_token_one_sentence_says_what_to_do(clone: Clone, forge: Forge) -> None:
    ended = clone.manage("build", "trigger", GITHUB_TOKEN="")
    assert ended.status == 8
    assert ended.err.startswith("error: there is no token for github.com: `export GITHUB_TOKEN=…` with one\n")
    assert forge.requests == []
    assert not (clone.root / ".surefoot" / "checkpoints").exists()


REFUSALS = [
    (401, {"message": "Bad credentials"}, {}, 8, "does not accept the token"),
    (403, {"message": "no"}, {"X_Accepted_OAuth_Scopes": "repo", "X_OAuth_Scopes": "gist"}, 8, "it lacks repo"),
    (403, {"message": "no"}, {"X_Accepted_GitHub_Permissions": "actions=write"}, 8, "it lacks actions: write"),
    (403, {"message": "Resource not accessible"}, {}, 8, "Resource not accessible"),
    (404, {"message": "Not Found"}, {}, 6, "does not know"),
    (422, {"message": "No ref found for: main"}, {}, 1, "No ref found for: main"),
    (422, {"message": "Required input 'x' not provided"}, {}, 1, "Required input"),
    (429, {"message": "slow down"}, {"Retry_After": "3600"}, 7, "wants fewer requests"),
    (403, {"message": "secondary rate limit"}, {"Retry_After": "3600"}, 7, "wants fewer requests"),
    (503, {}, {}, 7, "out of order (503)"),
]


@pytest.mark.parametrize(
    ("status", "body", "headers", "code", "said"), REFUSALS, ids=[f"{each[0]} {each[4]}" for each in REFUSALS]
)
def test_a_refusal_has_its_reason_its_exit_code_and_is_open_in_status(
    clone: Clone, forge: Forge, status: int, body: object, headers: dict[str, str], code: int, said: str
) -> None:
    forge.refuse("POST", "/dispatches", status, body, times=0, **headers)
    (clone.root / ".github" / "workflows").mkdir(parents=True)
    (clone.root / ".github" / "workflows" / kit.WORKFLOW).touch()
    ended = clone.manage("build", "trigger")
    assert ended.status == code, ended.err
    assert said in ended.err
    assert "💡 Begin it by hand, or push: `manage.py build trigger`" in ended.err
    assert f"https://github.com/me/demo/actions/workflows/{kit.WORKFLOW}" in ended.err
    shown = clone.manage("status")
    assert shown.status == 0
    assert "⚠️ The build could not be begun" in shown.out
    assert len(forge.dispatches()) == 1


def test_the_manual_action_is_gone_when_the_build_stands(clone: Clone, forge: Forge) -> None:
    forge.refuse("POST", "/dispatches", 403, {"message": "no"})
    assert clone.manage("build", "trigger").status == 8
    assert clone.manage("build", "trigger").status == 0
    assert "⚠️" not in clone.manage("status").out


def test_workflows_that_are_not_there_do_not_listen_or_are_disabled_are_told_apart(clone: Clone, forge: Forge) -> None:
    forge.state.workflows[kit.WORKFLOW] = "on: push\n"
    assert "it has no `on: workflow_dispatch`" in clone.manage("build", "trigger").err
    forge.state.disabled.add(kit.WORKFLOW)
    assert "is disabled" in clone.manage("build", "trigger").err
    del forge.state.workflows[kit.WORKFLOW]
    ended = clone.manage("build", "trigger")
    assert "the repository has no workflow `build-project-image.yml` on `main`" in ended.err
    assert "build init-workflow" in ended.err
    assert forge.dispatches() == []


def test_a_moment_of_too_many_requests_is_waited_for(clone: Clone, forge: Forge) -> None:
    forge.refuse("POST", "/dispatches", 429, {"message": "slow down"}, Retry_After="0")
    assert clone.manage("build", "trigger").status == 0
    assert len(forge.state.runs) == 1


def test_what_is_lost_on_the_way_twice_is_begun_once(clone: Clone, forge: Forge) -> None:
    """The answer is lost, and so is every look for the run: the next command finds it."""
    with proxy.Proxy(f"tcp://{forge.host}") as between:
        clone.api = f"http://{between.host}"
        between.spoil("POST", "/dispatches", proxy.unanswered())
        between.spoil("GET", "/runs", proxy.told(500, "{}"), times=0)
        assert clone.manage("build", "trigger", "--strategy", "workflow_dispatch").status == 7
        between.mend()
        assert clone.manage("build", "trigger", "--strategy", "workflow_dispatch").status == 0
    assert len(forge.dispatches()) == 1


def test_the_token_is_in_no_file_stream_journal_or_command_line(clone: Clone, forge: Forge) -> None:
    with proxy.Proxy(f"tcp://{forge.host}") as between:
        clone.api = f"http://{between.host}"
        go = threading.Event()
        between.spoil("POST", "/dispatches", proxy.held(go))
        child = subprocess.Popen(
            clone.command("build", "trigger", "-vv"),
            cwd=clone.root,
            env=clone.variables(),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        between.await_request("POST", "/dispatches")
        lines = [path.read_bytes() for path in Path("/proc").glob("[0-9]*/cmdline") if _is_ours(path)]
        go.set()
        said, _ = child.communicate(timeout=60)
        assert lines
        assert child.returncode == 0, said
        forge.refuse("POST", "/dispatches", 403, {"message": f"the token {clone.token} may not"})
        said += (again := clone.run("build", "trigger", "--strategy", "workflow_dispatch", "--debug")).out + again.err
        said += "".join(clone.manage("build", verb, "--json").out for verb in ("status", "check-token"))
    held = b"".join(path.read_bytes() for path in clone.root.parent.rglob("*") if path.is_file())
    secret = clone.token.encode()
    assert "may not" in said
    assert clone.token not in said
    assert secret not in held
    assert secret not in b"".join(lines)
    assert all(each.headers.get("authorization", "").endswith(clone.token) for each in forge.dispatches())


def _is_ours(path: Path) -> bool:
    try:
        return b"build\0trigger" in path.read_bytes()
    except OSError:
        return False


def _until(holds: object) -> None:
    import time

    assert callable(holds)
    end = time.monotonic() + 30
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.02)
