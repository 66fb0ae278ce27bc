"""A small project with awkward names, and an engine over it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from installer.engine import Engine, Setting
from installer.model import Facts, Observer, Planned, RelPath
from installer.store import Store
from tests.engine.toys import TOYS, Picture, picture, whole_plan

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A tree with files, links, modes and an odd name."""
    root = tmp_path / 'a project\'s "home"\nüñï'
    (root / "src").mkdir(parents=True)
    (root / "hollow").mkdir(mode=0o750)
    (root / "config.ini").write_text("old")
    (root / "config.ini").chmod(0o640)
    (root / "src" / "version.txt").write_text("1")
    (root / "src" / "old.txt").write_text("old")
    (root / "src" / "link").symlink_to("version.txt")
    (root / "src" / "odd $(name) 'x'\n.py").write_text("odd")
    return root


@pytest.fixture
def engine_of(project: Path) -> Callable[..., Engine]:
    """Makes an engine over the project; each call is like a new process."""

    def make(
        plan: Callable[[str, Facts], Planned] = whole_plan,
        *,
        observers: tuple[Observer, ...] = (),
        setting: Setting | None = None,
    ) -> Engine:
        store = Store(project, RelPath(".surefoot"))
        return Engine(
            store, order=("first", "second"), actions=TOYS, plan=plan, observers=observers, setting=setting or Setting()
        )

    return make


@pytest.fixture
def before(project: Path) -> Picture:
    """The project as it was."""
    return picture(project)
