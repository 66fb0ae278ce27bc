from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pexpect
import pytest

TOY = Path(__file__).with_name("toy.py")


@dataclass(frozen=True)
class Ended:
    code: int
    out: str
    err: str


@dataclass(frozen=True)
class Project:
    """A project with toy phases, and the ways to call the tool on it."""

    root: Path
    environment: dict[str, str]

    def command(self, door: str, *words: str) -> list[str]:
        return [sys.executable, "-B", str(TOY), door, *words]

    def run(self, door: str, *words: str, **variables: str) -> Ended:
        """Call without a terminal and wait for the end."""
        finished = subprocess.run(
            self.command(door, *words),
            cwd=self.root,
            env={**self.environment, **variables},
            capture_output=True,
            text=True,
            encoding="utf-8",
            check=False,
            stdin=subprocess.DEVNULL,
        )
        return Ended(finished.returncode, finished.stdout, finished.stderr)

    def start(self, door: str, *words: str, **variables: str) -> subprocess.Popen[str]:
        """Call without a terminal and go on."""
        return subprocess.Popen(
            self.command(door, *words),
            cwd=self.root,
            env={**self.environment, **variables},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            encoding="utf-8",
        )

    def on_terminal(self, door: str, *words: str, **variables: str) -> pexpect.spawn[str]:
        """Call on a terminal of 100 columns."""
        program, *rest = self.command(door, *words)
        environment = {**self.environment, "TERM": "xterm-256color", **variables}
        return pexpect.spawn(
            program, rest, cwd=self.root, env=environment, dimensions=(30, 100), encoding="utf-8", timeout=30
        )

    def quickstart(self, *words: str, **variables: str) -> Ended:
        return self.run("quickstart", *words, **variables)

    def manage(self, *words: str, **variables: str) -> Ended:
        return self.run("manage", *words, **variables)

    def tree(self) -> dict[str, bytes]:
        """What the project holds besides our own folder."""
        return {
            str(path.relative_to(self.root)): path.read_bytes()
            for path in sorted(self.root.rglob("*"))
            if path.is_file() and ".surefoot" not in path.parts
        }


@pytest.fixture
def project(tmp_path: Path) -> Project:
    root = tmp_path / "a project"
    root.mkdir()
    (root / "pyproject.toml").write_text('[project]\nname = "demo"\nversion = "1"\n')
    home = tmp_path / "home"
    home.mkdir()
    kept = {name: os.environ[name] for name in ("PATH",) if name in os.environ}
    return Project(root, {**kept, "HOME": str(home), "LC_ALL": "C.UTF-8", "PYTHONUTF8": "1"})
