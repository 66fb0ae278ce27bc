"""A small project whose run changes a file of the user's, makes another, and installs a package."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tests.whole.kit import Ended, differences, picture, run, versions

if TYPE_CHECKING:
    from pathlib import Path

MANIFEST = """\
[prechecks]
free-space = 0

[[steps]]
phase = "python_deps"
after = "start"
title = "Change what is the user's"
run = ["python", "-c", "open('config.txt', 'w').write('ours ' * 2000); open('made.txt', 'w').write('made')"]
outputs = ["config.txt", "made.txt"]
"""


@dataclass
class Small:
    """The project at `root`; commands run `through` what makes the machine worse."""

    root: Path
    env: dict[str, str] = field(default_factory=dict)
    before: dict[str, str] = field(default_factory=dict)

    def make(self, *, manifest: str = MANIFEST) -> None:
        """Furnish it."""
        self.root.mkdir(exist_ok=True)
        (self.root / "requirements.txt").write_text("idna==3.7\n")
        (self.root / "surefoot.toml").write_text(manifest)
        (self.root / "config.txt").write_text("the user's " * 900)
        (self.root / "config.txt").chmod(0o640)
        self.before = self.tree()

    def tree(self) -> dict[str, str]:
        """What is there but for the state folder."""
        return picture(self.root, without=(".surefoot", "lost+found"))

    def start(self, *words: str, through: tuple[str, ...] = ()) -> Ended:
        """Run `quickstart.py`."""
        return run("quickstart.py", "-y", *words, cwd=self.root, env=self.env, through=through)

    def back(self, *words: str, through: tuple[str, ...] = ()) -> Ended:
        """Run `manage.py rollback`."""
        return run("manage.py", "rollback", "--yes", *words, cwd=self.root, env=self.env, through=through)

    def untouched(self) -> list[str]:
        """What differs from how it was at first."""
        return differences(self.before, self.tree())

    def completes(self, *, where: str = ".venv") -> None:
        """The same command, nothing in its way any more, ends in a proven environment; and all of it goes back."""
        done = self.start()
        assert done.status == 0, done.said
        assert (self.root / "config.txt").read_text() == "ours " * 2000
        deep = run("manage.py", "verify", "--deep", cwd=self.root, env=self.env)
        assert deep.status == 0, deep.said
        assert versions(self.root / where)["idna"] == "3.7"
        self.goes_back()

    def goes_back(self) -> None:
        """Everything is taken back, and nothing is left."""
        done = self.back("--all")
        assert done.status == 0, done.said
        assert self.untouched() == []

    def error(self, *words: str, through: tuple[str, ...] = ()) -> dict[str, object]:
        """The error that a run ends with, as a script is told."""
        ended = self.start("--json", *words, through=through)
        lines = [json.loads(line) for line in ended.said.splitlines() if line.startswith("{")]
        assert lines, ended.said
        told: dict[str, object] = lines[-1]["error"]
        assert told["exit_code"] == ended.status
        return told
