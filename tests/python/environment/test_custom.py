"""The manifest's own steps: when they run, when not, and what of them is taken back."""

from __future__ import annotations

import json
from typing import Any

import pytest

Project = Any  # conftest.Project: with importmode=importlib it has no name to import

APPEND = "open('log.txt', 'a').write('x')"


def step(code: str, **keys: object) -> str:
    """A step of the manifest that runs `code` in the Python of the environment."""
    table = {"phase": "verification", "title": "Build the page", "run": ["python", "-c", code], **keys}
    lines = [f"{key} = {json.dumps(value)}" for key, value in table.items()]
    return "\n".join(["[[steps]]", *lines, ""])


def log(project: Project) -> str:
    path = project.root / "log.txt"
    return str(path.read_text()) if path.exists() else ""


def test_a_step_runs_in_the_new_environment(project: Project) -> None:
    project.wheel("alpha")
    code = "import alpha, sys; open('where.txt', 'w').write(sys.prefix)"
    project.write("surefoot.toml", step(code, outputs=["where.txt"], after="start"))
    run = project.quickstart().install_id
    assert (project.root / "where.txt").read_text() == str(project.root / ".surefoot/staging" / run)


def test_after_the_switch_a_step_runs_in_the_environment_in_use(project: Project) -> None:
    code = "import sys; open('where.txt', 'w').write(sys.prefix)"
    project.write("surefoot.toml", step(code, outputs=["where.txt"]))
    project.quickstart()
    assert (project.root / "where.txt").read_text() == str(project.env)


def test_what_is_done_is_not_done_again(project: Project) -> None:
    project.write("surefoot.toml", step(APPEND, outputs=["log.txt"]))
    project.quickstart()
    assert project.quickstart().state == "nothing"
    assert log(project) == "x"


def test_a_changed_input_has_it_done_again_and_nothing_else(project: Project) -> None:
    project.write("page.md", "one")
    project.write("surefoot.toml", step(APPEND, inputs=["page.md"], outputs=["log.txt"]))
    first = project.quickstart().install_id
    project.write("page.md", "two")
    assert project.quickstart().state == "done"
    assert log(project) == "xx"
    assert project.generations() == []
    assert (project.env / "surefoot-generation").read_text().startswith(first)
    assert project.quickstart().state == "nothing"


def test_a_missing_output_has_it_done_again(project: Project) -> None:
    project.write("surefoot.toml", step(APPEND, outputs=["log.txt"]))
    project.quickstart()
    project.remove("log.txt")
    project.quickstart()
    assert log(project) == "x"


def test_another_environment_has_it_done_again(project: Project) -> None:
    project.write("surefoot.toml", step(APPEND, outputs=["log.txt"]))
    project.quickstart()
    project.write("requirements.txt", "# other\n")
    project.quickstart()
    assert log(project) == "xx"


def test_a_check_that_succeeds_saves_the_step(project: Project) -> None:
    project.write("surefoot.toml", step(APPEND, check=["python", "-c", "pass"]))
    project.quickstart()
    assert log(project) == ""


def test_a_check_that_fails_does_not(project: Project) -> None:
    project.write("surefoot.toml", step(APPEND, check=["python", "-c", "raise SystemExit(1)"]))
    project.quickstart()
    assert log(project) == "x"


@pytest.mark.parametrize("keys", [{"outputs": ["log.txt"]}, {}])
def test_a_step_then_rollback_leaves_the_tree_as_it_was(project: Project, keys: dict[str, object]) -> None:
    project.write("surefoot.toml", step(APPEND, **keys))
    before = project.tree()
    project.quickstart()
    project.rollback()
    assert project.tree() == before


def test_rollback_runs_the_steps_undo(project: Project) -> None:
    project.write("surefoot.toml", step("pass", undo=["touch", "undone.txt"]))
    project.quickstart()
    project.rollback()
    assert (project.root / "undone.txt").exists()


def test_a_step_that_fails_keeps_the_environment_from_being_switched_in(project: Project) -> None:
    project.write("surefoot.toml", step("raise SystemExit(1)", after="start"))
    assert project.quickstart().state == "failed"
    assert not project.env.exists()


def test_an_optional_step_may_fail(project: Project) -> None:
    project.write("surefoot.toml", step("raise SystemExit(1)", optional=True))
    assert project.quickstart().state == "done"
    assert project.env.is_dir()


def test_a_step_that_does_not_make_its_outputs_fails(project: Project) -> None:
    project.write("surefoot.toml", step("pass", outputs=["log.txt"]))
    assert project.quickstart().error.code == "custom.outputs"


def test_a_step_that_was_cut_short_is_done_once_in_the_end(project: Project) -> None:
    project.write("surefoot.toml", step(APPEND, outputs=["log.txt"], after="start"))
    project.cut_at("environment.seal")
    with pytest.raises(project.Cut):
        project.quickstart()
    project.cut_at()
    assert project.quickstart().state == "done"
    assert log(project) == "x"
