from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from phases.python import records
from phases.python.records import Problem

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """An environment with one distribution: a module, a script, a compiled file that is gone."""
    site = tmp_path / "env" / "lib" / "python3.11" / "site-packages"
    info = site / "My_Tool-1.0.dist-info"
    info.mkdir(parents=True)
    (tmp_path / "env" / "pyvenv.cfg").write_text("home = /nowhere\n")
    (tmp_path / "env" / "bin").mkdir()
    (tmp_path / "env" / "bin" / "tool").write_text("#!x\n")
    (site / "my,tool.py").write_text("x = 1\n")
    (info / "RECORD").write_text(
        '"my,tool.py",sha256=gaESSsG2PfI20Nw35EhQZPRLsaiVxqkS2JrcMWe8H1g,6\n'
        "../../../bin/tool,sha256=x,4\n"
        "__pycache__/my_tool.cpython-311.pyc,,\n"
        "My_Tool-1.0.dist-info/RECORD,,\n"
    )
    return site


def test_an_untouched_distribution_has_no_problem(site: Path) -> None:
    assert records.check(site) == []


def test_its_name_is_normalised(site: Path) -> None:
    assert records.installed(site) == {"my-tool": "1.0"}


def test_a_missing_file_is_found(site: Path) -> None:
    (site / "my,tool.py").unlink()
    assert records.check(site) == [Problem(distribution="my-tool", path="my,tool.py", fault="missing")]


def test_a_truncated_file_is_found_by_its_size(site: Path) -> None:
    (site / "my,tool.py").write_text("")
    assert [problem.fault for problem in records.check(site)] == ["size"]


def test_a_missing_script_is_found(site: Path) -> None:
    (site / "../../../bin/tool").unlink()
    assert [problem.path for problem in records.check(site)] == ["../../../bin/tool"]


def test_only_a_deep_check_reads_contents(site: Path) -> None:
    (site / "my,tool.py").write_text("x = 2\n")
    assert records.check(site) == []
    assert ("my,tool.py", "hash") in [(each.path, each.fault) for each in records.check(site, deep=True)]


def test_a_record_that_leaves_the_environment_is_a_problem(site: Path) -> None:
    record = site / "My_Tool-1.0.dist-info" / "RECORD"
    record.write_text(record.read_text() + "../../../../outside,,\n")
    (site / "../../../../outside").write_text("")
    assert [problem.fault for problem in records.check(site)] == ["outside"]


@pytest.mark.parametrize("text", ["", "\n"])
def test_an_empty_record_is_a_problem(site: Path, text: str) -> None:
    (site / "My_Tool-1.0.dist-info" / "RECORD").write_text(text)
    assert [problem.fault for problem in records.check(site)] == ["no record"]


def test_a_legacy_egg_info_needs_no_record(site: Path) -> None:
    (site / "old-2.0-py3.11.egg-info").mkdir()
    assert records.check(site) == []
    assert records.installed(site)["old"] == "2.0"


def test_two_versions_of_one_distribution_are_a_problem(site: Path) -> None:
    other = site / "my_tool-2.0.dist-info"
    other.mkdir()
    (other / "RECORD").write_text("my_tool-2.0.dist-info/RECORD,,\n")
    assert "twice" in [problem.fault for problem in records.check(site)]


def test_amended_records_hold_again(site: Path) -> None:
    (site / "my,tool.py").write_text("something longer\n")
    records.amend(site, frozenset({site / "my,tool.py"}))
    assert [each for each in records.check(site, deep=True) if each.path == "my,tool.py"] == []


def test_a_folder_that_is_not_there_holds_nothing(tmp_path: Path) -> None:
    assert (records.check(tmp_path / "no"), records.installed(tmp_path / "no")) == ([], {})
