"""The same functions in a shell: real bash and dash, any string as argument, killed and called at once."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pexpect
import pytest

from installer import i18n
from installer.checkpoint import completed_phases, resume_state, update_checkpoint
from installer.errors import UsageError
from installer.shell_api import render
from tests.checkpoint.conftest import PHASES, REPOSITORY, Shell

HOSTILE = [
    "plain",
    "two words",
    "",
    "-n",
    "--help",
    "--",
    "-C/etc",
    "$(touch pwned)",
    "`touch pwned`",
    "${HOME}",
    '"; touch pwned; "',
    "'; touch pwned; '",
    '" or __import__("os").system("touch pwned") or "',
    "'''",
    "line one\nline two\n",
    "tab\tand\rreturn",
    "\x1b[31mred\x07",
    "back\\slash \\n \\",
    "* ? [a-z] ~ !",
    "%s %n %d",
    "EOF\nEOF",
    "中文 ü 🎉",
    '{"message": "it\'s $(json)", "n": 1}',
    '{"broken": ',
    "a" * 100_000,
]


def shown(root: Path) -> dict[str, Any]:
    data: dict[str, Any] = json.loads((root / ".surefoot" / "checkpoints" / "install_progress.json").read_text())
    return data


@pytest.mark.parametrize("program", ["bash", "dash"])
def test_the_flow_of_the_source_design(shell: Shell, project: Path, program: str) -> None:
    done = shell(
        """set -eu
        init_checkpoint_system fetch build verify
        if check_resume_install; then echo wrong; fi
        update_checkpoint fetch started
        update_checkpoint fetch completed
        if checkpoint_completed build; then echo wrong; fi
        checkpoint_completed fetch && echo skipped
        check_resume_install && echo unfinished
        create_rollback_point "Before installing vLLM" extra.ini
        echo changed > "$1/requirements.txt"
        update_checkpoint build failed "Package installation failed"
        execute_rollback
        """,
        str(project),
        program=program,
    )
    assert (done.returncode, done.stdout) == (0, "skipped\nunfinished\npoint-1\n"), done.stderr
    assert done.stderr == "set aside: requirements.txt\n"
    assert (project / "requirements.txt").read_bytes().startswith(b"six")
    assert (shown(project)["completed_phases"], shown(project)["failed_phases"]) == (["fetch"], ["build"])
    assert shown(project)["phases"][1]["error"] == "Package installation failed"


@pytest.mark.parametrize("program", ["bash", "dash"])
def test_any_string_is_an_argument_and_nothing_more(shell: Shell, begun: Path, program: str, tmp_path: Path) -> None:
    done = shell(
        'n=0; for text; do n=$((n + 1)); update_checkpoint build failed "$text" || echo "status $?"; done; echo $n',
        *HOSTILE,
        program=program,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, f"{len(HOSTILE)}\n", "")
    assert not list(tmp_path.rglob("pwned"))
    assert not Path("/pwned").exists()
    assert shown(begun)["phases"][1]["error"] == "a" * 8_000 + " …"


@pytest.mark.parametrize("text", HOSTILE[:-1])
def test_a_hostile_phase_status_or_point_changes_nothing(shell: Shell, begun: Path, text: str, tmp_path: Path) -> None:
    done = shell(
        """update_checkpoint "$1" started; echo $?
        update_checkpoint build "$1"; echo $?
        checkpoint_completed "$1"; echo $?
        execute_rollback "no $1"; echo $?
        init_checkpoint_system "$1 $1"; echo $?
        create_rollback_point "$1" >/dev/null; echo $?""",
        text,
    )
    assert done.stdout.split() == ["2", "2", "1", "2", "2", "0"], done.stderr
    assert "Traceback" not in done.stderr
    assert not list(tmp_path.rglob("pwned"))
    assert resume_state(begun).current_phase == ""


def test_bytes_that_are_no_text_are_kept_readable(shell: Shell, begun: Path) -> None:
    done = shell('update_checkpoint build failed "$1"; create_rollback_point "$1"', b"caf\xe9")
    assert (done.returncode, done.stderr) == (0, "")
    assert shown(begun)["phases"][1]["error"] == "caf\\udce9"


def test_the_progress_file_is_json_for_everybody(shell: Shell, begun: Path) -> None:
    path = begun / ".surefoot" / "checkpoints" / "install_progress.json"
    script = """update_checkpoint build failed "'\\"\\$(x)
    "
    cat "$2" | "$1" -m json.tool"""
    done = shell(script, sys.executable, str(path))
    assert json.loads(done.stdout)["failed_phases"] == ["build"]


def test_calls_at_the_same_time_lose_nothing(shell: Shell, project: Path) -> None:
    names = [f"phase{number}" for number in range(8)]
    done = shell(
        """init_checkpoint_system "$@"
        for name; do update_checkpoint "$name" completed "by $name" & done
        wait""",
        *names,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert (shown(project)["completed_phases"], shown(project)["state"]) == (names, "done")


def test_a_mistake_is_told_and_its_status_says_so(shell: Shell, begun: Path) -> None:
    done = shell("update_checkpoint bild started; echo $?; update_checkpoint; echo $?")
    assert done.stdout.split() == ["2", "2"]
    assert done.stderr == (
        "error: there is no phase `bild`\n\nhint: did you mean `build`?\n"
        "error: `update` cannot be called so\n\nhint: update_checkpoint PHASE started|completed|failed [DATA]\n"
    )
    assert resume_state(begun).current_phase == ""


def test_switched_off_a_script_runs_as_if_nothing_were_there(shell: Shell, project: Path) -> None:
    done = shell(
        """set -eu
        init_checkpoint_system; update_checkpoint x started; create_rollback_point y; execute_rollback
        check_resume_install || echo none; checkpoint_completed x || echo no; confirm_resume_install || echo "$?" """,
        env={"SUREFOOT_DISABLE_CHECKPOINT": "1"},
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "none\nno\n1\n", "")
    assert not (project / ".surefoot").exists()


def test_without_a_terminal_resuming_is_not_asked(shell: Shell, begun: Path) -> None:
    done = shell("update_checkpoint fetch completed; confirm_resume_install; echo $?", stdin="n\n")
    install_id = resume_state(begun).install_id
    assert done.stdout == "0\n"
    assert done.stderr == (
        f"🔍 An unfinished installation was found\nInstall ID: {install_id}\nCurrent phase: fetch\nCompleted: fetch\n"
    )


def test_restart_takes_the_unfinished_installation_back(shell: Shell, begun: Path) -> None:
    first = shown(begun)["install_id"]
    done = shell("update_checkpoint fetch completed; restart_checkpoint_system fetch; check_resume_install; echo $?")
    assert (done.stdout, done.stderr) == ("1\n", "")
    assert shown(begun)["install_id"] != first


def test_an_interpreter_that_is_gone_is_replaced(begun: Path, tmp_path: Path) -> None:
    manage = tmp_path / "manage.py"
    manage.write_text(f"import sys; sys.path.insert(0, {str(REPOSITORY)!r})\n" + _CALL)
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "python3").write_text(f'#!/bin/sh\nexec "{sys.executable}" "$@"\n')
    (tmp_path / "bin" / "python3").chmod(0o755)
    text = render(str(tmp_path / "no" / "python"), str(manage), root=str(begun))
    path = f"{tmp_path / 'bin'}{os.pathsep}{os.environ['PATH']}"
    env = dict(os.environ) | {"PATH": path}
    done = subprocess.run(["sh", "-c", f"{text}\nupdate_checkpoint fetch completed"], env=env, check=False)
    assert (done.returncode, completed_phases(begun)) == (0, ("fetch",))


_CALL = "from installer.checkpoint_door import open_door; sys.exit(open_door(sys.argv[1:]))\n"


@pytest.mark.parametrize("prefix", ["", "1A", "A B", "A;touch pwned", "A-B"])
def test_a_prefix_that_begins_no_variable_is_refused(prefix: str) -> None:
    with pytest.raises(UsageError):
        render("python3", "manage.py", prefix)


def test_manage_py_prints_functions_that_call_it_back(project: Path) -> None:
    """The whole way: the real `manage.py`, evaluated by a real shell."""
    done = subprocess.run(
        [
            "bash",
            "-euc",
            """api=$("$1" "$2" shell-api -C "$3"); eval "$api"
            cd /
            init_checkpoint_system fetch build
            update_checkpoint fetch completed 'it works: $(touch pwned)'
            create_rollback_point here
            checkpoint_completed fetch""",
            "bash",
            sys.executable,
            str(REPOSITORY / "manage.py"),
            str(project),
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "point-1\n", "")
    assert shown(project)["phases"][0]["message"] == "it works: $(touch pwned)"


def test_an_update_killed_anywhere_tears_nothing(begun: Path) -> None:
    """`cutter.py` kills an update at every sync, write and rename in turn, and looks at the files after each."""
    done = subprocess.run(
        [sys.executable, str(Path(__file__).with_name("cutter.py")), str(REPOSITORY), str(begun), PHASES[1]],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert int(done.stdout) > 10
    assert shown(begun)["completed_phases"] == ["build"]


@pytest.mark.parametrize(
    ("keys", "environment", "asked", "status"),
    [
        ("\n", {}, True, 0),
        ("y\n", {}, True, 0),
        ("n\n", {}, True, 2),
        ("否\n", {}, True, 2),
        ("", {"SUREFOOT_AUTO_RESUME": "1"}, False, 0),
        ("", {"CI": "true"}, False, 0),
    ],
)
def test_a_person_is_asked_whether_to_go_on(
    begun: Path, tmp_path: Path, *, keys: str, environment: dict[str, str], asked: bool, status: int
) -> None:
    update_checkpoint("fetch", "completed")
    said = at_a_terminal(begun, tmp_path, "confirm_resume_install; echo status $?", keys, environment)
    assert ("Continue from the checkpoint? [Y/n]" in said, f"status {status}" in said) == (asked, True), said


@pytest.mark.parametrize(("keys", "back"), [("\n", False), ("n\n", False), ("y\n", True), ("Y\n", True)])
def test_a_person_is_asked_whether_to_go_back_and_no_is_the_default(
    begun: Path, tmp_path: Path, *, keys: str, back: bool
) -> None:
    (begun / "pyproject.toml").write_text("changed")
    said = at_a_terminal(begun, tmp_path, "confirm_rollback; echo status $?", keys, {})
    assert "Roll back to the last checkpoint? [y/N]" in said
    assert ("changed" not in (begun / "pyproject.toml").read_text(), "status 0" in said) == (back, True)


def at_a_terminal(project: Path, tmp_path: Path, script: str, keys: str, environment: dict[str, str]) -> str:
    """What a person sees who types `keys`."""
    manage = tmp_path / "manage.py"
    manage.write_text(f"import sys; sys.path.insert(0, {str(REPOSITORY)!r})\n" + _CALL)
    (tmp_path / "script.sh").write_bytes(
        os.fsencode(f"{render(sys.executable, str(manage), root=str(project))}\n{script}\n")
    )
    env = {**os.environ, **environment}
    child = pexpect.spawn("sh", [str(tmp_path / "script.sh")], encoding="utf-8", timeout=60, env=env)
    if keys:
        child.expect(r"\[[Yy]/[Nn]\] ")
    said = str(child.before or "") + str(child.after if keys else "")
    child.send(keys)
    child.expect(pexpect.EOF)
    child.close()
    return said + str(child.before)


def test_the_questions_of_the_source_design_are_asked_word_for_word() -> None:
    i18n.use("zh")
    text = render(sys.executable, "manage.py", "SAGE")
    assert "printf '%s ' '⚡ 是否从断点继续安装？[Y/n]'" in text
    assert "printf '%s ' '是否回滚到上一个检查点？[y/N]'" in text
    assert '"${SAGE_AUTO_RESUME:-0}"' in text
    assert '"${SAGE_DISABLE_CHECKPOINT:-0}"' in text
    assert "@" not in text.replace('"$@"', "")
