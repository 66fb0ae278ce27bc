"""A small engine for one action at a time: a real context, real programs, a project in a temporary folder."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from installer import process
from installer.model import Context, Finished, Options, RelPath, Step
from phases.python import environment
from phases.python.backends import backend

PYTHON = "3.11"


@dataclass
class Project:
    """A project on disk, and the actions run in it."""

    root: Path
    options: Options = Options(retries=0)
    warnings: list[str] = field(default_factory=list)
    counts: list[tuple[int, int]] = field(default_factory=list)
    commands: list[tuple[str, ...]] = field(default_factory=list)
    state: RelPath = RelPath(".surefoot")
    install_id: str = "20260101_000000"

    @property
    def staging(self) -> Path:
        return self.root / environment.paths(self.root, self.state, self.install_id).staging

    @property
    def python(self) -> str:
        return str(environment.python(self.staging))

    @property
    def lock(self) -> Path:
        return self.root / self.state / "runs" / self.install_id / "pylock.toml"

    def write(self, **texts: str) -> None:
        """`write(setup_py="…")` is the file `setup.py`; a `__` is a `/`."""
        for name, text in texts.items():
            self.file(name.replace("__", "/").replace("_", "."), text)

    def file(self, path: str, text: str | bytes) -> Path:
        place = self.root / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(text if isinstance(text, bytes) else text.encode())
        return place

    def context(self) -> Context:
        scratch = self.root / self.state / "scratch"
        shutil.rmtree(scratch, ignore_errors=True)
        scratch.mkdir(parents=True)
        return Context(
            root=self.root,
            state=self.state,
            install_id=self.install_id,
            options=self.options,
            scratch=scratch,
            run=self._run,
            report=lambda done, total: self.counts.append((done, total)),
            note=lambda _: None,
            warn=self.warnings.append,
        )

    def _run(
        self,
        argv: Sequence[str],
        *,
        cwd: Path | None = None,
        env: Mapping[str, str] | None = None,
        timeout: float | None = None,
        check: bool = True,
        quiet: bool = False,  # noqa: ARG002  # the shape of `Run`
        on_line: Callable[[str], None] | None = None,
    ) -> Finished:
        self.commands.append(tuple(argv))
        return process.run(argv, cwd=cwd or self.root, env=env, timeout=timeout, check=check, on_line=on_line)

    def make(self, interpreter: str) -> None:
        """An empty staging environment."""
        shutil.rmtree(self.staging, ignore_errors=True)
        self.staging.parent.mkdir(parents=True, exist_ok=True)
        backend(self.options.backend).make_environment(self.staging, interpreter, "test", self.context())

    def do(self, step: Step) -> dict[str, Any]:
        """Run the action of a step."""
        from phases import packages, python_deps

        actions = {**python_deps.ACTIONS, **packages.ACTIONS}
        return dict(actions[step.action](step.args, self.context()) or {})


@pytest.fixture(scope="session")
def interpreter() -> str:
    """The interpreter that the tests run with, outside of its environment."""
    import sys

    return str(Path(sys.base_prefix) / "bin" / f"python{sys.version_info[0]}.{sys.version_info[1]}")


@pytest.fixture
def project(tmp_path: Path, interpreter: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Project]:
    """An empty project with an empty staging environment."""
    root = tmp_path / "a project"
    root.mkdir()
    made = Project(root)
    made.make(interpreter)
    yield made
