"""What tests about builds work with: a clone of a project at GitHub, commands as people run them, a token."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
import time
import uuid
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any
from unittest.mock import patch

from tests.ended import Ended

ROOT = Path(__file__).resolve().parents[2]
WORKFLOW = "build-project-image.yml"


class Clone:
    """A project that was cloned from `url`, with a commit that the remote has; nothing of the tester's own settings."""

    def __init__(self, folder: Path, url: str = "https://github.com/me/demo.git") -> None:
        self.root = folder / "project"
        self.home = folder / "home"
        self.home.mkdir(parents=True)
        self.token = f"tok-{uuid.uuid4().hex}"
        self.api = ""
        self.git("init", "-q", "-b", "main", str(self.root), at=folder)
        (self.root / "pyproject.toml").write_text('[project]\nname = "demo"\nversion = "1"\n')
        self.commit()
        if url:
            self.git("remote", "add", "origin", url)
            self.push()
            self.git("symbolic-ref", "refs/remotes/origin/HEAD", "refs/remotes/origin/main")

    @classmethod
    def at(cls, root: Path, home: Path) -> Clone:
        """A clone that is there already, of somebody with that home; there is no token."""
        made = object.__new__(cls)
        made.root, made.home, made.token, made.api = root, home, "", ""
        return made

    @property
    def head(self) -> str:
        """The commit that is checked out."""
        return self.git("rev-parse", "HEAD")

    def git(self, *words: str, at: Path | None = None, **variables: str) -> str:
        """What `git WORDS` says."""
        who = {
            f"GIT_{role}_{what}": f"me{at}@x"
            for role in ("AUTHOR", "COMMITTER")
            for what, at in (("NAME", ""), ("EMAIL", ""))
        }
        ended = subprocess.run(
            ["git", *words],
            cwd=at or self.root,
            env=self.variables(**who, **variables),
            capture_output=True,
            text=True,
            check=True,
        )
        return ended.stdout.strip()

    def commit(self) -> None:
        """A commit of all there is."""
        self.git("add", "-A")
        self.git("commit", "-q", "--allow-empty", "-m", "a commit")

    def push(self, *, ago: int = 3600) -> None:
        """As after a push so many seconds ago: the clone knows that the remote has HEAD."""
        moment = f"{int(time.time()) - ago} +0000"
        self.git("update-ref", "refs/remotes/origin/main", "HEAD", GIT_COMMITTER_DATE=moment)

    def manifest(self, text: str) -> None:
        """Write surefoot.toml."""
        (self.root / "surefoot.toml").write_text(text, encoding="utf-8")

    def variables(self, **more: str) -> dict[str, str]:
        """The environment of a command. The token's variable has a usual name."""
        kept = {name: os.environ[name] for name in ("PATH", "LC_ALL", "TMPDIR") if name in os.environ}
        own = {
            "HOME": str(self.home),
            "PYTHONPATH": str(ROOT),
            "GITHUB_TOKEN": self.token,
            "PYTHONDONTWRITEBYTECODE": "1",
        }
        # the keyring of whoever runs the tests is none of theirs
        own |= {"PYTHON_KEYRING_BACKEND": "keyring.backends.null.Keyring", "GIT_CONFIG_NOSYSTEM": "1"}
        own |= {"SUREFOOT_BUILD_API": self.api} if self.api else {}
        return {name: value for name, value in (kept | own | more).items() if value}

    def command(self, *words: str, door: str = "manage") -> list[str]:
        """The argument list of `manage.py WORDS` without its launcher, which would make a tool of its own first."""
        code = f"import sys; from installer.cli.main import {door}; sys.exit({door}(sys.argv[1:]))"
        return [sys.executable, "-c", code, *words]

    def manage(self, *words: str, door: str = "manage", **variables: str) -> Ended:
        """`manage.py WORDS` in this process: the library of GitHub's takes a second to import."""
        from installer.cli import main
        from phases.builds import asking

        out, err = io.StringIO(), io.StringIO()
        with (
            patch.dict(os.environ, self.variables(**variables), clear=True),
            patch.object(asking, "WAITS", tuple(each / 20 for each in asking.WAITS)),
            redirect_stdout(out),
            redirect_stderr(err),
        ):
            status = getattr(main, door)(["-C", str(self.root), *words])
        return Ended(status, out.getvalue(), err.getvalue())

    def run(self, *words: str, door: str = "manage", **variables: str) -> Ended:
        """The same in a process of its own."""
        ended = subprocess.run(
            self.command(*words, door=door),
            cwd=self.root,
            env=self.variables(**variables),
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
            stdin=subprocess.DEVNULL,
        )
        return Ended(ended.returncode, ended.stdout, ended.stderr)

    def note(self) -> dict[str, Any]:
        """What is remembered of the last wish."""
        found: dict[str, Any] = json.loads((self.root / ".surefoot" / "builds" / "last.json").read_text())
        return found
