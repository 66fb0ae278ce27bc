"""What tests about apps work with: a project of their own, real processes, commands as people run them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
import uuid
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from installer.model import RelPath
from phases.containers.apps import places
from phases.containers.apps.process.manager import ProcessManager
from tests.ended import Ended

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from phases.containers.apps.manager import AppStatus

ROOT = Path(__file__).resolve().parents[2]
STATE = RelPath(".surefoot")
SECONDS = 60
DOOR = "import sys; from installer.cli.main import manage; sys.exit(manage(sys.argv[1:]))"


class Place:
    """A project in a folder of its own. `word` is in the command line of every app of the test."""

    def __init__(self, folder: Path) -> None:
        self.root = folder / "project"
        self.root.mkdir(parents=True)
        self.word = f"w{uuid.uuid4().hex[:12]}"
        self.manager = ProcessManager(self.root, STATE)

    def manifest(self, text: str) -> None:
        """Write surefoot.toml; `WORD` becomes this test's own."""
        (self.root / "surefoot.toml").write_text(text.replace("WORD", self.word), encoding="utf-8")

    def sleeper(self, name: str = "web", more: str = "") -> str:
        """The table of an app that runs until it is ended."""
        return f'[apps.{name}]\ncommand = ["sh", "-c", "echo up; sleep 1000 & wait # {self.word}"]\n{more}\n'

    def variables(self, more: dict[str, str]) -> dict[str, str]:
        left_out = ("SUREFOOT_", "PYTEST", "DOCKER_", "LC_", "LANG")
        kept = {name: value for name, value in os.environ.items() if not name.startswith(left_out)}
        return kept | {"HOME": str(self.root.parent), "LC_ALL": "C.UTF-8", "SUREFOOT_LANG": "en", **more}

    def begin(self, *words: str, code: str = "", **more: str) -> subprocess.Popen[str]:
        """`manage.py WORDS`, not waited for; with `code`, a program of the test's that does the same."""
        door = ["-c", code or DOOR]
        return subprocess.Popen(
            [sys.executable, *door, *words],
            cwd=self.root,
            env=self.variables({"PYTHONPATH": str(ROOT), **more}),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def manage(self, *words: str, code: str = "", **more: str) -> Ended:
        """The same, waited for."""
        with self.begin(*words, code=code, **more) as begun:
            out, err = begun.communicate(timeout=SECONDS)
        return Ended(begun.returncode, out, err)

    def done(self, *words: str, **more: str) -> Ended:
        """The same, and it went well."""
        ended = self.manage(*words, **more)
        assert ended.status == 0, ended.out + ended.err
        return ended

    def status(self, name: str = "web") -> AppStatus:
        return self.manager.get_status(name)

    def until(self, holds: Callable[[AppStatus], bool], name: str = "web") -> AppStatus:
        """The status of an app, once it is as wanted."""
        end = time.monotonic() + SECONDS
        while not holds(status := self.status(name)):
            assert time.monotonic() < end, status
            time.sleep(0.02)
        return status

    def says(self, text: str, name: str = "web") -> str:
        """The log of an app, once `text` is in it."""
        end = time.monotonic() + SECONDS
        while text not in (said := self.log(name)):
            assert time.monotonic() < end, said
            time.sleep(0.02)
        return said

    def log(self, name: str = "web") -> str:
        path = self.root / places.Home(state=STATE, name=name).log
        return path.read_text(encoding="utf-8") if path.exists() else ""

    def note(self, name: str = "web") -> dict[str, Any]:
        """What the shim wrote of an app."""
        found: dict[str, Any] = json.loads((self.root / STATE / "apps" / name / "run" / "status.json").read_bytes())
        return found

    def running(self) -> list[str]:
        """The command lines on this machine that have this test's word."""
        listed = subprocess.run(["ps", "-axww", "-o", "args="], capture_output=True, text=True, check=True).stdout
        return [line for line in listed.splitlines() if self.word in line]

    def clear(self) -> None:
        """Nothing of this test goes on running."""
        for name in places.names(self.root, STATE):
            self.manager.stop_app(name)
        assert self.running() == []


@contextmanager
def place(folder: Path) -> Iterator[Place]:
    made = Place(folder)
    try:
        yield made
    finally:
        made.clear()
