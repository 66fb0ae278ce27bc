from __future__ import annotations

import tomllib
from typing import TYPE_CHECKING

import pytest

from installer.errors import Refused, StepFailed, Unavailable

if TYPE_CHECKING:
    from tests.python.installs.conftest import Project, Wheels


@pytest.fixture
def with_pip(project: Project) -> Project:
    """The same project, with pip in uv's place."""
    project.set(backend="pip")
    return project


def test_pip_resolves_and_installs(with_pip: Project, wheels: Wheels) -> None:
    digest = wheels.add("red", "1.0", ("blue<2",))
    wheels.add("blue", "1.0")
    wheels.add("blue", "2.0")
    with_pip.file("requirements.txt", "red\n")
    with_pip.run()
    assert with_pip.installed() == {"red": "1.0", "blue": "1.0"}
    red = next(package for package in tomllib.loads(with_pip.lock)["packages"] if package["name"] == "red")
    assert red["wheels"][0]["hashes"] == {"sha256": digest}


def test_pip_refuses_a_wrong_hash(with_pip: Project, wheels: Wheels) -> None:
    wheels.add("red", "1.0")
    with_pip.file("requirements.txt", f"red==1.0 --hash=sha256:{'0' * 64}\n")
    with pytest.raises(Refused):
        with_pip.run()


def test_pip_refuses_a_file_that_changed_after_it_was_resolved(with_pip: Project, wheels: Wheels) -> None:
    wheels.add("red", "1.0")
    with_pip.file("requirements.txt", "red\n")
    resolve, install = with_pip.steps()
    with_pip.do(resolve)
    wheels.add("red", "1.0", python=">=3.7")
    with pytest.raises(Refused):
        with_pip.do(install)


def test_pip_names_the_line_of_a_requirement_that_is_not_there(with_pip: Project, wheels: Wheels) -> None:
    wheels.add("red", "1.0")
    with_pip.file("requirements.txt", "red\nnosuch==9\n")
    with pytest.raises(StepFailed) as caught:
        with_pip.run()
    assert (caught.value.code, "requirements.txt:2" in caught.value.message) == ("python.not_found", True)


def test_pip_installs_a_project_editable(with_pip: Project) -> None:
    with_pip.file(
        "pyproject.toml",
        '[project]\nname = "demo"\nversion = "1"\n'
        '[build-system]\nrequires = ["flit_core"]\nbuild-backend = "flit_core.buildapi"\n',
    )
    with_pip.file("demo.py", '"""A demo."""\n')
    with_pip.file(
        "pyproject.toml", (with_pip.root / "pyproject.toml").read_text().replace('"1"', '"1"\ndescription = "x"')
    )
    with_pip.run()
    with_pip.file("demo.py", '"""A demo."""\nimport demo_of_something_missing\n')
    assert (with_pip.installed(), with_pip.imports("demo")) == ({"demo": "1"}, False)


def test_pip_offline_uses_local_folders_only(with_pip: Project, wheels: Wheels) -> None:
    wheels.add("red", "1.0")
    with_pip.file("requirements.txt", "red\n")
    with_pip.set(offline=True)
    with_pip.run()
    assert with_pip.installed() == {"red": "1.0"}


def test_pip_offline_without_any_says_what_lacks(with_pip: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PIP_CONFIG_FILE", "/dev/null")
    monkeypatch.setenv("PIP_INDEX_URL", "https://127.0.0.1:1/simple")
    for name in ("PIP_FIND_LINKS", "PIP_EXTRA_INDEX_URL"):
        monkeypatch.delenv(name, raising=False)
    with_pip.file("requirements.txt", "red\n")
    with_pip.set(offline=True)
    with pytest.raises(Unavailable) as caught:
        with_pip.run()
    assert caught.value.code == "python.offline"


def test_pip_honours_a_poetry_lock(with_pip: Project, wheels: Wheels) -> None:
    digest = wheels.add("red", "1.0")
    wheels.add("red", "2.0")
    with_pip.file(
        "pyproject.toml",
        '[tool.poetry]\nname = "demo"\nversion = "1"\npackage-mode = false\n'
        '[tool.poetry.dependencies]\npython = "^3.9"\nred = "*"\n',
    )
    with_pip.file(
        "poetry.lock",
        '[[package]]\nname = "red"\nversion = "1.0"\noptional = false\npython-versions = "*"\n'
        f'files = [{{file = "red-1.0-py3-none-any.whl", hash = "sha256:{digest}"}}]\n'
        '[metadata]\nlock-version = "2.0"\npython-versions = "^3.9"\ncontent-hash = ""\n',
    )
    with_pip.run()
    assert with_pip.installed() == {"red": "1.0"}
