"""The verification as a JUnit report: of a run, of the environment as it is, and of what went wrong."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from installer.cli import junit
from installer.cli.verified_junit import reporting
from installer.errors import UsageError
from tests.ci.reports import cases
from tests.whole import kit

if TYPE_CHECKING:
    from pathlib import Path


def test_whatever_is_said_the_report_is_xml(tmp_path: Path) -> None:
    report = tmp_path / "report.xml"
    name = 'a "<b>" & \x00\x1b[31m\ud800\ufffe\n::error::c'
    junit.write(report, name, [junit.Case(group=name, name=name, failures=((name, name),))], 0.5)
    (((group, _), (message,)),) = cases(report).items()
    assert group == message
    assert re.fullmatch(r'a "<b>" & \ufffd\ufffd ::error::c', message)


def test_what_is_killed_leaves_a_report_that_fails_and_a_file_that_cannot_be_written_is_told_first(
    tmp_path: Path,
) -> None:
    file = tmp_path / "reports" / "x.xml"
    with reporting(str(file)) as gathered:
        assert 'failures="1"' in file.read_text()  # what a kill would leave
        gathered.append(junit.Case(group="a", name="b"))
    assert 'tests="1" failures="0"' in file.read_text()

    def interrupted() -> None:
        with reporting(str(file)):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert "KeyboardInterrupt" in file.read_text()
    with pytest.raises(UsageError, match="cannot be written"), reporting(str(tmp_path)):
        pytest.fail("it began")


def test_a_command_line_that_cannot_be_used_is_a_case(tmp_path: Path) -> None:
    report = tmp_path / "report.xml"
    ended = kit.run("quickstart.py", "--junit", str(report), "--mode", "nonsense", cwd=tmp_path)
    assert ended.status == 2
    assert cases(report) == {("surefoot", "error"): ["the settings cannot be used"]}


def test_words_that_no_parser_takes_are_a_case_too(tmp_path: Path) -> None:
    report = tmp_path / "report.xml"
    for words in (f"--junit={report}", "--backend", "conda"), ("--junit", str(report), "--nonsense"):
        report.unlink(missing_ok=True)
        assert kit.run("quickstart.py", *words, cwd=tmp_path).status == 2
        (found,) = cases(report).values()
        assert found[0].startswith(("`--backend` should be one of uv, pip", "there is no option `--nonsense`"))
    other = tmp_path / "other.xml"
    assert kit.run("manage.py", "status", "--junit", str(other), cwd=tmp_path).status == 2
    assert not other.exists(), "a verb that writes none"


@pytest.mark.slow
def test_checks_and_packages_are_cases_and_what_is_broken_fails(tmp_path: Path) -> None:
    project, report = tmp_path / "project", tmp_path / "report.xml"
    kit.write(
        project,
        {
            "requirements.txt": "idna==3.6\n",
            "surefoot.toml": '[verification]\ncommands = [["python", "-c", "raise SystemExit(3)"]]\n',
        },
    )
    failed = kit.run("quickstart.py", "-y", "--junit", str(report), cwd=project)
    assert failed.status == 1, failed.said
    found = cases(report)
    wrong = [name for name, failures in found.items() if failures]
    assert [group for group, _ in wrong] == ["verification"], found
    assert wrong[0][1].startswith("Run `python -c")
    assert ("verification", "Check every file of every package") in found

    (project / "surefoot.toml").write_text("")
    done = kit.run("quickstart.py", "-y", "--junit", str(report), cwd=project)
    assert done.status == 0, done.said
    assert cases(report)[("environment", "idna 3.6")] == []
    assert not any(cases(report).values())

    next(project.glob(".venv/lib/*/site-packages/idna/core.py")).unlink()
    broken = kit.run("manage.py", "verify", "--junit", str(report), cwd=project)
    assert broken.status == 1, broken.said
    assert cases(report)[("environment", "idna 3.6")] == ["idna: idna/core.py (missing)"]
