"""After a start of the machine nothing that was not synced is believed, whatever its size says."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.power.reboot import rebooted
from tests.whole.kit import run

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.slow


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project with a run that went to the end of python_deps; then one staged file lost its content."""
    root = tmp_path / "project"
    root.mkdir()
    (root / "requirements.txt").write_text("idna==3.7\n")
    begun = run("quickstart.py", "-y", "--until", "python_deps", cwd=root)
    assert begun.status == 0, begun.said
    staged = next(root.glob(".surefoot/staging/*/lib/python*/site-packages/idna/core.py"))
    size = staged.stat().st_size
    staged.unlink()  # it may be a link into the cache
    staged.write_bytes(b"#" * size)
    return root


def test_a_changed_boot_id_makes_resume_distrust_what_is_staged(project: Path, tmp_path: Path) -> None:
    resumed = run("quickstart.py", "-y", cwd=project, through=rebooted(tmp_path))
    assert resumed.status == 0, resumed.said
    deep = run("manage.py", "verify", "--deep", cwd=project)
    assert deep.status == 0, deep.said


def test_without_a_restart_the_size_is_believed_and_only_a_deep_look_sees_it(project: Path) -> None:
    """The test of the test above."""
    assert run("quickstart.py", "-y", cwd=project).status in {0, 1}, "where the import fails, it fails"
    assert run("manage.py", "verify", "--deep", cwd=project).status != 0


def test_after_the_switch_a_restart_changes_nothing(tmp_path: Path) -> None:
    root = tmp_path / "project"
    root.mkdir()
    (root / "requirements.txt").write_text("idna==3.7\n")
    assert run("quickstart.py", "-y", cwd=root).status == 0
    inode = (root / ".venv").stat().st_ino
    again = run("quickstart.py", "-y", cwd=root, through=rebooted(tmp_path))
    assert again.status == 0, again.said
    assert (root / ".venv").stat().st_ino == inode
