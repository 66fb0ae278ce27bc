from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from tests.init import kit

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="session")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel of this clone."""
    base = tmp_path_factory.getbasetemp()
    return kit.build(base.parent if "PYTEST_XDIST_WORKER" in os.environ else base)


@pytest.fixture
def project(
    tmp_path: Path, wheel: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> kit.Project:
    """A git repository with a requirement file, and nothing of the machine's settings."""
    for name in [name for name in os.environ if name.startswith("SUREFOOT_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("SUREFOOT_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    root = tmp_path / "a project"
    root.mkdir()
    made = kit.Project(root, wheel, capsys)
    made.git("init", "-q")
    made.write(kit.SHAPES["requirements"])
    return made
