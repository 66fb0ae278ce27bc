"""The step of a build, with a provider of the test's own: what a note says is done, and what may be asked for again."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, cast

import pytest

from installer import manifest as manifests
from installer import process
from installer.errors import Conflict, InstallerError, NotAllowed, StepFailed, Unavailable
from installer.frozen import replace
from installer.model import Context, Facts, Options, RelPath, Step
from installer.redact import hide
from phases.builds import asking, memory, planning, providers
from phases.builds.model import BuildRun, BuildState, Tip
from phases.builds.section import BuildSection
from tests.builds import kit

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from installer.manifest import Manifest
    from installer.model import Json
    from phases.builds.model import Strategy, Wish

RUN = BuildRun(id="7", url="https://x.test/7", state=BuildState.QUEUED, commit="c" * 40, ref="main", created="")
STATE = RelPath(".surefoot")


class Provider:
    """Shows `seen`; answers a request with `answer`, or raises it."""

    def __init__(self) -> None:
        self.seen: BuildRun | None = None
        self.answer: BuildRun | Exception | None = RUN
        self.asked: list[Wish] = []
        self.known = Tip(commit="")
        self.late = 0  # looks that do not show it yet
        self.commits: list[str] = []

    def default_branch(self) -> str:
        return "main"

    def tip(self, wish: Wish) -> Tip:
        return replace(self.known, commit=self.known.commit or wish.commit)

    def runs(self, wish: Wish) -> list[BuildRun]:
        self.commits.append(wish.commit)
        if len(self.commits) <= self.late:
            return []
        return [self.seen] if self.seen else []

    def find(self, wish: Wish) -> BuildRun | None:
        return self.seen

    def trigger(self, wish: Wish, strategy: Strategy) -> BuildRun | None:
        self.asked.append(wish)
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


@pytest.fixture
def provider(monkeypatch: pytest.MonkeyPatch) -> Provider:
    made = Provider()

    @contextmanager
    def connected(*_: object, **__: object) -> Iterator[Provider]:
        yield made

    monkeypatch.setattr(providers, "connected", connected)
    monkeypatch.setattr(asking, "WAITS", (0.0,))
    return made


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return kit.Clone(tmp_path).root


def manifest(root: Path, text: str = "") -> Manifest:
    (root / "surefoot.toml").write_text("[build]\n" + text)
    return manifests.load(root, (BuildSection,))


def facts(root: Path, run: str) -> Facts:
    return Facts(root=root, state=STATE, install_id=run, options=Options())


def planned(root: Path, run: str, text: str = "") -> Json:
    (step,) = planning.plan({}, manifest(root, text), facts(root, run))
    assert isinstance(step, Step)
    return dict(step.args)


def act(root: Path, args: Json, run: str) -> Json:
    def say(_: str) -> None: ...

    context = Context(
        root=root,
        state=STATE,
        install_id=run,
        options=Options(),
        scratch=root,
        run=cast("Any", process.run),
        report=lambda _done, _all: None,
        note=say,
        warn=say,
    )
    return planning.trigger(args, context)


def note(root: Path) -> memory.Note:
    found = memory.read(root / STATE)
    assert found is not None
    return found


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
