"""A wheel of this clone, projects of several shapes, and the command line to call on them in this process."""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from installer import __version__
from installer.cli.main import manage

if TYPE_CHECKING:
    import pytest

ROOT = Path(__file__).resolve().parents[2]
WHEEL = f"surefoot-{__version__}-py3-none-any.whl"

SHAPES: dict[str, dict[str, str]] = {
    "requirements": {"requirements.txt": "six==1.17.0\n"},
    "pyproject": {
        "pyproject.toml": '[project]\nname = "demo"\nversion = "1"\nrequires-python = ">=3.11"\n',
        "demo.py": "",
    },
    "uv.lock": {
        "pyproject.toml": '[project]\nname = "demo"\nversion = "1"\nrequires-python = ">=3.11"\n',
        "uv.lock": 'version = 1\nrequires-python = ">=3.11"\n\n[[package]]\nname = "demo"\nversion = "1"\n'
        'source = { editable = "." }\n',
    },
    "monorepo": {
        "packages/one/pyproject.toml": '[project]\nname = "one"\nversion = "1"\n',
        "packages/two/pyproject.toml": '[project]\nname = "two"\nversion = "1"\ndependencies = ["one"]\n',
        "packages/one/one/__init__.py": "",
        "packages/two/two/__init__.py": "",
        "README.md": "many\n",
    },
    "no python": {"README.md": "only words\n", "src/main.c": "int main(void) { return 0; }\n"},
}


@dataclass(frozen=True)
class Project:
    """A project, and what is said on it."""

    root: Path
    wheel: Path
    capture: pytest.CaptureFixture[str]

    def manage(self, *words: str) -> tuple[int, str, str]:
        """Call `manage.py`; its exit code and what it said."""
        self.capture.readouterr()
        code = manage(["-C", str(self.root), *words])
        said = self.capture.readouterr()
        return code, said.out, said.err

    def init(self, *words: str) -> str:
        """`init -y`, which must go well; what it said."""
        code, out, err = self.manage("init", "-y", "--tool", str(self.wheel), *words)
        assert code == 0, (out, err)
        return out

    def write(self, files: dict[str, str]) -> None:
        for name, text in files.items():
            (self.root / name).parent.mkdir(parents=True, exist_ok=True)
            (self.root / name).write_text(text)

    def new_files(self) -> set[str]:
        """The files that git does not know: those that were written."""
        return set(self.git("ls-files", "--others", "--exclude-standard").splitlines())

    def git(self, *words: str) -> str:
        """Call git in the project, as somebody of no settings."""
        return git(self.root, *words)


def git(folder: Path, *words: str) -> str:
    settings = ("-c", "user.name=a", "-c", "user.email=a@example.org", "-c", "init.defaultBranch=main")
    environment = {"PATH": os.environ["PATH"], "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull}
    done = subprocess.run(
        ["git", *settings, *words], cwd=folder, env=environment, capture_output=True, text=True, check=True
    )
    return done.stdout


def build(shared: Path) -> Path:
    """The wheel of this clone, built by the first that asks in any process of this run of tests."""
    with (shared / "surefoot-wheel.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        folder = shared / "surefoot-wheel"
        if not (folder / WHEEL).is_file():
            from uv import find_uv_bin

            source = shared / "surefoot-source"
            for name in ("installer", "phases", "locks"):
                shutil.copytree(ROOT / name, source / name, ignore=shutil.ignore_patterns("__pycache__"))
            for name in ("pyproject.toml", "README.md", "LICENSE", "quickstart.py", "manage.py"):
                shutil.copy(ROOT / name, source)
            command = [os.fsdecode(find_uv_bin()), "build", "--quiet", "--wheel", "--out-dir", str(folder), str(source)]
            done = subprocess.run(command, capture_output=True, text=True, check=False)
            assert done.returncode == 0, done.stderr
        return folder / WHEEL


def sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
