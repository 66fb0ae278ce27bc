"""Recording phases from Python: what is kept, what is refused, what resume skips."""

from __future__ import annotations

import json
import os
import re
import shutil
from typing import TYPE_CHECKING, Any

import pytest

from installer import identity
from installer.checkpoint import (
    check_resume_install,
    completed_phases,
    create_rollback_point,
    execute_rollback,
    init_checkpoint_system,
    phase,
    resume_state,
    update_checkpoint,
)
from installer.errors import Conflict, Damaged, Precondition, UsageError
from installer.journal import Journal
from installer.model import Opened, RelPath
from installer.store import Store

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


def shown(root: Path, state: str = ".surefoot") -> dict[str, Any]:
    data: dict[str, Any] = json.loads((root / state / "checkpoints" / "install_progress.json").read_text())
    return data


def test_init_makes_the_folders_and_the_files_of_the_source_design(project: Path) -> None:
    install_id = init_checkpoint_system(project, mode="dev")
    folder = project / ".surefoot" / "checkpoints"
    assert re.fullmatch(r"\d{8}_\d{6}", install_id)
    assert (project / ".surefoot" / ".gitignore").read_text() == "*\n"
    assert sorted(path.name for path in folder.iterdir()) == [
        "backups",
        "install_progress.json",
        "journal.jsonl",
        "reserve",
        "rollback.sh",
        "summary",
    ]
    assert os.access(folder / "rollback.sh", os.X_OK)
    data = shown(project)
    assert {name: data[name] for name in ("install_id", "install_mode", "environment_name", "backup_created")} == {
        "install_id": install_id,
        "install_mode": "dev",
        "environment_name": ".venv",
        "backup_created": True,
    }
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[+-]\d\d:\d\d", data["start_time"])
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[+-]\d\d:\d\d", data["last_update"])


def test_a_phase_goes_from_started_to_completed(begun: Path) -> None:
    update_checkpoint("fetch", "started")
    assert (shown(begun)["current_phase"], shown(begun)["completed_phases"]) == ("fetch", [])
    update_checkpoint("fetch", "completed")
    assert (shown(begun)["state"], shown(begun)["completed_phases"]) == ("running", ["fetch"])


def test_a_phase_is_in_one_list_only(begun: Path) -> None:
    update_checkpoint("fetch", "completed")
    update_checkpoint("fetch", "failed", "again")
    assert (shown(begun)["completed_phases"], shown(begun)["failed_phases"]) == ([], ["fetch"])
    update_checkpoint("fetch", "completed")
    assert (shown(begun)["completed_phases"], shown(begun)["failed_phases"]) == (["fetch"], [])


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ("Package installation failed", "Package installation failed"),
        ('{"message": "no", "code": 3}', "no"),
        ('{"error": "bad"}', "bad"),
        ('{"n": 1}', '{"n": 1}'),
        ({"message": "no", "deep": {"list": [1, None, True]}}, "no"),
        ("{not json", "{not json"),
        ('{"n": NaN}', '{"n": NaN}'),
        ("[1, 2]", "[1, 2]"),
        ("{" * 100_000, "{" * 8_000 + " …"),
        ('{"a":' * 500 + "1" + "}" * 500, '{"a":' * 500 + "1" + "}" * 500),
        ("a\nb\x1b[31m\x00", "a\nb\x1b[31m\x00"),
        ("\udcff", "\\udcff"),
        ("", "failed"),
        (None, "failed"),
    ],
)
def test_what_is_said_about_a_failure_is_kept(begun: Path, data: str | Mapping[str, Any] | None, message: str) -> None:
    update_checkpoint("build", "failed", data)
    assert shown(begun)["phases"][1] == {"name": "build", "status": "failed", "seconds": 0.0, "error": message}


def test_data_that_is_no_json_is_refused_before_anything_is_recorded(begun: Path) -> None:
    with pytest.raises(UsageError):
        update_checkpoint("build", "failed", {"what": {1, 2}})
    assert shown(begun)["failed_phases"] == []


def test_a_secret_is_not_kept(begun: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("INDEX_PASSWORD", "correct-horse-battery")
    from installer import redact

    redact._values.cache_clear()  # noqa: SLF001 -- it was read before this test set the variable
    update_checkpoint("build", "failed", {"message": "https://me:hunter2secret@host/x", "why": "correct-horse-battery"})
    everything = b"".join(path.read_bytes() for path in (begun / ".surefoot").rglob("*") if path.is_file())
    assert b"hunter2secret" not in everything
    assert b"correct-horse-battery" not in everything
    redact._values.cache_clear()  # noqa: SLF001 -- the variable goes with the test


def test_an_unknown_phase_is_refused_and_the_nearest_named(begun: Path) -> None:
    with pytest.raises(UsageError) as refused:
        update_checkpoint("bild", "started")
    assert (refused.value.exit_code, refused.value.hint) == (2, "did you mean `build`?")
    assert shown(begun)["current_phase"] == ""


def test_an_unknown_status_is_refused(begun: Path) -> None:
    with pytest.raises(UsageError):
        update_checkpoint("build", "done")
    assert shown(begun)["current_phase"] == ""


@pytest.mark.parametrize("names", [(), ("a", "a"), ("a b",), ("../x",), ("start",), ("point-1",), ("",), ("x" * 65,)])
def test_phases_that_cannot_be_are_refused(project: Path, names: tuple[str, ...]) -> None:
    with pytest.raises(UsageError):
        init_checkpoint_system(project, phases=names)
    assert not (project / ".surefoot").exists()


def test_an_update_before_init_says_what_comes_first(project: Path) -> None:
    with pytest.raises(Precondition) as missing:
        update_checkpoint("fetch", "started", root=project)
    assert missing.value.hint == "init_checkpoint_system comes first"


def test_nothing_is_unfinished_before_a_phase_began(begun: Path) -> None:
    assert not check_resume_install()
    update_checkpoint("fetch", "started")
    assert check_resume_install()
    assert check_resume_install(begun)


def test_an_unfinished_installation_goes_on_under_its_id(project: Path) -> None:
    first = init_checkpoint_system(project, phases=("a", "b"))
    update_checkpoint("a", "completed")
    assert init_checkpoint_system(project, phases=("a", "b")) == first
    assert completed_phases() == ("a",)


def test_resume_after_a_failure_skips_what_is_completed(project: Path) -> None:
    worked: list[str] = []

    def install(*, fails: bool) -> None:
        init_checkpoint_system(project, phases=("a", "b", "c"))
        for name in ("a", "b", "c"):
            if name in completed_phases():
                continue
            with phase(name):
                worked.append(name)
                if fails and name == "b":
                    raise OSError("disk")

    with pytest.raises(OSError, match="disk"):
        install(fails=True)
    assert shown(project)["failed_phases"] == ["b"]
    install(fails=False)
    assert worked == ["a", "b", "b", "c"]
    assert (shown(project)["state"], shown(project)["completed_phases"]) == ("done", ["a", "b", "c"])
    assert not check_resume_install()


@pytest.mark.parametrize("cause", [KeyboardInterrupt, SystemExit, GeneratorExit])
def test_an_interruption_is_recorded_and_goes_on_up(begun: Path, cause: type[BaseException]) -> None:
    with pytest.raises(cause), phase("build"):
        raise cause("stop")
    assert shown(begun)["phases"][1]["error"] == f"{cause.__name__}: stop"


def test_a_finished_installation_is_followed_by_one_of_its_own(project: Path) -> None:
    ids = []
    for _ in range(3):
        ids.append(init_checkpoint_system(project, phases=("only",)))
        update_checkpoint("only", "completed")
    assert len(set(ids)) == 3
    assert [run.install_id for run in Store(project, RelPath(".surefoot")).history()] == ids[::-1]


def test_restart_takes_back_and_begins_anew(begun: Path) -> None:
    update_checkpoint("fetch", "completed")
    (begun / "requirements.txt").write_text("changed")
    second = init_checkpoint_system(begun, phases=("fetch",), restart=True)
    assert (begun / "requirements.txt").read_bytes() == b"six==1.16.0\r\n# caf\xe9\n"
    assert (shown(begun)["install_id"], completed_phases()) == (second, ())


def test_a_script_may_have_another_phase_when_it_goes_on(begun: Path) -> None:
    update_checkpoint("fetch", "completed")
    init_checkpoint_system(begun, phases=("fetch", "patch", "build"))
    update_checkpoint("patch", "completed")
    update_checkpoint("build", "completed")
    assert (shown(begun)["state"], shown(begun)["completed_phases"]) == ("done", ["fetch", "patch", "build"])


@pytest.mark.parametrize("content", [b"", b"{", b"\x00\xff", b'{"completed_phases": ["verify"]}'])
def test_a_damaged_progress_file_heals(begun: Path, content: bytes) -> None:
    update_checkpoint("fetch", "completed")
    (begun / ".surefoot" / "checkpoints" / "install_progress.json").write_bytes(content)
    assert completed_phases() == ("fetch",)
    update_checkpoint("build", "started")
    assert (shown(begun)["current_phase"], shown(begun)["completed_phases"]) == ("build", ["fetch"])


def test_a_torn_journal_line_is_dropped(begun: Path) -> None:
    update_checkpoint("fetch", "completed")
    with (begun / ".surefoot" / "checkpoints" / "journal.jsonl").open("ab") as stream:
        stream.write(b'{"v":1,"seq":99,"ty')
    update_checkpoint("build", "completed")
    assert completed_phases() == ("fetch", "build")


def test_a_flipped_bit_in_the_journal_is_never_guessed_away(begun: Path) -> None:
    update_checkpoint("fetch", "completed")
    path = begun / ".surefoot" / "checkpoints" / "journal.jsonl"
    data = bytearray(path.read_bytes())
    data[len(data) // 3] ^= 1
    path.write_bytes(data)
    with pytest.raises(Damaged):
        update_checkpoint("build", "started")
    assert path.read_bytes() == data


def test_after_the_folder_is_deleted_init_works_from_nothing(begun: Path) -> None:
    update_checkpoint("fetch", "completed")
    shutil.rmtree(begun / ".surefoot" / "checkpoints")
    assert not check_resume_install()
    init_checkpoint_system(begun, phases=("fetch",))
    update_checkpoint("fetch", "completed")
    assert shown(begun)["state"] == "done"


@pytest.mark.parametrize("name", ["SUREFOOT", "SAGE"])
def test_the_system_can_be_switched_off(project: Path, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    (project / "surefoot.toml").write_text('env-prefix = "SAGE"\nstate-dir = ".sage"\n')
    monkeypatch.setenv(f"{name}_DISABLE_CHECKPOINT", "1")
    assert init_checkpoint_system(project, phases=("a",)) == ""
    update_checkpoint("a", "started")
    assert (check_resume_install(), create_rollback_point("x"), execute_rollback().state) == (False, "", "nothing")
    assert not (project / ".sage").exists()


@pytest.mark.parametrize("name", ["SUREFOOT_CHECKPOINT_DIR", "SAGE_CHECKPOINT_DIR"])
def test_the_checkpoints_may_lie_elsewhere(
    project: Path, tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    (project / "surefoot.toml").write_text('env-prefix = "SAGE"\nstate-dir = ".sage"\n')
    monkeypatch.setenv(name, str(tmp_path / "else where"))
    init_checkpoint_system(project, phases=("a", "b"))
    (project / "requirements.txt").write_text("changed")
    update_checkpoint("a", "started")
    execute_rollback()
    assert (project / "requirements.txt").read_bytes() == b"six==1.16.0\r\n# caf\xe9\n"
    assert json.loads((tmp_path / "else where" / "install_progress.json").read_text())["schema"] == 1
    assert (tmp_path / "else where" / "rollback.sh").exists()


def test_a_relative_folder_is_relative_to_the_project(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SUREFOOT_CHECKPOINT_DIR", "state/points")
    init_checkpoint_system(project)
    assert (project / "state" / "points" / "journal.jsonl").exists()


def test_the_projects_names_are_used_and_its_phases_shown(project: Path) -> None:
    (project / "surefoot.toml").write_text(
        'state-dir = ".sage"\nenvironment = ".sage/venv"\n[phase-names]\npackages = "sage_packages"\n'
    )
    init_checkpoint_system(project)
    update_checkpoint("sage_packages", "completed")
    data = shown(project, ".sage")
    assert (data["completed_phases"], data["environment_name"]) == (["sage_packages"], ".sage/venv")
    assert [each["name"] for each in data["phases"]] == [
        "environment_setup",
        "submodule_sync",
        "python_deps",
        "sage_packages",
        "verification",
        "cleanup",
    ]
    assert resume_state().completed == ("sage_packages",)


def test_an_installation_of_surefoots_own_is_not_disturbed(project: Path) -> None:
    store = Store(project, RelPath(".surefoot"))
    store.prepare()
    journal = Journal(store.journal)
    journal.append(Opened(install_id="20260101_000000", kind="install", facts={"root": identity.of(project)}))
    journal.close()
    for call in (
        lambda: init_checkpoint_system(project),
        lambda: update_checkpoint("cleanup", "completed", root=project),
    ):
        with pytest.raises(Conflict):
            call()
    assert len(store.open_journal().entries) == 1
    assert create_rollback_point("a point is welcome in any run", root=project) == "point-1"
