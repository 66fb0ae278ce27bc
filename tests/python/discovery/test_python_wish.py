"""All the places in which a project says which Python it wants."""

from __future__ import annotations

from typing import Any

import pytest

from phases.python.discovery import poetry, specifiers
from phases.python.needs import Because

BUILD = '[build-system]\nrequires = []\nbuild-backend = "own"\n'
PROJECT = '[project]\nname = "app"\n'
WALLS: dict[str, tuple[dict[str, str], str]] = {
    "pyproject.toml": ({"pyproject.toml": PROJECT + 'requires-python = ">=3.9, <4"\n' + BUILD}, ">=3.9,<4"),
    "poetry": (
        {"pyproject.toml": '[tool.poetry]\nname = "app"\ndependencies = {python = "^3.9"}\n' + BUILD},
        ">=3.9,<4",
    ),
    "setup.cfg": ({"setup.cfg": "[metadata]\nname = app\n[options]\npython_requires = >=3.7"}, ">=3.7"),
    "setup.py": ({"setup.py": "setup(name='app', python_requires='~=3.8')"}, "~=3.8"),
    "flit": ({"pyproject.toml": '[tool.flit.metadata]\nmodule = "a"\nrequires-python = ">=3.6"\n' + BUILD}, ">=3.6"),
    "members together": (
        {
            "libs/a/setup.py": "setup(name='a', python_requires='>=3.8')",
            "libs/b/setup.py": "setup(name='b', python_requires='<3.13,>=3.8')",
        },
        ">=3.8,<3.13",
    ),
    "the manifest instead": (
        {
            "pyproject.toml": PROJECT + 'requires-python = ">=3.9"\n' + BUILD,
            "surefoot.toml": '[python]\nrequires = ">=3.12"',
        },
        ">=3.12",
    ),
    "not what an optional member wants": (
        {"libs/a/setup.py": "setup(name='a', python_requires='<3')", "surefoot.toml": '[packages]\noptional = ["a"]'},
        "",
    ),
}


@pytest.mark.parametrize("case", WALLS)
def test_what_a_project_requires_must_hold(needs: Any, case: str) -> None:
    files, requires = WALLS[case]
    wish = needs(files).python
    assert (wish.requires, wish.prefers) == (requires, ())


WISHES: dict[str, tuple[dict[str, str], tuple[str, ...]]] = {
    ".python-version": ({".python-version": "3.12\n"}, ("3.12",)),
    "several lines": (
        {".python-version": "# ours\n3.11.7\npypy3.10-7.3.12\n\ncpython@3.9 # old\n"},
        ("3.11.7", "pypy3.10", "3.9"),
    ),
    "an environment of pyenv's is none": ({".python-version": "my-environment\n"}, ()),
    "free-threaded": ({".python-version": "3.13t"}, ("3.13t",)),
    "to come": ({".python-version": "3.15-dev"}, ("3.15",)),
    "runtime.txt": ({"runtime.txt": "python-3.8.10\n"}, ("3.8.10",)),
    ".tool-versions": ({".tool-versions": "nodejs 20\npython 3.11.4 3.10.1\n"}, ("3.11.4", "3.10.1")),
    "mise.toml": ({"mise.toml": '[tools]\npython = ["3.12", {version = "3.11"}]'}, ("3.12", "3.11")),
    "Pipfile": ({"Pipfile": '[requires]\npython_version = "3.9"\n'}, ("3.9",)),
    "environment.yml": ({"environment.yml": "dependencies:\n  - python=3.10\n  - numpy\n"}, ("3.10",)),
    "Dockerfile": ({"Dockerfile": "FROM node:20 AS web\nFROM --platform=linux/amd64 python:3.9-slim\n"}, ("3.9",)),
    "a Dockerfile that does not care": ({"Dockerfile": "FROM python:3\n"}, ()),
    "in order": (
        {"runtime.txt": "python-3.8.10", ".python-version": "3.12", "Dockerfile": "FROM python:3.9"},
        ("3.12", "3.8.10", "3.9"),
    ),
    "the manifest's first": (
        {".python-version": "3.12", "surefoot.toml": '[python]\nprefers = ["3.13"]'},
        ("3.13", "3.12"),
    ),
}


@pytest.mark.parametrize("case", WISHES)
def test_what_a_project_would_like_is_no_wall(needs: Any, case: str) -> None:
    files, prefers = WISHES[case]
    wish = needs({"requirements.txt": "six", **files}).python
    assert (wish.requires, wish.prefers) == ("", prefers)


def test_classifiers_count_where_there_is_nothing_else(needs: Any) -> None:
    script = "setup(name='a', classifiers=['Programming Language :: Python :: 3', {!r}, {!r}])"
    named = ["Programming Language :: Python :: 3.10", "Programming Language :: Python :: 3.8"]
    code = script.format(*named)
    assert needs({"setup.py": code}).python.prefers == (">=3.8,<3.11",)
    assert needs({"setup.py": code, ".python-version": "3.12"}).python.prefers == ("3.12",)


def test_classifiers_that_were_never_kept_up_do_not_count(needs: Any) -> None:
    assert (
        needs({"setup.py": "setup(name='a', classifiers=['Programming Language :: Python :: 3.6'])"}).python.prefers
        == ()
    )


def test_the_reason_is_kept(needs: Any) -> None:
    found = needs({"setup.py": "setup(name='a', python_requires='>=3.8')", ".python-version": "3.12"})
    assert found.python.sources == (
        Because(what=">=3.8", why="what setup.py requires"),
        Because(what="3.12", why=".python-version asks for it"),
    )


@pytest.mark.parametrize(
    ("constraint", "standard"),
    [
        ("^3.8", ">=3.8,<4"),
        ("~3.8", ">=3.8,<3.9"),
        ("~3", ">=3,<4"),
        (">=3.8,<4.0", ">=3.8,<4.0"),
        (">=3.8 <4.0", ">=3.8,<4.0"),
        ("*", ""),
        ("3.8.*", "==3.8.*"),
        ("3.8.*||3.10.*", ">=3.8,<3.11,!=3.9.*"),
        (">=3.8,<3.10 || ^3.11", ">=3.8,<4,!=3.10.*"),
        ("^3.8 || *", ""),
        (">=3.8 | <3.6", "!=3.6.*,!=3.7.*"),
    ],
)
def test_poetrys_constraints_are_written_as_the_standard_does(constraint: str, standard: str) -> None:
    assert poetry.python(constraint) == standard


def test_python_2_and_3_leave_out_what_is_between() -> None:
    said = poetry.python("~2.7 || ^3.6")
    versions = [(2, 6, 9), (2, 7, 18), (3, 0, 0), (3, 5, 9), (3, 6, 0), (3, 12, 1), (4, 0, 0)]
    assert [specifiers.admits(said, version) for version in versions] == [False, True, False, False, True, True, False]


def test_specifiers_are_judged_as_packaging_does() -> None:
    from packaging.specifiers import SpecifierSet

    clauses = [
        ">=3.8",
        ">3.8",
        "<=3.11",
        "<3.11",
        "==3.11",
        "==3.11.*",
        "!=3.11.*",
        "~=3.8",
        "~=3.8.1",
        "!=3.11.7",
        "===3.11.7",
        ">=3.8,<4,!=3.9.*",
        ">=3",
        "<4.0",
    ]
    versions = [(3, 8, 0), (3, 8, 1), (3, 9, 5), (3, 11, 0), (3, 11, 7), (3, 12, 1), (4, 0, 0), (2, 7, 18)]
    for clause in clauses:
        for version in versions:
            expected = ".".join(map(str, version)) in SpecifierSet(clause)
            assert specifiers.admits(clause, version) is expected, (clause, version)
