"""Rollback points: several, of any file, brought back byte for byte, and never at the cost of the user's work."""

from __future__ import annotations

import json
import subprocess
from typing import TYPE_CHECKING

import pytest

from installer import files
from installer.actions import ACTIONS, write_file
from installer.checkpoint import (
    check_resume_install,
    completed_phases,
    create_rollback_point,
    damaged_backups,
    execute_rollback,
    init_checkpoint_system,
    resume_state,
    update_checkpoint,
)
from installer.engine import Engine, Setting
from installer.errors import Precondition, Refused, RollbackIncomplete, UsageError
from installer.model import Facts, RelPath, Step
from installer.store import Store

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

BEFORE = b"six==1.16.0\r\n# caf\xe9\n"


def picture(root: Path) -> dict[str, tuple[str, int]]:
    return {
        name: (files.digest(root / name), (root / name).lstat().st_mode)
        for name, _ in files.walk(root, skip=frozenset({".surefoot"}))
    }


def kept(root: Path) -> dict[str, bytes]:
    folder = root / ".surefoot" / "kept"
    return {
        path.relative_to(next(folder.iterdir())).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def test_a_point_keeps_the_configuration_with_its_sums(begun: Path) -> None:
    name = create_rollback_point("Before installing vLLM")
    folder = begun / ".surefoot" / "checkpoints" / "backups"
    install_id = Store(begun, RelPath(".surefoot")).current().install_id
    listing = json.loads((folder / f"backup_{install_id}_{name}.json").read_text())
    assert listing["description"] == "Before installing vLLM"
    assert {each["path"]: files.sha256(folder / each["backup"]) for each in listing["files"]} == {
        each["path"]: each["sha256"] for each in listing["files"]
    }
    assert {each["path"] for each in listing["files"]} == {
        ".venv/pyvenv.cfg",
        "pyproject.toml",
        "requirements.txt",
        "requirements/base.txt",
    }
    assert (folder / f"requirements_{install_id}.txt").read_bytes() == BEFORE
    assert (folder / f"pyproject_{install_id}.toml").exists()


def test_a_rollback_gives_every_byte_mode_and_link_back(begun: Path) -> None:
    (begun / "data.bin").write_bytes(bytes(range(256)) * 3)
    (begun / "data.bin").chmod(0o751)
    (begun / "link").symlink_to("data.bin")
    (begun / "tree" / "deep").mkdir(parents=True)
    (begun / "tree" / "deep" / "odd $(x) '\n").write_text("odd")
    before = picture(begun)
    create_rollback_point("with more", ["data.bin", "link", "tree", "not/there.ini", str(begun / "pyproject.toml")])
    update_checkpoint("fetch", "started")
    (begun / "requirements.txt").unlink()
    (begun / "data.bin").write_text("x")
    (begun / "data.bin").chmod(0o600)
    (begun / "link").unlink()
    (begun / "link").symlink_to("nowhere")
    (begun / "tree" / "deep" / "odd $(x) '\n").write_text("changed")
    (begun / "tree" / "new").write_text("new")
    (begun / "not").mkdir()
    (begun / "not" / "there.ini").write_text("came")
    (begun / ".venv" / "pyvenv.cfg").write_text("broken")
    execute_rollback()
    assert picture(begun) == before
    assert kept(begun)["not/there.ini"] == b"came"
    assert kept(begun)["tree/new"] == b"new"


def test_what_the_user_wrote_is_set_aside_not_lost(begun: Path) -> None:
    create_rollback_point("x")
    (begun / "requirements.txt").write_text("my own line\n")
    outcome = execute_rollback()
    assert (outcome.kept, (begun / "requirements.txt").read_bytes()) == (("requirements.txt",), BEFORE)
    assert kept(begun) == {"requirements.txt": b"my own line\n"}


def test_the_last_checkpoint_is_a_completed_phase_or_a_point(begun: Path) -> None:
    create_rollback_point("early")
    (begun / "requirements.txt").write_text("after fetch\n")
    update_checkpoint("fetch", "completed")
    (begun / "requirements.txt").write_text("half of build\n")
    update_checkpoint("build", "failed", "no")
    execute_rollback()
    assert (begun / "requirements.txt").read_text() == "after fetch\n"
    assert (completed_phases(), resume_state().failed) == (("fetch",), ("build",))
    execute_rollback("point-1")
    assert (begun / "requirements.txt").read_bytes() == BEFORE
    assert completed_phases() == ()


def test_going_back_over_several_points_sets_only_the_last_change_aside(begun: Path) -> None:
    for number in range(3):
        create_rollback_point(f"number {number}")
        (begun / "requirements.txt").write_text(f"after {number}\n")
    execute_rollback("start")
    assert (begun / "requirements.txt").read_bytes() == BEFORE
    assert kept(begun) == {"requirements.txt": b"after 2\n"}


def test_a_point_is_found_by_its_description(begun: Path) -> None:
    create_rollback_point("Before $(one)")
    (begun / "requirements.txt").write_text("1")
    create_rollback_point("Before two")
    (begun / "requirements.txt").write_text("2")
    execute_rollback("Before $(one)")
    assert (begun / "requirements.txt").read_bytes() == BEFORE


def test_a_point_can_be_returned_to_again_and_again(begun: Path) -> None:
    create_rollback_point("x")
    for number in range(3):
        (begun / "requirements.txt").write_text(f"attempt {number}")
        execute_rollback()
        assert (begun / "requirements.txt").read_bytes() == BEFORE
    assert len(kept(begun)) == 3


def test_an_unknown_checkpoint_is_refused_by_name(begun: Path) -> None:
    with pytest.raises(UsageError) as refused:
        execute_rollback("nope", root=begun)
    assert (refused.value.message, refused.value.hint) == ("there is no checkpoint `nope`", "there are: start")


def test_without_an_installation_there_is_nothing_to_return_to(project: Path) -> None:
    with pytest.raises(Precondition):
        execute_rollback(root=project)


def test_a_point_between_installations_leaves_none_unfinished(project: Path) -> None:
    init_checkpoint_system(project, phases=("only",))
    update_checkpoint("only", "completed")
    assert create_rollback_point("afterwards") == "point-1"
    for _ in range(2):
        (project / "requirements.txt").write_text("x")
        execute_rollback()
        run = Store(project, RelPath(".surefoot")).current()
        assert (run.outcome, list(run.phases), check_resume_install()) == ("done", ["only"], False)
        assert (project / "requirements.txt").read_bytes() == BEFORE


def test_a_point_before_any_installation_is_one_of_its_own(project: Path) -> None:
    assert create_rollback_point("before all", root=project) == "point-1"
    assert create_rollback_point("and again", root=project) == "point-2"
    (project / "requirements.txt").write_text("x")
    execute_rollback("before all", root=project)
    assert (project / "requirements.txt").read_bytes() == BEFORE
    assert Store(project, RelPath(".surefoot")).current().outcome == "done"


def test_behind_an_installation_that_was_taken_back_the_point_is_still_there(project: Path) -> None:
    create_rollback_point("before", root=project)
    (project / "requirements.txt").write_text("for the upgrade")
    init_checkpoint_system(project, phases=("a",))
    update_checkpoint("a", "completed")
    init_checkpoint_system(project, phases=("a",))
    update_checkpoint("a", "failed")
    subprocess.run(["sh", str(project / ".surefoot" / "checkpoints" / "rollback.sh")], check=True, capture_output=True)
    execute_rollback("a")
    execute_rollback("start")
    with pytest.raises(UsageError):
        execute_rollback("before")
    subprocess.run(["sh", str(project / ".surefoot" / "checkpoints" / "rollback.sh")], check=True, capture_output=True)
    execute_rollback("before")
    assert (project / "requirements.txt").read_bytes() == BEFORE


@pytest.mark.parametrize("path", ["../outside", "/etc/passwd", "", ".", ".surefoot/lock", "a\0b"])
def test_a_file_outside_of_the_project_is_refused(begun: Path, path: str) -> None:
    with pytest.raises(Refused):
        create_rollback_point("x", [path])


def test_a_file_behind_a_link_is_refused(begun: Path, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (begun / "way").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(Refused):
        create_rollback_point("x", ["way/file"])


def test_an_environment_behind_a_link_is_left_out(project: Path, tmp_path: Path) -> None:
    (project / ".venv").rename(tmp_path / "env")
    (project / ".venv").symlink_to(tmp_path / "env")
    init_checkpoint_system(project, phases=("a",))
    (tmp_path / "env" / "pyvenv.cfg").write_text("changed")
    execute_rollback()
    assert (tmp_path / "env" / "pyvenv.cfg").read_text() == "changed"


def test_a_damaged_backup_is_found_and_costs_its_file_only(begun: Path) -> None:
    (begun / "pyproject.toml").write_text("changed")
    (begun / "requirements.txt").write_text("changed")
    stash = (begun / ".surefoot" / "stash").rglob("*")
    backup = next(path for path in stash if path.is_file() and path.read_bytes() == BEFORE)
    backup.write_bytes(b"rotten")
    assert damaged_backups() == ["requirements.txt"]
    with pytest.raises(RollbackIncomplete):
        execute_rollback()
    assert (begun / "requirements.txt").read_text() == "changed"
    assert (begun / "pyproject.toml").read_text().startswith("[project]")


def test_the_engine_takes_a_script_run_back_as_well(begun: Path) -> None:
    before = picture(begun)
    create_rollback_point("x")
    update_checkpoint("fetch", "completed")
    (begun / "requirements.txt").write_text("changed")
    engine = Engine(
        Store(begun, RelPath(".surefoot")),
        order=(),
        actions={},
        plan=lambda _phase, _facts: iter(()),
        setting=Setting(kind="rollback"),
    )
    assert engine.rollback().state == "rolled back"
    assert picture(begun) == before


def test_the_checkpoints_of_surefoots_own_runs_can_be_returned_to(project: Path) -> None:
    def plan(phase: str, _facts: Facts) -> Iterator[Step]:
        yield write_file(phase, "01.write", path=RelPath(f"{phase}.txt"), text=phase)

    engine = Engine(Store(project, RelPath(".surefoot")), order=("first", "second"), actions=ACTIONS, plan=plan)
    engine.run()
    create_rollback_point("afterwards", root=project)
    (project / "requirements.txt").write_text("changed")
    execute_rollback("first", root=project)
    assert ((project / "first.txt").exists(), (project / "second.txt").exists()) == (True, False)
    assert (project / "requirements.txt").read_bytes() == BEFORE
    assert completed_phases(project) == ("first",)


@pytest.mark.parametrize("command", [["sh"], ["bash", "-x"]])
def test_the_script_gives_the_files_back_without_python(begun: Path, command: list[str]) -> None:
    (begun / "a tree").mkdir()
    (begun / "a tree" / "it's").write_text("1")
    before = picture(begun)
    create_rollback_point("x", ["a tree", "new.ini"])
    update_checkpoint("fetch", "completed")
    (begun / "requirements.txt").write_text("changed")
    (begun / "pyproject.toml").unlink()
    (begun / "a tree" / "it's").write_text("2")
    (begun / "a tree" / "other").write_text("3")
    (begun / "new.ini").write_text("4")
    done = subprocess.run(
        [*command, str(begun / ".surefoot" / "checkpoints" / "rollback.sh")],
        env={"PATH": "/usr/bin:/bin"},
        cwd="/",
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert picture(begun) == before
    assert not (begun / "pwned").exists()
    init_checkpoint_system(begun, phases=("fetch",))
    assert completed_phases() == ()


def test_the_script_works_when_the_checkpoints_lie_elsewhere(
    project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SUREFOOT_CHECKPOINT_DIR", str(tmp_path / "elsewhere"))
    init_checkpoint_system(project, phases=("a",))
    (project / "requirements.txt").write_text("changed")
    done = subprocess.run(["sh", str(tmp_path / "elsewhere" / "rollback.sh")], capture_output=True, check=False)
    assert (done.returncode, (project / "requirements.txt").read_bytes()) == (0, BEFORE)


def test_a_rollback_that_was_cut_short_is_finished_first(begun: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    create_rollback_point("x")
    (begun / "requirements.txt").write_text("changed")
    _cut_short(monkeypatch, execute_rollback)
    init_checkpoint_system(begun, phases=("fetch", "build", "verify"))
    assert (begun / "requirements.txt").read_bytes() == BEFORE
    update_checkpoint("fetch", "completed")
    assert completed_phases() == ("fetch",)


def _cut_short(monkeypatch: pytest.MonkeyPatch, work: Callable[[], object]) -> None:
    """The process ends when the first file is about to be brought back."""

    def stop(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("installer.engine.rollback.perform", stop)
        with pytest.raises(KeyboardInterrupt):
            work()
