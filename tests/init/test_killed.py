"""`init` that is killed before and behind each of its deeds: it resumes, or it reverts byte for byte."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING, Any

import pytest

from installer.logbook import Logbook
from installer.model import Done, Intent
from tests.engine.plug import Cut, run_script
from tests.engine.toys import Picture, picture

if TYPE_CHECKING:
    from installer.model import Record
    from tests.init.kit import Project

STEPS = 5  # manifest, two launchers, two files for CI
WORDS = ("--provider", "both", "-q", "--no-wait")


def begin(project: Project) -> None:
    code, out, err = project.manage("init", "-y", "--tool", str(project.wheel), *WORDS)
    assert code == 0, (out, err)


def wanted(project: Project) -> tuple[Picture, Picture]:
    """How the project looks before and after."""
    project.write({"pyproject.toml": '[project]\nname = "demo"\nversion = "1"\n'})
    before = picture(project.root)
    begin(project)
    after = picture(project.root)
    assert project.manage("rollback")[0] == 0
    assert picture(project.root) == before
    shutil.rmtree(project.root / ".surefoot")
    return before, after


def cut_at(monkeypatch: pytest.MonkeyPatch, kind: type, number: int) -> None:
    """Die when the record `number` of `kind` was written (an Intent), or is about to be (a Done)."""
    real: Any = Logbook.record
    seen = 0

    def record(self: Logbook, entry: Record) -> Any:
        nonlocal seen
        seen += isinstance(entry, kind)
        if not isinstance(entry, kind) or seen != number:
            return real(self, entry)
        if kind is Intent:
            real(self, entry)
        raise Cut

    monkeypatch.setattr(Logbook, "record", record)


@pytest.mark.parametrize(
    ("kind", "ways"), [(Intent, ("again", "resume", "rollback", "script")), (Done, ("resume", "script"))]
)
def test_killed_at_every_record_it_resumes_or_reverts(
    project: Project, monkeypatch: pytest.MonkeyPatch, kind: type, ways: tuple[str, ...]
) -> None:
    before, after = wanted(project)
    for number in range(1, STEPS + 1):
        for way in ways:
            with monkeypatch.context() as patch:
                cut_at(patch, kind, number)
                with pytest.raises(Cut):
                    begin(project)
            if way == "again":
                begin(project)
            elif way == "script":
                script = project.root / ".surefoot" / "checkpoints" / "rollback.sh"
                assert not script.exists() or run_script(project.root).returncode == 0
            else:
                assert project.manage(way)[0] == 0
            assert picture(project.root) == (after if way in {"again", "resume"} else before), (number, way)
            if way in {"again", "resume"}:
                assert project.manage("rollback")[0] == 0
                assert picture(project.root) == before
            shutil.rmtree(project.root / ".surefoot")


def test_a_file_that_the_user_writes_meanwhile_is_not_written_over(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        cut_at(patch, Intent, 1)
        with pytest.raises(Cut):
            begin(project)
    project.write({"manage.py": "import django\n"})
    code, _, err = project.manage("resume")
    assert (code, "manage.py" in err) == (10, True)
    assert (project.root / "manage.py").read_text() == "import django\n"
    assert not (project.root / "surefoot.toml").exists()


def test_another_wish_has_to_wait_for_the_unfinished_one(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        cut_at(patch, Intent, 2)
        with pytest.raises(Cut):
            begin(project)
    assert project.manage("init", "-y", "--tool", str(project.wheel), "--provider", "none")[0] == 6
    begin(project)
