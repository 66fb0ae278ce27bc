"""What verification lets pass, what it refuses, and that the environment in use is untouched by a refusal."""

from __future__ import annotations

from typing import Any

import pytest

Project = Any  # conftest.Project: with importmode=importlib it has no name to import


def refused(project: Project, **options: Any) -> str:
    """The details of the refusal of a quickstart that must fail in verification."""
    outcome = project.quickstart(**options)
    assert outcome.state == "failed"
    assert (outcome.error.code, outcome.error.exit_code) == ("verification.failed", 1)
    return "\n".join((outcome.error.message, *outcome.error.details))


def test_an_upgrade_that_fails_leaves_the_environment_in_use_untouched(project: Project) -> None:
    project.wheel("alpha", files={"alpha/__init__.py": "def thing(): return 1\n"})
    project.member(
        code="from alpha import thing\ndef main(): print(thing())\n", requires="alpha", scripts="app = app:main"
    )
    assert project.quickstart().error is None
    before = project.tree()
    project.wheel("alpha", "2.0", files={"alpha/__init__.py": "def other(): return 2\n"})
    project.write("requirements.txt", "# alpha 2\n")
    assert "cannot import name 'thing'" in refused(project)
    project.write("requirements.txt", "# nothing\n")
    assert project.tree() == before
    assert project.run("app") == "1"


def test_a_refused_run_goes_on_once_the_cause_is_mended(project: Project) -> None:
    project.member(code="from alpha import thing\n", requires="alpha")
    project.wheel("alpha", files={"alpha/__init__.py": ""})
    refused(project)
    project.wheel("alpha", "1.1", files={"alpha/__init__.py": "thing = 1\n"})
    project.write("requirements.txt", "# alpha 1.1\n")
    assert project.quickstart().state == "done"
    assert project.python("import alpha; print(alpha.thing)") == "1"


def test_a_missing_file_of_a_package_is_found(project: Project) -> None:
    project.wheel("alpha", files={"alpha/__init__.py": "", "alpha/data.txt": "data"})
    project.break_after_install("lib/*/site-packages/alpha/data.txt")
    assert "alpha/data.txt (missing)" in refused(project)


def test_a_requirement_that_is_not_met_is_named(project: Project) -> None:
    project.wheel("alpha", requires=("beta>=2", "gamma; python_version < '3'", "delta; extra == 'more'"))
    project.wheel("beta", "1.0")
    found = refused(project)
    assert "alpha needs beta>=2, but 1.0 is installed" in found
    assert "gamma" not in found
    assert "delta" not in found


def test_a_requirement_that_is_missing_is_named(project: Project) -> None:
    project.wheel("alpha", requires=("beta",))
    assert "alpha needs beta, which is not installed" in refused(project)


def test_where_the_project_overrides_versions_a_misfit_is_only_told(project: Project) -> None:
    project.member()
    text = (project.root / "pyproject.toml").read_text()
    project.write("pyproject.toml", text + '[tool.uv]\noverride-dependencies = ["beta==1.0"]\n')
    project.wheel("alpha", requires=("beta>=2",))
    project.wheel("beta", "1.0")
    assert project.quickstart().state == "done"
    assert any("alpha needs beta>=2" in note for note in project.notes)


def test_where_a_lock_decides_a_misfit_of_others_is_only_told(project: Project) -> None:
    project.write("pylock.toml", 'lock-version = "1.0"\ncreated-by = "me"\npackages = []\n')
    project.wheel("alpha", requires=("beta>=2",))
    project.wheel("beta", "1.0")
    assert project.quickstart().state == "done"
    assert any("alpha needs beta>=2" in note for note in project.notes)


def test_where_a_lock_decides_what_local_packages_need_must_be_there(project: Project) -> None:
    project.member(requires="alpha")
    project.write("pylock.toml", 'lock-version = "1.0"\ncreated-by = "me"\npackages = []\n')
    assert "app needs alpha, which is not installed" in refused(project)


def test_a_local_package_that_is_not_installed_is_named(project: Project) -> None:
    project.member()
    project.editable = []
    assert "local packages are not installed" in refused(project)


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("import app.missing_part", "No module named 'app.missing_part'"),
        ("def broken(:\n", "SyntaxError"),
        ("import alpha\nalpha.no_such_thing", "module 'alpha' has no attribute 'no_such_thing'"),
        ("import collections\ncollections.Mapping", "module 'collections' has no attribute 'Mapping'"),
        ("import alpha.no_such_module", "No module named 'alpha.no_such_module'"),
        ("import os\nos.kill(os.getpid(), 11)", "its import was ended by SIGSEGV"),
    ],
)
def test_a_local_package_that_another_environment_would_import_is_refused(
    project: Project, code: str, said: str
) -> None:
    project.wheel("alpha")
    project.member(code=code)
    assert f"`import app` fails: {said}" in refused(project).replace("ModuleNotFoundError: ", "").replace(
        "AttributeError: ", ""
    )


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("import nobody_declares_this", "it needs `nobody_declares_this`, which nothing declares"),
        ("raise ImportError('install app[gui]')", "install app[gui]"),
    ],
)
def test_a_local_package_that_works_only_in_part_costs_full_marks(project: Project, code: str, said: str) -> None:
    project.member(code=code)
    outcome = project.quickstart()
    assert outcome.state == "degraded"
    assert project.env.is_dir()
    assert any(said in detail for warning in outcome.warnings for detail in warning["details"])


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("import os\nos.environ['THE_KEY']", "KeyError: 'THE_KEY'"),
        ("import sys\nsys.exit(3)", "SystemExit: 3"),
        ("import os\nos._exit(0)", "its import ended the program with status 0"),
        ("raise RuntimeError('no display')", "RuntimeError: no display"),
    ],
)
def test_what_only_the_machine_or_the_caller_lacks_is_a_warning(project: Project, code: str, said: str) -> None:
    project.member(code=code)
    assert project.quickstart().state == "done"
    assert f"`import app` fails: {said}" in project.notes


def test_a_hang_costs_only_the_module_that_hangs(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("phases.python.environments.imports.SECONDS", 1)
    project.write("surefoot.toml", '[verification]\nimports = ["json"]\n')
    project.member(code="import threading\nthreading.Event().wait()\n")
    assert project.quickstart().state == "done"
    assert "`import app` fails: its import did not end within 1 s" in project.notes


def test_what_the_environment_in_use_can_import_the_next_must_too(project: Project) -> None:
    project.wheel("alpha")
    project.member(code="import alpha\n")
    assert project.quickstart().state == "done"
    project.wheels = []
    project.write("requirements.txt", "# without alpha\n")
    assert "it needs `alpha`, which nothing declares" in refused(project)


def test_a_module_that_the_manifest_demands_must_import(project: Project) -> None:
    project.write("surefoot.toml", '[verification]\nimports = ["nowhere_to_be_found"]\n')
    assert "nowhere_to_be_found" in refused(project)


def test_a_module_that_the_manifest_skips_need_not_import(project: Project) -> None:
    project.write("surefoot.toml", '[verification]\nskip-imports = ["app"]\n')
    project.member(code="import app.missing_part")
    assert project.quickstart().state == "done"


def test_without_local_packages_what_was_asked_for_must_import(project: Project) -> None:
    project.wheel("alpha", files={"alpha/__init__.py": "import alpha.gone\n"}, requires=("beta",))
    project.wheel("beta")
    assert "`import alpha` fails" in refused(project)


def test_a_command_that_a_local_package_promises_must_be_there(project: Project) -> None:
    project.member(scripts="app = app:main")
    project.break_after_install("bin/app")
    assert "app" in refused(project)


def test_a_command_that_leads_nowhere_is_the_projects_own_slip(project: Project) -> None:
    project.member(scripts="app = app.nowhere:main")
    assert project.quickstart().state == "done"
    assert "`import app.nowhere` fails: a command leads to it, and it is not there" in project.notes


def test_the_manifests_commands_run_with_the_environment_first(project: Project) -> None:
    project.write("surefoot.toml", '[verification]\ncommands = [["app"], ["python", "-c", "import app"]]\n')
    project.member(scripts="app = app:main")
    assert project.quickstart().state == "done"


def test_a_command_of_the_manifest_that_fails_refuses_the_environment(project: Project) -> None:
    project.write(
        "surefoot.toml", '[verification]\ncommands = [["python", "-c", "print(\'no good\'); raise SystemExit(3)"]]\n'
    )
    found = refused(project)
    assert "ended with status 3" in found
    assert "no good" in found
    assert not project.env.exists()


def test_what_a_command_of_the_manifest_leaves_in_the_tree_goes_again(project: Project) -> None:
    project.write(
        "surefoot.toml", '[verification]\ncommands = [["python", "-c", "open(\'left.txt\', \'w\').close()"]]\n'
    )
    before = project.tree()
    assert project.quickstart().state == "done"
    assert (project.root / "left.txt").exists()
    project.rollback()
    assert project.tree() == before


def test_imports_leave_nothing_in_the_tree(project: Project) -> None:
    project.member()
    before = project.tree()
    project.quickstart()
    after = {name: what for name, what in project.tree().items() if not name.startswith(".venv")}
    assert after == before


def test_an_environment_made_again_is_verified_again(project: Project) -> None:
    project.wheel("alpha", files={"alpha/__init__.py": "", "alpha/data.txt": "data"})
    project.cut_at("environment.seal")
    with pytest.raises(project.Cut):
        project.quickstart()
    project.cut_at()
    project.remove(".surefoot/staging")
    project.break_after_install("lib/*/site-packages/alpha/data.txt")
    assert "alpha/data.txt (missing)" in refused(project)
