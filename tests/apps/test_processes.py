"""Apps as processes: started, seen, ended, and looked after by nobody but their shim."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from typing import TYPE_CHECKING

from tests.apps.kit import DOOR, SECONDS, STATE, Place

if TYPE_CHECKING:
    from pathlib import Path


def test_an_app_runs_after_the_command_that_started_it_and_is_ended(place: Place) -> None:
    place.manifest(place.sleeper())
    assert place.status().state == "absent"
    place.done("apps", "start")
    status = place.status()
    assert (status.state, status.mode, status.exit_code) == ("running", "process", None)
    assert (os.getsid(status.pid), os.getpgid(status.pid)) == (status.pid, status.pid)
    assert len(place.running()) == 1
    assert "Nothing to do." in place.done("apps", "start").out
    assert place.status().pid == status.pid
    place.done("apps", "stop")
    assert (place.status().state, place.status().exit_code, place.running()) == ("stopped", -signal.SIGTERM, [])
    assert "Nothing to do." in place.done("apps", "stop").out


def test_a_start_is_taken_back_and_a_stop_too(place: Place) -> None:
    place.manifest(place.sleeper())
    place.done("apps", "start")
    place.done("rollback", "-y")
    assert (place.status().state, place.running()) == ("stopped", [])
    place.done("apps", "start")
    place.done("apps", "stop")
    place.done("rollback", "-y")
    assert (place.status().state, len(place.running())) == ("running", 1)


def test_a_stop_is_taken_back_by_the_script_alone(place: Place) -> None:
    place.manifest(place.sleeper())
    place.done("apps", "start")
    place.done("apps", "stop")
    done = subprocess.run(["sh", ".surefoot/checkpoints/rollback.sh"], cwd=place.root, capture_output=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert (place.status().state, len(place.running())) == ("running", 1)


def test_neither_app_nor_shim_keeps_the_project_from_others(place: Place) -> None:
    place.manifest(place.sleeper())
    place.done("apps", "start")
    lock = os.stat(place.root / STATE / "lock")
    for pid in (place.status().pid, place.note()["shim"]):
        assert not any(_is(fd, lock) for fd in _open_files(pid))
    place.done("apps", "restart", "--no-wait")


def _open_files(pid: int) -> list[int | str]:
    if sys.platform == "linux":
        return [f"/proc/{pid}/fd/{name}" for name in os.listdir(f"/proc/{pid}/fd")]
    listed = subprocess.run(["lsof", "-p", str(pid), "-Fn"], capture_output=True, text=True, check=False).stdout
    return [line[1:] for line in listed.splitlines() if line.startswith("n/")]


def _is(name: int | str, wanted: os.stat_result) -> bool:
    try:
        return os.path.samestat(os.stat(name), wanted)
    except OSError:
        return False


def test_a_restart_keeps_how_it_was_started_and_recreate_takes_what_the_manifest_says(place: Place) -> None:
    place.manifest(place.sleeper(more='env = {WHO = "one"}'))
    place.done("apps", "start")
    first = place.status()
    place.manifest(place.sleeper(more='env = {WHO = "two"}'))
    place.done("apps", "restart")
    second = place.status()
    assert (second.digest, second.pid == first.pid) == (first.digest, False)
    place.done("apps", "recreate")
    assert place.status().digest != first.digest
    place.done("rollback", "-y")
    assert (place.status().digest, len(place.running())) == (first.digest, 1)


def test_the_exit_code_is_kept(place: Place) -> None:
    place.manifest('[apps.web]\ncommand = ["sh", "-c", "exit 3"]\n[apps.good]\ncommand = ["true"]\n')
    place.done("apps", "start")
    assert place.until(lambda each: each.state == "failed").exit_code == 3
    assert place.until(lambda each: each.state == "exited", "good").exit_code == 0


def test_an_app_that_ends_is_started_again_after_a_wait_that_grows(place: Place) -> None:
    place.manifest(
        '[apps.web]\ncommand = ["sh", "-c", "echo again; exit 4"]\nrestart = "on-failure"\nback-off = "20ms"\n'
        '[apps.good]\ncommand = ["true"]\nrestart = "on-failure"\nback-off = "20ms"\n'
        '[apps.ever]\ncommand = ["true"]\nrestart = "always"\nback-off = "20ms"\n'
    )
    place.done("apps", "start")
    assert place.until(lambda each: each.restarts >= 3).exit_code == 4
    assert place.until(lambda each: each.restarts >= 2, "ever").exit_code == 0
    assert place.until(lambda each: each.state == "exited", "good").restarts == 0
    place.done("apps", "stop", "web")
    assert place.status().state == "stopped"
    assert place.log().count("again") >= 3


def test_an_app_that_ignores_term_is_killed_with_all_of_its_group(place: Place) -> None:
    command = "trap '' TERM; sh -c \\\"trap '' TERM; while :; do sleep 0.1; done # WORD\\\" & echo up; wait; wait"
    place.manifest(f'[apps.web]\ncommand = ["sh", "-c", "{command} # WORD"]\nstop-timeout = "200ms"\n')
    place.done("apps", "start")
    place.says("up")
    place.done("apps", "stop")
    assert (place.status().exit_code, place.running()) == (-signal.SIGKILL, [])


def test_what_an_app_leaves_in_its_group_ends_with_it(place: Place) -> None:
    place.manifest('[apps.web]\ncommand = ["sh", "-c", "sh -c \'sleep 1000 & wait # WORD\' & exit 0"]\n')
    place.done("apps", "start")
    place.until(lambda each: each.state == "exited")
    assert place.running() == []


def test_the_environment_of_whoever_starts_it_does_not_reach_an_app(place: Place) -> None:
    place.manifest(
        '[apps.web]\ncommand = ["sh", "-c", "env; echo END"]\nenv = {PLAIN = "shown", TOKEN = {env = "THE_TOKEN"}}\n'
    )
    secrets = {"THE_TOKEN": "s3cr3t-value", "AGENT_SECRET": "not for apps"}
    place.done("apps", "start", **secrets, SUREFOOT_YES="1")
    said = place.says("END")
    names = {line.partition("=")[0] for line in said.splitlines()}
    assert {"PLAIN", "TOKEN", "PATH", "SUREFOOT_APP"} <= names
    assert not names & {"AGENT_SECRET", "THE_TOKEN", "SUREFOOT_YES", "PYTHONPATH"}
    assert "TOKEN=s3cr3t-value" in said
    holding = [path for path in place.root.rglob("*") if path.is_file() and b"s3cr3t-value" in path.read_bytes()]
    assert {path.relative_to(place.root / STATE / "apps" / "web").parts[0] for path in holding} == {"run", "log"}
    assert {oct(path.stat().st_mode & 0o777) for path in holding} == {"0o600"}


def test_a_secret_that_is_not_set_is_said_before_anything_is_changed(place: Place) -> None:
    place.manifest(place.sleeper(more='env = {TOKEN = {env = "THE_TOKEN"}}'))
    ended = place.manage("apps", "start")
    assert (ended.status, "THE_TOKEN" in ended.err, place.running()) == (6, True, [])
    assert place.status().state == "absent"


def test_a_command_that_is_not_there_fails_the_start(place: Place) -> None:
    place.manifest('[apps.web]\ncommand = ["./not-there"]\n')
    ended = place.manage("apps", "start")
    assert ended.status == 1
    assert "./not-there: No such file or directory" in ended.err
    assert place.manage("apps", "status").out.count("running") == 0


def test_two_apps_have_nothing_to_do_with_each_other(place: Place) -> None:
    place.manifest(place.sleeper("one") + place.sleeper("two"))
    place.done("apps", "start")
    before = place.status("two")
    place.done("apps", "restart", "one")
    place.done("apps", "stop", "one")
    assert place.status("two") == before
    assert place.status("one").state == "stopped"


# -- whose process is it? ----------------------------------------------------------------------------------------------


def test_a_killed_shim_leaves_the_app_running_and_another_one_adopts_it(place: Place) -> None:
    place.manifest(
        '[apps.web]\ncommand = ["sh", "-c", '
        '"echo up; while ! [ -e go ]; do sleep 0.05; done; echo went; exit 5 # WORD"]\n'
    )
    place.done("apps", "start")
    place.says("up")
    before = place.status()
    os.kill(place.note()["shim"], signal.SIGKILL)
    place.until(lambda each: each.state == "unwatched")
    place.done("apps", "reconcile")
    assert (place.status().state, place.status().pid) == ("running", before.pid)
    (place.root / "go").touch()
    place.says("went")
    assert place.until(lambda each: not each.is_up).state == "lost"  # no parent, no exit code


def test_what_an_app_says_without_a_shim_is_not_lost(place: Place) -> None:
    place.manifest(
        '[apps.web]\ncommand = ["sh", "-c", '
        '"while ! [ -e go ]; do sleep 0.05; done; echo alone; touch said; sleep 1000 & wait # WORD"]\n'
    )
    place.done("apps", "start")
    os.kill(place.note()["shim"], signal.SIGKILL)
    place.until(lambda each: each.state == "unwatched")
    (place.root / "go").touch()
    place.until(lambda _: (place.root / "said").exists())
    assert place.log() == ""
    place.done("apps", "start")
    place.says("alone")


def test_an_app_without_a_shim_can_be_stopped(place: Place) -> None:
    place.manifest(place.sleeper())
    place.done("apps", "start")
    os.kill(place.note()["shim"], signal.SIGKILL)
    place.until(lambda each: each.state == "unwatched")
    place.done("apps", "stop")
    assert (place.status().state, place.running()) == ("stopped", [])


def test_app_and_shim_gone_is_known_and_mended(place: Place) -> None:
    place.manifest(place.sleeper())
    place.done("apps", "start")
    _kill_both(place)
    assert place.until(lambda each: not each.is_up).state == "lost"
    place.done("apps", "reconcile")
    assert (place.status().state, len(place.running())) == ("running", 1)


def test_a_pid_that_belongs_to_another_by_now_is_never_touched(place: Place) -> None:
    place.manifest(place.sleeper())
    place.done("apps", "start")
    _kill_both(place)
    place.until(lambda each: not each.is_up)
    with subprocess.Popen(["sleep", "1000"], start_new_session=True) as stranger:
        path = place.root / STATE / "apps" / "web" / "run" / "status.json"
        note = place.note() | {"pid": stranger.pid, "shim": stranger.pid, "state": "running"}
        path.write_text(json.dumps(note), encoding="utf-8")
        assert place.status().state == "lost"
        place.done("apps", "stop")
        place.done("apps", "start")
        place.done("apps", "stop")
        place.done("rollback", "-y")
        assert stranger.poll() is None
        stranger.kill()


def test_a_copy_of_the_project_does_not_take_the_originals_apps_for_its_own(place: Place, tmp_path: Path) -> None:
    place.manifest(place.sleeper())
    place.done("apps", "start")
    copy = Place(tmp_path / "elsewhere")
    shutil.rmtree(copy.root)
    shutil.copytree(place.root, copy.root, ignore=shutil.ignore_patterns("output"))
    assert copy.status().state == "absent"
    assert "Nothing to do." in copy.done("apps", "stop").out
    assert place.status().state == "running"


def test_a_project_that_was_renamed_keeps_its_apps(place: Place) -> None:
    place.manifest(place.sleeper(more='restart = "always"\nback-off = "10ms"'))
    place.done("apps", "start")
    pid = place.status().pid
    moved = place.root.with_name("moved")
    place.root.rename(moved)
    place.root = moved
    place.manager = type(place.manager)(moved, STATE)
    assert (place.status().state, place.status().pid) == ("running", pid)
    os.killpg(pid, signal.SIGKILL)
    place.until(lambda each: each.state == "running" and each.restarts == 1)
    place.done("apps", "stop")
    assert place.running() == []


def test_a_terminated_shim_ends_its_app_which_is_to_run_again(place: Place) -> None:
    place.manifest(place.sleeper())
    place.done("apps", "start")
    os.kill(place.note()["shim"], signal.SIGTERM)  # as a machine that goes down does
    assert place.until(lambda each: not each.is_up).state == "lost"
    assert place.running() == []
    place.done("apps", "reconcile")
    assert place.status().state == "running"


def _kill_both(place: Place) -> None:
    note = place.note()
    os.kill(note["shim"], signal.SIGKILL)
    os.killpg(note["pid"], signal.SIGKILL)


def test_a_shim_that_comes_too_late_starts_nothing(place: Place) -> None:
    place.manifest(place.sleeper())
    place.done("apps", "start")
    place.done("apps", "stop")
    run = place.root / STATE / "apps" / "web" / "run"
    deed, (spec,) = place.status().deed, list((run / "specs").iterdir())
    (run / "status.json").unlink()
    subprocess.run([*_shim(run), "stop", str(run), deed], check=True)  # as the way back of a start that was cut short
    code = (
        "import os, sys; from phases.containers.apps.shim import commands, record; os.chdir(sys.argv[1]); "
        "commands._keep(record.read(sys.argv[2]), os.open(os.devnull, os.O_WRONLY))"
    )
    assert place.manage(str(run), f"specs/{spec.name}", code=code).status == 0
    assert (place.status().state, place.running()) == ("stopped", [])


def test_two_starts_at_once_start_one_app(place: Place) -> None:
    place.manifest(place.sleeper())
    place.done("apps", "start")
    place.done("apps", "stop")
    run = place.root / STATE / "apps" / "web" / "run"
    (spec,) = (run / "specs").iterdir()
    argv = [*_shim(run), "start", str(run), f"specs/{spec.name}"]
    begun = [subprocess.Popen(argv, stderr=subprocess.DEVNULL) for _ in range(4)]
    assert [each.wait(SECONDS) for each in begun] == [0, 0, 0, 0]
    assert (place.status().state, len(place.running())) == ("running", 1)


def test_a_status_that_cannot_be_written_does_not_end_the_shim(place: Place) -> None:
    place.manifest(place.sleeper(more='restart = "always"\nback-off = "10ms"'))
    place.done("apps", "start")
    first = place.status()
    in_the_way = place.root / STATE / "apps/web/run" / f"status.json.{place.note()['shim']}.tmp"
    in_the_way.mkdir()
    os.killpg(first.pid, signal.SIGKILL)
    place.until(lambda _: len(place.running()) == 1 and str(first.pid) not in _pids(place))
    in_the_way.rmdir()
    now = place.until(lambda each: each.restarts == 1 and each.state == "running")
    assert (now.exit_code, now.pid != first.pid) == (-signal.SIGKILL, True)


def _shim(run: Path) -> list[str]:
    return [sys.executable, "-I", "-B", str(next(run.parents[1].glob("shim-*")))]


def _pids(place: Place) -> list[str]:
    listed = subprocess.run(["ps", "-axww", "-o", "pid=,args="], capture_output=True, text=True, check=True).stdout
    return [line.split()[0] for line in listed.splitlines() if place.word in line]


# -- many --------------------------------------------------------------------------------------------------------------


def test_a_hundred_apps_are_told_in_one_call(place: Place) -> None:
    place.manifest("".join(f'[apps.app-{number:03}]\ncommand = ["true"]\n' for number in range(100)))
    found = place.done("apps", "status", "--json").events
    assert [each["name"] for each in found] == [f"app-{number:03}" for number in range(100)]
    assert {each["state"] for each in found} == {"absent"}


def test_no_engine_and_no_library_of_one_is_asked(place: Place) -> None:
    place.manifest(place.sleeper())
    code = f"import sys; sys.modules['docker'] = None; {DOOR}"
    for verb in ("start", "status", "restart", "stats", "health", "reconcile", "stop"):
        ended = place.manage("apps", verb, code=code)
        assert ended.status == 0, ended.out + ended.err
