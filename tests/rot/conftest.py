from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.rot.lab import Lab

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def lab(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Lab:
    return Lab(tmp_path, monkeypatch, capsys)
