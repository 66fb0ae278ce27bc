"""What a project needs may itself come with a submodule: a moved pointer changes the environment in the same run."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.whole.generated import commit, git
from tests.whole.kit import differences, picture, run, versions

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.slow

LOCAL = {"SUREFOOT_ALLOW_FILE_SUBMODULES": "1"}


def _repository(folder: Path, requirements: str) -> None:
    folder.mkdir()
    git(folder, "init", "--quiet")
    (folder / "requirements.txt").write_text(requirements)
    commit(folder, "first")


def test_a_submodule_that_asks_for_more_gets_it_in_the_run_that_moves_it(tmp_path: Path) -> None:
    shared, project = tmp_path / "shared", tmp_path / "project"
    _repository(shared, "idna==3.6\n")
    _repository(project, "-r shared/requirements.txt\n")
    git(project, "submodule", "--quiet", "add", "../shared", "shared")
    commit(project, "with shared requirements")
    first = run("quickstart.py", "-y", cwd=project, env=LOCAL)
    assert first.status == 0, first.said
    assert versions(project / ".venv") == {"idna": "3.6"}
    (shared / "requirements.txt").write_text("idna==3.7\n")
    commit(shared, "newer")
    head = git(shared, "rev-parse", "HEAD").strip()
    git(project, "update-index", "--cacheinfo", f"160000,{head},shared")
    before = picture(project, without=(".surefoot",))
    moved = run("quickstart.py", "-y", cwd=project, env=LOCAL)
    assert moved.status == 0, moved.said
    assert versions(project / ".venv") == {"idna": "3.7"}
    back = run("manage.py", "rollback", "--yes", cwd=project)
    assert back.status == 0, back.said
    assert differences(before, picture(project, without=(".surefoot",))) == []
