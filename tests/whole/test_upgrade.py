"""An upgrade that fails verification: the old environment is untouched, and works all the while."""

from __future__ import annotations

import json
import subprocess
from typing import TYPE_CHECKING

import pytest

from tests.whole.kit import differences, picture, run, start, versions

pytestmark = pytest.mark.slow

if TYPE_CHECKING:
    from pathlib import Path

MANIFEST = """\
[verification]
commands = [["python", "-c", "import idna; assert idna.__version__ == '3.6', idna.__version__"]]
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """An application whose requirements hold, installed."""
    root = tmp_path / "an app"
    root.mkdir()
    (root / "requirements.txt").write_text("idna==3.6\n")
    (root / "surefoot.toml").write_text(MANIFEST)
    first = run("quickstart.py", "-y", cwd=root)
    assert first.status == 0, first.said
    return root


def test_an_upgrade_that_fails_verification_leaves_the_old_environment_alone(project: Path) -> None:
    before = picture(project / ".venv")
    inode = (project / ".venv").stat().st_ino
    (project / "requirements.txt").write_text("idna==3.7\n")
    events = []
    with start("quickstart.py", "-y", "--json", cwd=project) as process:
        assert process.stdout is not None
        for raw in process.stdout:
            events.append(json.loads(raw))
            assert _version(project) == "3.6", "the old environment works at every event of the upgrade"
    assert process.returncode == 1
    assert events[-1]["error"]["code"] == "verification.failed", events[-1]
    assert (project / ".venv").stat().st_ino == inode
    assert differences(before, picture(project / ".venv")) == []


def test_after_the_mistake_is_mended_the_same_command_resumes(project: Path) -> None:
    (project / "requirements.txt").write_text("idna==3.7\n")
    failed = run("quickstart.py", "-y", cwd=project)
    assert failed.status == 1, failed.said
    (project / "requirements.txt").write_text("idna==3.6\nattrs\n")
    mended = run("quickstart.py", "-y", cwd=project)
    assert mended.status == 0, mended.said
    assert versions(project / ".venv").keys() == {"idna", "attrs"}


def test_a_finished_upgrade_is_taken_back_to_the_environment_before(project: Path) -> None:
    before = picture(project / ".venv")
    (project / "surefoot.toml").write_text("")
    (project / "requirements.txt").write_text("idna==3.7\n")
    assert run("quickstart.py", "-y", cwd=project).status == 0
    assert _version(project) == "3.7"
    back = run("manage.py", "rollback", "--yes", cwd=project)
    assert back.status == 0, back.said
    assert _version(project) == "3.6"
    assert differences(before, picture(project / ".venv")) == []


def test_any_kept_generation_can_be_switched_to(project: Path) -> None:
    (project / "surefoot.toml").write_text("")
    (project / "requirements.txt").write_text("idna==3.7\n")
    assert run("quickstart.py", "-y", cwd=project).status == 0
    listed = run("manage.py", "history", "list", "--json", cwd=project)
    runs = [json.loads(line) for line in listed.said.splitlines() if line.startswith("{")][-1]["runs"]
    oldest = runs[-1]["install_id"]
    switched = run("manage.py", "restore", oldest, "--yes", cwd=project)
    assert switched.status == 0, switched.said
    assert _version(project) == "3.6"
    back = run("manage.py", "rollback", "--yes", cwd=project)
    assert back.status == 0, back.said
    assert _version(project) == "3.7"


def _version(project: Path) -> str:
    done = subprocess.run(
        [project / ".venv" / "bin" / "python", "-I", "-B", "-c", "import idna; print(idna.__version__)"],
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.strip()


def test_runs_whose_environments_were_cleaned_up_are_all_taken_back(tmp_path: Path) -> None:
    root = tmp_path / "app"
    root.mkdir()
    (root / "surefoot.toml").write_text("[cleanup]\nkeep = 1\n")
    (root / "requirements.txt").write_text("idna==3.6\n")
    before = picture(root)
    for version in ("3.6", "3.7", "3.8", "3.9"):
        (root / "requirements.txt").write_text(f"idna=={version}\n")
        ended = run("quickstart.py", "-y", cwd=root)
        assert ended.status == 0, ended.said
    assert len(list((root / ".surefoot" / "generations").iterdir())) == 1
    (root / "requirements.txt").write_text("idna==3.6\n")
    back = run("manage.py", "rollback", "--all", "--yes", cwd=root)
    assert back.status == 0, back.said
    assert differences(before, picture(root)) == []
