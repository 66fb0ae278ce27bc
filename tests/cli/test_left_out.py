"""Where `--until` or `--skip` leaves the verification out, no environment is called verified: nowhere."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pexpect
import pytest

from tests.ci.reports import cases

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.conftest import Project

SHORT = ("--until", "python_deps")
LEFT_OUT = (SHORT, ("--skip", "verification"))


def _lying_there(project: Project) -> None:
    """An interpreter of which this run knows nothing."""
    python = project.root / ".venv" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.touch()
    (python.parent / "activate").touch()


@pytest.mark.parametrize(
    ("words", "done", "left"),
    [
        (SHORT, "environment_setup, submodule_sync, python_deps", "packages, verification, cleanup"),
        (LEFT_OUT[1], "environment_setup, submodule_sync, python_deps, packages, cleanup", "verification"),
    ],
)
def test_it_is_said_what_was_done_and_what_was_left_out(
    project: Project, words: tuple[str, ...], done: str, left: str
) -> None:
    _lying_there(project)
    ended = project.quickstart("-y", *words)
    said = re.sub(r" \([\d.]+ s\)", "", ended.out)
    assert (ended.code, said) == (0, f"✓ Done: {done}; left out: {left}: `.venv` is not verified.\n")


def test_the_cleaning_up_may_be_left_out(project: Project) -> None:
    assert "✓ Done: `.venv` is verified (" in project.quickstart("-y", "--until", "verification").out


@pytest.mark.parametrize("words", LEFT_OUT)
def test_later_jobs_are_told_of_no_environment(project: Project, tmp_path: Path, words: tuple[str, ...]) -> None:
    _lying_there(project)
    ended = project.quickstart(*words, "--ci", "gitlab", SUREFOOT_DOTENV=str(tmp_path / "told"))
    told = dict(line.split("=", 1) for line in (tmp_path / "told").read_text().splitlines())
    assert (ended.code, told["BOOTSTRAP_STATE"]) == (0, "done")
    assert (told["BOOTSTRAP_ENVIRONMENT"], told["BOOTSTRAP_PYTHON_PATH"]) == ("", "")


@pytest.mark.parametrize("words", LEFT_OUT)
@pytest.mark.parametrize("there", [True, False])
def test_the_report_has_no_case_of_an_environment(
    project: Project, tmp_path: Path, words: tuple[str, ...], *, there: bool
) -> None:
    if there:
        _lying_there(project)
    ended = project.quickstart(*words, "--junit", str(tmp_path / "report.xml"))
    assert (ended.code, ended.err.count("error")) == (0, 0)
    assert cases(tmp_path / "report.xml") == {}


def test_a_run_that_is_left_as_it_is_has_a_report_too(project: Project, tmp_path: Path) -> None:
    project.quickstart(TOY_FAIL="1")
    child = project.on_terminal("quickstart", "--junit", str(tmp_path / "report.xml"))
    child.expect(re.escape("[Y/n] "))
    child.sendline("n")
    child.expect(pexpect.EOF)
    child.close()
    assert child.exitstatus == 0
    assert [group for group, _ in cases(tmp_path / "report.xml")] == ["python_deps"]
