"""Which command lines need no parser for people, in a folder without a manifest."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from installer.cli import quick

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(autouse=True)
def _bare(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / ".git").mkdir()
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize(
    "line", ["rollback -q", "rollback -y --quiet", "restore 20251115_143000 -q", "restore -y -q original"]
)
def test_it_takes(line: str) -> None:
    assert quick.takes(line.split())


@pytest.mark.parametrize(
    "line",
    [
        "-q rollback",
        "rollback -q --all",
        "rollback -q --to python_deps",
        "rollback -q now",
        "restore -q",
        "restore -q one two",
        "restore -q --dry-run one",
        "restore -q -- one",
        "status -q",
        "-q",
    ],
)
def test_it_leaves_to_the_full_command_line(line: str) -> None:
    assert not quick.takes(line.split())


def test_an_empty_name_is_nobodys(tmp_path: Path) -> None:
    assert not quick.takes(["restore", "-q", ""])
    (tmp_path / "pyproject.toml").write_text("[tool.surefoot]\n")
    assert not quick.takes(["restore", "-q", "original"])
