"""Trees made of text, and what is read from them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from installer.manifest import load
from phases.python.needs import Needs
from phases.python.sections import DependenciesSection, PackagesSection, PythonSection
from phases.python.sources import read_needs

Files = Mapping[str, "str | bytes"]
Write = Callable[[Files], Path]
Read = Callable[..., Needs]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Write files (`{path: content}`) into a project called `app`; a path that ends in `/` is a folder."""

    def write(files: Files) -> Path:
        root = tmp_path / "app"
        root.mkdir(exist_ok=True)
        for name, content in files.items():
            path = root / name
            if name.endswith("/"):
                path.mkdir(parents=True, exist_ok=True)
                continue
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return root

    return write


@pytest.fixture
def needs(write: Write) -> Read:
    """What a project of these files needs, in a mode; a manifest among the files counts."""

    def needs(files: Files, mode: str = "standard") -> Needs:
        root = write(files)
        return read_needs(root, load(root, (PythonSection, DependenciesSection, PackagesSection)), mode)

    return needs
