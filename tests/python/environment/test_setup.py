"""When an environment is made anew, why, and what stands against it."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from phases.python import environment
from phases.python.environments import contents
from phases.python.sources import read_needs

Project = Any  # conftest.Project: with importmode=importlib it has no name to import


def why(project: Project, **options: Any) -> str:
    """Why the environment in use is not the one that is asked for."""
    loaded = project.manifest()
    facts = project.facts(**options)
    return environment.up_to_date(loaded, facts, read_needs(facts.root, loaded, facts.options.mode))


def planned(project: Project, **options: Any) -> list[str]:
    return [step.id for step in project.engine(**options).preview().steps]


def objection(project: Project, **options: Any) -> str:
    """What a quickstart complains of that must not write anything of its own."""
    before = project.tree()
    outcome = project.quickstart(**options)
    assert outcome.state == "failed"
    assert outcome.error.exit_code == 6
    assert project.tree() == before
    return "\n".join((outcome.error.message, *outcome.error.details))


@pytest.fixture
def ready(project: Project) -> Project:
    project.wheel("alpha")
    project.member()
    assert project.quickstart().error is None
    assert why(project) == ""
    return project


def test_without_an_environment_one_is_made(project: Project) -> None:
    assert why(project) == "there is no environment yet"
    assert planned(project)[:2] == ["environment_setup.01.backup", "environment_setup.02.make_environment"]


def test_a_plan_writes_nothing(project: Project) -> None:
    before = sorted(project.root.rglob("*"))
    planned(project)
    assert sorted(project.root.rglob("*")) == before


def test_a_changed_file_is_named(ready: Project) -> None:
    ready.write("requirements.txt", "# other\n")
    assert why(ready) == "`requirements.txt` changed"


def test_a_file_that_came_is_named(ready: Project) -> None:
    ready.write("uv.lock", "version = 1\nrequires-python = '>=3.9'\n")
    assert why(ready) == "`uv.lock` is new"


def test_a_file_that_went_is_named(ready: Project) -> None:
    (ready.root / "requirements.txt").unlink()
    assert why(ready) == "`requirements.txt` is gone"


def test_another_mode_calls_for_another_environment(ready: Project) -> None:
    assert why(ready, mode="dev") == "the mode changed: standard → dev"


def test_another_python_calls_for_another_environment(ready: Project) -> None:
    assert why(ready, python="2.7").startswith("another Python is asked for: 2.7")
    assert why(ready, python=str(ready.root / "python")).startswith("another Python is asked for")


def test_the_python_it_has_may_be_asked_for_in_any_way(ready: Project) -> None:
    sealed = contents.read(ready.env)
    assert sealed is not None
    version = sealed.version
    major, minor, _ = version.split(".")
    asked = (version, f"{major}.{minor}", major, f"python{major}.{minor}", sealed.interpreter)
    assert [why(ready, python=each) for each in asked] == [""] * 5


def test_a_package_added_by_hand_is_named(ready: Project) -> None:
    ready.uv("pip", "install", "--python", str(ready.env), str(ready.wheel("by_hand")))
    assert why(ready) == "the package by-hand 1.0 was added by hand"


def test_a_package_removed_by_hand_is_named(ready: Project) -> None:
    ready.uv("pip", "uninstall", "--python", str(ready.env), "alpha")
    assert why(ready) == "the package alpha was removed by hand"


def test_a_package_changed_by_hand_is_named(ready: Project) -> None:
    ready.uv("pip", "install", "--python", str(ready.env), str(ready.wheel("alpha", "2.0")))
    assert why(ready) == "the package alpha was changed by hand: 1.0 → 2.0"


def test_a_file_removed_by_hand_is_named(ready: Project) -> None:
    ready.remove(".venv/bin/activate")
    assert why(ready) == "`bin/activate` was removed by hand"


def test_bytecode_is_no_change(ready: Project) -> None:
    subprocess.run([ready.env / "bin/python", "-m", "compileall", "-q", ready.env / "lib"], check=True)
    assert why(ready) == ""


def test_a_deleted_interpreter_is_noticed_and_another_taken(ready: Project) -> None:
    python = ready.env / "bin" / "python"
    python.unlink()
    python.symlink_to("/nowhere/bin/python3")
    assert why(ready).startswith("its interpreter is gone: ")
    assert ready.quickstart().state == "done"
    assert ready.python("import alpha; print(alpha.version)") == "1.0"


def test_a_moved_project_is_noticed_and_heals(ready: Project) -> None:
    was = ready.root
    ready.root = was.rename(was.with_name("elsewhere"))
    assert why(ready) == f"the project was moved: it was at {was}"
    assert ready.quickstart().state == "done"
    assert ready.python("import app; print(app.__file__)") == str(ready.root / "src/app/__init__.py")


def test_a_damaged_marker_is_no_environment_of_ours(ready: Project) -> None:
    ready.write(".venv/surefoot-contents", "{")
    assert "was not made by this tool" in why(ready)
    assert ready.quickstart().state == "done"


def test_an_environment_is_whole_or_says_what_is_wrong(ready: Project) -> None:
    assert environment.whole(ready.env, ready.root) == []
    ready.remove(".venv/bin/activate")
    assert environment.whole(ready.env, ready.root) == ["`bin/activate` was removed by hand"]
    assert len(environment.whole(ready.root, ready.root)) == 1


def test_the_key_is_the_same_for_the_same_wishes(project: Project) -> None:
    loaded, facts = project.manifest(), project.facts()
    needs = read_needs(facts.root, loaded, facts.options.mode)
    assert environment.key(loaded, facts, needs) == environment.key(loaded, facts, needs)
    assert environment.key(loaded, facts, needs) != environment.key(loaded, project.facts(no_build=True), needs)


def test_the_configuration_is_backed_up_for_its_owner_only(project: Project) -> None:
    project.write("requirements/dev.txt", "# dev\n")
    project.write("surefoot.toml", '[dependencies]\nrequirements = ["requirements.txt", "requirements/dev.txt"]\n')
    run = project.quickstart().install_id
    folder = project.root / ".surefoot/checkpoints/backups"
    copies = {path.name: oct(stat.S_IMODE(path.stat().st_mode)) for path in folder.iterdir()}
    assert copies == {
        f"requirements_{run}.txt": "0o600",
        f"requirements__dev_{run}.txt": "0o600",
        f"surefoot_{run}.toml": "0o600",
    }
    assert (folder / f"requirements_{run}.txt").read_text() == "# nothing\n"


def test_a_file_with_a_password_is_not_copied(project: Project) -> None:
    project.write("requirements.txt", "--extra-index-url https://me:hunter22@index.example/simple\n")
    project.write("requirements-more.txt", "# git+ssh://git@host.example/x, https://${USER}:${TOKEN}@host.example\n")
    run = project.quickstart().install_id
    folder = project.root / ".surefoot/checkpoints/backups"
    assert [path.name for path in folder.iterdir()] == [f"requirements-more_{run}.txt"]
    assert any("holds a password" in note for note in project.notes)
    assert not any(
        b"hunter22" in path.read_bytes() for path in (project.root / ".surefoot").rglob("*") if path.is_file()
    )


def test_a_link_out_of_the_project_is_not_backed_up(project: Project) -> None:
    secret = project.root.parent / "secret.txt"
    secret.write_text("# mine\n")
    (project.root / "notes-requirements.txt").symlink_to(secret)
    project.write("surefoot.toml", '[dependencies]\nrequirements = ["requirements.txt"]\n')
    assert project.quickstart().state == "done"
    folder = project.root / ".surefoot/checkpoints/backups"
    assert not any("notes" in path.name for path in folder.iterdir())


def test_a_file_in_place_of_the_environment_is_refused(project: Project) -> None:
    project.write(".venv", "not an environment")
    assert objection(project) == "`.venv` is a file, not an environment; move it away"


def test_a_link_in_place_of_the_environment_is_refused(project: Project) -> None:
    outside = project.root.parent / "outside"
    outside.mkdir()
    project.env.symlink_to(outside)
    assert f"`.venv` is a link to {outside}" in objection(project)
    assert list(outside.iterdir()) == []


def test_a_link_in_the_way_to_the_environment_is_refused(project: Project) -> None:
    (project.root / "envs").symlink_to(project.root.parent)
    project.write("surefoot.toml", 'environment = "envs/dev"\n')
    assert "`envs` is a link" in objection(project)


def test_a_mount_point_in_place_of_the_environment_is_refused(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    project.env.mkdir()
    monkeypatch.setattr(os.path, "ismount", lambda path: Path(path) == project.env)
    assert "is a mount point" in objection(project)


def test_too_little_room_is_said_before_anything_is_written(project: Project) -> None:
    project.write("surefoot.toml", "[prechecks]\nfree-space = 1000000000\n")
    assert "MB are free at" in objection(project)


def test_the_wanted_room_may_be_a_variable(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    project.write("surefoot.toml", "[prechecks]\nfree-space = 1000000000\n")
    monkeypatch.setenv("SUREFOOT_FREE_SPACE", "1")
    assert project.quickstart().state == "done"


def test_a_project_that_cannot_be_written_to_is_one_sentence(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "access", lambda path, mode: Path(path) != project.root)
    assert objection(project) == f"the project folder {project.root} cannot be written to"


def test_a_path_that_is_too_long_is_said_before_anything_is_written(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "pathconf", lambda *_: 200)
    assert "the path of the project is too long" in objection(project)


def test_what_no_installer_can_work_with_is_said_before_anything_is_written(project: Project) -> None:
    project.root = project.root.rename(project.root.with_name("\udcff"))
    assert "not UTF-8" in objection(project)


def test_what_cannot_be_quoted_everywhere_is_refused_with_pip(project: Project) -> None:
    project.write("surefoot.toml", 'environment = "my env"\n')
    assert "with pip, the name" in objection(project, backend="pip")
    assert project.quickstart().state == "done"


def test_the_environment_of_this_very_tool_is_never_the_active_one(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("VIRTUAL_ENV", "CONDA_PREFIX", "SUREFOOT_LAUNCHED_BY"):
        monkeypatch.delenv(name, raising=False)
    project.write("surefoot.toml", 'environment = "active"\n')
    assert "no environment is active but this tool's own" in objection(project)


def test_all_that_stands_in_the_way_is_said_together(project: Project) -> None:
    project.write(".venv", "not an environment")
    project.write("surefoot.toml", '[prechecks]\nfree-space = 1000000000\n[python]\nrequires = ">=9"\n')
    outcome = project.quickstart()
    assert outcome.error.exit_code == 6
    assert len(outcome.error.details) >= 3


def test_a_program_that_runs_from_the_environment_is_named(ready: Project) -> None:
    argv = [str(ready.env / "bin/python"), "-c", "print('up', flush=True); input()"]
    with subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as program:
        assert program.stdout is not None
        program.stdout.readline()
        ready.write("requirements.txt", "# other\n")
        assert ready.quickstart().state == "done"
        assert program.poll() is None
        program.communicate(b"\n")
    assert program.returncode == 0
    assert any(f"({program.pid})" in note for note in ready.notes)


def test_root_in_somebody_elses_project_is_warned(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    owner = project.root.stat().st_uid
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    if owner == 0:
        os.chown(project.root, 12345, -1)
    project.quickstart()
    assert any("runs as root" in note for note in project.notes)


def test_the_oldest_python_at_hand_will_do(project: Project) -> None:
    old = sorted(Path("~/.pyenv/versions").expanduser().glob("3.[789].*/bin/python"))
    python = str(old[0]) if old else sys.executable
    project.wheel("alpha")
    project.member(scripts="app = app:main")
    assert project.quickstart(python=python).error is None
    assert project.run("app") == "app"
