from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.whole.kit import write

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project that asks for idna 3.7 in the active environment."""
    root = tmp_path / "project"
    write(root, {"surefoot.toml": 'environment = "active"\n', "requirements.txt": "idna==3.7\n"})
    return root
