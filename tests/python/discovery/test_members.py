"""The projects of a tree: workspaces and monorepos."""

from __future__ import annotations

from typing import Any

import pytest

from installer.errors import Refused, UsageError
from phases.python.discovery.chosen import Seen

POETRY = '[build-system]\nbuild-backend = "poetry.core.masonry.api"\n[tool.poetry]\nname = "app"\n'


def project(name: str, *dependencies: str, more: str = "") -> str:
    build = '[build-system]\nrequires = []\nbuild-backend = "own"\n'
    return f'[project]\nname = "{name}"\ndependencies = {list(dependencies)!r}\n{more}\n{build}'


def placed(found: Any) -> list[tuple[str, str]]:
    return [(each.name, each.path) for each in found.members]


def test_members_come_after_what_they_need(needs: Any) -> None:
    found = needs(
        {
            "packages/a/pyproject.toml": project("a", "b>=1", "six"),
            "packages/b/pyproject.toml": project("b", "Core_Lib[x]"),
            "packages/core/pyproject.toml": project("core-lib"),
        }
    )
    assert [(each.name, each.needs) for each in found.members] == [
        ("core-lib", ()),
        ("b", ("core-lib",)),
        ("a", ("b",)),
    ]


def test_twice_as_many_members_are_twice_the_work(needs: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = 0
    original = Seen.name

    def counted(self: Seen, about: Any) -> str:
        nonlocal asked
        asked += 1
        return original(self, about)

    monkeypatch.setattr(Seen, "name", counted)

    def work(count: int) -> int:
        nonlocal asked
        asked = 0
        needs({f"packages/p{number}/pyproject.toml": project(f"p{number}", "six") for number in range(count)})
        return asked

    once = work(10)  # the tree grows: the smaller first
    assert 0 < work(20) <= 2 * once


def test_a_circle_of_members_is_no_error(needs: Any) -> None:
    files = {"libs/a/pyproject.toml": project("a", "b"), "libs/b/pyproject.toml": project("b", "a")}
    assert placed(needs(files)) == [("b", "libs/b"), ("a", "libs/a")]


def test_what_a_build_needs_is_built_first(needs: Any) -> None:
    files = {
        "libs/a/setup.py": "setup(name='a', setup_requires=['z'])",
        "libs/z/setup.py": "setup(name='z')",
    }
    assert placed(needs(files)) == [("z", "libs/z"), ("a", "libs/a")]


def test_without_a_project_at_the_root_they_are_found_anywhere_but_in_odd_places(needs: Any) -> None:
    odd = (
        "examples/x templates/x tests/x tests/fixtures/x docs/x vendor/x third_party/x .venv/lib/x node_modules/x "
        "build/x {{cookiecutter.name}} one/{{x}} .hidden/x a/b/c/d/e env/x libs/a/nested"
    ).split()
    files = {f"{path}/pyproject.toml": project(f"odd{number}") for number, path in enumerate(odd)}
    files |= {"env/pyvenv.cfg": "", "libs/a/pyproject.toml": project("a"), "backend/setup.py": "setup(name='back')"}
    files |= {
        "deep/er/down/pyproject.toml": project("deep"),
        "one/setup.cfg": "[flake8]",
        "two/pyproject.toml": "[tool.ruff]",
    }
    assert sorted(placed(needs(files))) == [("a", "libs/a"), ("back", "backend"), ("deep", "deep/er/down")]


def test_beside_a_project_at_the_root_they_are_found_in_the_usual_places(needs: Any) -> None:
    files = {
        "pyproject.toml": project("app"),
        "packages/a/pyproject.toml": project("a"),
        "other/b/pyproject.toml": project("b"),
        "benchmarks/c/pyproject.toml": project("c"),
    }
    assert placed(needs(files)) == [("app", "."), ("a", "packages/a")]


def test_an_application_does_not_install_what_lies_about(needs: Any) -> None:
    files = {"requirements.txt": "six", "service/pyproject.toml": project("b"), "libs/a/pyproject.toml": project("a")}
    assert placed(needs(files)) == [("a", "libs/a")]


def test_a_submodule_is_foreign_unless_it_is_where_members_are(needs: Any) -> None:
    modules = '[submodule "x"]\n\tpath = third/x\n\turl = ../x\n[submodule "y"]\n\tpath = "packages/y"\n'
    files = {
        ".gitmodules": modules,
        "third/x/pyproject.toml": project("x"),
        "packages/y/pyproject.toml": project("y"),
        "own/pyproject.toml": project("own"),
    }
    assert placed(needs(files)) == [("own", "own"), ("y", "packages/y")]


def test_a_workspace_says_what_its_members_are(needs: Any) -> None:
    root = project(
        "app",
        "a",
        more='[tool.uv.workspace]\nmembers = ["packages/*", "extra/**", "./one"]\nexclude = ["packages/old*"]',
    )
    files = {
        "pyproject.toml": root,
        "packages/a/pyproject.toml": project("a"),
        "packages/older/pyproject.toml": project("older"),
        "packages/notes/readme": "",
        "extra/deep/b/pyproject.toml": project("b"),
        "libs/c/pyproject.toml": project("c"),
        "one/pyproject.toml": project("one"),
    }
    assert sorted(placed(needs(files))) == [("a", "packages/a"), ("app", "."), ("b", "extra/deep/b"), ("one", "one")]


def test_an_example_that_is_a_member_may_fail(needs: Any) -> None:
    root = project("app", more='[tool.uv.workspace]\nmembers = ["examples/*"]')
    found = needs({"pyproject.toml": root, "examples/a/pyproject.toml": project("a")})
    assert [(each.name, each.optional) for each in found.members] == [("app", False), ("a", True)]


def test_a_root_that_only_holds_a_workspace_is_not_installed(needs: Any) -> None:
    files = {
        "pyproject.toml": '[tool.uv.workspace]\nmembers = ["packages/*"]',
        "packages/a/pyproject.toml": project("a"),
    }
    assert placed(needs(files)) == [("a", "packages/a")]


def test_a_virtual_root_gets_its_members_from_the_tree(needs: Any) -> None:
    root = '[project]\nname = "all"\ndependencies = ["a[x]", "six"]\n'
    root += '[tool.uv]\npackage = false\n[tool.uv.workspace]\nmembers = ["a"]'
    found = needs(
        {"pyproject.toml": root, "a/pyproject.toml": project("a", more='optional-dependencies = {x = ["y"]}')}
    )
    assert [(each.name, each.extras) for each in found.members] == [("a", ("x",))]
    assert [each.requirements for each in found.groups] == [("six",)]


@pytest.mark.parametrize(
    "root",
    [
        project("app", "lib", more='[tool.uv.sources]\nlib = {path = "somewhere/lib", editable = true}'),
        POETRY + 'packages = [{include = "x"}]\ndependencies = {lib = {path = "somewhere/lib"}}',
    ],
)
def test_a_project_that_another_names_by_its_path_is_a_member(needs: Any, root: str) -> None:
    found = needs({"pyproject.toml": root, "somewhere/lib/pyproject.toml": project("lib")})
    assert placed(found) == [("lib", "somewhere/lib"), ("app", ".")]


def test_a_path_that_only_a_group_asks_for_is_the_groups(needs: Any) -> None:
    more = '[dependency-groups]\ndev = ["lib"]\n[tool.uv.sources]\nlib = {path = "somewhere/lib"}'
    files = {"pyproject.toml": project("app", more=more), "somewhere/lib/pyproject.toml": project("lib")}
    assert [placed(needs(files, mode)) for mode in ("standard", "dev")] == [
        [("app", ".")],
        [("app", "."), ("lib", "somewhere/lib")],
    ]


def test_a_path_out_of_the_project_is_left_out_with_a_warning(needs: Any) -> None:
    found = needs({"pyproject.toml": project("app", more='[tool.uv.sources]\nlib = {path = "../lib"}')})
    assert [each for each in found.warnings if "../lib, outside the project" in each]


def test_of_two_projects_of_one_name_the_first_is_installed(needs: Any) -> None:
    found = needs({"libs/a/pyproject.toml": project("x"), "libs/b/pyproject.toml": project("X")})
    assert placed(found) == [("x", "libs/a")]
    assert "libs/b is left out: libs/a has the same name, x" in found.warnings


def test_the_manifest_says_what_the_members_are(needs: Any) -> None:
    manifest = '[packages]\nmembers = ["odd/*"]\nexclude = ["odd/no"]\noptional = ["A"]\n'
    files = {
        "surefoot.toml": manifest,
        "odd/a/pyproject.toml": project("a"),
        "odd/no/pyproject.toml": project("no"),
        "packages/b/pyproject.toml": project("b"),
    }
    assert [(each.name, each.optional) for each in needs(files).members] == [("a", True)]


def test_the_manifest_may_install_nothing(needs: Any) -> None:
    found = needs({"surefoot.toml": "[packages]\ninstall = false", "pyproject.toml": project("app", "six")})
    assert (found.members, [each.requirements for each in found.groups]) == ((), [("six",)])


def test_an_optional_member_must_exist(needs: Any) -> None:
    with pytest.raises(UsageError, match="no project of the tree has that name"):
        needs({"surefoot.toml": '[packages]\noptional = ["b"]', "pyproject.toml": project("app")})


def test_a_workspace_may_not_reach_out(needs: Any) -> None:
    with pytest.raises(Refused, match="outside the project"):
        needs({"pyproject.toml": project("app", more='[tool.uv.workspace]\nmembers = ["../other/*"]')})


def test_links_out_of_the_project_are_not_followed(needs: Any, write: Any) -> None:
    root = write({"packages/": "", "own/setup.py": "setup(name='own')", "../other/a/pyproject.toml": project("a")})
    (root / "packages" / "a").symlink_to("../../other/a")
    (root / "data").symlink_to("../other")
    (root / "round").symlink_to("round")
    (root / "odd\\name").mkdir()
    assert placed(needs({})) == [("own", "own")]


def test_the_coming_of_a_member_is_noticed(needs: Any) -> None:
    assert "packages/a/pyproject.toml" in needs({"packages/a/pyproject.toml": project("a")}).inputs
