from __future__ import annotations

import re
import signal
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

    import pexpect

    from tests.cli.conftest import Project

ASK = re.escape("⚡ Continue from the checkpoint? [Y/n] ")
BACK = re.escape("Take back the whole run as well? [y/N] ")
COLOUR = re.compile(r"\x1b\[[0-9;]*m")


def rest(child: pexpect.spawn[str]) -> tuple[int | None, str]:
    """What it still says, and how it ended."""
    import pexpect as px

    child.expect(px.EOF)
    text = child.before or ""
    child.close()
    return child.exitstatus, text


def last_screen(text: str) -> list[str]:
    """The lines that stay when the live display has ended."""
    return [COLOUR.sub("", line) for line in re.split(r"\x1b\[2K", text)[-1].replace("\x1b[?25h", "").splitlines()]


def test_six_phases_tick_by_and_stay_readable(project: Project, tmp_path: Path) -> None:
    child = project.on_terminal("quickstart", TOY_WAIT=str(tmp_path / "go"))
    child.expect("Install 3 packages  1/3")
    (tmp_path / "go").touch()
    code, text = rest(child)
    assert code == 0
    assert [re.sub(r"\d+\.\d s", "T s", line) for line in last_screen(text)] == [
        "✓ environment_setup  T s",
        "✓ submodule_sync     nothing to do",
        "✓ python_deps        T s",
        "✓ packages           T s",
        "✓ verification       T s",
        "✓ cleanup            nothing to do",
        "✓ Done: `.venv` is verified (T s).",
    ]


def test_no_color_means_no_colour(project: Project) -> None:
    code, text = rest(project.on_terminal("quickstart", NO_COLOR="1"))
    assert code == 0
    assert not re.search(r"\x1b\[[0-9;]*3[0-7]m", text)
    assert "✓ verification" in text


def test_the_cursor_is_never_left_hidden_by_a_kill(project: Project, tmp_path: Path) -> None:
    child = project.on_terminal("quickstart", TOY_WAIT=str(tmp_path / "go"))
    child.expect("1/3")
    child.kill(signal.SIGKILL)
    _, text = rest(child)
    seen = (child.before or "") + text
    assert seen.rfind("\x1b[?25h") >= seen.rfind("\x1b[?25l")


@pytest.mark.parametrize("variables", [{"TERM": "dumb"}, {"CI": "true"}])
def test_a_terminal_that_cannot_draw_gets_lines(project: Project, variables: dict[str, str]) -> None:
    code, text = rest(project.on_terminal("quickstart", **variables))
    assert code == 0
    assert "\x1b" not in text
    assert "  › Install 3 packages\r\n" in text


@pytest.mark.parametrize("answer", ["", "y", "Y", "yes", "是"])
def test_yes_goes_on_from_the_checkpoint(project: Project, answer: str) -> None:
    project.quickstart(TOY_FAIL="1")
    child = project.on_terminal("quickstart")
    child.expect(ASK)
    assert "🔍 An unfinished installation was found\r\n" in (child.before or "")
    assert "Completed: environment_setup, submodule_sync\r\n" in (child.before or "")
    child.sendline(answer)
    code, text = rest(child)
    assert (code, "Write environment_setup" in text) == (0, False)


def test_no_leaves_everything_as_it_is(project: Project) -> None:
    project.quickstart(TOY_FAIL="1")
    before = project.tree()
    child = project.on_terminal("quickstart")
    child.expect(ASK)
    child.sendline("n")
    code, text = rest(child)
    assert (code, "Left as it is." in text) == (0, True)
    assert project.tree() == before


def test_r_starts_anew_and_b_takes_back(project: Project) -> None:
    before = project.tree()
    project.quickstart(TOY_FAIL="1")
    child = project.on_terminal("quickstart")
    child.expect("y: continue · n: leave it · r: start anew · b: take it back")  # before it is asked
    child.expect(ASK)
    child.sendline("what?")
    child.expect("y: continue · n: leave it · r: start anew · b: take it back")
    child.expect(ASK)
    child.sendline("b")
    code, text = rest(child)
    assert (code, "Steps taken back" in text) == (0, True)
    assert project.tree() == before
    project.quickstart(TOY_FAIL="1")
    child = project.on_terminal("quickstart")
    child.expect(ASK)
    child.sendline("r")
    code, text = rest(child)
    assert (code, "Taking back the run" in text, "done before" in text) == (0, True, False)


@pytest.mark.parametrize(
    ("words", "variables"),
    [
        (["-y"], {}),
        (["--resume"], {}),
        ([], {"CI": "1"}),
        ([], {"SUREFOOT_AUTO_RESUME": "1"}),
        ([], {"SUREFOOT_YES": "1"}),
    ],
)
def test_whoever_said_yes_before_is_not_asked(project: Project, words: list[str], variables: dict[str, str]) -> None:
    project.quickstart(TOY_FAIL="1")
    code, text = rest(project.on_terminal("quickstart", *words, **variables))
    assert (code, "[Y/n]" in text) == (0, False)


@pytest.mark.parametrize(("answer", "back"), [("", False), ("n", False), ("y", True)])
def test_after_a_failure_the_whole_run_can_be_taken_back(project: Project, answer: str, *, back: bool) -> None:
    before = project.tree()
    child = project.on_terminal("quickstart", TOY_FAIL="1")
    child.expect(BACK)
    child.sendline(answer)
    code, _ = rest(child)
    assert code == 1
    assert (project.tree() == before) is back


def cut_in_the_rollback(project: Project) -> None:
    """A run whose rollback was killed after its first record."""
    project.quickstart()
    checkpoints = project.root / ".surefoot" / "checkpoints"
    journal = checkpoints / "journal.jsonl"
    views = {path: path.read_bytes() for path in (checkpoints / "install_progress.json", checkpoints / "rollback.sh")}
    project.manage("rollback")
    for path, data in views.items():  # they were not written anew yet
        path.write_bytes(data)
    lines = journal.read_bytes().splitlines(keepends=True)
    begun = next(number for number, line in enumerate(lines) if b'"RollbackStarted"' in line)
    journal.write_bytes(b"".join(lines[: begun + 1]))


@pytest.mark.parametrize(("answer", "said"), [("", "Steps taken back"), ("n", "Left as it is.")])
def test_a_rollback_that_was_cut_short_is_what_is_asked_about(project: Project, answer: str, said: str) -> None:
    cut_in_the_rollback(project)
    child = project.on_terminal("quickstart")
    child.expect(re.escape("⚡ Go on with the rollback? [Y/n] "))
    assert "🔍 An unfinished rollback was found\r\n" in (child.before or "")
    child.sendline(answer)
    code, text = rest(child)
    assert (code, said in text) == (0, True)


def test_phases_that_were_completed_before_are_shown_so(project: Project) -> None:
    project.quickstart(TOY_FAIL="1")
    child = project.on_terminal("quickstart", "-y")
    code, text = rest(child)
    assert code == 0
    assert last_screen(text)[:2] == ["✓ environment_setup  done before", "✓ submodule_sync     done before"]


def test_ctrl_c_at_a_question_ends_with_130(project: Project) -> None:
    project.quickstart(TOY_FAIL="1")
    child = project.on_terminal("quickstart")
    child.expect(ASK)
    child.sendintr()
    code, _ = rest(child)
    assert code == 130


def test_in_chinese_the_words_are_those_of_the_source(project: Project) -> None:
    project.quickstart(TOY_FAIL="1")
    child = project.on_terminal("quickstart", LC_ALL="zh_CN.UTF-8")
    child.expect(re.escape("⚡ 是否从断点继续安装？[Y/n] "))
    lines = (child.before or "").splitlines()
    assert lines[0] == "🔍 检测到未完成的安装"
    assert re.fullmatch(r"安装 ID: \d{8}_\d{6}", lines[1])
    assert lines[2:4] == ["当前阶段: python_deps", "已完成: environment_setup, submodule_sync"]
    assert lines[4] == "y：继续 · n：保持原样 · r：重新开始 · b：回滚"
    child.sendline("")
    assert rest(child)[0] == 0


def test_a_no_is_no_error(project: Project) -> None:
    project.quickstart()
    child = project.on_terminal("manage", "clean-env", "--all")
    child.expect(re.escape("[y/N] "))
    child.sendline("n")
    code, text = rest(child)
    assert (code, text.splitlines()[-1]) == (2, "nothing was changed")
    assert "error" not in text
