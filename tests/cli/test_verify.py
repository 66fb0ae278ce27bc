"""`verify --repair` with toy phases, on an environment of which little is there."""

from __future__ import annotations

import json
import shutil
import sys
import time
from contextlib import closing
from typing import TYPE_CHECKING, Any

from installer.model import RelPath, RollbackStarted
from installer.store import Store
from phases.python.environments.places import MARKER

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.conftest import Project


def runs(project: Project) -> list[dict[str, Any]]:
    """What `history` knows, newest first."""
    found: list[dict[str, Any]] = json.loads(project.manage("history", "--json").out)["runs"]
    return found


def broken(project: Project) -> Path:
    """An environment of the last run, of which everything but its mark is missing."""
    env = project.root / ".venv"
    (env / "bin").mkdir(parents=True)
    (env / "bin" / "python").symlink_to(sys.executable)
    install_id = runs(project)[0]["install_id"]
    (env / MARKER).write_text(f"{install_id}\n{'0' * 64}\n{project.root}\n")
    return env


def killed_in_repair(project: Project, tmp_path: Path) -> None:
    """Kill a repair that has put the environment out of use and makes another."""
    running = project.start("manage", "verify", "--repair", TOY_WAIT=str(tmp_path / "never"))
    deadline = time.monotonic() + 30
    begun = project.root / "out" / "python_deps.txt"
    while not begun.exists() and time.monotonic() < deadline:
        time.sleep(0.01)
    running.kill()
    running.communicate()
    assert begun.exists()
    assert not (project.root / ".venv").exists()


def test_the_hint_repairs_what_was_found_as_it_was_found(project: Project) -> None:
    project.quickstart("-q")
    broken(project)
    assert "hint: `manage.py verify --repair` installs it anew" in project.manage("verify").out
    assert "hint: `manage.py verify --deep --repair` installs it anew" in project.manage("verify", "--deep").out


def test_a_repair_that_was_killed_is_gone_on_with_by_the_same_command(project: Project, tmp_path: Path) -> None:
    project.quickstart("-q")
    broken(project)
    shutil.rmtree(project.root / "out")
    killed_in_repair(project, tmp_path)
    foretold = project.manage("verify", "--repair", "--dry-run")
    assert (foretold.code, "Install 3 packages" in foretold.out) == (0, True), foretold
    ended = project.manage("verify", "--repair")
    assert (ended.code, "Write verification" in ended.err) == (0, True), ended
    last, *earlier = runs(project)
    assert (last["kind"], last["state"], len(earlier)) == ("repair", "done", 1)


def test_one_whose_way_back_was_cut_short_is_taken_back_and_begun_again(project: Project, tmp_path: Path) -> None:
    project.quickstart("-q")
    broken(project)
    shutil.rmtree(project.root / "out")
    killed_in_repair(project, tmp_path)
    with closing(Store(project.root, RelPath(".surefoot")).open_journal()) as journal:
        journal.append(RollbackStarted(to="", why="failed"))
    ended = project.manage("verify", "--repair")
    assert (ended.code, "Write verification" in ended.err) == (0, True), ended
    assert [(run["kind"], run["state"]) for run in runs(project)[:2]] == [("repair", "done"), ("repair", "rolled back")]


def test_a_repair_installs_with_the_settings_of_the_run_that_made_the_environment(project: Project) -> None:
    project.quickstart("-q", "--dev", "--no-build")
    broken(project)
    assert project.manage("verify", "--repair").code == 0
    repaired = Store(project.root, RelPath(".surefoot")).current()
    wished = repaired.facts["settings"]
    assert (repaired.kind, wished["mode"], wished["no_build"], wished["backend"]) == ("repair", "dev", True, "uv")
    assert not (project.root / ".surefoot" / "fingerprint").exists(), "a plain quickstart.py asks for something else"


def test_how_the_environment_was_made_outranks_the_manifest(project: Project) -> None:
    (project.root / "surefoot.toml").write_text('mode = "minimal"\n')
    project.quickstart("-q", "--standard")
    broken(project)
    assert project.manage("verify", "--repair").code == 0
    assert Store(project.root, RelPath(".surefoot")).current().facts["mode"] == "standard"
    _header, mode, *_ = (project.root / ".surefoot" / "fingerprint").read_text().split("\0\n")
    assert mode == "standard", "not what a plain quickstart.py means"


def test_what_is_asked_for_now_outranks_how_the_environment_was_made(project: Project) -> None:
    project.quickstart("-q", "--dev")
    broken(project)
    assert project.manage("verify", "--repair", SUREFOOT_RUN_MODE="minimal").code == 0
    assert Store(project.root, RelPath(".surefoot")).current().facts["mode"] == "minimal"


def test_a_mode_that_the_project_has_no_more_is_not_repaired_with(project: Project) -> None:
    (project.root / "surefoot.toml").write_text("[modes.own]\n")
    project.quickstart("-q", "--mode", "own")
    (project.root / "surefoot.toml").unlink()
    broken(project)
    assert project.manage("verify", "--repair").code == 0
    assert Store(project.root, RelPath(".surefoot")).current().facts["mode"] == "standard"
