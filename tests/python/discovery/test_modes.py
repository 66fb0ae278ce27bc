"""What a mode chooses of extras and groups."""

from __future__ import annotations

from typing import Any

import pytest

from installer.errors import UsageError

PROJECT = """
[project]
name = "app"
dependencies = ["six"]
[project.optional-dependencies]
fast = ["a"]
test = ["pytest"]
gpu = ["b"]
[build-system]
requires = ["hatchling"]
build-backend = "hatchling.build"
[dependency-groups]
dev = ["ruff", {include-group = "lint"}]
lint = ["black"]
docs = ["sphinx"]
"""
FILES = {"pyproject.toml": PROJECT, "app/__init__.py": ""}


def chosen(found: Any) -> tuple[list[str], list[str]]:
    return [extra for each in found.members for extra in each.extras], [each.name for each in found.groups]


@pytest.mark.parametrize(
    ("mode", "extras", "groups"),
    [
        ("minimal", [], []),
        ("standard", [], []),
        ("dev", ["test"], ["dev", "lint"]),
        ("full", ["fast", "test", "gpu"], ["dev", "lint", "docs"]),
    ],
)
def test_a_mode_chooses_extras_and_groups(needs: Any, mode: str, extras: list[str], groups: list[str]) -> None:
    found = needs(FILES, mode)
    assert chosen(found) == (extras, groups)
    assert all(each.default for each in found.groups)


def test_groups_include_others(needs: Any) -> None:
    assert needs(FILES, "dev").groups[0].requirements == ("ruff", "black")


def test_groups_of_all_tools_are_found(needs: Any) -> None:
    tool = """
[tool.uv]
dev-dependencies = ["old"]
[tool.pdm.dev-dependencies]
test = ["pytest", "-e file:///${PROJECT_ROOT}/sub"]
[tool.poetry.group.docs.dependencies]
sphinx = "^7"
[tool.poetry.dev-dependencies]
tox = "*"
"""
    found = needs(
        {"pyproject.toml": PROJECT + tool, "app/__init__.py": "", "sub/setup.py": "setup(name='sub')"}, "full"
    )
    groups = {each.name: each.requirements for each in found.groups}
    assert groups == {
        "dev": ("ruff", "black", "old", "tox"),
        "lint": ("black",),
        "docs": ("sphinx", "sphinx>=7,<8"),
        "test": ("pytest",),
    }
    assert "sub" in [each.name for each in found.members]


def test_of_extras_that_exclude_each_other_the_first_is_taken(needs: Any) -> None:
    conflicts = '[tool.uv]\nconflicts = [[{extra = "fast"}, {extra = "gpu"}], [{extra = "test"}, {group = "docs"}]]'
    assert chosen(needs({**FILES, "pyproject.toml": PROJECT + conflicts}, "full")) == (
        ["fast", "test"],
        ["dev", "lint"],
    )


def test_the_manifests_mode_replaces_the_usual_choice(needs: Any) -> None:
    manifest = '[modes.full]\nextras = ["gpu"]\ngroups = ["docs"]\n'
    found = needs({**FILES, "surefoot.toml": manifest}, "full")
    assert chosen(found) == (["gpu"], ["docs"])
    assert not found.groups[0].default


def test_a_mode_of_the_projects_own_is_known(needs: Any) -> None:
    manifest = '[modes.ci]\nextras = ["test"]\nrequirements = ["more.txt"]\n'
    found = needs({**FILES, "more.txt": "x", "surefoot.toml": manifest}, "ci")
    assert (chosen(found), found.requirement_files) == ((["test"], []), ("more.txt",))


@pytest.mark.parametrize(
    ("manifest", "mode", "message", "hint"),
    [
        ("", "standart", "no mode standart; known are minimal, standard, dev, full", "did you mean standard?"),
        ("[modes.cuda]\n", "cude", "known are minimal, standard, dev, full, cuda", "did you mean cuda?"),
        ('[modes.ci]\nextras = ["tests"]', "ci", "the extra tests, which no project has", "did you mean test?"),
        (
            '[modes.ci]\ngroups = ["linting"]',
            "ci",
            "the dependency group linting, which no project has",
            "did you mean lint?",
        ),
    ],
)
def test_names_that_nothing_has_are_refused(needs: Any, manifest: str, mode: str, message: str, hint: str) -> None:
    with pytest.raises(UsageError, match=message) as caught:
        needs({**FILES, "surefoot.toml": manifest}, mode)
    assert caught.value.hint == hint


def test_a_group_that_names_the_project_itself_asks_for_its_extras(needs: Any) -> None:
    project = '[project]\nname = "app"\noptional-dependencies = {fast = ["a"]}\n'
    project += '[build-system]\nrequires = []\nbuild-backend = "own"\n[dependency-groups]\ndev = ["app[fast]", "x"]'
    found = needs({"pyproject.toml": project}, "dev")
    assert [each.extras for each in found.members] == [("fast",)]
    assert [each.requirements for each in found.groups] == [("x",)]


def test_extras_of_a_project_that_is_not_installed_may_fail(needs: Any) -> None:
    text = '[project]\nname = "app"\noptional-dependencies = {test = ["pytest"]}\n[tool.uv]\npackage = false'
    found = needs({"pyproject.toml": text}, "dev")
    assert [(each.name, each.requirements, each.default) for each in found.groups] == [("test", ("pytest",), True)]


@pytest.mark.parametrize(
    "line", ["--index-url https://h", "-e ../x", "six --pre", "six\\n-r /etc/passwd", "./x", "/etc", ""]
)
def test_a_requirement_that_is_an_option_is_refused(needs: Any, line: str) -> None:
    text = f'[dependency-groups]\ndev = ["{line}"]'
    with pytest.raises(UsageError, match="is no requirement"):
        needs({"pyproject.toml": text}, "dev")
