"""What the files of one folder say of the project in it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from installer.errors import UsageError
from installer.model import RelPath
from phases.python.discovery import setup_script
from phases.python.needs import Group, Member

HATCH = '[build-system]\nrequires = ["hatchling"]\nbuild-backend = "hatchling.build"\n'
UV_BUILD = '[build-system]\nrequires = ["uv_build"]\nbuild-backend = "uv_build"\n'
SETUPTOOLS = '[build-system]\nrequires = ["setuptools"]\nbuild-backend = "setuptools.build_meta"\n'
POETRY = '[tool.poetry]\nname = "my-app"\n[build-system]\nrequires = []\nbuild-backend = "poetry.core.masonry.api"\n'
NAMED = '[project]\nname = "My.App"\ndependencies = ["six"]\n'
PACKAGE = {"my_app/__init__.py": ""}


def installed(found: Any) -> list[str]:
    return [each.name for each in found.members]


CFG = "[metadata]\nname = my_app\n[options]\npackages = find:\ninstall_requires =\n    six\n"
INSTALLED: dict[str, dict[str, str]] = {
    "hatchling": {"pyproject.toml": NAMED + HATCH, **PACKAGE},
    "hatchling, src": {"pyproject.toml": NAMED + HATCH, "src/my_app/__init__.py": ""},
    "hatchling, told where": {"pyproject.toml": NAMED + HATCH + '[tool.hatch.build]\nonly-include = ["x"]'},
    "a namespace package": {"pyproject.toml": NAMED + HATCH, "my/app/__init__.py": ""},
    "one module": {"pyproject.toml": NAMED + SETUPTOOLS, "my_app.py": ""},
    "setuptools, one package and what it passes over": {
        "pyproject.toml": NAMED + SETUPTOOLS,
        **PACKAGE,
        "tests/x.py": "",
        "docs/x": "",
    },
    "setuptools, told where": {
        "pyproject.toml": NAMED + SETUPTOOLS + '[tool.setuptools]\npackages = ["a", "b"]',
        "a/x.py": "",
        "b/x.py": "",
    },
    "a setup.py that knows": {"pyproject.toml": NAMED + SETUPTOOLS, "setup.py": "", "a/x.py": "", "b/x.py": ""},
    "an unknown backend": {"pyproject.toml": NAMED + '[build-system]\nrequires = []\nbuild-backend = "own"'},
    "poetry": {"pyproject.toml": POETRY, **PACKAGE},
    "poetry of old": {
        "pyproject.toml": '[tool.poetry]\nname = "my-app"\n[build-system]\nbuild-backend = "poetry.masonry.api"\n',
        **PACKAGE,
    },
    "flit of old": {
        "pyproject.toml": '[tool.flit.metadata]\nmodule = "my_app"\n'
        '[build-system]\nrequires = ["flit_core"]\nbuild-backend = "flit_core.buildapi"\n'
    },
    "only setup.py": {"setup.py": "from setuptools import setup\nsetup(name='my_app')"},
    "only setup.cfg": {"setup.cfg": CFG},
    "setup.cfg with settings of tools in pyproject.toml": {"pyproject.toml": "[tool.black]", "setup.cfg": CFG},
    "setup.py with settings of tools in pyproject.toml": {
        "pyproject.toml": "[tool.black]\n",
        "setup.py": "setup(name='my-app')",
    },
    "uv says so": {"pyproject.toml": NAMED + "[tool.uv]\npackage = true"},
    "no backend, but a package": {"pyproject.toml": NAMED, **PACKAGE},
    "no backend, but a src folder": {"pyproject.toml": NAMED, "src/other/__init__.py": ""},
}


@pytest.mark.parametrize("case", INSTALLED)
def test_a_package_is_installed(needs: Any, case: str) -> None:
    assert installed(needs(INSTALLED[case])) == ["my-app"]


NOT_INSTALLED: dict[str, dict[str, str]] = {
    "uv says so": {"pyproject.toml": NAMED + HATCH + "[tool.uv]\npackage = false", **PACKAGE},
    "pdm says so": {"pyproject.toml": NAMED + HATCH + "[tool.pdm]\ndistribution = false", **PACKAGE},
    "poetry says so": {"pyproject.toml": '[tool.poetry]\npackage-mode = false\n[tool.poetry.dependencies]\nsix = "*"'},
    "poetry 2 says so": {"pyproject.toml": NAMED + "[tool.poetry]\npackage-mode = false\n", **PACKAGE},
    "poetry without a backend": {"pyproject.toml": '[tool.poetry]\nname = "a"\ndependencies = {six = "*"}', **PACKAGE},
    "nothing in src for uv": {"pyproject.toml": NAMED + UV_BUILD, **PACKAGE},
    "setup.cfg without a name": {"setup.cfg": CFG.replace("name = my_app", "author = me")},
    "setup.cfg in which setuptools cannot choose": {
        "setup.cfg": CFG.replace("packages = find:\n", ""),
        "data/x": "",
        "models/x": "",
    },
    "scripts without a backend": {"pyproject.toml": NAMED, "main.py": "", "tool.py": ""},
    "folders that setuptools cannot choose from": {"pyproject.toml": NAMED + SETUPTOOLS, "data/x": "", "models/x": ""},
    "files that it cannot choose from": {"pyproject.toml": NAMED + SETUPTOOLS, "a.py": "", "b.py": ""},
    "nothing that hatchling could ship": {"pyproject.toml": NAMED + HATCH, "main.py": ""},
}


@pytest.mark.parametrize("case", NOT_INSTALLED)
def test_what_is_no_package_is_not_installed_but_what_it_needs_is(needs: Any, case: str) -> None:
    found = needs(NOT_INSTALLED[case])
    assert (found.members, found.groups) == (
        (),
        (Group(name="dependencies", path=RelPath("."), requirements=("six",)),),
    )
    assert any("is not installed, only what it needs" in each.what for each in found.because)


def test_beside_a_uv_lock_too_a_project_that_is_not_installed_has_its_needs_read(needs: Any) -> None:
    found = needs({"pyproject.toml": NAMED + "[tool.uv]\npackage = false", "uv.lock": "version = 1\n"})
    assert (found.members, [each.requirements for each in found.groups]) == ((), [("six",)])


def test_a_refusal_of_the_projects_own_backend_is_a_warning(needs: Any) -> None:
    found = needs(NOT_INSTALLED["files that it cannot choose from"])
    assert found.warnings == ("my-app is not installed: setuptools would not know which file is the module: a, b",)


def test_a_package_without_a_backend_may_fail(needs: Any) -> None:
    assert [each.optional for each in needs({"pyproject.toml": NAMED, **PACKAGE}).members] == [True]


def test_a_standard_project_is_read_whole(needs: Any) -> None:
    text = NAMED + 'requires-python = ">= 3.9"\n' + HATCH
    assert needs({"pyproject.toml": text, **PACKAGE}).members == (
        Member(name="my-app", path=RelPath("."), backend="hatchling.build", static=True, requires_python=">=3.9"),
    )


def test_what_poetry_wants_is_written_as_the_standard_does(needs: Any) -> None:
    text = """
[tool.poetry]
package-mode = false
[tool.poetry.dependencies]
python = "^3.8"
caret = "^1.2.3"
zero = "^0.2"
tilde = "~1.2"
star = "*"
wild = "1.*"
exact = "1.0"
both = ">=1, <2"
extra = {version = "^1", extras = ["a", "b"]}
old = {version = "*", python = "<3.9"}
either = {version = "^1 || ^2", platform = "linux"}
git = {git = "https://h/x.git", tag = "v1", subdirectory = "s"}
url = {url = "https://h/x.whl"}
many = [{version = "1", markers = "os_name == 'nt'"}, {version = "2", python = "^3.9"}]
unused = {version = "1", optional = true}
"""
    assert needs({"pyproject.toml": text}).groups[0].requirements == (
        "caret>=1.2.3,<2",
        "zero>=0.2,<0.3",
        "tilde>=1.2,<1.3",
        "star",
        "wild==1.*",
        "exact==1.0",
        "both>=1,<2",
        "extra[a,b]>=1,<2",
        "old ; python_version < '3.9'",
        "either>=1,<3 ; sys_platform == 'linux'",
        "git @ git+https://h/x.git@v1#subdirectory=s",
        "url @ https://h/x.whl",
        "many==1 ; os_name == 'nt'",
        "many==2 ; python_version >= '3.9' and python_version < '4'",
    )


def test_dependencies_that_only_poetry_sees_are_asked_for_besides(needs: Any) -> None:
    text = """
[project]
name = "my-app"
version = "1"
requires-python = ">=3.9"
[build-system]
requires = []
build-backend = "poetry.core.masonry.api"
[tool.poetry.dependencies]
python = "^3.8"
six = "^1"
tool = [{version = "1", optional = true, python = "<3.9"}, {version = "2", optional = true}]
[tool.poetry.extras]
more = ["tool"]
"""
    found = needs({"pyproject.toml": text, **PACKAGE}, "full")
    assert [(each.name, each.static, each.extras) for each in found.members] == [("my-app", False, ("more",))]
    assert found.groups == (Group(name="dependencies", path=RelPath("."), requirements=("six>=1,<2",)),)
    assert found.python.requires == ">=3.9,>=3.8,<4"


SCRIPTS: dict[str, tuple[str, dict[str, Any]]] = {
    "literals": ("setup(name='a', python_requires='>=3')", {"name": "a", "python_requires": ">=3"}),
    "as an attribute": ("import setuptools\nsetuptools.setup(name='a')", {"name": "a"}),
    "names": (
        "N = 'a'\nR = ['x']\nsetup(name=N, install_requires=R + ['y'])",
        {"name": "a", "install_requires": ["x", "y"]},
    ),
    "names that grow": ("R = ['x']\nR += ['y']\nsetup(install_requires=R)", {"install_requires": ["x", "y"]}),
    "names that grow as we cannot follow": (
        "R = ['x']\nif old():\n    R.append('y')\nsetup(name='a', install_requires=R)",
        {"name": "a"},
    ),
    "names of functions": ("N = 'a'\ndef f():\n    N = 'b'\nsetup(name=N)", {"name": "a"}),
    "after a failed import": ("try:\n    import x\nexcept ImportError:\n    N = 'a'\nsetup(name=N)", {"name": "a"}),
    "in a function": ("def main():\n    setup(name='a')\nmain()", {"name": "a"}),
    "a table of arguments": (
        "about = {'name': 'a'}\nabout['author'] = 'b'\nsetup(**about)",
        {"name": "a", "author": "b"},
    ),
    "spread": ("A = ['x']\nsetup(install_requires=[*A, 'y'])", {"install_requires": ["x", "y"]}),
    "what is made": ("setup(extras_require=dict(a=list(('x',))))", {"extras_require": {"a": ["x"]}}),
    "looked up": ("E = {'a': ['x']}\nsetup(install_requires=E['a'])", {"install_requires": ["x"]}),
    "only what is known": ("setup(name='a', version=read('v'))", {"name": "a"}),
    "forgotten": ("N = 'a'\nN = find()\nsetup(name=N)", {}),
    "Python 2": ("print 'hello'\nsetup(name='a')", {}),
    "no setup": ("import x", {}),
    "nothing": ("", {}),
    "binary": ("\0\0", {}),
    "deep": ("setup(name=" + "(" * 500 + "1" + ")" * 500 + ")", {}),
}


@pytest.mark.parametrize("case", SCRIPTS)
def test_a_setup_script_is_read_without_running_it(case: str) -> None:
    code, values = SCRIPTS[case]
    assert setup_script.read(code).values == values


def test_a_setup_script_is_not_run(needs: Any, tmp_path: Any) -> None:
    witness = tmp_path / "ran"
    needs({"setup.py": f"open({str(witness)!r}, 'w')\nfrom setuptools import setup\nsetup(name='a')"})
    assert not witness.exists()


def test_a_project_whose_name_only_a_build_tells_has_that_of_its_folder(needs: Any) -> None:
    found = needs({"setup.py": "setup(name=find_name())", "lib/My_Lib/setup.py": "setup(name=find_name())"})
    assert installed(found) == ["app", "my-lib"]


def test_extras_and_markers_of_a_setup_script_are_told_apart(needs: Any) -> None:
    code = "setup(name='a', extras_require={'x:os_name==\"nt\"': ['p'], ':python_version<\"3\"': ['q'], 'x': ['r']})"
    assert [each.extras for each in needs({"setup.py": code}, "full").members] == [("x",)]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[project\n", r"pyproject\.toml, line 1, column 9: "),
        ("[project]\nname = 3\n", "must have a name"),
        ("[project]\n", "must have a name"),
        ("project = 3\n", "project must be a table"),
        ('[project]\nname = "a"\ndependencies = "six"\n', "dependencies must be a list of strings"),
        ('[project]\nname = "a"\nrequires-python = 3\n', "requires-python must be a string"),
        ("tool = 3\n", "tool must be a table"),
        ("[tool]\nuv = 3\n", "uv must be a table"),
        (
            '[dependency-groups]\na = [{include-group = "b"}]\nb = [{include-group = "a"}]',
            "a → b → a include each other",
        ),
        ('[dependency-groups]\na = [{include-group = "c"}]', "a includes c, which does not exist"),
        ('[dependency-groups]\na = "six"', "group a must be a list"),
        ("[dependency-groups]\na = [3]", "holds 3, which is no requirement"),
        ("dependency-groups = 3", r"\[dependency-groups\] must be a table"),
        ("a = " + "[" * 5000, "nested too deeply"),
    ],
)
def test_a_malformed_pyproject_is_named_with_what_is_wrong(needs: Any, text: str, message: str) -> None:
    with pytest.raises(UsageError, match=message) as caught:
        needs({"pyproject.toml": text})
    assert "pyproject.toml" in caught.value.message


def test_line_and_column_are_facts_too(needs: Any) -> None:
    with pytest.raises(UsageError) as caught:
        needs({"pyproject.toml": '[project]\nname = "a"\nx = = 1\n'})
    assert caught.value.facts == {"path": "pyproject.toml", "line": 3, "column": 5}


def test_a_pipfile_is_read(needs: Any) -> None:
    text = """
[packages]
six = "*"
x = {version = "==1", markers = "os_name == 'nt'"}
me = {path = ".", editable = true}
[dev-packages]
pytest = ">=7"
"""
    found = needs({"Pipfile": text, "setup.py": "setup(name='me')"}, "dev")
    groups = [(each.name, each.requirements, each.default) for each in found.groups]
    assert groups == [
        ("dependencies", ("six", "x==1 ; os_name == 'nt'"), False),
        ("dev-packages", ("pytest>=7",), True),
    ]
    assert installed(found) == ["me"]


def test_the_lock_of_a_pipfile_decides(needs: Any) -> None:
    default = {"six": {"version": "==1.16.0", "hashes": ["sha256:0"]}, "x": {"git": "https://h/x.git", "ref": "abc"}}
    lock = json.dumps({"default": default, "develop": {}})
    found = needs({"Pipfile": '[packages]\nsix = "*"', "Pipfile.lock": lock, "requirements.txt": "six"})
    assert found.groups[0].requirements == ("six==1.16.0", "x @ git+https://h/x.git@abc")
    assert found.requirement_files == ()


def test_a_malformed_lock_of_a_pipfile_is_named(needs: Any) -> None:
    with pytest.raises(UsageError, match=r"Pipfile\.lock"):
        needs({"Pipfile": "[packages]", "Pipfile.lock": "{"})
