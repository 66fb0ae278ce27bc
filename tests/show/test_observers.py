from __future__ import annotations

import io
import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

import jsonschema

from installer import model
from installer.model import Event, Opened
from installer.show import OBSERVERS, Audience, Stage, Volume, Watcher, observer
from tests.show.story import NAMES, PHASES, STORY

if TYPE_CHECKING:
    import pytest

SCHEMA = Path(__file__).parents[2] / "docs" / "schemas" / "events.schema.json"


def told(kind: str, volume: Volume = "normal", **more: Any) -> str:  # fields of Stage
    stream = io.StringIO()
    with observer(kind, Stage(stream=stream, phases=PHASES, names=NAMES, volume=volume, **more)) as watcher:
        for event in STORY:
            watcher(event)
    return stream.getvalue()


def test_plain_lines_tell_phases_and_steps() -> None:
    assert (
        told("plain")
        == """\
environment_setup
  › Make an environment
  – Python 3.11.7 was chosen:
    it is named in .python-version
✓ environment_setup (1.3 s)
python_deps
  › Install 12 packages
  › Install the group docs
  ! went on without: Install the group docs
    sphinx: not found
  ! warning: going on without the group docs
✓ python_deps (12 s)
sage_packages
  – Install the group docs: it needs what failed
  › Install demo from .
  ✗ Install demo from .
  ↺ Install demo from .
    ✗ build/x: busy
    ! changed by you since, left as it is: setup.cfg
    – set aside for you: notes.txt
Taking back all after the checkpoint environment_setup
"""
    )


def test_verbose_adds_the_output_of_commands_what_still_holds_and_what_is_taken_back() -> None:
    added = set(told("plain", "verbose").splitlines()) - set(told("plain").splitlines())
    assert added == {
        "      Installed six==1.16",
        "  – Make an environment: still holds",
        "  ↺ Install the group docs",
        "  ↺ Install 12 packages",
    }


def test_quiet_says_only_what_went_wrong() -> None:
    assert (
        told("plain", "quiet")
        == """\
  ! went on without: Install the group docs
    sphinx: not found
  ! warning: going on without the group docs
  – Install the group docs: it needs what failed
  ✗ Install demo from .
    ✗ build/x: busy
    ! changed by you since, left as it is: setup.cfg
    – set aside for you: notes.txt
"""
    )


def test_the_terminal_ends_with_all_phases_and_can_be_read_without_colour(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setenv("TERM", "xterm")
    assert told("terminal").splitlines()[-4:] == [
        "✓ environment_setup  1.3 s",
        "↺ python_deps        taken back",
        "✗ sage_packages      failed",
        "  cleanup            ",
    ]


def test_above_the_live_display_stands_what_it_does_not_show() -> None:
    lines = told("terminal").splitlines()
    assert "  ! went on without: Install the group docs" in lines
    assert "environment_setup" not in lines
    assert not any("Installed six" in line for line in lines)


def test_json_lines_hold_to_their_published_schema() -> None:
    schema = json.loads(SCHEMA.read_text())
    jsonschema.Draft202012Validator.check_schema(schema)
    events = [json.loads(line) for line in told("json").splitlines()]
    for event in events:
        jsonschema.validate(event, schema)
    assert len(events) == len(STORY)
    assert [event["event"] for event in events][:4] == ["run_opened", "phase_started", "step_started", "note"]
    assert "undo" not in events[2]


def test_the_story_has_every_kind_of_event() -> None:
    assert {type(event) for event in STORY} == set(get_args(Event))
    assert set(get_args(model.Record)) <= set(get_args(Event))


def test_the_log_file_has_everything_with_its_time(tmp_path: Path) -> None:
    told("log", "quiet", logs=tmp_path / "logs")
    path = tmp_path / "logs" / "20251115_143000.log"
    lines = path.read_text().splitlines()
    stamp = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}[+-]\d\d:\d\d ")
    assert all(stamp.match(line) for line in lines)
    assert [stamp.sub("", line) for line in lines][:3] == [
        "run_opened install_id=20251115_143000 kind=install facts={'mode': 'dev'}",
        "phase_started phase=environment_setup steps=['environment_setup.01.make']",
        "step_started step=environment_setup.01.make phase=environment_setup title=Make an environment attempt=1",
    ]
    assert "python_deps.02.install | Installed six==1.16" in path.read_text()
    assert path.stat().st_mode & 0o777 == 0o600


def test_the_log_of_a_resumed_run_goes_on(tmp_path: Path) -> None:
    told("log", logs=tmp_path)
    before = (tmp_path / "20251115_143000.log").read_text()
    with observer("log", Stage(stream=io.StringIO(), logs=tmp_path, install_id="20251115_143000")) as watcher:
        watcher(STORY[1])
    after = (tmp_path / "20251115_143000.log").read_text()
    assert after.startswith(before)
    assert len(after.splitlines()) == len(before.splitlines()) + 1


def test_a_link_in_place_of_the_log_is_not_followed(tmp_path: Path) -> None:
    victim = tmp_path / "victim"
    victim.write_text("mine")
    (tmp_path / "logs").mkdir()
    (tmp_path / "logs" / "20251115_143000.log").symlink_to(victim)
    with Audience([observer("log", Stage(stream=io.StringIO(), logs=tmp_path / "logs"))]) as audience:
        audience(STORY[0])
    assert victim.read_text() == "mine"


def test_an_observer_that_fails_is_dismissed_and_the_others_go_on() -> None:
    class Broken(io.StringIO):
        def write(self, _text: str) -> int:
            raise BrokenPipeError

    stream = io.StringIO()
    watchers: list[Watcher] = [observer("plain", Stage(stream=Broken())), observer("json", Stage(stream=stream))]
    with Audience(watchers) as audience:
        for event in STORY[:3]:
            audience(event)
    assert len(stream.getvalue().splitlines()) == 3


def test_the_table_of_observers_is_what_the_folder_holds() -> None:
    folder = Path(__file__).parents[2] / "installer" / "show"
    modules = {place.partition(":")[0].rpartition(".")[2] for place in OBSERVERS.values()}
    others = {"__init__", "grouped", "harmless", "markdown", "places", "scene", "words"}
    assert modules == {path.stem for path in folder.glob("*.py")} - others
    for kind in OBSERVERS:
        with observer(kind, Stage(stream=io.StringIO())) as watcher:
            watcher(Opened(install_id="x", kind="install", facts={}))


def test_titles_of_steps_from_an_earlier_process_are_known() -> None:
    stream = io.StringIO()
    with observer("plain", Stage(stream=stream, titles={"a.01.x": "Make it"}, volume="verbose")) as watcher:
        watcher(model.Undone(step="a.01.x"))
        watcher(model.Undone(step="a.02.y"))
    assert stream.getvalue() == "  ↺ Make it\n  ↺ a.02.y\n"


def test_a_mere_rollback_is_counted_on_a_terminal_without_phases(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setenv("TERM", "xterm")
    stream = io.StringIO()
    with observer("terminal", Stage(stream=stream, phases=("a", "b"))) as watcher:
        watcher(model.RollbackStarted())
        watcher(model.Undone(step="b.01.x"))
        watcher(model.Undone(step="a.01.x"))
    lines = stream.getvalue().splitlines()
    assert lines[0] == "Taking back the run"
    assert lines[-1].endswith("steps taken back: 2  0 s")
    assert not any(line.endswith(("  a", "  b")) for line in lines)
