from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import ChainMap
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import pytest

import phases
from installer import actions, i18n
from installer.cli.main import manage
from installer.engine import Engine
from installer.errors import UsageError
from installer.frozen import replace
from installer.manifest import Manifest, load
from installer.model import Facts, Options, RelPath, Step
from installer.store import Store
from phases import cleanup
from phases.builds import memory
from phases.builds.notices import Event, Notice, send
from tests.builds.bells import SECRET, Bell, ringing

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

TOY = Path(__file__).parents[1] / "cli" / "toy.py"
READY = Notice(event=Event.READY, project="demo", link="https://demo.example/", detail="2 min 5 s")


@pytest.fixture
def bell() -> Iterator[Bell]:
    with ringing() as made:
        yield made


def facts(root: Path, results: Mapping[str, Any]) -> Facts:
    return Facts(root=root, state=RelPath(".surefoot"), install_id="x", options=Options(), results=results)


def test_a_notice_has_a_headline_a_sentence_and_a_link(bell: Bell) -> None:
    assert send(READY, ["BELL"], {"BELL": bell.address}) == []
    (heard,) = bell.heard
    assert heard["title"] == "The project is ready"
    assert heard["message"] == "demo is ready\n2 min 5 s\nhttps://demo.example/"
    assert heard["type"] == "success"


def test_a_notice_is_in_the_users_language(bell: Bell) -> None:
    i18n.use("zh")
    assert send(Notice(event=Event.READY, project="demo"), ["BELL"], {"BELL": bell.address}) == []
    assert [(each["title"], each["message"]) for each in bell.heard] == [("项目已就绪", "项目 demo 已就绪")]


@pytest.mark.parametrize("event", [Event.BUILD_FAILED, Event.ROLLBACK_FAILED])
def test_what_failed_is_told_as_a_failure(bell: Bell, event: Event) -> None:
    assert send(Notice(event=event, project="demo"), ["BELL"], {"BELL": bell.address}) == []
    assert [each["type"] for each in bell.heard] == ["failure"]


def test_each_address_is_told_once_also_beside_a_dead_one(bell: Bell) -> None:
    with ringing() as other:
        both = f"{other.address}, {bell.address}"
        dead = f"json://127.0.0.1:{_free_port()}/{SECRET}"
        complaints = send(READY, ["DEAD", "BOTH"], {"DEAD": dead, "BOTH": both})
        assert len(other.heard) == len(bell.heard) == 1
    assert [each.partition(":")[0] for each in complaints] == ["the notice to DEAD was not delivered"]
    assert SECRET not in complaints[0]


def test_a_refusal_is_a_sentence_without_the_address(bell: Bell) -> None:
    bell.status = 500
    (complaint,) = send(READY, ["BELL"], {"BELL": bell.address})
    assert complaint.startswith("the notice to BELL was not delivered: ")
    assert "500" in complaint
    assert [part for part in ("bell-ringer", SECRET, str(bell.port)) if part in complaint] == []
    assert len(bell.heard) == 1, "tried once"


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        ("", "no notice was sent: the variable BELL is not set"),
        ("no-address", "the notice to BELL was not delivered: it holds no address that apprise understands"),
        ("nothing://x", "the notice to BELL was not delivered: it holds no address that apprise understands"),
    ],
)
def test_what_is_no_address_is_said(value: str, reason: str, capfd: pytest.CaptureFixture[str]) -> None:
    assert send(READY, ["BELL"], {"BELL": value}) == [reason]
    assert capfd.readouterr() == ("", ""), "and apprise says nothing of its own"


def test_a_missing_library_is_a_sentence_with_its_remedy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "apprise", None)
    (complaint,) = send(READY, ["BELL"], {"BELL": "json://127.0.0.1"})
    assert "`builds`" in complaint
    assert "extras add builds" in complaint


def test_a_plugin_that_breaks_is_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    import apprise

    def broken(*_: object, **__: object) -> bool:
        raise RuntimeError(SECRET)

    monkeypatch.setattr(apprise.Apprise, "notify", broken)
    (complaint,) = send(READY, ["BELL"], {"BELL": f"json://127.0.0.1/{SECRET}"})
    assert complaint == "the notice to BELL was not delivered: RuntimeError"


def test_what_a_plugin_says_of_the_address_is_not_passed_on(monkeypatch: pytest.MonkeyPatch) -> None:
    import apprise

    def chatty(*_: object, **__: object) -> bool:
        apprise.logger.warning("the service is closed")
        apprise.logger.warning("could not reach http://127.0.0.1/%s", quote(f"{SECRET}/é", safe=""))
        return False

    monkeypatch.setattr(apprise.Apprise, "notify", chatty)
    (complaint,) = send(READY, ["BELL"], {"BELL": f"json://127.0.0.1/{SECRET}%2F%C3%A9"})
    assert complaint == "the notice to BELL was not delivered: the service is closed"


def test_an_installation_that_did_something_ends_with_a_notice(tmp_path: Path) -> None:
    manifest = Manifest(notify=("BELL",))
    assert list(cleanup.plan(manifest, facts(tmp_path, {}))) == [], "nothing was done"
    assert list(cleanup.plan(Manifest(), facts(tmp_path, {"a": {}}))) == [], "nobody wants to know"
    (last,) = list(cleanup.plan(manifest, facts(tmp_path, {"a": {}})))
    assert isinstance(last, Step)
    assert (last.action, last.on_failure, last.effect.repeatable) == ("notices.send", "warn", True)


STEPS = [
    ('trigger = "never"', False, "", 1),
    ('trigger = "first-install"', False, "", 0),
    ('trigger = "first-install"', True, "", 1),
    ('trigger = "first-install"', False, "true", 1),
    ('trigger = "first-install"\nstrategy = "none"', False, "", 1),
]


@pytest.mark.parametrize(("build", "offline", "ci", "notices"), STEPS)
def test_only_where_a_build_begins_its_end_is_what_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, build: str, ci: str, *, offline: bool, notices: int
) -> None:
    monkeypatch.setenv("CI", ci)
    (tmp_path / "surefoot.toml").write_text(f'notify = ["BELL"]\n[build]\n{build}\n')
    manifest = load(tmp_path, phases.SECTIONS, phases.ORDER)
    told = replace(facts(tmp_path, {"a": {}}), options=Options(offline=offline))
    steps = [each.action for each in cleanup.plan(manifest, told) if isinstance(each, Step)]
    assert (steps.count("notices.send"), steps.count("builds.trigger")) == (notices, 1 - notices)


def test_a_later_installation_that_begins_no_build_tells_by_itself(tmp_path: Path) -> None:
    (tmp_path / "surefoot.toml").write_text('notify = ["BELL"]\n[build]\ntrigger = "first-install"\n')
    manifest = load(tmp_path, phases.SECTIONS, phases.ORDER)
    note = memory.Note(install_id="the first one", args={}, key="k", since="", stage="begun")
    memory.write(tmp_path / ".surefoot", note)
    assert [each.action for each in cleanup.plan(manifest, facts(tmp_path, {"a": {}})) if isinstance(each, Step)] == [
        "notices.send"
    ]


def test_a_notice_that_may_have_been_sent_before_a_kill_is_not_sent_again(
    bell: Bell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BELL", bell.address)
    order = ("verification", "cleanup")
    written = actions.write_file("verification", "01.write", path=RelPath("a"), text="a")

    def plan(phase: str, facts: Facts) -> Iterator[Any]:
        return iter([written]) if phase == "verification" else cleanup.plan(Manifest(notify=("BELL",)), facts)

    def cut(args: Any, context: Any) -> None:
        own(args, context)
        raise KeyboardInterrupt

    store, own = Store(tmp_path, RelPath(".surefoot")), phases.ACTIONS["notices.send"]
    store.enter()
    engine = Engine(store, order=order, actions=ChainMap({"notices.send": cut}, phases.ACTIONS), plan=plan)  # type: ignore[arg-type]
    with pytest.raises(KeyboardInterrupt):
        engine.run()
    assert len(bell.heard) == 1
    said: list[str] = []
    outcome = Engine(
        store,
        order=order,
        actions=phases.ACTIONS,
        plan=plan,
        observers=(lambda event: said.append(getattr(event, "text", "")),),
    ).run()
    assert (outcome.state, len(bell.heard)) == ("done", 1)
    assert "may have been sent before the run was cut short" in "".join(said)


@pytest.mark.parametrize("status", [200, 500])
def test_a_run_ends_well_whatever_becomes_of_its_notice(
    bell: Bell, status: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BELL", bell.address)
    bell.status = status
    written = actions.write_file("verification", "01.write", path=RelPath("a"), text="a")

    def plan(phase: str, facts: Facts) -> Iterator[Any]:
        return iter([written]) if phase == "verification" else cleanup.plan(Manifest(notify=("BELL",)), facts)

    store = Store(tmp_path, RelPath(".surefoot"))
    store.enter()
    order = ("verification", "cleanup")
    outcome = Engine(store, order=order, actions=phases.ACTIONS, plan=plan).run()
    assert (outcome.state, outcome.warnings) == ("done", ())
    assert [each["message"] for each in bell.heard] == [f"{tmp_path.name} is ready"]
    left = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    assert SECRET.encode() not in left
    assert manage(["rollback", "-C", str(tmp_path), "--yes"]) == 0
    assert not (tmp_path / "a").exists()
    assert len(bell.heard) == 1


def test_an_incomplete_rollback_is_told_and_a_deaf_bell_changes_nothing(bell: Bell, tmp_path: Path) -> None:
    (tmp_path / "surefoot.toml").write_text('notify = ["BELL"]\n')
    environment = {
        **{name: value for name, value in os.environ.items() if name in {"PATH", "LC_ALL"}},
        "HOME": str(tmp_path / "home"),
        "BELL": bell.address,
        "TOY_INVERSE": "false",
    }

    def call(*words: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-B", str(TOY), *words]
        return subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)

    assert call("quickstart", "-y").returncode == 0
    assert call("manage", "rollback", "-y").returncode == 5
    assert [each["title"] for each in bell.heard] == ["Not everything could be taken back"]
    bell.status = 503
    ended = call("manage", "rollback", "-y", "--json")
    assert ended.returncode == 5
    notes = [json.loads(line) for line in ended.stdout.splitlines() if '"note"' in line]
    assert [each["text"].partition(":")[0] for each in notes] == ["the notice to BELL was not delivered"]
    assert SECRET not in ended.stdout + ended.stderr


@pytest.mark.parametrize("value", ["json://127.0.0.1/x", "A-B", "", "1A"])
def test_an_address_in_the_manifest_is_refused(tmp_path: Path, value: str) -> None:
    (tmp_path / "surefoot.toml").write_text(f'notify = ["{value}"]\n')
    with pytest.raises(UsageError) as caught:
        load(tmp_path, phases.SECTIONS, phases.ORDER)
    assert "should be the name of a variable" in "".join(caught.value.details)


def _free_port() -> int:
    import socket

    with socket.create_server(("127.0.0.1", 0)) as taken:
        return int(taken.getsockname()[1])
