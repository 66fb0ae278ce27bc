from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from installer.errors import StepFailed
from phases import packages, python_deps

if TYPE_CHECKING:
    from tests.python.installs.conftest import Project

SETUPTOOLS = '[build-system]\nrequires = ["setuptools"]\nbuild-backend = "setuptools.build_meta"\n'


def _member(project: Project, name: str, *, needs: tuple[str, ...] = (), builds_with: str = "") -> None:
    requires = '["setuptools"]' if not builds_with else f'["setuptools", "{builds_with}"]'
    project.file(
        f"packages/{name}/pyproject.toml",
        f'[project]\nname = "{name}"\nversion = "1"\ndependencies = [{", ".join(map(repr, needs))}]\n'
        f'[build-system]\nrequires = {requires}\nbuild-backend = "setuptools.build_meta"\n'
        f'[tool.setuptools]\npy-modules = ["{name}"]\n',
    )
    project.file(f"packages/{name}/{name}.py", "".join(f"import {need}\n" for need in needs))


def test_members_are_installed_in_dependency_order_each_its_own_step(project: Project) -> None:
    _member(project, "surefoot_a", needs=("surefoot_b",))
    _member(project, "surefoot_b")
    steps = project.steps(packages)
    assert [(step.id, step.needs, step.on_failure, step.effect.guards) for step in steps] == [
        ("packages.01.surefoot-b", (), "degrade", ("packages/surefoot_b",)),
        ("packages.02.surefoot-a", ("packages.01.surefoot-b",), "degrade", ("packages/surefoot_a",)),
    ]
    project.run()
    assert project.installed() == {"surefoot-a": "1", "surefoot-b": "1"}
    assert project.imports("surefoot_a")


def test_a_single_project_that_fails_stops(project: Project) -> None:
    project.file("setup.py", "from setuptools import setup\nsetup(name='demo', py_modules=['demo'])\n")
    project.file("demo.py", "")
    assert [step.on_failure for step in project.steps(packages)] == ["stop"]


def test_an_edit_in_the_tree_is_seen_at_once(project: Project) -> None:
    _member(project, "surefoot_b")
    result = project.run()["packages.01.surefoot-b"]
    project.file("packages/surefoot_b/surefoot_b.py", "import nothing_of_that_name\n")
    assert (result["editable"], project.imports("surefoot_b")) == (True, False)


def test_an_extension_in_c_is_compiled(project: Project) -> None:
    project.file(
        "setup.py",
        "from setuptools import Extension, setup\nsetup(name='demo', ext_modules=[Extension('fast', ['fast.c'])])\n",
    )
    project.file(
        "fast.c",
        '#include <Python.h>\nstatic struct PyModuleDef module = {PyModuleDef_HEAD_INIT, "fast", 0, -1, 0};\n'
        "PyMODINIT_FUNC PyInit_fast(void) { return PyModule_Create(&module); }\n",
    )
    project.run()
    assert project.imports("fast")


def test_a_missing_header_is_named_with_the_package_that_has_it(project: Project) -> None:
    project.file(
        "setup.py",
        "from setuptools import Extension, setup\nsetup(name='demo', ext_modules=[Extension('x', ['x.c'])])\n",
    )
    project.file("x.c", "#include <ldap.h>\n")
    with pytest.raises(StepFailed) as caught:
        project.run()
    assert (caught.value.code, caught.value.facts["missing"]) == ("python.build", "ldap.h")
    assert "libldap-dev" in caught.value.hint
    assert any("ldap.h" in line for line in caught.value.details)


def test_a_missing_header_beside_an_empty_submodule_means_the_submodule(project: Project) -> None:
    project.file(
        "setup.py",
        "from setuptools import Extension, setup\nsetup(name='demo', ext_modules=[Extension('x', ['x.c'])])\n",
    )
    project.file("x.c", '#include "extern/fmt/fmt.h"\n')
    project.file(".gitmodules", '[submodule "fmt"]\n\tpath = extern/fmt\n\turl = https://git.example/fmt\n')
    (project.root / "extern" / "fmt").mkdir(parents=True)
    with pytest.raises(StepFailed) as caught:
        project.run()
    assert (caught.value.code, caught.value.facts["path"]) == ("python.submodule_missing", "extern/fmt")


def test_an_old_setup_script_gets_its_pkg_resources_back(project: Project) -> None:
    project.file(
        "setup.py", "import pkg_resources\nfrom setuptools import setup\nsetup(name='demo', py_modules=['demo'])\n"
    )
    project.file("demo.py", "")
    results = project.run()
    assert results["python_deps.01.resolve"]["remedies"] == ["pkg_resources"]
    assert results["packages.01.demo" if "packages.01.demo" in results else list(results)[-1]]["editable"] is True
    assert len([warning for warning in project.warnings if "setuptools<82" in warning]) == 1
    assert project.imports("demo")


def test_a_setup_script_gets_what_it_forgot_to_ask_for(project: Project) -> None:
    project.file("setup.py", "import six\nfrom setuptools import setup\nsetup(name='demo', py_modules=['demo'])\n")
    project.file("demo.py", "")
    project.run()
    assert project.imports("demo")


def test_a_sibling_needed_to_build_comes_from_the_tree(project: Project) -> None:
    _member(project, "surefoot_build_helper")
    _member(project, "surefoot_app", builds_with="surefoot_build_helper")
    steps = {step.id: step for step in project.steps(packages)}
    assert steps["packages.02.surefoot-app"].effect.guards == (
        "packages/surefoot_app",
        "packages/surefoot_build_helper",
    )
    project.run()
    assert project.imports("surefoot_app")


def test_a_backend_that_cannot_do_editable_gets_a_copy_installed(project: Project) -> None:
    project.file(
        "pyproject.toml",
        '[project]\nname = "demo"\nversion = "1"\ndescription = "x"\n[build-system]\nrequires = ["flit_core"]\n'
        'build-backend = "backend"\nbackend-path = ["."]\n',
    )
    project.file("backend.py", "from flit_core.buildapi import build_wheel\n")
    project.file("demo.py", '"""A demo."""\n')
    result = project.run()
    assert (result["packages.01.demo"]["editable"], project.imports("demo")) == (False, True)
    assert any("editable" in warning for warning in project.warnings)


def test_another_content_of_the_project_file_gives_another_step(project: Project) -> None:
    _member(project, "surefoot_b")
    (before,) = project.steps(packages)
    _member(project, "surefoot_b", needs=("six",))
    (after,) = project.steps(packages)
    assert not before.same_as(after)


@pytest.mark.parametrize("name", ["it's ünïcode", 'quo"te', "new\nline", "-dash", "per%20cent", "brack[et]#1"])
def test_a_project_in_a_folder_of_any_name_is_installed(project: Project, name: str) -> None:
    project.root = project.root / name
    project.file("pyproject.toml", '[project]\nname = "demo"\nversion = "1"\n' + SETUPTOOLS)
    project.file("demo.py", "")
    project.run(python_deps, packages)
    assert project.imports("demo")
