from __future__ import annotations

import hashlib
import subprocess
from typing import TYPE_CHECKING

import pytest

from installer.errors import Refused, StepFailed
from phases.python import uv

if TYPE_CHECKING:
    from pathlib import Path

    from tests.python.installs.conftest import Project, Wheels

PYPROJECT = """[project]
name = "demo"
version = "1"
requires-python = ">=3.9"
dependencies = ["red"]

[dependency-groups]
dev = ["green"]

[tool.uv]
package = false
"""
POETRY = """[tool.poetry]
name = "demo"
version = "1"
description = ""
authors = []
package-mode = false

[tool.poetry.dependencies]
python = "^3.9"
red = "*"
"""


@pytest.fixture
def locked(project: Project, wheels: Wheels) -> Project:
    """A project with a uv.lock that is one version behind the index."""
    wheels.add("red", "1.0", ("blue",))
    wheels.add("blue", "1.0")
    wheels.add("green", "1.0")
    project.file("pyproject.toml", PYPROJECT)
    subprocess.run([uv.executable(), "lock", "-q", "-p", project.interpreter], cwd=project.root, check=True)
    wheels.add("red", "2.0")
    return project


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def test_a_uv_lock_decides_versions_and_is_not_rewritten(locked: Project) -> None:
    before = _digest(locked.root / "uv.lock")
    locked.run()
    assert (locked.installed(), _digest(locked.root / "uv.lock")) == ({"red": "1.0", "blue": "1.0"}, before)
    assert (locked.warnings, (locked.root / ".venv").exists()) == ([], False)


def test_a_group_of_a_uv_lock_comes_with_its_mode(locked: Project) -> None:
    locked.set(mode="dev")
    locked.run()
    assert locked.installed() == {"red": "1.0", "blue": "1.0", "green": "1.0"}


@pytest.mark.parametrize("backend", ["uv", "pip"])
def test_a_root_that_is_no_package_has_its_needs_extras_and_groups_installed(
    project: Project, wheels: Wheels, backend: str
) -> None:
    for name in ("red", "green", "yellow"):
        wheels.add(name, "1.0")
    more = '[project.optional-dependencies]\nMore_Colours = ["yellow"]\n\n[dependency-groups]'
    project.file("pyproject.toml", PYPROJECT.replace("[dependency-groups]", more))
    subprocess.run([uv.executable(), "lock", "-q", "-p", project.interpreter], cwd=project.root, check=True)
    for name in ("red", "green", "yellow"):
        wheels.add(name, "2.0")
    project.set(backend=backend, mode="full")
    project.run()
    assert (project.installed(), project.warnings) == ({"red": "1.0", "green": "1.0", "yellow": "1.0"}, [])


def test_a_stale_uv_lock_is_honoured_with_a_warning(locked: Project) -> None:
    locked.file("pyproject.toml", PYPROJECT.replace('["red"]', '["red", "green"]'))
    locked.run()
    assert locked.installed() == {"red": "1.0", "blue": "1.0"}
    assert any("uv.lock is older" in warning for warning in locked.warnings)


def test_a_stale_uv_lock_is_an_error_under_locked(locked: Project) -> None:
    before = _digest(locked.root / "uv.lock")
    locked.file("pyproject.toml", PYPROJECT.replace('["red"]', '["red", "green"]'))
    locked.set(locked=True)
    with pytest.raises(StepFailed) as caught:
        locked.do(locked.steps()[0])
    assert (caught.value.code, _digest(locked.root / "uv.lock")) == ("lock.stale", before)


def test_a_fresh_uv_lock_passes_under_locked(locked: Project) -> None:
    locked.set(locked=True)
    locked.run()
    assert locked.installed() == {"red": "1.0", "blue": "1.0"}


def test_a_file_with_another_hash_than_in_uv_lock_is_refused(locked: Project, wheels: Wheels) -> None:
    wheels.add("blue", "1.0", python=">=3.7")
    resolve, install = locked.steps()
    locked.do(resolve)
    with pytest.raises(Refused):
        locked.do(install)


def test_a_pylock_is_installed_as_it_stands(project: Project, wheels: Wheels) -> None:
    digest = wheels.add("red", "1.0", ("blue",))
    wheels.add("red", "2.0")
    url = (wheels.folder / "red-1.0-py3-none-any.whl").as_uri()
    nothing = "0" * 64
    project.file(
        "pylock.toml",
        'lock-version = "1.0"\ncreated-by = "test"\n\n[[packages]]\nname = "red"\nversion = "1.0"\n'
        f'wheels = [{{ url = "{url}", hashes = {{ sha256 = "{digest}" }} }}]\n\n'
        '[[packages]]\nname = "blue"\nversion = "1.0"\nmarker = "sys_platform == \'plan9\'"\n'
        f'wheels = [{{ url = "https://x/blue-1.0-py3-none-any.whl", hashes = {{ sha256 = "{nothing}" }} }}]\n',
    )
    project.run()
    assert project.installed() == {"red": "1.0"}


def _poetry(project: Project, **files: str) -> None:
    project.file("pyproject.toml", POETRY)
    packages = "".join(
        f'[[package]]\nname = "{name}"\nversion = "1.0"\noptional = false\npython-versions = "*"\n'
        f'files = [{{file = "{name}-1.0-py3-none-any.whl", hash = "sha256:{digest}"}}]\n\n'
        for name, digest in files.items()
    )
    project.file(
        "poetry.lock", packages + '[metadata]\nlock-version = "2.0"\npython-versions = "^3.9"\ncontent-hash = ""\n'
    )


def test_a_poetry_lock_decides_versions(project: Project, wheels: Wheels) -> None:
    red, blue = wheels.add("red", "1.0", ("blue",)), wheels.add("blue", "1.0")
    wheels.add("red", "2.0")
    wheels.add("blue", "2.0")
    _poetry(project, red=red, blue=blue)
    project.run()
    assert (project.installed(), project.warnings) == ({"red": "1.0", "blue": "1.0"}, [])


@pytest.mark.parametrize(("accepted", "version"), [("*", "2.0"), ("<2", "1.0")])
def test_of_several_locked_versions_the_highest_that_the_project_accepts_is_meant(
    project: Project, wheels: Wheels, accepted: str, version: str
) -> None:
    digests = {each: wheels.add("red", each) for each in ("1.0", "1.5", "2.0", "3.0")}
    project.file("pyproject.toml", POETRY.replace('red = "*"', f'red = "{accepted}"'))
    packages = "".join(
        f'[[package]]\nname = "red"\nversion = "{each}"\noptional = false\npython-versions = "*"\n'
        f'files = [{{file = "red-{each}-py3-none-any.whl", hash = "sha256:{digests[each]}"}}]\n\n'
        for each in ("1.0", "2.0")
    )
    project.file("poetry.lock", packages + '[metadata]\nlock-version = "2.0"\n')
    project.run()
    assert (project.installed(), project.warnings) == ({"red": version}, [])


def test_a_file_with_another_hash_than_in_poetry_lock_is_refused(project: Project, wheels: Wheels) -> None:
    wheels.add("red", "1.0")
    _poetry(project, red="0" * 64)
    with pytest.raises(Refused) as caught:
        project.run()
    assert "poetry.lock" in caught.value.message


def test_what_a_poetry_lock_does_not_have_is_told(project: Project, wheels: Wheels) -> None:
    _poetry(project, red=wheels.add("red", "1.0", ("blue",)))
    wheels.add("blue", "2.0")
    project.run()
    assert project.installed() == {"red": "1.0", "blue": "2.0"}
    assert "blue 2.0" in project.warnings[0]


def test_what_a_poetry_lock_does_not_have_is_an_error_under_locked(project: Project, wheels: Wheels) -> None:
    _poetry(project, red=wheels.add("red", "1.0", ("blue",)))
    wheels.add("blue", "2.0")
    project.set(locked=True)
    with pytest.raises(StepFailed) as caught:
        project.run()
    assert caught.value.code == "lock.stale"


def test_a_lock_that_contradicts_the_project_is_stale(project: Project, wheels: Wheels) -> None:
    _poetry(project, red=wheels.add("red", "1.0"))
    wheels.add("red", "2.0")
    project.file("pyproject.toml", POETRY.replace('red = "*"', 'red = "^2.0"'))
    with pytest.raises(StepFailed) as caught:
        project.run()
    assert (caught.value.code, "poetry" in caught.value.hint) == ("lock.stale", True)
