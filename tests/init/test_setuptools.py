"""A launcher in a project that setuptools builds is no module of it, and changes nothing of what is built."""

from __future__ import annotations

import subprocess
import zipfile
from typing import TYPE_CHECKING

import pytest
from uv import find_uv_bin

from installer.manifest import Manifest
from phases.python.sources import read_needs

if TYPE_CHECKING:
    from pathlib import Path

    from tests.init.kit import Project

CI = {".gitlab-ci.yml", ".github/workflows/surefoot.yml"}
WRITTEN = {"surefoot.toml", "quickstart.py", "manage.py"}
ABOUT = '[project]\nname = "demo"\nversion = "1"\n'
SETUPTOOLS = '[build-system]\nrequires = ["setuptools"]\nbuild-backend = "setuptools.build_meta"\n'
ALONE = {"quickstart-surefoot.py", "manage.py", "surefoot.toml"}
BUILT: dict[str, tuple[dict[str, str], set[str]]] = {
    "one module": ({"pyproject.toml": SETUPTOOLS, "demo.py": ""}, ALONE),
    "no module": ({"pyproject.toml": SETUPTOOLS}, ALONE),
    "no backend, a module": ({"pyproject.toml": "", "main.py": ""}, ALONE),
    "no backend, nothing": ({"pyproject.toml": ""}, WRITTEN),
    "a setup.py that tells nothing": (
        {"setup.py": "import setuptools\nsetuptools.setup(name='demo')", "d.py": ""},
        ALONE,
    ),
    "a setup.py that tells": (
        {"setup.py": "import setuptools\nsetuptools.setup(py_modules=['d'])", "d.py": ""},
        WRITTEN,
    ),
    "only a setup.cfg": ({"setup.cfg": "[metadata]\nname = demo\n", "demo.py": ""}, ALONE),
    "modules that are told": (
        {"pyproject.toml": SETUPTOOLS + '[tool.setuptools]\npy-modules = ["demo"]\n', "demo.py": ""},
        WRITTEN,
    ),
    "no package": ({"pyproject.toml": SETUPTOOLS + "[tool.uv]\npackage = false\n", "demo.py": ""}, WRITTEN),
    "a package": ({"pyproject.toml": SETUPTOOLS, "demo/__init__.py": ""}, WRITTEN),
    "src": ({"pyproject.toml": SETUPTOOLS, "src/demo.py": ""}, WRITTEN),
    "another backend": ({"pyproject.toml": SETUPTOOLS.replace("setuptools", "hatchling"), "demo.py": ""}, WRITTEN),
    "the user's manage.py": (
        {"pyproject.toml": SETUPTOOLS, "demo.py": "", "manage.py": "import django\n"},
        ALONE - {"manage.py"} | {"manage-surefoot.py"},
    ),
}


def put(project: Project, files: dict[str, str]) -> None:
    (project.root / "requirements.txt").unlink()
    project.write({name: (ABOUT if name == "pyproject.toml" else "") + text for name, text in files.items()})


@pytest.mark.parametrize("case", BUILT)
def test_a_launcher_is_no_module_of_the_project(project: Project, case: str) -> None:
    files, written = BUILT[case]
    put(project, files)
    before = read_needs(project.root, Manifest(), "standard")
    project.init("--provider", "both")
    assert project.new_files() == {*files, *written, *CI}
    after = read_needs(project.root, Manifest(), "standard")
    assert (after.members, after.because, after.warnings) == (before.members, before.because, before.warnings)
    (launcher,) = (name for name in written if name.startswith("quickstart"))
    (companion,) = (name for name in written if name.startswith("manage"))
    assert f'"{launcher}")' in (project.root / companion).read_text()
    assert f"python3 {launcher} --ci auto" in (project.root / ".gitlab-ci.yml").read_text()
    assert project.init("--provider", "both") == "Nothing to do.\n"


def test_a_launcher_stays_where_it_is(project: Project) -> None:
    project.init()
    put(project, BUILT["no module"][0])
    assert project.init() == "Nothing to do.\n"


@pytest.mark.slow
@pytest.mark.parametrize("case", ["one module", "no module", "a setup.py that tells nothing"])
def test_setuptools_builds_the_same_wheel_as_before(project: Project, tmp_path: Path, case: str) -> None:
    put(project, BUILT[case][0])
    built = []
    for name in ("before", "after"):
        command = [find_uv_bin(), "build", "--quiet", "--wheel", "--out-dir", str(tmp_path / name), str(project.root)]
        subprocess.run(command, check=True)
        (wheel,) = (tmp_path / name).glob("*.whl")
        with zipfile.ZipFile(wheel) as archive:
            built.append(sorted(each for each in archive.namelist() if each.endswith(".py")))
        project.init()
    assert built[0] == built[1]
