"""What a newcomer is told: how to go on, what was not done, what is wrong with the command line."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click
import pytest

from installer import i18n
from installer.cli import activation, health, usage

if TYPE_CHECKING:
    from tests.cli.conftest import Project


@pytest.mark.parametrize(
    ("shell", "said"),
    [
        ("/bin/bash", "source .venv/bin/activate"),
        ("", "source .venv/bin/activate"),
        ("/usr/bin/fish", "source .venv/bin/activate.fish"),
        ("/bin/tcsh", "source .venv/bin/activate.csh"),
    ],
)
def test_the_environment_is_activated_in_the_users_shell(tmp_path: Path, shell: str, said: str) -> None:
    environment = tmp_path / ".venv"
    (environment / "bin").mkdir(parents=True)
    for name in ("activate", "activate.fish", "activate.csh"):
        (environment / "bin" / name).touch()
    assert activation.command(environment, here=tmp_path, environ={"SHELL": shell}) == said


def test_the_line_fits_the_folder_that_the_user_stands_in(tmp_path: Path) -> None:
    environment = tmp_path / "a project" / ".venv"
    (environment / "bin").mkdir(parents=True)
    (environment / "bin" / "activate").touch()
    (tmp_path / "a project" / "src").mkdir()
    here = tmp_path / "a project" / "src"
    assert activation.command(environment, here=here, environ={}) == "source ../.venv/bin/activate"
    assert activation.command(environment, here=tmp_path, environ={}) == "source 'a project/.venv/bin/activate'"
    far = Path("/").joinpath(*("x" for _ in range(40)))
    assert activation.command(environment, here=far, environ={}) == f"source '{environment}/bin/activate'"


def test_without_an_activation_script_nothing_is_said(project: Project) -> None:
    assert activation.command(project.root / ".venv", here=project.root, environ={}) == ""
    assert "hint" not in project.quickstart().out


def _made(project: Project) -> None:
    """An environment that can be activated."""
    (project.root / ".venv" / "bin").mkdir(parents=True)
    (project.root / ".venv" / "bin" / "activate").touch()


def test_a_finished_run_and_status_say_how_to_activate(project: Project) -> None:
    _made(project)
    (project.root / ".venv" / "lib" / "python3.11" / "site-packages" / "pytest").mkdir(parents=True)
    ended = project.quickstart()
    assert ended.out.endswith("\n\nhint: `source .venv/bin/activate` activates it, `manage.py test` runs the tests\n")
    assert "Activate     source .venv/bin/activate\n" in project.manage("status").out


_TESTS_RUN = ", `manage.py test` runs the tests"
_DEV_BRINGS = "; `quickstart.py --dev` brings what the tests need"


@pytest.mark.parametrize(
    ("files", "words", "said"),
    [
        ({}, (), ""),
        ({"surefoot.toml": 'test = ["true"]'}, (), _TESTS_RUN),
        ({"tests/test_one.py": ""}, (), _TESTS_RUN),  # unittest's
        ({"tests/test_one.py": "", "tests/conftest.py": ""}, (), ""),  # nothing brings pytest
        ({"pyproject.toml": '[dependency-groups]\ntests = ["pytest"]', "tests/test_one.py": ""}, (), _DEV_BRINGS),
        ({"requirements-dev.txt": "pytest==8.0\n", "tests/test_one.py": ""}, (), _DEV_BRINGS),
        ({"pyproject.toml": '[dependency-groups]\ntests = ["pytest"]'}, ("--dev",), ""),
        ({"pyproject.toml": '[dependency-groups]\ndev = ["ruff"]', "tests/test_one.py": ""}, (), _TESTS_RUN),
        ({"requirements-dev.txt": "-r gone.txt\n", "pytest.ini": ""}, (), ""),  # it cannot be read
    ],
)
def test_the_tests_are_only_named_where_they_can_be_run(
    project: Project, files: dict[str, str], words: tuple[str, ...], said: str
) -> None:
    _made(project)
    for name, text in files.items():
        (project.root / name).parent.mkdir(exist_ok=True)
        (project.root / name).write_text(text)
    ended = project.quickstart(*words)
    assert ended.out.endswith(f"\n\nhint: `source .venv/bin/activate` activates it{said}\n"), ended


def test_a_plan_that_cannot_be_made_changed_nothing(project: Project) -> None:
    ended = project.quickstart(TOY_PLAN="python_deps")
    assert ended.code == 6
    assert "  nothing was changed; these phases are kept: environment_setup, submodule_sync\n" in ended.err
    again = project.quickstart(TOY_PLAN="python_deps")
    assert "  nothing was changed; these phases are kept: environment_setup, submodule_sync\n" in again.err


def test_a_plan_that_cannot_be_made_first_of_all_leaves_no_run(project: Project) -> None:
    ended = project.quickstart(TOY_PLAN="environment_setup")
    assert (ended.code, ended.err) == (6, "error: there is no compiler\n  nothing was changed\n")


@pytest.mark.parametrize(
    ("words", "english", "chinese"),
    [
        (
            ["--modee", "x"],
            "there is no option `--modee`; did you mean `--mode`?",
            "没有选项 `--modee`；是否想用 `--mode`？",
        ),
        (["--jobs", "0"], "`--jobs` should be a whole number, 1 or more", "`--jobs` 应为不小于 1 的整数"),
        (["--jobs", "x"], "`--jobs` should be a whole number, 1 or more", "`--jobs` 应为不小于 1 的整数"),
        (["--backend", "conda"], "`--backend` should be one of uv, pip", "`--backend` 应为 uv, pip 之一"),
        (["a", "b"], "this is too much: a b", "多余的参数：a b"),
        (["--mode"], "`--mode` needs a value", "`--mode` 需要一个值"),
        (["--json=3"], "`--json` takes no value", "`--json` 不接受值"),
    ],
)
def test_a_wrong_command_line_is_told_in_our_words(
    project: Project, words: list[str], english: str, chinese: str
) -> None:
    said = [project.quickstart("--lang", lang, *words) for lang in ("en", "zh")]
    assert [ended.code for ended in said] == [2, 2]
    told = ["".join(ended.out + ended.err).splitlines()[0] for ended in said]
    assert english in told[0]
    assert chinese in told[1]


def test_only_an_option_that_is_near_is_suggested() -> None:
    known = ["--verbose", "--mode", "--dry-run"]
    said = [usage.sentence(click.NoSuchOption(name, possibilities=known)) for name in ("--bogus", "--mdoe", "--dryrun")]
    assert said == [
        "there is no option `--bogus`",
        "there is no option `--mdoe`; did you mean `--mode`?",
        "there is no option `--dryrun`; did you mean `--dry-run`?",
    ]


def test_a_group_says_what_it_does_without_a_verb(project: Project) -> None:
    said = project.manage("build", "--help").out
    assert "Without a verb: `status`." in said
    assert "Without a verb" not in project.manage("--help").out


def test_a_missing_argument_is_named(project: Project) -> None:
    ended = project.manage("history", "diff")
    assert (ended.code, ended.err.splitlines()[0]) == (2, "error: `ONE` is missing")


@pytest.mark.parametrize("words", [["--help"], ["status", "--help"], ["checkpoint", "--help"]])
def test_help_is_chinese_throughout(project: Project, words: list[str]) -> None:
    said = project.manage("--lang", "zh", *words).out
    assert said.startswith("用法：manage.py")
    assert "显示此帮助。" in said
    assert not {"Usage", "Options:", "Commands:", "Show"} & set(said.split())


def test_without_runs_there_is_a_way_to_begin(project: Project) -> None:
    for words in (["history", "show"], ["logs"]):
        ended = project.manage(*words)
        assert (ended.code, ended.err.splitlines()[-1]) == (6, "hint: run `quickstart.py` first")


def environment_without_pytest(project: Project) -> None:
    """A bare environment beside the project, as its `.venv`."""
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", project.root / ".venv"], check=True)


def test_no_tests_at_all_are_no_success(project: Project) -> None:
    environment_without_pytest(project)
    (project.root / "tests").mkdir()
    ended = project.manage("test")
    assert ended.code == 6
    assert "error: there is nothing to test with: no pytest in the environment, no tests found\n" in ended.err


def test_tests_of_unittest_are_run_with_what_is_passed_on(project: Project) -> None:
    environment_without_pytest(project)
    case = "import unittest\nclass Case(unittest.TestCase):\n    def test_it(self):\n        self.assertTrue({})\n"
    (project.root / "test_demo.py").write_text(case.format("1"))
    assert project.manage("test").code == 0
    assert "test_it (test_demo" in project.manage("test", "--", "-v").err
    (project.root / "test_demo.py").write_text(case.format("[][:10]"))  # of another length: bytecode is cached by it
    assert project.manage("test").code == 1


def test_a_project_of_pytest_is_told_how_to_get_it(project: Project) -> None:
    environment_without_pytest(project)
    (project.root / "tests").mkdir()
    (project.root / "tests" / "conftest.py").touch()
    ended = project.manage("test")
    assert ended.code == 6
    assert ended.err.endswith("\nhint: `quickstart.py --dev` installs what developing the project needs\n")
    project.quickstart("--dev")
    assert "[modes.dev] requirements" in project.manage("test").err


def test_the_words_of_tables_are_the_readers(project: Project) -> None:
    project.quickstart()
    assert " 安装 " in project.manage("history", "--lang", "zh").out
    assert '"kind":"install"' in project.manage("history", "--json", "--lang", "zh").out.replace(" ", "")
    told = project.manage("verify-rollback", "--lang", "zh").out
    assert "不存在" in told
    assert "absent" not in told
    assert "镜像、容器中的应用、卷" in project.manage("extras", "--lang", "zh").out


@pytest.mark.parametrize("fault", ["six: six.py (size)", "six: six-1.0.dist-info: no record"])
def test_a_fault_is_shown_in_the_readers_language(fault: str) -> None:
    assert health.in_words(fault) == fault
    i18n.use("zh")
    try:
        said = health.in_words(fault)
    finally:
        i18n.use("en")
    assert said.startswith("six: six")
    assert said.endswith(("（大小不符）", "：没有 RECORD"))


def test_chinese_has_its_own_colons_and_brackets(project: Project) -> None:
    told = project.manage("--help", "--lang", "zh").out + project.manage("--lang", "zh", "--help").out
    assert "选项：\n" in told
    assert "选项:" not in told
    assert "（无需操作）\n" in project.quickstart("--lang", "zh").err
    assert "✓ 磁盘：" in project.manage("doctor", "--lang", "zh").out
    assert "Options:\n" in project.manage("--help").out
