from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import jsonschema
import pytest

from installer.engine import Engine
from installer.model import RelPath
from installer.store import Store
from tests.cli.conftest import TOY
from tests.cli.test_quickstart import SCHEMAS, steady

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.conftest import Ended, Project


def only(ended: Ended) -> dict[str, Any]:
    """The single JSON object that a command printed, which the schema allows."""
    assert ended.err == ""
    (line,) = ended.out.splitlines()
    event: dict[str, Any] = json.loads(line)
    jsonschema.validate(event, json.loads((SCHEMAS / "events.schema.json").read_text()))
    return event


def ids(project: Project) -> list[str]:
    return [run["install_id"] for run in only(project.manage("history", "--json"))["runs"]]


def test_status_before_and_after(project: Project) -> None:
    ended = project.manage("status")
    assert ended.code == 0
    assert ended.out == f"Nothing is installed here yet: {project.root}\n\nhint: run `quickstart.py`\n"
    project.quickstart("--dev")
    text = steady(project.manage("status").out)
    assert (
        re.sub(r"\d{4}-\d\d-\d\d \S+", "WHEN", text)
        == f"""\
Project      {project.root}
Install ID   ID
State        done
Mode         dev
Environment  .venv
Begun        WHEN
Last change  WHEN

✓ environment_setup  T s
✓ submodule_sync     nothing to do
✓ python_deps        T s
✓ packages           T s
✓ verification       T s
✓ cleanup            nothing to do
"""
    )


def test_status_of_a_failed_run_says_why_and_what_next(project: Project) -> None:
    project.quickstart(TOY_FAIL="1")
    text = project.manage("status").out
    assert "✗ python_deps        could not install `numpy==9.9` into `.venv`\n  packages\n" in text
    assert text.endswith("\n\nhint: `quickstart.py` goes on, `manage.py rollback` takes it back\n")
    event = only(project.manage("status", "--json"))
    assert (event["state"], event["failed_phases"]) == ("failed", ["python_deps"])


def test_history_lists_shows_and_compares(project: Project) -> None:
    project.quickstart()
    project.manage("rollback")
    project.quickstart(TOY_SIX="1.17")
    newest, oldest = ids(project)
    listed = project.manage("history").out.splitlines()
    assert [line.split()[0] for line in listed[1:]] == [newest, oldest]
    assert "taken back" in listed[2]
    shown = project.manage("history", "show", newest).out
    assert "✓ python_deps        Install 3 packages       " in shown
    again = only(project.manage("history", "show", newest, "--json"))
    assert again["packages"] == {"six": "1.17"}
    assert project.manage("history", "diff", newest, newest).out == "The packages are the same.\n"


def test_the_packages_of_two_runs_are_compared(project: Project) -> None:
    project.quickstart()
    (project.root / "out" / "verification.txt").unlink()
    for path in (project.root / "out").iterdir():
        path.unlink()
    project.quickstart(TOY_SIX="1.17")
    newest, oldest = ids(project)
    assert project.manage("history", "diff", oldest).out == "~  six  1.16 -> 1.17\n"
    assert only(project.manage("history", "diff", oldest, newest, "--json"))["changed"] == {"six": ["1.16", "1.17"]}


def test_a_run_that_is_not_there_is_a_usage_error(project: Project) -> None:
    project.quickstart()
    (install_id,) = ids(project)
    ended = project.manage("history", "show", install_id + "0")
    assert ended.code == 2
    assert ended.err.startswith(f"error: there is no run `{install_id}0`\n")


def test_rollback_brings_everything_back(project: Project) -> None:
    before = project.tree()
    project.quickstart()
    assert project.tree() != before
    ended = project.manage("rollback")
    assert (ended.code, steady(ended.out)) == (0, "✓ Steps taken back: 5 (T s).\n")
    assert project.tree() == before
    assert project.manage("rollback").out == "Nothing to do.\n"


def test_a_rollback_does_not_read_the_runs_before(project: Project) -> None:
    """A damaged one of them keeps nobody from taking back the newest."""
    project.quickstart()
    (project.root / "out" / "verification.txt").unlink()
    project.quickstart()
    (earlier,) = (project.root / ".surefoot" / "runs").glob("*/journal.jsonl.gz")
    earlier.write_bytes(b"no archive")
    assert project.manage("rollback", "--yes").code == 0
    assert project.manage("rollback", "--yes").code == 4


def test_rollback_of_a_run_that_was_killed_before_its_first_step_takes_back_no_other(project: Project) -> None:
    before = project.tree()
    project.quickstart()
    installed = project.tree()
    engine = Engine(
        Store(project.root, RelPath(".surefoot")), order=(), actions={}, plan=lambda _phase, _facts: iter(())
    )
    engine._logbook.begin(engine.store.new_id())  # noqa: SLF001 -- killed here
    engine._logbook.close()  # noqa: SLF001
    ended = project.manage("rollback")
    assert (ended.code, steady(ended.out)) == (0, "✓ Steps taken back: 0 (T s).\n")
    assert project.tree() == installed
    assert project.manage("rollback").code == 0
    assert project.tree() == before


def test_rollback_to_a_checkpoint_keeps_what_was_before(project: Project) -> None:
    project.quickstart()
    assert project.manage("rollback", "--to", "python_deps").code == 0
    assert (project.root / "out/python_deps.txt").exists()
    assert not (project.root / "out/packages.txt").exists()
    ended = project.manage("rollback", "--to", "python_dep")
    assert ended.code == 2
    assert ended.err.startswith("error: there is no checkpoint `python_dep`\n\nhint: there are: environment_setup, ")


def test_rollback_shows_its_plan_newest_first(project: Project) -> None:
    project.quickstart()
    before = project.tree()
    ended = project.manage("rollback", "--dry-run", "--to", "python_deps")
    assert (
        ended.out
        == """\
verification
  Write verification
packages
  Write packages

A dry run: nothing was changed. These steps would be taken back, in this order.
"""
    )
    assert project.tree() == before


def test_rollback_all_goes_back_to_before_the_first_run(project: Project) -> None:
    before = project.tree()
    project.quickstart("--until", "python_deps")
    project.quickstart()
    (project.root / "out" / "verification.txt").unlink()
    (project.root / "out" / "packages.txt").unlink()
    project.quickstart()
    ended = project.manage("rollback", "--all")
    question = "Take back 2 runs, to before the first?"
    assert (ended.code, ended.err) == (2, f"error: this needs your agreement\n  {question}\n\nhint: add --yes\n")
    assert json.loads(project.manage("rollback", "--all", "--json").out)["error"]["details"] == [question]
    assert project.manage("rollback", "--all", "--yes").code in {0, 10}
    assert project.tree() == before
    assert not (project.root / ".surefoot").exists()


def test_rollback_all_says_that_it_forgets_the_runs_though_none_is_left_to_take_back(project: Project) -> None:
    before = project.tree()
    project.quickstart("-q")
    project.manage("rollback", "-q")
    foretold = project.manage("rollback", "--all", "--dry-run").out
    assert foretold == (
        "A dry run: nothing was changed. No run is left to take back; the history and logs in `.surefoot` would be "
        "deleted.\n"
    )
    said = project.manage("rollback", "--all").out
    assert said == "No run was left to take back; the history and logs in `.surefoot` are deleted.\n"
    assert (project.tree(), (project.root / ".surefoot").exists()) == (before, False)
    assert project.manage("rollback", "--all").out == "Nothing to do.\n"


def test_a_file_that_was_edited_since_stays_and_is_named(project: Project) -> None:
    project.quickstart()
    (project.root / "out" / "packages.txt").write_text("mine now")
    ended = project.manage("rollback")
    assert ended.code == 10
    assert ended.err.startswith("Taking back the run\n")
    assert "error: files that you changed since were left alone\n" in ended.err
    assert "out/packages.txt" in ended.err


def test_verify_rollback_proves_it_and_changes_nothing(project: Project) -> None:
    project.quickstart()
    before = project.tree()
    ended = project.manage("verify-rollback")
    assert ended.code == 0
    assert ended.out.splitlines()[-1] == "A rollback brings everything back."
    event = only(project.manage("verify-rollback", "--json"))
    assert event["well"]
    assert {path["path"]: (path["before"], path["after"], path["script"]) for path in event["paths"]} == {
        f"out/{phase}.txt": ("absent", "absent", "absent")
        for phase in ("environment_setup", "python_deps", "packages", "verification")
    }
    assert project.tree() == before
    assert project.manage("rollback").code == 0
    ended = project.manage("verify-rollback")
    assert (ended.code, ended.err) == (6, "error: there is nothing to take back\n")


def test_verify_rollback_runs_no_command_whose_effect_would_be_real(project: Project, tmp_path: Path) -> None:
    trace = tmp_path / "trace"
    project.quickstart(TOY_INVERSE=f"touch {trace}")
    ended = project.manage("verify-rollback")
    assert ended.code == 0
    assert "was not rehearsed: Install 3 packages" in ended.out
    assert not trace.exists()
    assert project.manage("rollback").code == 0
    assert trace.exists()


def test_verify_rollback_finds_a_lost_backup(project: Project) -> None:
    (project.root / "out").mkdir()
    (project.root / "out" / "packages.txt").write_text("before")
    project.quickstart()
    for path in (project.root / ".surefoot" / "stash").rglob("*"):
        if path.is_file():
            path.unlink()
    ended = project.manage("verify-rollback")
    assert ended.code == 5
    assert ended.out.splitlines()[-1] == "A rollback would not bring everything back."


def test_resume_goes_on_and_says_when_there_is_nothing(project: Project) -> None:
    ended = project.manage("resume")
    assert (ended.code, ended.out) == (0, "There is no unfinished run.\n")
    project.quickstart("--dev", TOY_FAIL="1")
    assert project.manage("resume").code == 0
    assert only(project.manage("status", "--json"))["install_mode"] == "dev"


def test_logs_are_found_and_their_end_can_be_shown(project: Project) -> None:
    ended = project.manage("logs")
    assert (ended.code, ended.err) == (6, "error: there is no log yet\n\nhint: run `quickstart.py` first\n")
    project.quickstart()
    (install_id,) = ids(project)
    path = project.manage("logs", "--path").out.strip()
    assert path == str(project.root / ".surefoot" / "logs" / f"{install_id}.log")
    assert project.manage("logs", "-n", "1").out.endswith("run_closed outcome=done\n")
    assert "python_deps.02.install | hello red\n" in project.manage("logs", install_id).out


def test_a_rollback_goes_on_in_the_log_of_its_run(project: Project) -> None:
    project.quickstart()
    project.manage("rollback", "--to", "python_deps")
    lines = project.manage("logs", "-n", "2").out.splitlines()
    assert lines[0].endswith(" step_undone step=packages.01.write")
    assert lines[1].endswith(" rollback_ended to=python_deps")


def test_config_says_where_each_value_comes_from(project: Project) -> None:
    (project.root / "surefoot.toml").write_text('mode = "dev"\nenv-prefix = "SAGE"\n')
    (project.root / "requirements.txt").write_text("six\n")
    ended = project.manage("config", "--offline", SAGE_JOBS="3")
    lines = [line.split() for line in ended.out.splitlines()]
    assert ["mode", "dev", "surefoot.toml"] in lines
    assert ["jobs", "3", "SAGE_JOBS"] in lines
    assert ["offline", "yes", "--offline"] in lines
    assert ["backend", "uv", "default"] in lines
    assert any("requirements.txt" in line and line.endswith(")") for line in ended.out.splitlines())
    settings = only(project.manage("config", "--json"))["settings"]
    assert settings["mode"] == {"value": "dev", "source": "surefoot.toml"}


def test_an_unknown_verb_is_named_with_the_nearest(project: Project) -> None:
    ended = project.manage("stats")
    assert (ended.code, ended.out) == (2, "")
    assert ended.err.splitlines() == [
        "error: there is no command `stats`; did you mean `status`?",
        "",
        "hint: `manage.py --help` shows what there is",
    ]
    ended = project.manage("checkpoint", "creat")
    assert ended.err.startswith("error: there is no command `creat`; did you mean `create`?\n")
    event = json.loads(project.manage("stats", "--json").out)
    assert (event["event"], event["error"]["exit_code"]) == ("error", 2)


def test_every_verb_has_help_with_an_example(project: Project) -> None:
    from installer.cli.tree import VERBS

    overview = project.manage("--help").out
    for verb in VERBS:
        assert f"\n  {verb} " in overview
        text = project.manage(verb, "--help").out
        assert re.search(r"Example: .", text), verb
        assert "--json" in text or "COMMAND" in text, verb
    assert project.manage().code == 2


def test_what_stands_before_the_verb_is_for_the_verb(project: Project, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    ended = project.manage("-C", str(elsewhere), "status")
    assert str(elsewhere) in ended.out
    assert project.manage("--lang", "zh", "status").out != ended.out


def test_version_needs_no_other_package() -> None:

    script = (
        "import sys; from installer.cli.main import manage; code = manage(['--version']);"
        "assert not {'click', 'rich', 'pydantic'} & set(sys.modules); sys.exit(code)"
    )
    root = SCHEMAS.parents[1]
    finished = subprocess.run([sys.executable, "-c", script], cwd=root, capture_output=True, text=True, check=False)
    assert (finished.returncode, finished.stderr) == (0, "")
    assert re.fullmatch(r"surefoot \d+\.\d+\.\d+\n", finished.stdout)


def test_a_plain_run_imports_no_package(project: Project) -> None:
    script = f"""
import sys
sys.path.insert(0, {str(TOY.parent)!r})
import toy
sys.argv[1:] = ["quickstart", "-q"]
toy.main()
print(sorted({{"click", "rich", "pydantic", "git", "virtualenv"}} & set(sys.modules)))
"""
    finished = subprocess.run(
        [sys.executable, "-B", "-c", script],
        cwd=project.root,
        env=project.environment,
        capture_output=True,
        text=True,
        check=True,
    )
    assert finished.stdout.endswith("[]\n")


def test_completion_knows_the_verbs(project: Project) -> None:
    ended = project.manage("completion", "bash")
    assert "_MANAGE_PY_COMPLETE=bash_complete" in ended.out
    offered = project.manage(_MANAGE_PY_COMPLETE="bash_complete", COMP_WORDS="manage.py ver", COMP_CWORD="1")
    assert offered.out.split() == ["plain,verify-rollback", "plain,verify"]
    ended = project.manage("completion", "csh")
    assert ended.code == 2
    assert ended.err == "error: there is no completion for `csh`\n\nhint: there are: bash, zsh, fish\n"


def test_a_rollback_that_is_cut_off_goes_on(project: Project, tmp_path: Path) -> None:
    running = project.start("quickstart", "-v", TOY_WAIT=str(tmp_path / "go"))
    with running:
        assert running.stderr is not None
        while "hello" not in running.stderr.readline():
            pass
        running.send_signal(signal.SIGKILL)
    before = {name: data for name, data in project.tree().items() if not name.startswith("out/")}
    assert project.manage("rollback").code == 0
    assert project.tree() == before


def test_test_runs_the_command_of_the_manifest_with_arguments(project: Project) -> None:
    ended = project.manage("test")
    assert (ended.code, ended.err) == (
        6,
        "error: there is no environment at `.venv`\n\nhint: run `quickstart.py` first\n",
    )

    subprocess.run([sys.executable, "-m", "venv", "--without-pip", project.root / ".venv"], check=True)
    (project.root / "surefoot.toml").write_text(
        'test = ["python", "-c", "import sys; print(sys.prefix, *sys.argv[1:]); sys.exit(7)"]\n'
    )
    ended = project.manage("test", "--", "-x", "one two")
    assert (ended.code, ended.out) == (7, f"{project.root}/.venv -x one two\n")


def test_without_a_command_the_projects_unittests_are_run(project: Project) -> None:

    subprocess.run([sys.executable, "-m", "venv", "--without-pip", project.root / ".venv"], check=True)
    ended = project.manage("test")
    assert ended.code == 6
    assert ended.err.startswith("error: there is nothing to test with: no pytest in the environment, no tests found\n")
    (project.root / "test_it.py").write_text(
        "import unittest\nclass T(unittest.TestCase):\n    def test_a(self):\n        self.assertTrue(True)\n"
    )
    ended = project.manage("test")
    assert (ended.code, "Ran 1 test" in ended.err) == (0, True)


@pytest.mark.parametrize("words", [["rollback"], ["clean-env"], ["resume"], ["restore"], ["checkpoint", "prune"]])
def test_nothing_to_do_is_no_error_in_a_fresh_project(project: Project, words: list[str]) -> None:
    assert project.manage(*words).code == 0


@pytest.mark.parametrize("state", [".surefoot", ".sage"])
def test_a_manifest_that_cannot_be_used_leaves_a_way_out_and_a_look_at_the_rest(project: Project, state: str) -> None:
    manifest = project.root / "surefoot.toml"
    manifest.write_text(f'state-dir = "{state}"\n')
    before = project.tree()
    assert project.quickstart().code == 0
    manifest.write_text(f'state-dir = "{state}"\nmode = "standrd"\n')
    ended = project.manage("status")
    way = "`manage.py rollback` takes the last run back without it"
    assert (ended.code, ended.err.splitlines()[-1]) == (
        2,
        f"hint: mend it, then run the same command again; {way}",
    )
    ended = project.manage("doctor", "--fix", LANG="C.UTF-8")
    assert (ended.code, ended.err) == (6, "")
    assert ended.out.startswith(
        "✗ manifest: the manifest `surefoot.toml` cannot be used: surefoot.toml, line 2: `mode`"
    )
    assert "✓ journal: the run " in ended.out
    assert only(project.manage("doctor", "--json"))["checks"][0]["remedy"].endswith(way)
    ended = project.manage("rollback", "-y")
    assert (ended.code, ended.err.splitlines()[0]) == (
        0,
        "the manifest `surefoot.toml` cannot be used: taken back as the journal has it",
    )
    manifest.write_text(f'state-dir = "{state}"\n')
    assert {name: data for name, data in project.tree().items() if not name.startswith(state)} == before


def test_where_nobody_can_say_where_the_state_is_nothing_is_taken_back(project: Project) -> None:
    assert project.quickstart().code == 0
    manifest = project.root / "surefoot.toml"
    manifest.write_text('state-dir = ".other"\n')
    assert project.quickstart().code == 0
    before = project.tree()
    manifest.write_text('state-dir = ".other"\nmode = \n')
    ended = project.manage("rollback", "-y")
    assert (ended.code, ended.err.splitlines()[-1]) == (2, "hint: mend it, then run the same command again")
    manifest.write_text('state-dir = ".other"\n')
    assert project.tree() == before


def test_a_manifest_that_is_no_toml_is_in_nobodys_way_back(project: Project) -> None:
    before = project.tree()
    manifest = project.root / "surefoot.toml"
    manifest.write_text('environment = "env"\n')
    assert project.quickstart().code == 0
    manifest.write_text("environment = \n")
    ended = project.manage("rollback", "-y", "--json")
    assert (ended.code, json.loads(ended.out.splitlines()[0])["level"]) == (0, "warning")
    manifest.unlink()
    assert {name: data for name, data in project.tree().items() if not name.startswith(".surefoot")} == before


def test_without_a_run_a_manifest_that_cannot_be_used_names_no_script(project: Project) -> None:
    (project.root / "surefoot.toml").write_text("mode = \n")
    assert project.manage("status").err.endswith("\nhint: mend it, then run the same command again\n")
    ended = project.manage("doctor")
    assert ended.code == 6
    assert ended.out.startswith("✗ manifest: `surefoot.toml` is not valid TOML: ")


def test_config_says_of_what_a_version_is(project: Project) -> None:
    (project.root / "pyproject.toml").write_text(
        '[project]\nname = "demo"\nversion = "1"\nrequires-python = ">=3.9.0"\n'
    )
    assert "  Python >=3.9.0  (what pyproject.toml requires)\n" in project.manage("config").out
    (first, *_) = only(project.manage("config", "--json"))["inferred"]
    assert first == {"what": "Python >=3.9.0", "why": "what pyproject.toml requires"}


def test_a_dry_run_of_a_selftest_says_what_it_would_do_also_where_all_is_installed(project: Project) -> None:
    assert "Install 3 packages" in project.manage("selftest", "--dry-run").out
    project.quickstart("-q")
    ended = project.manage("selftest", "--dry-run", "--detailed-exitcode")
    assert (ended.code, "Nothing to do" in ended.out) == (11, False), ended
    assert "install the copy twice, and kill further runs" in ended.out
