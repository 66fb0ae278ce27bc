from __future__ import annotations

import gc
import socket
import threading
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import pytest

from installer.errors import Conflict, InstallerError, NotAllowed, Precondition, StepFailed, Unavailable, UsageError
from installer.frozen import replace
from phases.builds import gitlab, gitlab_door, gitlab_runs, remotes
from phases.builds.model import BuildState, Strategy, Wish
from phases.builds.section import BuildSection
from phases.builds.tokens import Token
from tests.builds import gitlab_forge
from tests.builds.gitlab_forge import PROJECT, GitLabForge

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.slow  # they need npm

WISH = Wish(
    ref="main",
    commit="c" * 40,
    workflow="build-project-image.yml",
    inputs=MappingProxyType({"project_slug": "demo", "tag": "latest", "my-own": "1"}),
    key="sf-0123456789abcdef",
    since=datetime.now(UTC).isoformat(timespec="seconds"),
)
SENT = {"PROJECT_SLUG": "demo", "TAG": "latest", "MY_OWN": "1", "SUREFOOT_KEY": WISH.key}


@pytest.fixture(autouse=True)
def leaks() -> Iterator[None]:
    """A socket that a test forgot fails that very test."""
    yield
    gc.collect()


@pytest.fixture(scope="session")
def prism_of_gitlab() -> str:
    return gitlab_forge.prism()


@pytest.fixture
def forge(prism_of_gitlab: str) -> Iterator[GitLabForge]:
    """A GitLab. Every request of the test has to be as GitLab describes it."""
    with GitLabForge(prism_of_gitlab) as made:
        yield made
    assert made.invalid == []


@pytest.fixture
def connect(forge: GitLabForge) -> Iterator[Any]:
    """Connections to that GitLab, with its token or another."""
    with ExitStack() as ends:

        def made(token: str = "", *, retries: int = 0, api: str = "", scopes: tuple[str, ...] = ()) -> gitlab.GitLab:
            section = replace(BuildSection(), provider="gitlab")
            url = "https://gitlab.example.org/group/sub/demo.git"
            remote = remotes.of(url, section, {remotes.API: api or forge.url})
            secret = Token(value=token or forge.held.token, source="a test")
            return ends.enter_context(gitlab.connected(remote, secret, retries=retries, scopes=scopes))

        yield made


def wish_now(forge: GitLabForge, **changes: Any) -> Wish:
    return replace(WISH, since=datetime.now(UTC).isoformat(timespec="seconds"), **changes)


def test_a_pipeline_is_begun_with_its_variables_as_an_array(forge: GitLabForge, connect: Any) -> None:
    run = connect().trigger(WISH, Strategy.PIPELINE)
    (asked,) = forge.begun()
    assert asked.path == f"{PROJECT}/pipeline"
    assert asked.body == {"ref": "main", "variables": [{"key": name, "value": text} for name, text in SENT.items()]}
    (made,) = forge.held.pipelines
    assert (run.id, run.url, run.state) == (str(made["id"]), made["web_url"], BuildState.QUEUED)
    assert (run.commit, run.ref) == ("c" * 40, "main")


def test_a_trigger_token_triggers_and_is_in_the_body_only(forge: GitLabForge, connect: Any) -> None:
    for strategy in (Strategy.TRIGGER, Strategy.AUTO):
        connect(forge.held.trigger_token).trigger(WISH, strategy)
    for asked in forge.begun():
        assert asked.path == f"{PROJECT}/trigger/pipeline"
        assert {name: asked.body[name] for name in ("ref", "token", "variables")} == {
            "ref": "main",
            "token": forge.held.trigger_token,
            "variables": SENT,
        }
        assert [text for text in (*asked.headers.values(), *asked.query.values()) if "glptt" in text] == []
    assert len(forge.held.pipelines) == 2


def test_auto_with_any_other_token_creates_a_pipeline(forge: GitLabForge, connect: Any) -> None:
    connect().trigger(WISH, Strategy.AUTO)
    assert [each.path for each in forge.begun()] == [f"{PROJECT}/pipeline"]


@pytest.mark.parametrize(("kind", "strategy"), [("token", Strategy.TRIGGER), ("trigger_token", Strategy.PIPELINE)])
def test_a_token_of_the_wrong_kind_is_refused_before_anything_is_sent(
    forge: GitLabForge, connect: Any, kind: str, strategy: Strategy
) -> None:
    with pytest.raises(NotAllowed) as caught:
        connect(getattr(forge.held, kind)).trigger(WISH, strategy)
    assert caught.value.code == "build.token-kind"
    assert forge.requests == []


def test_a_strategy_of_githubs_is_none(connect: Any) -> None:
    with pytest.raises(UsageError) as caught:
        connect().trigger(WISH, Strategy.WORKFLOW_DISPATCH)
    assert "pipeline" in caught.value.hint


def test_a_trigger_token_cannot_look_and_it_is_said_so(forge: GitLabForge, connect: Any) -> None:
    provider = connect(forge.held.trigger_token)
    for look, hint in ((provider.runs, 'strategy = "trigger"'), (provider.find, "build trigger --anew")):
        with pytest.raises(NotAllowed, match="may not look") as caught:
            look(WISH)
        assert hint in caught.value.hint
    assert caught.value.message.endswith("https://gitlab.example.org/group/sub/demo/-/pipelines")
    forge.held.private = False
    forge.add()
    assert len(provider.runs(WISH)) == 1, "what everybody may see, it sees"


def test_the_token_goes_to_no_other_host(forge: GitLabForge, connect: Any, prism_of_gitlab: str) -> None:
    with GitLabForge(prism_of_gitlab) as other:
        there = f"{other.url.replace('127.0.0.1', 'localhost')}{PROJECT}"
        forge.refuse("GET", "demo$", 302, Location=there)
        with pytest.raises(InstallerError):
            connect().default_branch()
        assert other.requests == [], "the redirect was followed"


def test_runs_are_the_pipelines_of_the_commit_that_build_its_branch(forge: GitLabForge, connect: Any) -> None:
    own = forge.add(status="success")
    forge.add(sha="d" * 40)
    forge.add(ref="other")
    forge.add(status="skipped")
    forge.add(source="merge_request_event", ref="refs/merge-requests/1/head")
    newest = forge.add(status="running")
    assert [run.id for run in connect().runs(WISH)] == [str(newest["id"]), str(own["id"])]


def test_the_pipeline_with_the_key_is_found_among_others(forge: GitLabForge, connect: Any) -> None:
    own = forge.add(source="api", variables={"SUREFOOT_KEY": WISH.key})
    forge.add(source="api", variables={"SUREFOOT_KEY": "sf-other"})
    forge.add(source="push")
    found = connect().find(wish_now(forge))
    assert found is not None
    assert found.id == str(own["id"])


def test_a_pipeline_with_another_wishs_key_is_not_the_answer(forge: GitLabForge, connect: Any) -> None:
    forge.add(source="api", variables={"SUREFOOT_KEY": "sf-other"})
    assert connect().find(wish_now(forge)) is None


def test_until_the_last_look_a_push_is_not_the_answer(forge: GitLabForge, connect: Any) -> None:
    forge.add(source="push")
    assert connect().find(wish_now(forge), last=False) is None
    assert connect().find(wish_now(forge)) is not None


def test_where_variables_are_not_told_time_and_source_decide(forge: GitLabForge, connect: Any) -> None:
    forge.held.told = False
    forge.add(source="api", created_at=(datetime.now(UTC) - timedelta(hours=1)).isoformat())
    assert connect().find(wish_now(forge)) is None
    made = forge.add(source="trigger", sha="e" * 40, variables={"SUREFOOT_KEY": WISH.key})
    found = connect().find(wish_now(forge))
    assert found is not None
    assert found.id == str(made["id"])


@pytest.mark.parametrize("hours", [-3, 3])
def test_a_server_with_another_time_is_understood(forge: GitLabForge, connect: Any, hours: int) -> None:
    forge.state.ahead = timedelta(hours=hours)
    forge.add(source="push", started_at=(datetime.now(UTC) + forge.state.ahead).isoformat(), status="running")
    found = connect().find(wish_now(forge))
    assert found is not None
    assert found.seconds is not None
    assert found.seconds < 60


def test_asking_exactly_once_holds_for_gitlab_too(forge: GitLabForge, connect: Any) -> None:
    forge.refuse("POST", "/pipeline$", 502)
    wish = wish_now(forge)
    with pytest.raises(Unavailable):
        connect(retries=2).trigger(wish, Strategy.PIPELINE)
    assert len(forge.begun()) == 1, "what may have been carried out is not repeated"
    connect().trigger(wish, Strategy.PIPELINE)
    found = connect().find(wish)
    assert found is not None
    assert found.id == str(forge.held.pipelines[0]["id"])


def test_what_only_looks_is_tried_again_and_a_limit_is_waited_for(forge: GitLabForge, connect: Any) -> None:
    forge.refuse("GET", "demo$", 503)
    forge.refuse("GET", "demo$", 429, Retry_After="0")
    assert connect(retries=2).default_branch() == "main"
    assert len(forge.requests) == 3
    forge.refuse("POST", "/pipeline$", 429, Retry_After="0")
    connect(retries=1).trigger(WISH, Strategy.PIPELINE)
    assert len(forge.held.pipelines) == 1, "a limit is no acceptance"
    forge.refuse("GET", "demo$", 429, Retry_After="3600")
    with pytest.raises(Unavailable, match="fewer requests") as caught:
        connect(retries=2).default_branch()
    assert caught.value.facts["retry_after"] == 3600


@pytest.mark.parametrize(
    ("status", "body", "kind", "code"),
    [
        (401, {"message": "401 Unauthorized"}, NotAllowed, "build.token"),
        (403, {"message": "403 Forbidden"}, NotAllowed, "build.forbidden"),
        (403, {"error": "insufficient_scope", "scope": "api"}, NotAllowed, "build.scope"),
        (404, {"message": "404 Project Not Found"}, Precondition, "build.unknown"),
        (400, {"message": {"base": ["Reference not found"]}}, StepFailed, "build.ref"),
        (400, {"message": {"base": ["Missing CI config file"]}}, Precondition, "build.workflow-missing"),
        (400, {"message": {"base": ["Pipeline filtered out by workflow rules."]}}, Precondition, "build.no-dispatch"),
        (
            400,
            {"message": {"base": ["Insufficient permissions to set pipeline variables"]}},
            NotAllowed,
            "build.variables",
        ),
        (400, {"message": {"base": ["jobs:x config should contain a script"]}}, StepFailed, "build.refused"),
        (422, {"message": "no"}, StepFailed, "build.refused"),
        (429, {}, Unavailable, "build.limit"),
        (500, {"message": "500 Internal Server Error"}, Unavailable, "build.failed"),
        (301, {}, Unavailable, "build.answer"),
    ],
)
def test_refusals_are_told_apart(
    forge: GitLabForge, connect: Any, status: int, body: Any, kind: type[InstallerError], code: str
) -> None:
    headers = {"Location": f"{forge.url}{PROJECT}"} if status == 301 else {}
    forge.refuse("POST", "/pipeline$", status, body, times=1, **headers)
    with pytest.raises(kind) as caught:
        connect().trigger(WISH, Strategy.PIPELINE)
    assert caught.value.code == code
    assert caught.value.hint or status == 301
    assert forge.held.token not in str(caught.value.as_json())


def test_a_server_that_is_away_has_certainly_not_heard_us(forge: GitLabForge, connect: Any) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    with pytest.raises(Unavailable) as caught:
        connect(api=f"http://127.0.0.1:{port}").trigger(WISH, Strategy.PIPELINE)
    assert (caught.value.code, caught.value.facts["sent"]) == ("build.offline", False)


def test_an_answer_that_is_lost_may_have_been_carried_out(forge: GitLabForge, connect: Any) -> None:
    with socket.create_server(("127.0.0.1", 0)) as deaf:

        def hear() -> None:
            client, _ = deaf.accept()
            with client:
                client.recv(65536)

        listener = threading.Thread(target=hear)
        listener.start()
        api = f"http://127.0.0.1:{deaf.getsockname()[1]}"
        with pytest.raises(Unavailable) as caught:
            connect(api=api, retries=2).trigger(WISH, Strategy.PIPELINE)
        listener.join()
    assert (caught.value.code, caught.value.facts["sent"]) == ("build.offline", True)


def test_a_page_in_place_of_the_api_is_said_so(forge: GitLabForge, connect: Any) -> None:
    forge.refuse("GET", "demo$", 200, ["a proxy's page"])
    with pytest.raises(Unavailable) as caught:
        connect().default_branch()
    assert caught.value.code == "build.answer"


def test_a_repository_without_a_branch_is_said_so(forge: GitLabForge, connect: Any) -> None:
    forge.held.branch = None
    with pytest.raises(Precondition, match="no branch yet"):
        connect().default_branch()


def test_a_run_is_followed_read_and_ended(forge: GitLabForge, connect: Any) -> None:
    made, provider = forge.add(status="running"), connect()
    assert provider.run(str(made["id"])).state is BuildState.RUNNING
    assert list(provider.logs(str(made["id"]))) == ["== build-image (running)", "$ make", "müde"]
    provider.cancel(str(made["id"]))
    made["status"] = "canceled"
    assert provider.run(str(made["id"])).state is BuildState.CANCELLED
    with pytest.raises(Conflict, match="ended already"):
        provider.cancel(str(made["id"]))
    with pytest.raises(Precondition):
        provider.run("1")
    with pytest.raises(UsageError):
        provider.run("../1")


def test_a_job_without_a_log_is_passed_by(forge: GitLabForge, connect: Any) -> None:
    made = forge.add()
    forge.refuse("GET", "/trace$", 404)
    assert list(connect().logs(str(made["id"]))) == ["== build-image (created)"]


def test_what_the_token_may_and_lacks_is_told(forge: GitLabForge, connect: Any) -> None:
    assert connect().permissions(Strategy.AUTO).missing == ()
    forge.held.level = 20
    assert connect().permissions(Strategy.AUTO).missing == ("the role Developer in group/sub/demo",)
    forge.held.scopes = ("read_api",)
    found = connect(scopes=("read_registry",)).permissions(Strategy.PIPELINE)
    assert (found.user, found.granted, found.missing) == ("octocat", ("read_api",), ("api", "read_registry"))
    forge.held.scopes = ("read_repository",)
    assert connect().permissions(Strategy.AUTO).user == "", "the token's own name is nobody's"
    with pytest.raises(NotAllowed, match="does not accept the token"):
        connect("glpat-" + "x" * 20).permissions(Strategy.AUTO)
    assert connect(forge.held.trigger_token).permissions(Strategy.AUTO).known is False


@pytest.mark.parametrize(
    ("status", "state"),
    [
        ("created", BuildState.QUEUED),
        ("pending", BuildState.QUEUED),
        ("manual", BuildState.QUEUED),
        ("running", BuildState.RUNNING),
        ("canceling", BuildState.RUNNING),
        ("success", BuildState.SUCCEEDED),
        ("failed", BuildState.FAILED),
        ("canceled", BuildState.CANCELLED),
        ("something-new", BuildState.UNKNOWN),
    ],
)
def test_every_status_is_a_state(status: str, state: BuildState) -> None:
    run = gitlab_runs.read(
        {
            "id": 1,
            "status": status,
            "started_at": "2026-11-23T05:00:00.000Z",
            "finished_at": "2026-11-23T05:02:05.500Z",
        }
    )
    assert run.state is state
    if state.ended:
        assert run.seconds == 125.5


def test_what_an_error_says_is_read_as_people_read_it() -> None:
    assert gitlab_door._flat({"base": ["a", "b"], "ref": ["is missing"]}) == "a; b; ref: is missing"  # noqa: SLF001 -- a table of its own would be as long
