from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tests.cli.conftest import TOY
from tests.cli.test_manage import only

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.conftest import Project


def test_a_script_notes_its_phases(project: Project) -> None:
    assert project.manage("checkpoint", "init", "--phase", "fetch", "--phase", "build").code == 0
    assert project.manage("checkpoint", "check-resume").code == 1
    assert project.manage("checkpoint", "update", "fetch", "started").code == 0
    assert project.manage("checkpoint", "update", "fetch", "completed").code == 0
    assert project.manage("checkpoint", "update", "build", "failed", "no compiler").code == 0
    ended = project.manage("checkpoint", "check-resume")
    assert (ended.code, ended.out) == (0, "fetch\n")
    event = only(project.manage("checkpoint", "check-resume", "--json"))
    assert (event["unfinished"], event["current_phase"], event["completed"]) == (True, "build", ["fetch"])
    assert project.manage("checkpoint", "completed", "fetch").code == 0
    assert project.manage("checkpoint", "completed", "build").code == 1


def test_quickstart_leaves_a_scripts_run_to_the_script(project: Project) -> None:
    project.manage("checkpoint", "init", "--phase", "fetch")
    project.manage("checkpoint", "update", "fetch", "started")
    ended = project.quickstart()
    assert ended.code == 6
    assert "hint: finish it, or take it back with `manage.py rollback`\n" in ended.err


def test_a_rollback_point_keeps_files_and_is_listed(project: Project) -> None:
    (project.root / "config.ini").write_text("one")
    ended = project.manage("checkpoint", "create", "Before installing vLLM", "config.ini")
    assert (ended.code, ended.out) == (0, "rollback point point-1: Before installing vLLM\n")
    assert project.manage("checkpoint").out == "point-1  rollback point  Before installing vLLM\n"
    (project.root / "config.ini").write_text("two")
    assert project.manage("checkpoint", "rollback", "point-1").code == 0
    assert (project.root / "config.ini").read_text() == "one"


def test_a_rollback_point_is_no_unfinished_installation(project: Project) -> None:
    project.manage("checkpoint", "create", "Before")
    ended = project.quickstart()
    assert (ended.code, "unfinished" in ended.err) == (0, False)


def test_verify_finds_a_damaged_backup(project: Project) -> None:
    assert project.manage("checkpoint", "verify").out == "The journal and all backups are whole.\n"
    project.manage("checkpoint", "create", "Before")
    for path in (project.root / ".surefoot" / "stash").rglob("*"):
        if path.is_file():
            path.write_bytes(b"not what was kept")
    ended = project.manage("checkpoint", "verify")
    assert (ended.code, "the backup of pyproject.toml is damaged or gone" in ended.out) == (1, True)


def damage(project: Project) -> bytes:
    """Flip a bit in the middle of the journal."""
    path = project.root / ".surefoot" / "checkpoints" / "journal.jsonl"
    lines = path.read_bytes().splitlines(keepends=True)
    middle = len(lines) // 2
    lines[middle] = lines[middle].replace(b'"seq"', b'"sep"')
    path.write_bytes(b"".join(lines))
    return b"".join(lines[:middle])


def test_a_damaged_journal_is_exit_4_and_repair_keeps_what_can_be_read(project: Project) -> None:
    project.quickstart()
    good = damage(project)
    journal = project.root / ".surefoot" / "checkpoints" / "journal.jsonl"
    bad = journal.read_bytes()
    ended = project.manage("status")
    assert ended.code == 4
    assert "manage.py checkpoint repair" in ended.err
    shown = project.manage("checkpoint", "repair", "--dry-run")
    assert (shown.code, journal.read_bytes()) == (0, bad)
    assert "Completed: environment_setup, submodule_sync\n" in shown.out
    assert project.manage("checkpoint", "repair").code == 2
    assert journal.read_bytes() == bad
    assert project.manage("checkpoint", "repair", "--yes").code == 0
    assert journal.read_bytes() == good
    kept = list((project.root / ".surefoot" / "damaged").iterdir())
    assert [path.read_bytes() for path in kept] == [bad]
    assert project.manage("status").code == 0
    assert project.manage("checkpoint", "repair").out == "The journal is whole.\n"


def test_clean_env_all_gives_a_fresh_start_whatever_the_state(project: Project) -> None:
    project.quickstart()
    damage(project)
    assert project.manage("clean-env", "--all").code == 2
    assert project.manage("clean-env", "--all", "--yes").code == 0
    assert not (project.root / ".surefoot" / "checkpoints").exists()
    assert not (project.root / ".surefoot" / "runs").exists()
    assert project.quickstart().code == 0


def test_closed_runs_are_put_away_and_thinned_out(project: Project) -> None:
    project.quickstart()
    assert project.manage("checkpoint", "archive").out.startswith("Put away: ")
    assert project.manage("checkpoint", "archive").out == "There is nothing to put away.\n"
    assert project.manage("checkpoint", "prune", "--keep", "0", "--dry-run").out.startswith("would delete: ")
    assert project.manage("checkpoint", "prune", "--keep", "0").code == 2
    assert project.manage("checkpoint", "prune", "--keep", "0", "--yes").out.startswith("deleted: ")
    assert project.manage("history").out == "There were no runs yet.\n"


def test_an_unfinished_run_is_not_put_away(project: Project) -> None:
    project.quickstart(TOY_FAIL="1")
    ended = project.manage("checkpoint", "archive")
    assert ended.code == 6
    assert ended.err.endswith("hint: `manage.py resume` goes on with it, `manage.py rollback` takes it back\n")


@pytest.mark.parametrize(
    ("lang", "failed"), [("en", "❌ Installation failed at line 7"), ("zh", "❌ 安装失败于第 7 行")], ids=["en", "zh"]
)
@pytest.mark.parametrize("shell", ["sh", "bash"])
def test_the_shell_functions_work_in_a_script(
    project: Project, tmp_path: Path, shell: str, lang: str, failed: str
) -> None:
    manage = tmp_path / "manage.py"
    manage.write_text(
        f"import sys\nsys.dont_write_bytecode = True\nsys.path.insert(0, {str(TOY.parent)!r})\nimport toy\n"
        "sys.argv.insert(1, 'manage')\nsys.exit(toy.main())\n"
    )
    script = tmp_path / "install.sh"
    script.write_text(f"""\
eval "$('{sys.executable}' '{manage}' -C '{project.root}' --lang {lang} shell-api)"
init_checkpoint_system fetch build
update_checkpoint fetch started
create_rollback_point 'Before $(touch PWNED) "quotes" `touch PWNED`'
handle_install_error 7 fetch
check_resume_install && echo unfinished
""")
    ended = subprocess.run(
        [shell, script], cwd=tmp_path, env=project.environment, capture_output=True, text=True, check=False
    )
    assert (ended.stdout, ended.stderr) == ("point-1\nunfinished\n", f"{failed}\n")
    assert "PWNED" not in os.listdir(tmp_path) + os.listdir(project.root)
    event = only(project.manage("status", "--json"))
    assert (event["state"], event["current_phase"]) == ("failed", "fetch")
    points = only(project.manage("checkpoint", "list", "--json"))["points"]
    assert points[-1]["note"] == 'Before $(touch PWNED) "quotes" `touch PWNED`'
