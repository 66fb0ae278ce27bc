from __future__ import annotations

import json
import re
import signal
from pathlib import Path
from typing import TYPE_CHECKING

import jsonschema
import pytest

if TYPE_CHECKING:
    from tests.cli.conftest import Project

SCHEMAS = Path(__file__).parents[2] / "docs" / "schemas"
GIVEN = (("python", "failure_kinds.py"), ("git", "failures.py"))


def steady(text: str) -> str:
    """`text` without what differs from run to run."""
    text = re.sub(r"\d{8}_\d{6}(_\d+)?", "ID", text)
    return re.sub(r"\d+(\.\d+)? s\b", "T s", text)


def test_a_run_without_a_terminal_is_told_in_lines(project: Project) -> None:
    ended = project.quickstart()
    assert ended.code == 0
    assert (
        steady(ended.err)
        == """\
environment_setup
  › Write environment_setup
✓ environment_setup (T s)
✓ submodule_sync (nothing to do)
python_deps
  › Write python_deps
  › Install 3 packages
✓ python_deps (T s)
packages
  › Write packages
✓ packages (T s)
verification
  › Write verification
✓ verification (T s)
✓ cleanup (nothing to do)
"""
    )
    assert steady(ended.out) == "✓ Done: `.venv` is verified (T s).\n"


def test_again_there_is_nothing_to_do(project: Project) -> None:
    project.quickstart()
    ended = project.quickstart()
    assert (ended.code, ended.out, ended.err) == (0, "Nothing to do.\n", "")


def test_a_dry_run_shows_the_plan_and_changes_nothing(project: Project) -> None:
    before = project.tree()
    ended = project.quickstart("--dry-run")
    assert (ended.code, ended.err) == (0, "")
    assert (
        ended.out
        == """\
environment_setup
  Write environment_setup
python_deps
  Write python_deps
  Install 3 packages
packages
  Write packages
verification
  Write verification

A dry run: nothing was changed. Later steps may depend on what earlier ones find.
"""
    )
    assert project.tree() == before
    assert not (project.root / ".surefoot").exists()
    assert project.quickstart("--dry-run", "--detailed-exitcode").code == 11
    project.quickstart()
    assert project.quickstart("--dry-run", "--detailed-exitcode").code == 0


def test_a_failure_says_what_is_kept_and_what_to_do(project: Project) -> None:
    ended = project.quickstart(TOY_FAIL="1")
    assert ended.code == 1
    assert ended.out == ""
    assert steady(ended.err).endswith("""\
  ✗ Install 3 packages
error: could not install `numpy==9.9` into `.venv`
  no matching version
  what it had changed was taken back; these phases are kept: environment_setup, submodule_sync
  all that was said is in .surefoot/logs/ID.log

hint: fix the version
""")


def test_quiet_says_only_the_error_or_the_last_line(project: Project) -> None:
    ended = project.quickstart("-q", TOY_FAIL="1")
    assert ended.err.startswith("  ✗ Install 3 packages\nerror: could not install `numpy==9.9` into `.venv`\n")
    ended = project.quickstart("-q")
    assert (steady(ended.out), ended.err) == ("✓ Done: `.venv` is verified (T s).\n", "")


def test_verbose_shows_what_commands_say_made_harmless(project: Project) -> None:
    assert "      hello red\n" in project.quickstart("-v").err


def test_on_failure_run_takes_everything_back(project: Project) -> None:
    before = project.tree()
    ended = project.quickstart("--on-failure", "run", TOY_FAIL="1")
    assert ended.code == 1
    assert "  the whole run was taken back\n" in ended.err
    assert project.tree() == before


@pytest.mark.parametrize(
    ("hint", "anew"),
    [
        (
            "the same command goes on from here once it answers",
            "the same command begins anew; run it once it answers",
        ),
        (
            "check the network and the address, then run the same command again; it goes on from here",
            "check the network and the address, then run the same command again; it begins anew",
        ),
        (
            "make room, or mend it; then run the same command again: it goes on where it stopped",
            "make room, or mend it; then run the same command again: it begins anew",
        ),
    ],
)
def test_no_hint_promises_to_go_on_where_all_was_taken_back(project: Project, hint: str, anew: str) -> None:
    given = "".join((SCHEMAS.parents[1] / "phases" / name / file).read_text() for name, file in GIVEN)
    assert f'"{hint}"' in given, "it is really said"
    assert f"hint: {anew}\n" in project.quickstart("--on-failure", "run", TOY_FAIL="1", TOY_HINT=hint).err
    assert f"hint: {hint}\n" in project.quickstart(TOY_FAIL="1", TOY_HINT=hint).err


def test_what_may_fail_leaves_a_run_that_is_done_but_for_it(project: Project) -> None:
    ended = project.quickstart(TOY_FAIL="degrade", TOY_NEEDS="1")
    assert ended.code == 1
    assert (
        steady(ended.out)
        == """\
! Done, but not all of it (T s):
  could not install `numpy==9.9` into `.venv`
      no matching version
    hint: fix the version
  Install 2 more: passed over, as this failed: Install 3 packages
  all that was said is in .surefoot/logs/ID.log
"""
    )
    assert (
        """\
  › Install 3 packages
  ! went on without: Install 3 packages
    could not install `numpy==9.9` into `.venv`
  – Install 2 more: passed over, as this failed: Install 3 packages
✓"""
        in ended.err
    )


def test_what_a_run_went_on_without_is_told_to_scripts_in_full(project: Project) -> None:
    ended = project.quickstart("--json", TOY_FAIL="degrade")
    warning = json.loads(ended.out.splitlines()[-1])["warnings"][0]
    assert warning["details"] == ["no matching version"]
    assert warning["hint"] == "fix the version"


def test_the_same_command_goes_on_with_an_unfinished_run(project: Project) -> None:
    project.quickstart("--dev", TOY_FAIL="1")
    ended = project.quickstart()
    assert ended.code == 0
    assert steady(ended.err).startswith("""\
🔍 An unfinished installation was found
Install ID: ID
Current phase: python_deps
Completed: environment_setup, submodule_sync
python_deps
""")
    progress = json.loads((project.root / ".surefoot/checkpoints/install_progress.json").read_text())
    assert (progress["state"], progress["install_mode"]) == ("done", "dev")
    jsonschema.validate(progress, json.loads((SCHEMAS / "install_progress.schema.json").read_text()))


def test_restart_takes_the_unfinished_run_back_first(project: Project) -> None:
    project.quickstart(TOY_FAIL="1")
    ended = project.quickstart("--restart")
    assert ended.code == 0
    assert "Taking back the run\n" in ended.err
    runs = json.loads(project.manage("history", "--json").out)["runs"]
    assert [run["state"] for run in runs] == ["done", "rolled back"]


def test_json_is_one_object_a_line_as_the_schema_says(project: Project) -> None:
    schema = json.loads((SCHEMAS / "events.schema.json").read_text())
    failed = project.quickstart("--json", TOY_FAIL="1")
    done = project.quickstart("--json")
    for ended in (failed, done):
        assert ended.err == ""
        for line in ended.out.splitlines():
            jsonschema.validate(json.loads(line), schema)
    *_, outcome, error = map(json.loads, failed.out.splitlines())
    assert (outcome["event"], outcome["state"], outcome["exit_code"]) == ("outcome", "failed", 1)
    assert error["error"]["code"] == "toy.failed"
    assert list(map(steady, error["error"]["state"])) == [
        "what it had changed was taken back; these phases are kept: environment_setup, submodule_sync",
        "all that was said is in .surefoot/logs/ID.log",
    ]
    last = json.loads(done.out.splitlines()[-1])
    assert (last["event"], last["state"]) == ("outcome", "done")


def test_until_stops_and_skip_leaves_out(project: Project) -> None:
    assert project.quickstart("--until", "python_deps").code == 0
    assert not (project.root / "out/packages.txt").exists()
    assert project.quickstart("--skip", "packages").code == 0
    assert (project.root / "out/verification.txt").exists()
    assert not (project.root / "out/packages.txt").exists()


def test_an_unknown_phase_is_named_with_the_nearest(project: Project) -> None:
    ended = project.quickstart("--until", "package")
    assert (ended.code, ended.err) == (2, "error: there is no phase `package`\n\nhint: did you mean `packages`?\n")


def test_a_wrong_manifest_is_told_whole(project: Project) -> None:
    (project.root / "surefoot.toml").write_text('mod = "dev"\njobs = 3\n')
    ended = project.quickstart()
    assert (ended.code, ended.out) == (2, "")
    assert (
        ended.err
        == """\
error: the manifest `surefoot.toml` cannot be used
  surefoot.toml, line 1: `mod` is not known; did you mean `mode`?
  surefoot.toml, line 2: `jobs` is not known

hint: mend it, then run the same command again
"""
    )


def test_a_mode_that_is_not_there_is_a_usage_error(project: Project) -> None:
    ended = project.quickstart("--mode", "huge", SUREFOOT_JOBS="x")
    assert ended.code == 2
    assert (
        ended.err
        == """\
error: the settings cannot be used
  SUREFOOT_JOBS should be a number, not `x`
  --mode: there is no mode `huge`; there are minimal, standard, dev, full
"""
    )


@pytest.mark.parametrize("words", [["--nonsense"], ["--jobs", "0"], ["-v", "-q"], ["extra"], ["-C", "not-there"]])
def test_a_command_line_that_cannot_be_read_is_exit_2(project: Project, words: list[str]) -> None:
    ended = project.quickstart(*words)
    assert (ended.code, ended.out) == (2, "")
    assert ended.err.startswith("error: ")


def test_it_works_from_a_subfolder_and_with_a_folder_given(project: Project) -> None:
    (project.root / ".git").mkdir()
    (project.root / "src").mkdir()
    assert project.quickstart("-C", "src").code == 0
    assert (project.root / "out" / "verification.txt").exists()


@pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 129)], ids=str
)
def test_a_signal_ends_it_resumable(project: Project, tmp_path: Path, number: signal.Signals, code: int) -> None:
    going_on = tmp_path / "go"
    running = project.start("quickstart", "-v", TOY_WAIT=str(going_on))
    assert running.stderr is not None
    while "hello" not in running.stderr.readline():
        pass
    running.send_signal(number)
    _, err = running.communicate()
    assert running.returncode == code
    assert err.endswith(
        f"error: interrupted by signal {number.value}\n\n"
        "hint: run the same command again: it goes on where it stopped\n"
    )
    assert project.quickstart().code == 0


def test_after_kill_9_the_same_command_finishes(project: Project, tmp_path: Path) -> None:
    running = project.start("quickstart", "-v", TOY_WAIT=str(tmp_path / "go"))
    assert running.stderr is not None
    while "hello" not in running.stderr.readline():
        pass
    running.kill()
    running.communicate()
    ended = project.quickstart()
    assert ended.code == 0
    assert "An unfinished installation was found" in ended.err


def test_a_second_run_waits_and_says_for_whom(project: Project, tmp_path: Path) -> None:
    going_on = tmp_path / "go"
    first = project.start("quickstart", "-v", TOY_WAIT=str(going_on))
    assert first.stderr is not None
    while "hello" not in first.stderr.readline():
        pass
    refused = project.quickstart("--no-wait")
    assert refused.code == 3
    assert f"process {first.pid} on " in refused.err
    second = project.start("quickstart")
    assert second.stderr is not None
    waiting = second.stderr.readline()
    while "waiting" not in waiting:
        waiting = second.stderr.readline()
    assert re.fullmatch(rf"waiting for another run: process {first.pid} on \S+, since \S+\n", waiting)
    going_on.touch()
    first.communicate()
    second.communicate()
    assert (first.returncode, second.returncode) == (0, 0)


def test_a_closed_pipe_is_no_error(project: Project) -> None:
    with project.start("manage", "config") as running:
        assert running.stdout is not None
        assert running.stderr is not None
        running.stdout.close()
        assert running.stderr.read() == ""
    assert running.returncode == 141


def test_a_bug_of_ours_becomes_a_log_and_exit_70(project: Project, tmp_path: Path) -> None:
    ended = project.quickstart(TMPDIR=str(tmp_path), TOY_BUG="geheim1")
    assert (ended.code, ended.out) == (70, "")
    log = next(tmp_path.glob("surefoot-bug-*.log"))
    assert (
        ended.err
        == f"""\
error: this should not have happened: RuntimeError: a bug with https://****@index.example/simple
  versions and trace are in {log}

hint: please report the log; an unfinished run goes on when the same command is run again
"""
    )
    text = log.read_text()
    assert "Traceback (most recent call last)" in text
    assert re.search(r"^surefoot \d+\.\d+\.\d+$", text, re.MULTILINE)
    assert "geheim1" not in text
    assert log.stat().st_mode & 0o777 == 0o600


def test_debug_shows_the_trace_of_a_bug(project: Project, tmp_path: Path) -> None:
    for flag in ("--debug", "-vv"):
        ended = project.quickstart(flag, TMPDIR=str(tmp_path), TOY_BUG="geheim1")
        assert ended.code == 70
        assert "Traceback (most recent call last)" in ended.err
        assert "geheim1" not in ended.err
