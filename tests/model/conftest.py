"""A project in memory, and what happened to it: recorded once for all tests of the model."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.model.bench import Bench
from tests.model.judging import Setup, set_up
from tests.model.machine import furnish

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="session")
def folder_in_memory() -> Iterator[Path]:
    """A folder on a file system in memory, if there is one."""
    memory = Path("/dev/shm")  # noqa: S108 -- nothing of the tool's: a disk that is quick
    folder = Path(tempfile.mkdtemp(prefix="surefoot-model-", dir=memory if memory.is_dir() else None))
    yield folder
    shutil.rmtree(folder)


@pytest.fixture
def bench(folder_in_memory: Path) -> Iterator[Bench]:
    """A furnished project of an awkward name."""
    root = Path(tempfile.mkdtemp(dir=folder_in_memory)) / "it's a\nproject"
    with pytest.MonkeyPatch.context() as patch:
        made = Bench(patch, root)
        furnish(root)
        yield made


@pytest.fixture
def setup(bench: Bench) -> Setup:
    """The project before and after the whole plan."""
    return set_up(bench)
