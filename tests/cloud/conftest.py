"""Two clones of one project in this process, and the command line to call on them."""

from __future__ import annotations

import os
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

import fsspec
import pytest

from installer.cli.main import manage

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@dataclass(frozen=True)
class Clone:
    """A project, and what is said on it."""

    root: Path
    capture: pytest.CaptureFixture[str]

    def manage(self, *words: str) -> tuple[int, str, str]:
        """Call `manage.py`; its exit code and what it said."""
        self.capture.readouterr()
        code = manage(["-C", str(self.root), *words])
        said = self.capture.readouterr()
        return code, said.out, said.err

    def well(self, *words: str) -> str:
        """Call it, which must go well."""
        code, out, err = self.manage(*words)
        assert code == 0, (out, err)
        return out

    @property
    def state(self) -> Path:
        return self.root / ".surefoot"

    @property
    def journal(self) -> Path:
        return self.state / "checkpoints" / "journal.jsonl"

    def everything(self) -> dict[str, tuple[int, int, bytes]]:
        """All there is, our own folder included."""
        return {
            str(path.relative_to(self.root)): (
                path.lstat().st_mode,
                path.lstat().st_mtime_ns,
                path.read_bytes() if path.is_file() else b"",
            )
            for path in sorted(self.root.rglob("*"))
        }


def clone(root: Path, capture: pytest.CaptureFixture[str], name: str = "demo") -> Clone:
    root.mkdir(parents=True)
    (root / "pyproject.toml").write_text(f'[project]\nname = "{name}"\nversion = "1"\n')
    (root / "config.ini").write_text("one")
    return Clone(root, capture)


@pytest.fixture(autouse=True)
def _alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Nothing of the machine's settings, and a folder for temporary files that is looked at."""
    for name in [name for name in os.environ if name.startswith("SUREFOOT_")]:
        monkeypatch.delenv(name)
    (tmp_path / "temporary").mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "temporary"))
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    yield
    memory = fsspec.filesystem("memory")
    for path in memory.ls("/", detail=False):
        with suppress(FileNotFoundError):
            memory.rm(path, recursive=True)


def earlier() -> str:
    """A clock that stands: the run has an id that no run of this day has."""
    return "20260102_030405"


@pytest.fixture
def here(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Clone:
    """A clone with a script's unfinished run: a phase, a rollback point, and work after it."""
    made = clone(tmp_path / "here" / "demo", capsys)
    with monkeypatch.context() as patch:
        patch.setattr("installer.clock.second", earlier)
        made.well("checkpoint", "init", "--phase", "fetch", "--phase", "build")
    made.well("checkpoint", "update", "fetch", "completed")
    made.well("checkpoint", "create", "Before", "config.ini")
    (made.root / "config.ini").write_text("two")
    return made


@pytest.fixture
def there(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Clone:
    """Another clone, on which nothing was done."""
    return clone(tmp_path / "there" / "demo", capsys)
