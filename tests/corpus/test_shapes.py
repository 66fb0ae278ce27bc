"""What real repositories taught, each as a small one: installed by the real command, and taken back byte for byte."""

from __future__ import annotations

import os
import subprocess
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest

from tests.corpus.fetch import find_uv
from tests.whole.generated import commit, git
from tests.whole.kit import differences, kill, picture, run, start, versions

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

pytestmark = pytest.mark.slow


@dataclass(frozen=True, kw_only=True)
class Shape:
    """A repository, how it is to be installed, and what is expected.

    locked    what the uv.lock, made before, has
    says      sentences that must be among what is said
    imports   modules that the environment must have
    lacks     modules that it must not have
    versions  of distributions
    """

    files: Mapping[str, str | bytes]
    locked: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    status: int = 0
    says: tuple[str, ...] = ()
    imports: tuple[str, ...] = ()
    lacks: tuple[str, ...] = ()
    versions: Mapping[str, str] = field(default_factory=dict)


PROJECT = '[project]\nname = "app"\nversion = "1"\nrequires-python = ">=3.9"\ndependencies = ["idna"]\n'
BUILD = '[build-system]\nrequires = ["setuptools"]\nbuild-backend = "setuptools.build_meta"\n'
UNREACHABLE = "theme @ git+file:///no/such/repository"
EXTENSION = (
    "from setuptools import Extension, setup\nsetup(name={name!r}, ext_modules=[Extension({name!r}, ['x.c'])])\n"
)
CODE = (
    '#include <Python.h>\n#include "{header}"\n'
    'static struct PyModuleDef module = {{PyModuleDef_HEAD_INIT, "{name}", 0, -1, 0}};\n'
    "PyMODINIT_FUNC PyInit_{name}(void) {{ return PyModule_Create(&module); }}\n"
)


def _pure(name: str, *needs: str) -> dict[str, str]:
    return {
        f"packages/{name}/pyproject.toml": f'[project]\nname = "{name}"\nversion = "1"\ndependencies = {list(needs)}\n'
        f'{BUILD}[tool.setuptools]\npy-modules = ["{name}"]\n',
        f"packages/{name}/{name}.py": "",
    }


BARE = {
    "setup.cfg": "[metadata]\nname = app\nversion = 1\n[options]\npackages = find:\ninstall_requires = idna\n",
    "app/__init__.py": "",
}
MONOREPO = {
    **_pure("sound", "idna"),
    **_pure("dependant", "wants_ldap"),
    "packages/wants_ldap/setup.py": EXTENSION.format(name="wants_ldap"),
    "packages/wants_ldap/x.c": CODE.format(name="wants_ldap", header="ldap.h"),
}

MESON = {
    "pyproject.toml": '[build-system]\nrequires = ["meson-python", "ninja", "pybind11"]\nbuild-backend = "mesonpy"\n'
    '[project]\nname = "app"\ndynamic = ["version"]\nrequires-python = ">=3.9"\n',
    "meson.build": "project('app', 'cpp', version: '1')\npy = import('python').find_installation(pure: false)\n"
    "py.extension_module('app', 'app.cpp', dependencies: dependency('pybind11'), install: true)\n",
    "app.cpp": '#include <pybind11/pybind11.h>\nPYBIND11_MODULE(app, m) { m.attr("answer") = 42; }\n',
    ".gitignore": "build/\n",
}

SHAPES = {
    "meson-python, which, editable, would build at each import": Shape(
        files=MESON,
        says=("app cannot be installed editable",),
        imports=("app",),
        versions={"app": "1"},
    ),
    "a default group with a git source that cannot be reached": Shape(
        files={
            "pyproject.toml": f'{PROJECT}[dependency-groups]\ndev = ["{UNREACHABLE}"]\n{BUILD}',
            "app/__init__.py": "",
        },
        words=("--mode", "dev"),
        says=("group dev is left out",),
        imports=("app", "idna"),
    ),
    "unused extras that contradict each other": Shape(
        files={
            "pyproject.toml": f'{PROJECT}[project.optional-dependencies]\nold = ["idna<3"]\nnew = ["idna>3"]\n{BUILD}',
            "app/__init__.py": "",
        },
        imports=("app", "idna"),
    ),
    "requirements in UTF-16 that include others": Shape(
        files={
            "requirements.txt": "-r requirements/more.txt\nidna==3.6\n".encode("utf-16"),
            "requirements/more.txt": "colorama\n",
        },
        imports=("colorama",),
        versions={"idna": "3.6"},
    ),
    "REQUIREMENTS": Shape(files={"REQUIREMENTS": "idna\n", "main.py": ""}, imports=("idna",)),
    "a runtime.txt with a patch release that nobody has": Shape(
        files={"requirements.txt": "idna\n", "runtime.txt": "python-3.11.2\n"},
        imports=("idna", "tomllib"),
    ),
    "a dependency that refuses new interpreters": Shape(
        files={"requirements.txt": "backports.strenum==1.3.1\n"},
        says=("is taken instead",),
        imports=("backports.strenum",),
    ),
    "a monorepo without a root, a member of which lacks a header": Shape(
        files=MONOREPO,
        status=1,
        says=("`wants-ldap` could not be built", "ldap.h", "libldap-dev"),
        imports=("sound", "idna"),
        lacks=("wants_ldap", "dependant"),
    ),
    "the same, where the manifest says that it may be left out": Shape(
        files={**MONOREPO, "surefoot.toml": '[packages]\noptional = ["wants_ldap", "dependant"]\n'},
        says=("libldap-dev",),
        imports=("sound", "idna"),
        lacks=("wants_ldap", "dependant"),
    ),
    "a lock of uv's, beside it a project that it does not know": Shape(
        files={
            "pyproject.toml": f'{PROJECT}{BUILD}[tool.setuptools]\npackages = ["app"]\n',
            "app/__init__.py": "",
            **_pure("other", "colorama"),
        },
        locked=("idna==3.6",),
        imports=("app", "other", "colorama"),
        versions={"idna": "3.6"},
    ),
    "package = false": Shape(
        files={"pyproject.toml": f"{PROJECT}{BUILD}[tool.uv]\npackage = false\n", "app/__init__.py": ""},
        imports=("idna",),
        lacks=("app",),
    ),
    "a setup script that imports pkg_resources": Shape(
        files={
            "setup.py": "import pkg_resources\nfrom setuptools import setup\n"
            "setup(name='app', py_modules=['app'], install_requires=['idna'])\n",
            "app.py": "",
        },
        says=("`pkg_resources` is gone from setuptools 82: built again with `setuptools<82`",),
        imports=("app", "idna"),
    ),
    "only a setup.cfg": Shape(files=BARE, imports=("app", "idna")),
    "with pip, requirements": Shape(
        files={
            "requirements.txt": "-c limits.txt\nidna\n-r more.txt\n",
            "limits.txt": "idna<3.7\n",
            "more.txt": "colorama",
        },
        words=("--backend", "pip"),
        imports=("colorama",),
        versions={"idna": "3.6"},
    ),
    "with pip, a project with a group": Shape(
        files={
            "pyproject.toml": f'{PROJECT}[dependency-groups]\ndev = ["colorama"]\n{BUILD}',
            "app/__init__.py": "",
        },
        words=("--backend", "pip", "--mode", "dev"),
        imports=("app", "idna", "colorama"),
    ),
    "with pip, an extension in C": Shape(
        files={
            "setup.py": EXTENSION.format(name="app"),
            "x.c": CODE.format(name="app", header="own.h"),
            "own.h": "",
        },
        words=("--backend", "pip"),
        imports=("app",),
    ),
    "with pip, only a setup.cfg": Shape(files=BARE, words=("--backend", "pip"), imports=("app", "idna")),
    "as the index was on a day": Shape(
        files={"requirements.txt": "idna\n"},
        words=("--as-of", "2023-06-01"),
        versions={"idna": "3.4"},
    ),
}


@pytest.mark.parametrize("name", SHAPES)
def test_it_is_installed_left_alone_and_taken_back(name: str, tmp_path: Path) -> None:
    shape = SHAPES[name]
    root = tmp_path / "a project"
    for path, content in shape.files.items():
        place = root / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(content if isinstance(content, bytes) else content.encode())
    for pin in shape.locked:
        subprocess.run([find_uv(), "lock", "--quiet", "--upgrade-package", pin], cwd=root, check=True)
    before = picture(root)

    ended = run("quickstart.py", "-y", *shape.words, cwd=root)
    assert ended.status == shape.status, ended.said
    assert [sentence for sentence in shape.says if sentence not in ended.said] == [], ended.said
    assert not _missing(root, shape.imports)
    assert _missing(root, shape.lacks) == list(shape.lacks)
    found = versions(root / ".venv")
    assert {each: found.get(each) for each in shape.versions} == shape.versions

    if shape.status == 0:
        again = run("quickstart.py", "-y", *shape.words, cwd=root)
        assert (again.status, "nothing to do" in again.said.lower()) == (0, True), again.said
    back = run("manage.py", "rollback", "--all", "--yes", cwd=root)
    assert (back.status, differences(before, picture(root))) == (0, []), back.said


def test_a_header_that_is_not_found_means_the_submodule_that_is_empty(tmp_path: Path) -> None:
    library, root = tmp_path / "library", tmp_path / "project"
    for folder, files in (
        (library, {"thing.h": ""}),
        (
            root,
            {
                "setup.py": EXTENSION.format(name="app"),
                "x.c": CODE.format(name="app", header="vendor/thing/thing.h"),
                "surefoot.toml": '[submodules]\nskip = ["vendor/thing"]\n',
            },
        ),
    ):
        folder.mkdir()
        git(folder, "init", "--quiet")
        for name, text in files.items():
            (folder / name).write_text(text)
        commit(folder, "first")
    git(root, "submodule", "--quiet", "add", str(library), "vendor/thing")
    commit(root, "with a submodule")
    git(tmp_path, "clone", "--quiet", "project", "clone")
    clone = tmp_path / "clone"
    before = picture(clone)

    ended = run("quickstart.py", "-y", cwd=clone)
    assert (ended.status, "the submodule vendor/thing is empty" in ended.said) == (1, True), ended.said
    assert "apt-get" not in ended.said

    back = run("manage.py", "rollback", "--all", "--yes", cwd=clone)
    assert (back.status, differences(before, picture(clone))) == (0, []), back.said


def test_a_setup_cfg_killed_while_it_is_built_has_no_setup_py_afterwards(tmp_path: Path) -> None:
    root, door = tmp_path / "project", tmp_path / "door"
    waits = (  # the build tells that it has begun, and waits to be killed
        f"import os, signal\ndoor = {str(door)!r}\nversion = str(1)\n"
        "if os.path.exists(door):\n    open(door, 'w').close()\n    signal.alarm(20)\n    signal.pause()\n"
    )
    (root / "app").mkdir(parents=True)
    (root / "app" / "__init__.py").write_text(waits)
    (root / "setup.cfg").write_text(BARE["setup.cfg"].replace("version = 1", "version = attr: app.version"))
    before = picture(root)
    os.mkfifo(door)
    with start("quickstart.py", "-y", cwd=root) as process:
        door.read_bytes()
        there = (root / "setup.py").is_file()
        kill(process)
    door.unlink()

    ended = run("quickstart.py", "-y", cwd=root)
    assert (there, ended.status, (root / "setup.py").exists()) == (True, 0, False), ended.said
    assert not _missing(root, ("app", "idna"))
    back = run("manage.py", "rollback", "--all", "--yes", cwd=root)
    assert (back.status, differences(before, picture(root, without=(".surefoot",)))) == (0, []), back.said
    kept = [path.name for path in (root / ".surefoot").rglob("*") if path.is_file()]
    assert sorted(kept) == [".gitignore", "setup.py"], "after a cut nobody knows whose it is: it is set aside"


def _missing(root: Path, modules: tuple[str, ...]) -> list[str]:
    """Those of `modules` that the project's environment cannot import, asked from elsewhere and without bytecode."""
    python = str(root / ".venv" / "bin" / "python")

    def there(module: str) -> bool:
        done = subprocess.run([python, "-I", "-B", "-c", f"import {module}"], cwd="/", capture_output=True, check=False)
        return done.returncode == 0

    return [module for module in modules if not there(module)]
