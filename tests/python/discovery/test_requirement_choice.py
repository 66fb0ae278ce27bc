"""Which requirement files a mode installs."""

from __future__ import annotations

from typing import Any

import pytest

from installer.errors import Refused, UsageError

APPLICATION: dict[str, tuple[dict[str, str], str, list[str], list[str]]] = {
    "the usual file": ({"requirements.txt": "six"}, "standard", ["requirements.txt"], []),
    "in capitals, without an ending": ({"REQUIREMENTS": "six"}, "standard", ["REQUIREMENTS"], []),
    "in a folder": (
        {"requirements/base.txt": "six", "requirements/dev.txt": "x"},
        "standard",
        ["requirements/base.txt"],
        [],
    ),
    "base before production": (
        {"requirements/base.txt": "six", "requirements/production.txt": "x", "requirements/local.txt": "x"},
        "standard",
        ["requirements/base.txt"],
        [],
    ),
    "the root before the folder": (
        {"requirements.txt": "six", "requirements/base.txt": "six"},
        "standard",
        ["requirements.txt"],
        [],
    ),
    "for developers only, but the only one": (
        {"dev-requirements.txt": "six"},
        "standard",
        ["dev-requirements.txt"],
        [],
    ),
    "an .in without its .txt": ({"requirements.in": "six"}, "standard", ["requirements.in"], []),
    "an .in beside its .txt": (
        {"requirements.in": "six", "requirements.txt": "six==1"},
        "standard",
        ["requirements.txt"],
        [],
    ),
    "developers' files in mode dev": (
        {
            "requirements.txt": "six",
            "requirements-dev.txt": "pytest",
            "test_requirements.txt": "x",
            "requirements-docs.txt": "x",
        },
        "dev",
        ["requirements.txt"],
        ["requirements-dev.txt", "test_requirements.txt"],
    ),
    "all in mode full": (
        {"requirements.txt": "six", "requirements-dev.txt": "pytest", "requirements-gpu.txt": "x"},
        "full",
        ["requirements.txt"],
        ["requirements-dev.txt", "requirements-gpu.txt"],
    ),
    "other Pythons' files never": (
        {"requirements.txt": "six", "requirements-py27.txt": "x", "requirements-win.txt": "x"},
        "full",
        ["requirements.txt"],
        [],
    ),
    "a file that another includes only once": (
        {
            "requirements.txt": "six",
            "requirements-dev.txt": "-r requirements-test.txt",
            "requirements-test.txt": "pytest",
        },
        "dev",
        ["requirements.txt"],
        ["requirements-dev.txt"],
    ),
}


@pytest.mark.parametrize("case", APPLICATION)
def test_an_application_is_installed_from_its_lists(needs: Any, case: str) -> None:
    files, mode, required, optional = APPLICATION[case]
    found = needs(files, mode)
    assert (list(found.requirement_files), list(found.optional_files)) == (required, optional)


PROJECT = '[project]\nname = "app"\ndependencies = ["six"]\n[build-system]\nbuild-backend = "hatchling.build"\n'
BESIDE: dict[str, tuple[dict[str, str], str, list[str], list[str]]] = {
    "pins are used, if they can be": ({"requirements.txt": "six==1.16\nflask"}, "standard", [], ["requirements.txt"]),
    "not in mode minimal": ({"requirements.txt": "six==1.16\nflask"}, "minimal", [], []),
    "tools are for developers": ({"requirements.txt": "pytest\nblack"}, "standard", [], []),
    "who get them": ({"requirements.txt": "pytest\nblack"}, "dev", [], ["requirements.txt"]),
    "hashes decide": ({"requirements.txt": "six==1.16 --hash=sha256:00"}, "standard", ["requirements.txt"], []),
    "a lock decides": ({"requirements.txt": "six==1.16", "uv.lock": "version = 1\n"}, "standard", [], []),
    "one that cannot be read costs nothing": ({"requirements.txt": "-r gone.txt"}, "standard", [], []),
}


@pytest.mark.parametrize("case", BESIDE)
def test_a_list_beside_a_project_does_not_cost_the_project(needs: Any, case: str) -> None:
    files, mode, required, optional = BESIDE[case]
    found = needs({"pyproject.toml": PROJECT, "app/__init__.py": "", **files}, mode)
    assert (list(found.requirement_files), list(found.optional_files)) == (required, optional)


def test_a_project_without_dependencies_of_its_own_needs_the_list(needs: Any) -> None:
    found = needs({"setup.py": "from setuptools import setup\nsetup(name='app')", "requirements.txt": "six"})
    assert found.requirement_files == ("requirements.txt",)


@pytest.mark.parametrize(
    "files",
    [
        {"setup.py": "setup(name='app', install_requires=open('requirements.txt').read().split())"},
        {
            "setup.py": "setup()",
            "setup.cfg": "[metadata]\nname = a\n[options]\ninstall_requires = file: requirements.txt",
        },
        {
            "pyproject.toml": '[project]\nname = "app"\ndynamic = ["dependencies"]\n[build-system]\nrequires = []\n'
            'build-backend = "setuptools.build_meta"\n[tool.setuptools]\npy-modules = []\n'
            '[tool.setuptools.dynamic]\ndependencies = {file = ["requirements.txt"]}'
        },
    ],
)
def test_a_list_that_the_project_reads_itself_is_not_installed_twice(needs: Any, files: dict[str, str]) -> None:
    found = needs({**files, "requirements.txt": "six"})
    assert (found.requirement_files, found.optional_files, [each.path for each in found.members]) == ((), (), ["."])
    assert "requirements.txt" in found.inputs


def test_a_list_that_a_project_reads_is_installed_where_the_project_is_not(needs: Any) -> None:
    about = '[project]\nname = "app"\ndynamic = ["dependencies"]\n'
    about += '[tool.setuptools.dynamic]\ndependencies = {file = ["requirements/app.txt"]}'
    found = needs({"pyproject.toml": about, "requirements/app.txt": "six", "a.py": "", "b.py": ""})
    assert (found.members, found.requirement_files) == ((), ("requirements/app.txt",))


def test_lists_of_folders_are_found_where_the_root_has_nothing(needs: Any) -> None:
    found = needs({"backend/requirements.txt": "six", "worker/requirements.txt": "six", "docs/requirements.txt": "x"})
    assert (found.requirement_files, found.optional_files) == (
        ("backend/requirements.txt",),
        ("worker/requirements.txt",),
    )


def test_projects_of_the_tree_that_a_list_names_become_members(needs: Any) -> None:
    found = needs(
        {
            "requirements.txt": "-e ./lib[fast]\nsix\n",
            "lib/setup.py": "setup(name='My_Lib', extras_require={'fast': ['x']})",
        }
    )
    assert [(each.name, each.path, each.extras) for each in found.members] == [("my-lib", "lib", ("fast",))]


@pytest.mark.parametrize(
    ("line", "what"),
    [
        ("-r ../secret.txt", "../secret.txt"),
        ("-c ../../etc/x", "../../etc/x"),
        ("-e ../other", "../other"),
        ("/etc/passwd/", "/etc/passwd/"),
    ],
)
def test_what_lies_outside_the_project_is_refused_by_name(needs: Any, line: str, what: str) -> None:
    with pytest.raises(Refused, match=what.replace(".", r"\.")):
        needs({"requirements.txt": line})


def test_a_link_out_of_the_project_is_refused(needs: Any, write: Any) -> None:
    root = write({})
    (root.parent / "secret").write_text("six")
    (root / "requirements.txt").symlink_to("../secret")
    with pytest.raises(Refused, match=r"requirements\.txt is a link that leaves the project"):
        needs({})


def test_a_pipe_is_not_waited_for(needs: Any, write: Any) -> None:
    import os

    os.mkfifo(write({"setup.py": "setup(name='app')"}) / "requirements.txt")
    with pytest.raises(UsageError, match="does not exist"):
        needs({})


def test_a_missing_include_is_named_with_the_file_that_includes_it(needs: Any) -> None:
    with pytest.raises(UsageError, match=r"gone\.txt, which requirements\.txt includes, does not exist"):
        needs({"requirements.txt": "-r gone.txt"})


def test_constraints_come_from_the_lists_and_the_manifest(needs: Any) -> None:
    found = needs(
        {
            "requirements.txt": "-c limits.txt\nsix",
            "limits.txt": "six<2",
            "more.txt": "x<1",
            "surefoot.toml": '[dependencies]\nconstraints = ["more.txt"]',
        }
    )
    assert found.constraint_files == ("more.txt", "limits.txt")
    assert {"limits.txt", "more.txt"} <= set(found.inputs)


def test_the_manifests_lists_replace_what_would_be_found(needs: Any) -> None:
    files = {
        "requirements.txt": "six",
        "other.txt": "x",
        "surefoot.toml": '[dependencies]\nrequirements = ["other.txt"]',
    }
    assert needs(files).requirement_files == ("other.txt",)


def test_a_list_that_the_manifest_names_must_be_there(needs: Any) -> None:
    with pytest.raises(UsageError, match=r"gone\.txt does not exist"):
        needs({"surefoot.toml": '[dependencies]\nrequirements = ["gone.txt"]'})
