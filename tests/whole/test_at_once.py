"""Two and more at once: one works, the others wait or refuse; stale locks; a clock that jumps (rows 57 to 62)."""

from __future__ import annotations

import ctypes
import fcntl
import json
import os
import signal
import subprocess
import time
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.whole.kit import PYTHON, ROOT, differences, environment, picture, run, start, versions
from tests.whole.processes import Marked

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.slow

MANY = 8
SECONDS = 120
MANIFEST = """\
[[steps]]
phase = "python_deps"
after = "start"
title = "Wait for the test"
run = ["python", "-c", "import os, time; open('ran', 'a').write('x'); open('../pid', 'w').write(str(os.getpid())); {}"]
outputs = ["ran"]
"""
WAIT = "[time.sleep(0.01) for _ in iter(lambda: os.path.exists('../go'), True)]"
_IN_OPEN = 0x20  # linux/inotify.h


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project whose run waits, in a step that may run once only, until the test lets it go on."""
    return furnish(tmp_path / "project")


@pytest.fixture
def marked() -> Iterator[Marked]:
    yield (made := Marked())
    assert made.left() == []


def furnish(root: Path) -> Path:
    root.mkdir(parents=True)
    (root / "requirements.txt").write_text("idna==3.7\n")
    (root / "surefoot.toml").write_text(MANIFEST.replace("{}", WAIT))
    return root


@contextmanager
def many(count: int, *words: str, cwd: Path, env: dict[str, str]) -> Iterator[list[subprocess.Popen[bytes]]]:
    """So many `quickstart.py` at once."""
    with ExitStack() as stack:
        yield [
            stack.enter_context(start("quickstart.py", "-y", "--json", *words, cwd=cwd, env=env)) for _ in range(count)
        ]


def test_of_eight_one_works_and_the_others_wait_and_find_nothing_to_do(project: Path, marked: Marked) -> None:
    before = picture(project)
    with many(MANY, cwd=project, env=marked.env) as processes:
        first = [_event(each) for each in processes]
        waiting = [event for event in first if event["event"] == "waiting"]
        assert len(waiting) == MANY - 1, first
        working = next(each for each, event in zip(processes, first, strict=True) if event["event"] != "waiting")
        assert all(f"process {working.pid} on " in event["holder"] for event in waiting), waiting
        (project.parent / "go").touch()
        ends = [_rest(each) for each in processes]
    assert [each.returncode for each in processes] == [0] * MANY, ends
    events = [event["event"] for event in (*first, *(each for said in ends for each in said))]
    assert events.count("run_opened") == 1
    assert (project / "ran").read_text() == "x"
    assert run("manage.py", "verify", "--deep", cwd=project).status == 0
    assert run("manage.py", "rollback", "--all", "--yes", cwd=project).status == 0
    assert differences(before, picture(project)) == []


def test_of_eight_one_is_killed_and_one_of_the_others_goes_on(project: Path, marked: Marked) -> None:
    with many(MANY, cwd=project, env=marked.env) as processes:
        first = [_event(each) for each in processes]
        working = next(each for each, event in zip(processes, first, strict=True) if event["event"] != "waiting")
        _until((project.parent / "pid").exists)
        os.kill(working.pid, signal.SIGKILL)
        (project.parent / "go").touch()
        others = [each for each in processes if each is not working]
        ends = [_rest(each) for each in others]
        working.wait(SECONDS)
    assert [each.returncode for each in others] == [0] * (MANY - 1), ends
    events = [event["event"] for said in ends for event in said]
    assert events.count("run_resumed") == 1, "the run of the dead one"
    assert (events.count("run_opened"), (project / "ran").read_text()) == (0, "x"), "its step was taken back first"
    assert run("manage.py", "verify", "--deep", cwd=project).status == 0


def test_of_eight_that_do_not_wait_seven_refuse_and_name_the_one(project: Path, marked: Marked) -> None:
    with start("quickstart.py", "-y", "--json", cwd=project, env=marked.env) as working:
        _until((project.parent / "pid").exists)
        with many(MANY - 1, "--no-wait", cwd=project, env=marked.env) as processes:
            said = [_rest(each)[-1]["error"] for each in processes]
        assert [each.returncode for each in processes] == [3] * (MANY - 1), said
        note = json.loads((project / ".surefoot" / "lock.json").read_bytes())
        assert note["pid"] == working.pid
        told = f"process {note['pid']} on {note['host']}, since {note['started']}"
        assert [told in each["message"] for each in said] == [True] * (MANY - 1), said
        (project.parent / "go").touch()
    assert working.returncode == 0
    assert (project / "ran").read_text() == "x"


def test_runs_and_rollbacks_of_everything_at_once_are_each_whole(project: Path, marked: Marked) -> None:
    """What takes the state folder away meets what is about to use it."""
    (project.parent / "go").touch()
    before = picture(project)
    for _ in range(3):
        with ExitStack() as stack:
            doors = [("quickstart.py", "-y"), ("manage.py", "rollback", "--all", "--yes")] * 3
            processes = [stack.enter_context(start(*words, cwd=project, env=marked.env)) for words in doors]
            said = [process.stdout.read().decode() if process.stdout else "" for process in processes]
        assert [each.returncode for each in processes] == [0] * len(doors), said
    assert run("quickstart.py", "-y", cwd=project).status == 0
    assert run("manage.py", "verify", "--deep", cwd=project).status == 0
    assert run("manage.py", "rollback", "--all", "--yes", cwd=project).status == 0
    assert differences(before, picture(project)) == []


def test_a_rollback_does_not_begin_while_a_run_works(project: Path, marked: Marked) -> None:
    with start("quickstart.py", "-y", "--json", cwd=project, env=marked.env) as working:
        _until((project.parent / "pid").exists)
        before = picture(project)
        refused = run("manage.py", "rollback", "--yes", "--no-wait", cwd=project)
        assert (refused.status, str(working.pid) in refused.said) == (3, True), refused.said
        assert differences(before, picture(project)) == []
        with start("manage.py", "rollback", "--yes", "--json", cwd=project, env=marked.env) as back:
            assert _event(back)["event"] == "waiting"
            (project.parent / "go").touch()
            assert _rest(back)[-1].get("error") is None
        assert back.returncode == 0
    assert working.returncode == 0
    assert not (project / ".venv").exists(), "the rollback came after the run, and took it back"
    assert not (project / "ran").exists()


@pytest.mark.parametrize("pid", ["of nobody", "of another program", "our own"])
def test_a_note_of_whoever_had_the_lock_does_not_lock(project: Path, marked: Marked, pid: str) -> None:
    """Row 59: the kernel decides, the note only tells."""
    (project.parent / "go").touch()
    (project / ".surefoot").mkdir(mode=0o700)
    number = {"of nobody": 2**22 + 1, "of another program": 1, "our own": os.getpid()}[pid]
    note = {"pid": number, "host": os.uname().nodename, "started": "2026-01-01T00:00:00+00:00"}
    (project / ".surefoot" / "lock.json").write_text(json.dumps(note))
    (project / ".surefoot" / "lock").touch()
    done = run("quickstart.py", "-y", "--no-wait", cwd=project, env=marked.env)
    assert done.status == 0, done.said


@pytest.mark.parametrize("note", ["", "{", '{"pid": 1}', '{"pid": "x\\u001b[31m", "host": [], "started": {}}'])
def test_a_lock_is_a_lock_whatever_the_note_says(project: Path, marked: Marked, note: str) -> None:
    (project / ".surefoot").mkdir(mode=0o700)
    (project / ".surefoot" / "lock.json").write_text(note)
    with _held(project / ".surefoot" / "lock"):
        refused = run("quickstart.py", "-y", "--no-wait", cwd=project, env=marked.env)
    assert refused.status == 3, refused.said
    assert "\x1b" not in refused.said
    assert not (project / ".venv").exists()


def test_a_lock_file_that_is_replaced_while_waiting_is_waited_for_again(project: Path, marked: Marked) -> None:
    """Row 61: what was locked is no longer what others will lock."""
    (project.parent / "go").touch()
    (project / ".surefoot").mkdir(mode=0o700)
    path = project / ".surefoot" / "lock"
    with ExitStack() as old, start("quickstart.py", "-y", "--json", cwd=project, env=marked.env) as process:
        old.enter_context(_held(path))
        assert _event(process)["event"] == "waiting"
        path.unlink()
        with _held(path):
            opened = _watch(path)
            old.close()
            os.read(opened, 4096)  # it tries the new one
            os.close(opened)
            assert not (project / ".surefoot" / "checkpoints" / "journal.jsonl").exists()
        said = _rest(process)
    assert process.returncode == 0, said


def test_where_files_cannot_be_locked_it_says_so_and_does_nothing(project: Path, marked: Marked) -> None:
    """Row 60: no silent downgrade."""
    (project.parent / "go").touch()
    through = ("strace", "-f", "-o", "/dev/null", "-e", "trace=flock", "-e", "inject=flock:error=ENOSYS")
    before = picture(project)
    refused = run("quickstart.py", "-y", cwd=project, env=marked.env, through=through)
    assert refused.status == 6, refused.said
    assert "cannot lock" in refused.said
    assert differences(before, picture(project)) == []
    assert run("quickstart.py", "-y", cwd=project).status == 0


def test_two_projects_at_once_with_nothing_in_the_caches(tmp_path: Path, marked: Marked) -> None:
    """The very first start of all: also the tool's own environment is made, once."""
    projects = [furnish(tmp_path / name / "project") for name in ("one", "two")]
    env = marked.env | {"SUREFOOT_CACHE_DIR": str(tmp_path / "cache"), "UV_CACHE_DIR": str(tmp_path / "uv")}
    for each in projects:
        (each.parent / "go").touch()
    with ExitStack() as stack:
        processes = [stack.enter_context(start("quickstart.py", "-y", cwd=each, env=env)) for each in projects]
        said = [process.stdout.read().decode() if process.stdout else "" for process in processes]
    assert [each.returncode for each in processes] == [0, 0], said
    assert sum(text.count("Preparing Surefoot's own tools") for text in said) == 1, said
    assert len([path for path in (tmp_path / "cache" / "tools").iterdir() if path.is_dir()]) == 1
    for each in projects:
        deep = run("manage.py", "verify", "--deep", cwd=each, env=env)
        assert deep.status == 0, deep.said


@pytest.fixture
def unsteady(tmp_path: Path) -> dict[str, str]:
    """What makes the clock of the tool's processes jump."""
    library = tmp_path / "clock.so"
    source = Path(__file__).with_name("clock.c")
    subprocess.run(["gcc", "-shared", "-fPIC", "-O1", "-o", str(library), str(source), "-ldl"], check=True)
    return {"LD_PRELOAD": str(library)}


def test_a_clock_that_jumps_changes_nothing(project: Path, marked: Marked, unsteady: dict[str, str]) -> None:
    before = picture(project)
    with start("quickstart.py", "-y", "--json", cwd=project, env=marked.env | unsteady) as process:
        _until((project.parent / "pid").exists)
        os.killpg(process.pid, signal.SIGKILL)
    (project.parent / "go").touch()
    again = run("quickstart.py", "-y", cwd=project, env=unsteady)
    assert again.status == 0, again.said
    (project / "requirements.txt").write_text("idna==3.6\n")
    upgraded = run("quickstart.py", "-y", cwd=project, env=unsteady | {"CLOCK_SHIFT": str(-(25 * 365 * 86400))})
    assert upgraded.status == 0, upgraded.said
    ids = [each["install_id"] for each in _history(project, unsteady)]
    assert len(ids) == 2
    assert ids == sorted(ids, reverse=True), "newest first, whatever the clock said"
    journal = (project / ".surefoot" / "checkpoints" / "journal.jsonl").read_text().splitlines()
    seconds = [record.get("seconds", 0) for record in map(json.loads, journal)]
    assert min(seconds) >= 0
    assert max(seconds) < SECONDS, "durations are no differences of dates"
    assert run("manage.py", "verify", "--deep", cwd=project, env=unsteady).status == 0
    assert run("manage.py", "rollback", "--yes", cwd=project, env=unsteady).status == 0
    assert versions(project / ".venv")["idna"] == "3.7"
    (project / "requirements.txt").write_text("idna==3.7\n")
    assert run("manage.py", "rollback", "--all", "--yes", cwd=project, env=unsteady).status == 0
    assert differences(before, picture(project, without=(".surefoot",))) == [], "what was cut short is in kept/"


def _history(project: Path, env: dict[str, str]) -> list[dict[str, Any]]:
    done = subprocess.run(
        [str(PYTHON), str(ROOT / "manage.py"), "history", "--json"],
        cwd=project,
        env=environment(env),
        capture_output=True,
        check=True,
    )
    runs: list[dict[str, Any]] = json.loads(done.stdout)["runs"]
    return runs


def _event(process: subprocess.Popen[bytes]) -> dict[str, Any]:
    """The next event; whatever is no event (a word about the tool's environment) is passed over."""
    assert process.stdout is not None
    for raw in process.stdout:
        if raw.startswith(b"{"):
            event: dict[str, Any] = json.loads(raw)
            return event
    raise AssertionError(process.wait())


def _rest(process: subprocess.Popen[bytes]) -> list[dict[str, Any]]:
    assert process.stdout is not None
    events = [json.loads(raw) for raw in process.stdout if raw.startswith(b"{")]
    process.wait(SECONDS)
    return events


def _until(there: Any) -> None:
    end = time.monotonic() + SECONDS
    while not there():
        assert time.monotonic() < end
        os.sched_yield()


@contextmanager
def _held(path: Path) -> Iterator[None]:
    """Somebody else has the lock."""
    with path.open("a") as stream:
        fcntl.flock(stream, fcntl.LOCK_EX)
        yield


def _watch(path: Path) -> int:
    """A descriptor that can be read when somebody has opened `path`."""
    library = ctypes.CDLL(None)
    descriptor: int = library.inotify_init()
    assert library.inotify_add_watch(descriptor, os.fsencode(path), _IN_OPEN) >= 0
    return descriptor
