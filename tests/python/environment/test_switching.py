"""From nothing to an environment in use, from one to the next, and back."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from typing import Any

import pytest

Project = Any  # conftest.Project: with importmode=importlib it has no name to import


def test_a_first_run_gives_an_environment_that_works(project: Project) -> None:
    project.wheel("alpha")
    outcome = project.quickstart()
    assert (outcome.state, outcome.error) == ("done", None)
    assert project.python("import alpha, sys; print(alpha.version, sys.prefix)") == f"1.0 {project.env}"
    assert project.generations() == []
    assert os.listdir(project.root / ".surefoot" / "staging") == []


def test_a_first_run_then_rollback_leaves_the_tree_as_it_was(project: Project) -> None:
    before = project.tree()
    project.wheel("alpha")
    made = project.quickstart().install_id
    assert project.rollback().state == "rolled back"
    assert project.tree() == before
    assert project.generations() == [made]


def test_a_second_run_finds_nothing_to_do(project: Project) -> None:
    project.wheel("alpha")
    project.quickstart()
    before = project.tree()
    assert project.quickstart().state == "nothing"
    assert project.tree() == before


def test_an_upgrade_keeps_the_old_environment_as_a_generation(project: Project) -> None:
    project.wheel("alpha")
    first = project.quickstart().install_id
    project.write("requirements.txt", "# now two\n")
    project.wheel("alpha", "2.0")
    project.quickstart()
    old = project.root / ".surefoot" / "generations" / first
    assert project.python("import alpha; print(alpha.version)") == "2.0"
    assert project.python("import alpha; print(alpha.version)", old) == "1.0"


def test_an_upgrade_then_rollback_brings_the_old_environment_back(project: Project) -> None:
    project.wheel("alpha")
    project.quickstart()
    before = project.tree()
    project.write("requirements.txt", "# now two\n")
    project.wheel("alpha", "2.0")
    second = project.quickstart().install_id
    project.rollback()
    project.write("requirements.txt", "# nothing\n")
    assert project.tree() == before
    assert project.generations() == [second]


def test_where_names_cannot_be_exchanged_two_renames_do_it(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("installer.files.can_exchange", lambda _: False)
    project.wheel("alpha")
    first = project.quickstart().install_id
    before = project.tree()
    project.write("requirements.txt", "# now two\n")
    project.wheel("alpha", "2.0")
    assert project.quickstart().state == "done"
    assert project.python("import alpha; print(alpha.version)") == "2.0"
    assert project.generations() == [first]
    project.rollback()
    project.write("requirements.txt", "# nothing\n")
    assert project.tree() == before


def test_an_environment_of_the_users_is_kept_and_what_nothing_declares_is_named(project: Project) -> None:
    project.uv("venv", str(project.env))
    project.uv("pip", "install", "--python", str(project.env), str(project.wheel("by_hand")))
    before = project.tree()
    project.wheels = []
    project.wheel("alpha")
    project.quickstart()
    assert project.generations() == ["original"]
    assert any("by-hand 1.0" in note for note in project.notes)
    project.rollback()
    assert project.tree() == before


def test_a_folder_called_like_the_environment_is_moved_aside_whole(project: Project) -> None:
    project.write(".venv/notes.txt", "mine")
    project.quickstart()
    assert (project.root / ".surefoot" / "generations" / "original" / "notes.txt").read_text() == "mine"


def test_the_environment_may_lie_in_a_folder_that_is_not_there_yet(project: Project) -> None:
    project.write("surefoot.toml", 'environment = "envs/dev"\n')
    before = project.tree()
    assert project.quickstart().state == "done"
    assert (project.root / "envs/dev/pyvenv.cfg").is_file()
    project.rollback()
    assert project.tree() == before


def test_commands_and_activation_work_after_the_moves(project: Project) -> None:
    project.member(scripts="app = app:main")
    assert project.quickstart().error is None
    shown = subprocess.run(
        ["sh", "-c", '. "$1/bin/activate" && app && echo "$VIRTUAL_ENV"', "sh", str(project.env)],
        check=True,
        capture_output=True,
        text=True,
        cwd="/",
    )
    assert project.run("app") == "app"
    assert shown.stdout.splitlines() == ["app", str(project.env)]


def test_the_environment_is_called_like_the_project(project: Project) -> None:
    project.quickstart()
    assert "prompt = my project" in (project.env / "pyvenv.cfg").read_text()


@pytest.mark.parametrize("name", ["with space", "quo'te\"s", "emoji 🦶", "-dash", "dollar $HOME `x`", "中文"])
def test_any_name_of_a_project_will_do(project: Project, name: str) -> None:
    project.root = project.root.rename(project.root.with_name(name))
    project.member(scripts="app = app:main")
    outcome = project.quickstart()
    assert (outcome.state, outcome.error) == ("done", None)
    assert project.run("app") == "app"
    assert project.quickstart().state == "nothing"


def test_a_newline_in_the_name_of_a_project_will_do(project: Project) -> None:
    project.root = project.root.rename(project.root.with_name("new\nline"))
    project.wheel("alpha")
    assert project.quickstart().error is None
    assert project.python("import alpha; print(alpha.version)") == "1.0"
    assert project.quickstart().state == "nothing"


def test_restore_goes_back_and_forth_by_rename(project: Project) -> None:
    project.wheel("alpha")
    first = project.quickstart().install_id
    project.write("requirements.txt", "# now two\n")
    project.wheel("alpha", "2.0")
    second = project.quickstart().install_id
    assert project.restore(first).state == "done"
    assert project.python("import alpha; print(alpha.version)") == "1.0"
    assert project.generations() == [second]
    assert project.restore(first).state == "nothing"
    assert project.restore(second).state == "done"
    assert project.python("import alpha; print(alpha.version)") == "2.0"
    assert project.generations() == [first]


def test_restore_then_rollback_undoes_the_exchange(project: Project) -> None:
    project.wheel("alpha")
    first = project.quickstart().install_id
    project.write("requirements.txt", "# now two\n")
    project.wheel("alpha", "2.0")
    project.quickstart()
    before = project.tree()
    project.restore(first)
    project.rollback()
    assert project.tree() == before
    assert project.generations() == [first]


def test_restore_brings_the_users_own_environment_back(project: Project) -> None:
    project.write(".venv/notes.txt", "mine")
    before = project.tree()
    project.quickstart()
    project.restore("original")
    assert project.tree() == before


def test_restore_of_what_is_not_there_names_what_is(project: Project) -> None:
    project.quickstart()
    outcome = project.restore("20010101_000000")
    assert (outcome.error.exit_code, outcome.error.code) == (6, "generation.unknown")
    assert "there are none yet" in outcome.error.message


def test_restore_refuses_an_environment_whose_interpreter_is_gone(project: Project) -> None:
    first = project.quickstart().install_id
    project.write("requirements.txt", "# now two\n")
    project.quickstart()
    python = project.root / ".surefoot/generations" / first / "bin/python"
    python.unlink()
    python.symlink_to("/nowhere/bin/python3")
    before = project.tree()
    outcome = project.restore(first)
    assert (outcome.error.exit_code, outcome.error.code) == (6, "generation.broken")
    assert "its interpreter is gone" in outcome.error.message
    assert project.tree() == before


def test_clean_env_takes_ours_out_of_use_and_can_be_taken_back(project: Project) -> None:
    first = project.quickstart().install_id
    before = project.tree()
    assert project.clean().state == "done"
    assert not project.env.exists()
    assert project.generations() == [first]
    project.rollback()
    assert project.tree() == before


def test_clean_env_never_touches_an_environment_of_the_users(project: Project) -> None:
    project.write(".venv/notes.txt", "mine")
    before = project.tree()
    assert project.clean(everything=True).state == "nothing"
    assert project.tree() == before


def test_clean_env_all_deletes_every_environment_of_ours_only(project: Project) -> None:
    project.write(".venv/notes.txt", "mine")
    project.quickstart()
    project.write("requirements.txt", "# now two\n")
    project.quickstart()
    project.clean(everything=True)
    assert project.generations() == ["original"]
    assert not project.env.exists()


def test_only_so_many_generations_are_kept_and_the_users_always(project: Project) -> None:
    project.write("surefoot.toml", "[cleanup]\nkeep = 1\n")
    project.write(".venv/notes.txt", "mine")
    ids = []
    for number in range(4):
        project.write("requirements.txt", f"# {number}\n")
        ids.append(project.quickstart().install_id)
    assert project.generations() == sorted([ids[2], "original"])


def test_what_was_put_into_a_generation_by_hand_is_set_aside_before_it_goes(project: Project) -> None:
    project.write("surefoot.toml", "[cleanup]\nkeep = 0\n")
    first = project.quickstart().install_id
    (project.env / "notes.txt").write_text("mine")
    project.write("requirements.txt", "# now two\n")
    second = project.quickstart().install_id
    kept = project.root / ".surefoot" / "kept" / second / first / "notes.txt"
    assert kept.read_text() == "mine"
    assert project.generations() == []


def test_staging_of_a_dead_run_is_removed(project: Project) -> None:
    dead = project.write(".surefoot/staging/20010101_000000/half", "made").parent
    project.quickstart()
    assert not dead.exists()


def test_an_interrupted_run_goes_on_to_the_same_end(project: Project) -> None:
    project.wheel("alpha")
    for action in ("make", "check_records", "seal", "move"):
        project.cut_at(f"environment.{action}")
        with pytest.raises(project.Cut):
            project.quickstart()
        assert not project.env.exists()
    project.cut_at()
    assert project.quickstart().state == "done"
    assert project.python("import alpha; print(alpha.version)") == "1.0"


def test_a_run_that_stopped_after_the_switch_goes_on_without_another(project: Project) -> None:
    project.wheel("alpha")
    project.write(".venv/notes.txt", "mine")
    project.write(".surefoot/staging/20010101_000000/half", "made")
    project.cut_at("environment.remove")
    with pytest.raises(project.Cut):
        project.quickstart()
    project.cut_at("test.fill", "environment.make")
    assert project.quickstart().state == "done"
    assert project.generations() == ["original"]
    assert project.python("import alpha; print(alpha.version)") == "1.0"


def test_a_marker_that_was_tampered_with_leads_nowhere(project: Project) -> None:
    project.quickstart()
    marker = Path(project.env) / "surefoot-generation"
    marker.write_text("../../escape\nkey\n/elsewhere\n")
    project.write("requirements.txt", "# now two\n")
    assert project.quickstart().state == "done"
    assert project.generations() == ["original"]
