"""What is disturbed: a repository with nested submodules, fifty packages, and four of its own of which one compiles."""

from __future__ import annotations

import os
import subprocess
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from tests.whole import generated, kit

if TYPE_CHECKING:
    from collections.abc import Mapping

HERE = Path(__file__).parent
ALLOWED = {"SUREFOOT_ALLOW_FILE_SUBMODULES": "1"}  # its remotes are folders beside it

# It compiles where it stands, as scikit-build and meson do for an editable install, and starts a hundred times faster.
_BACKEND = '''\
"""A build backend for one package, whose extension is compiled in place if it has one."""

import os
import subprocess
import sysconfig
import zipfile

NAME = os.path.basename(os.getcwd())
META = f"Metadata-Version: 2.1\\nName: {NAME}\\nVersion: 1.0\\n"
WHEEL = "Wheel-Version: 1.0\\nGenerator: in-tree\\nRoot-Is-Purelib: false\\nTag: py3-none-any\\n"


def build_editable(wheel_directory, config_settings=None, metadata_directory=None):
    for name in os.listdir(f"src/{NAME}"):
        if name.endswith(".c"):
            compile_in_place(f"src/{NAME}/{name[:-2]}")
    return wheel(wheel_directory, {f"{NAME}.pth": os.path.abspath("src") + "\\n"})


def compile_in_place(path):
    os.makedirs("build", exist_ok=True)
    target = path + sysconfig.get_config_var("EXT_SUFFIX")
    include = "-I" + sysconfig.get_paths()["include"]
    subprocess.run(["gcc", "-fPIC", "-O1", include, "-c", f"{path}.c", "-o", "build/one.o"], check=True)
    subprocess.run(["gcc", "-shared", "build/one.o", "-o", target], check=True)


def wheel(folder, files):
    about = f"{NAME}-1.0.dist-info"
    with open("pyproject.toml") as stream:
        needs = [line.strip() for line in stream if line.startswith("dependencies")]
    meta = META + "".join(f"Requires-Dist: {each}\\n" for each in eval(needs[0].split("=", 1)[1]))
    inside = files | {f"{about}/METADATA": meta, f"{about}/WHEEL": WHEEL}
    record = "".join(f"{name},,\\n" for name in [*inside, f"{about}/RECORD"])
    with zipfile.ZipFile(os.path.join(folder, f"{NAME}-1.0-py3-none-any.whl"), "w") as archive:
        for name, text in (inside | {f"{about}/RECORD": record}).items():
            archive.writestr(name, text)
    return f"{NAME}-1.0-py3-none-any.whl"


def build_wheel(wheel_directory, config_settings=None, metadata_directory=None):
    return wheel(wheel_directory, {})  # pip looks into it for what the package needs
'''


_QUICK = ("flit_core>=3.8", "flit_core.buildapi")


@dataclass(frozen=True)
class Subject:
    """The repository at `clone`, not installed; `uv.lock` at the older or the newer versions. `cache` is uv's, warm.

    `more`: further variables for what runs on it.
    """

    clone: Path
    cache: Path
    more: Mapping[str, str] = field(default_factory=dict)

    def variables(self) -> dict[str, str]:
        """What a run on it needs."""
        return ALLOWED | {"UV_CACHE_DIR": str(self.cache)} | dict(self.more)


def make(place: Path) -> Subject:
    """Make it below `place`, with the locks of both ages beside it; needs the package index."""
    older, newer = (top(name) for name in ("older", "newer"))
    clone = generated.make(place, _files() | {"pyproject.toml": newer})
    subject = Subject(clone, place / "cache")
    for name, text in (("older", older), ("newer", newer)):
        (clone / "pyproject.toml").write_text(text)
        uv(subject, "lock", "--quiet", "--python", str(kit.PYTHON), cwd=clone)
        (place / name).mkdir()
        for file in ("pyproject.toml", "uv.lock"):
            (place / name / file).write_bytes((clone / file).read_bytes())
    generated.commit(clone, "with a lock")
    return subject


def uv(subject: Subject, *words: str, cwd: Path, env: Mapping[str, str] | None = None, check: bool = True) -> int:
    """Run uv itself on the subject's cache; its status."""
    from uv import find_uv_bin

    done = subprocess.run(
        [os.fspath(find_uv_bin()), *words],
        cwd=cwd,
        env=kit.environment(subject.variables() | dict(env or {})),
        capture_output=True,
        text=True,
        check=False,
    )
    assert not check or done.returncode == 0, done.stderr
    return done.returncode


def set_age(project: Path, age: str) -> None:
    """Have `project` ask for the older or the newer versions."""
    for file in ("pyproject.toml", "uv.lock"):
        (project / file).write_bytes((project.parent / age / file).read_bytes())


def wheels(folder: Path) -> dict[str, str]:
    """Have every wheel of both ages in `folder`, for pip without the index; the variables that lead it there."""
    words = [
        str(kit.PYTHON),
        "-m",
        "pip",
        "download",
        "--quiet",
        "--quiet",
        "--quiet",
        "--no-deps",
        "--dest",
        str(folder),
    ]
    words += ["--disable-pip-version-check", "--no-color"]
    for age in ("older", "newer"):
        subprocess.run([*words, "--requirement", str(HERE / f"{age}.txt")], env=kit.environment(), check=True)
    subprocess.run([*words, _QUICK[0]], env=kit.environment(), check=True)
    return {"PIP_FIND_LINKS": str(folder), "PIP_NO_INDEX": "1", "UV_FIND_LINKS": str(folder), "UV_NO_INDEX": "1"}


def top(age: str, *, most: int | None = None) -> str:
    """The project's own file, which asks for the packages of that age (the first `most` of them)."""
    lines = (HERE / f"{age}.txt").read_text().split()[:most]
    pins = "".join(f'    "{line}",\n' for line in lines)
    return (
        f'[project]\nname = "whole"\nversion = "1"\nrequires-python = ">=3.11"\ndependencies = [\n{pins}    "top",\n]\n'
        "\n"
        '[tool.uv]\npackage = false\n\n[tool.uv.workspace]\nmembers = ["packages/*"]\n\n'
        "[tool.uv.sources]\ntop = { workspace = true }\n"
    )


def _files() -> dict[str, str]:
    """Two packages by a quick backend; two, of which one compiles, by their own."""
    files = generated.files()
    del files["packages/fast/setup.py"]
    own = ("", "backend")
    for name, needs, backend in (
        ("base", ["idna"], _QUICK),
        ("fast", [], own),
        ("middle", ["base", "fast"], own),
        ("top", ["middle", "base"], _QUICK),
    ):
        text = files[f"packages/{name}/src/{name}/__init__.py"]
        script = "top:answer" if name == "top" else ""
        files |= generated.pure(name, needs, text, script=script, backend=backend)
    for name in ("fast", "middle"):
        path = f"packages/{name}/pyproject.toml"
        files[path] = files[path].replace('requires = [""]', 'requires = []\nbackend-path = ["."]')
        files[f"packages/{name}/backend.py"] = _BACKEND
    return files
