"""The verb as users call it, on small projects with real packages."""

from __future__ import annotations

import json
import os
import re
import signal
import time
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import jsonschema
import pytest

from installer.selftest.pictures import marks
from tests.selftest.test_copying import repository
from tests.whole.kit import ROOT, Ended, run, start

pytestmark = pytest.mark.slow

PROJECT = """\
[build-system]
requires = ["setuptools"]
build-backend = "setuptools.build_meta"
[project]
name = "small"
version = "1"
dependencies = ["idna==3.7"]
[tool.setuptools]
py-modules = ["small"]
"""
# The command leaves a file that it did not declare while it works, and takes it away: well, if nobody kills it.
MESSY = """
[[steps]]
phase = "packages"
title = "Mess"
run = ["sh", "-c", "echo x > stray.tmp; sleep 1; rm stray.tmp; echo made > made.txt"]
outputs = ["made.txt"]
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """One package from the index."""
    return repository(tmp_path / "small", **{"requirements.txt": "idna==3.7\n"})


@pytest.fixture
def built(tmp_path: Path) -> Path:
    """The same, and a package of its own that is built."""
    return repository(tmp_path / "small", **{"pyproject.toml": PROJECT, "small.py": "x = 1\n"})


@pytest.fixture
def room(tmp_path: Path) -> Path:
    """Where the copies are made."""
    folder = tmp_path / "room"
    folder.mkdir()
    return folder


def selftest(project: Path, room: Path, *words: str) -> Ended:
    return run("manage.py", "selftest", *words, cwd=project, env={"TMPDIR": str(room)})


def events(said: str) -> dict[str, list[dict[str, Any]]]:
    found: dict[str, list[dict[str, Any]]] = {}
    for line in said.splitlines():
        if line.startswith("{"):
            event = json.loads(line)
            found.setdefault(event["event"], []).append(event)
    return found


def test_every_point_of_a_small_project_resumes_and_reverts_and_the_project_is_not_touched(
    built: Path, room: Path, tmp_path: Path
) -> None:
    before = marks(built)
    report = tmp_path / "report.xml"
    ended = selftest(built, room, "--samples", "6", "--json", "--junit", str(report))
    assert ended.status == 0, ended.said
    assert marks(built) == before
    assert list(room.iterdir()) == []

    told = events(ended.said)
    schema = json.loads((ROOT / "docs" / "schemas" / "events.schema.json").read_text())
    for event in (event for each in told.values() for event in each):
        jsonschema.validate(event, schema)
    (started,), (verdict,) = told["selftest_started"], told["selftest"]
    assert [each["phase"] for each in started["phases"]][:3] == ["begin", "environment_setup", "python_deps"]
    assert [each["point"] for each in told["selftest_point"]] == started["chosen"]
    assert (verdict["tried"], verdict["resumed"], verdict["reverted"], verdict["reverted_by_script"]) == (6, 6, 6, 2)
    assert verdict["points"] > 300
    assert (verdict["not_reached"], verdict["untouched"], verdict["failed"]) == (0, True, [])
    assert len(ET.parse(report).findall("testcase")) == 6  # noqa: S314 -- our own file


def test_a_step_that_writes_what_it_did_not_declare_is_found_named_and_can_be_repeated(
    project: Path, room: Path, tmp_path: Path
) -> None:
    (project / "surefoot.toml").write_text(MESSY)
    assert selftest(project, room).status == 2, "steps of the project's own need an agreement"
    report = tmp_path / "report.xml"
    point = "packages.90.1_mess@0.5"
    ended = selftest(project, room, "-y", "--kill-at", point, "--backend", "uv", "--junit", str(report))
    assert ended.status == 1, ended.said
    assert "came: stray.tmp" in ended.said
    assert "NOT reverted" in ended.said
    assert f"`manage.py selftest --kill-at {point} --backend uv` repeats it" in ended.said.replace("0.500", "0.5")
    (wreck, *_) = re.findall("what it left is in (.*)", ended.said)
    assert os.path.exists(os.path.join(wreck, "stray.tmp"))
    assert len(ET.parse(report).findall("testcase/failure")) == 2  # noqa: S314 -- our own file
    assert not (project / "stray.tmp").exists()


def test_a_project_whose_undisturbed_run_fails_exits_6_with_its_error(project: Path, room: Path) -> None:
    (project / "requirements.txt").write_text("idna==0.0.0.1\n")
    ended = selftest(project, room, "--samples", "1")
    assert ended.status == 6, ended.said
    assert "the undisturbed run fails on the copy already" in ended.said
    assert "idna==0.0.0.1" in ended.said
    assert list(room.iterdir()) == []


@pytest.mark.parametrize(("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_an_interruption_leaves_no_copy_and_no_program(
    project: Path, room: Path, number: signal.Signals, status: int
) -> None:
    before = marks(project)
    with start("manage.py", "selftest", "--samples", "3", cwd=project, env={"TMPDIR": str(room)}) as process:
        deadline = time.monotonic() + 120
        while not list(room.glob("*/copy/small/.surefoot/staging")) and time.monotonic() < deadline:
            time.sleep(0.01)
        process.send_signal(number)
        process.wait(60)
        assert process.returncode == status
    assert list(room.iterdir()) == []
    assert marks(project) == before
    assert programs_below(room) == []


def programs_below(room: Path) -> list[str]:
    """The command lines of the programs that work somewhere in `room`."""
    found = []
    for entry in os.scandir("/proc") if os.path.isdir("/proc/self") else ():
        try:
            if entry.name.isdigit() and os.readlink(f"/proc/{entry.name}/cwd").startswith(str(room)):
                found.append(Path(f"/proc/{entry.name}/cmdline").read_text())
        except OSError:
            continue
    return found


def test_what_a_killed_selftest_left_is_removed_by_the_next(project: Path, room: Path) -> None:
    with start("manage.py", "selftest", "--samples", "3", cwd=project, env={"TMPDIR": str(room)}) as process:
        deadline = time.monotonic() + 120
        while not list(room.glob("*/copy/small/.surefoot")) and time.monotonic() < deadline:
            time.sleep(0.01)
        process.kill()
    (left,) = room.iterdir()
    ended = selftest(project, room, "--kill-at", "verification", "--samples", "1", "--keep")
    assert ended.status == 0, ended.said
    (kept,) = room.iterdir()
    assert kept != left
    assert f"the copy is kept in {kept}" in ended.said
    assert (kept / "copy" / "small" / "requirements.txt").exists()


def test_a_dry_run_says_what_would_be_done_and_does_nothing(project: Path, room: Path) -> None:
    before = marks(project)
    ended = selftest(project, room, "--dry-run")
    assert ended.status == 0, ended.said
    assert "A selftest would copy " in ended.said
    assert list(room.iterdir()) == []
    assert marks(project) == before


def test_a_phase_in_which_nothing_is_done_is_an_error(project: Path, room: Path) -> None:
    ended = selftest(project, room, "--kill-at", "submodule_sync")
    assert ended.status == 2, ended.said
    assert "hint: there are: begin, environment_setup, python_deps, verification, end" in ended.said


def test_an_active_environment_is_not_tried_on(project: Path, room: Path) -> None:
    (project / "surefoot.toml").write_text('environment = "active"\n')
    ended = selftest(project, room)
    assert ended.status == 6, ended.said
    assert "the active environment is not part of the project" in ended.said
