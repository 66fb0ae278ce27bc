"""Odd places: names nobody expects, folders that cannot be written, full disks, moved projects, traps, bare shells."""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from tests.whole.kit import differences, kill, picture, run, start, version, write

pytestmark = pytest.mark.slow

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

STATE = (".surefoot",)
NAMES = ("with space", 'it\'s "q" $HOME `x`', "new\nline", "ünï 中文 🐍", "-dash", "a;b\\c%s", "[x]*?#~:=\t")
TRAPS = ("pip", "uv", "venv", "virtualenv", "click", "json", "six", "sitecustomize", "usercustomize")
UNPRIVILEGED = ("setpriv", "--bounding-set=-dac_override,-dac_read_search,-fowner")
NO_SPACE_NEEDED = "[prechecks]\nfree-space = 0\n"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project with one requirement, nothing installed."""
    root = tmp_path / "project"
    write(root, {"requirements.txt": "six==1.16.0\n"})
    return root


@pytest.mark.parametrize("name", NAMES, ids=ascii)
def test_any_folder_name_will_do_and_the_script_takes_it_back(tmp_path: Path, name: str) -> None:
    root = tmp_path / name
    write(root, {"requirements.txt": "six==1.16.0\n"})
    before = picture(root)
    ended = run("quickstart.py", "-y", "-C", f"./{name}", cwd=tmp_path)
    assert ended.status == 0, ended.said
    assert version(root, "six") == "1.16.0"
    assert run("quickstart.py", "-y", cwd=root).said == "Nothing to do.\n"
    back = subprocess.run(
        ["env", "-i", "PATH=/usr/bin:/bin", "sh", "rollback.sh"],
        cwd=root / ".surefoot" / "checkpoints",
        capture_output=True,
        text=True,
        check=False,
    )
    assert (back.returncode, back.stderr) == (0, "")
    assert differences(before, picture(root, without=STATE)) == []


@pytest.mark.parametrize(
    "words", [("quickstart.py", "-y"), ("manage.py", "status"), ("manage.py", "rollback", "--yes", "-q")], ids=" ".join
)
def test_in_a_folder_that_was_deleted_it_says_so(tmp_path: Path, words: tuple[str, ...]) -> None:
    ended = run(*words, cwd=tmp_path, through=("sh", "-c", 'mkdir gone && cd gone && rmdir ../gone && exec "$@"', "sh"))
    assert (ended.status, "Traceback" in ended.said) == (6, False), ended.said
    assert "the folder that this was started in is not there any more" in ended.said


def test_run_from_a_subfolder_it_installs_the_project(project: Path) -> None:
    deep = project / "a" / "b"
    deep.mkdir(parents=True)
    ended = run("quickstart.py", "-y", cwd=deep)
    assert ended.status == 0, ended.said
    assert version(project, "six") == "1.16.0"
    assert list(deep.iterdir()) == []
    back = run("manage.py", "rollback", "--all", "--yes", cwd=deep)
    assert back.status == 0, back.said
    assert sorted(path.name for path in project.iterdir()) == ["a", "requirements.txt"]


def test_a_moved_project_is_rebuilt_told_why_and_taken_back(project: Path) -> None:
    before = picture(project)
    assert run("quickstart.py", "-y", cwd=project).status == 0
    moved = project.rename(project.with_name("moved"))
    ended = run("quickstart.py", "-y", cwd=moved)
    assert ended.status == 0, ended.said
    assert f"the project was moved: it was at {project}" in ended.said
    assert version(moved, "six") == "1.16.0"
    assert run("quickstart.py", "-y", cwd=moved).said == "Nothing to do.\n"
    back = run("manage.py", "rollback", "--all", "--yes", cwd=moved)
    assert back.status == 0, back.said
    assert differences(before, picture(moved)) == []


def test_a_project_moved_in_the_middle_of_a_run_goes_on(project: Path) -> None:
    before = picture(project)
    with start("quickstart.py", "-y", "--json", cwd=project) as process:
        assert process.stdout is not None
        for raw in process.stdout:
            if b'"step_started"' in raw and b'"python_deps.' in raw:
                kill(process)
    moved = project.rename(project.with_name("moved"))
    ended = run("quickstart.py", "-y", cwd=moved)
    assert ended.status == 0, ended.said
    assert version(moved, "six") == "1.16.0"
    back = run("manage.py", "rollback", "--all", "--yes", cwd=moved)
    assert back.status == 0, back.said
    assert differences(before, picture(moved)) == []


def test_a_deleted_interpreter_has_the_environment_rebuilt_and_the_old_one_kept(project: Path) -> None:
    assert run("quickstart.py", "-y", cwd=project).status == 0
    python = project / ".venv" / "bin" / "python"
    python.unlink()
    python.symlink_to("/nonexistent/python")
    before = picture(project / ".venv")
    ended = run("quickstart.py", "-y", cwd=project)
    assert ended.status == 0, ended.said
    assert "its interpreter is gone" in ended.said
    assert version(project, "six") == "1.16.0"
    (kept,) = (project / ".surefoot" / "generations").iterdir()
    assert differences(before, picture(kept)) == []
    back = run("manage.py", "rollback", "--yes", cwd=project)
    assert back.status == 0, back.said
    assert differences(before, picture(project / ".venv")) == []


def test_a_project_that_cannot_be_written_is_exit_6_and_then_goes_on(project: Path) -> None:
    through = UNPRIVILEGED if os.geteuid() == 0 else ()  # the owner's permission bits bind root without these rights
    project.chmod(0o555)
    before = picture(project)
    ended = run("quickstart.py", "-y", cwd=project, through=through)
    assert ended.status == 6, ended.said
    assert f"cannot write the state folder {project}" in ended.said
    assert "hint: make the project folder writable" in ended.said
    assert differences(before, picture(project)) == []
    project.chmod(0o755)
    ended = run("quickstart.py", "-y", cwd=project, through=through)
    assert ended.status == 0, ended.said


def test_too_little_room_is_told_before_anything_is_written(project: Path) -> None:
    with _disk(project, kilobytes=600):
        before = picture(project)
        ended = run("quickstart.py", "-y", cwd=project)
        assert ended.status == 6, ended.said
        assert "MB are free" in ended.said
        assert differences(before, picture(project)) == []


@pytest.mark.parametrize("kilobytes", [12, 36, 60, 172])
def test_a_full_disk_is_survived_and_with_room_the_same_command_ends_well(project: Path, kilobytes: int) -> None:
    write(project, {"surefoot.toml": NO_SPACE_NEEDED})
    before = picture(project)
    with _disk(project, kilobytes=kilobytes):
        full = run("quickstart.py", "-y", cwd=project)
        assert full.status in {1, 6}, full.said
        assert "No space left on device" in full.said
        assert "Traceback" not in full.said
        assert differences(before, picture(project, without=STATE)) == []
        subprocess.run(["mount", "-o", "remount,size=32m", str(project)], check=True)
        ended = run("quickstart.py", "-y", cwd=project)
        assert ended.status == 0, ended.said
        assert version(project, "six") == "1.16.0"
        back = run("manage.py", "rollback", "--all", "--yes", cwd=project)
        assert back.status == 0, back.said
        assert differences(before, picture(project)) == []


@contextmanager
def _disk(folder: Path, *, kilobytes: int) -> Iterator[None]:
    """A small disk of its own at `folder`, holding what the folder held."""
    aside = folder.with_name("aside")
    shutil.copytree(folder, aside)
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={kilobytes}k,mode=755", "none", str(folder)], check=True)
    try:
        shutil.copytree(aside, folder, dirs_exist_ok=True)
        yield
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


@pytest.mark.parametrize("backend", ["uv", "pip"])
def test_traps_in_the_project_and_the_environment_are_not_sprung(project: Path, tmp_path: Path, backend: str) -> None:
    sprung, target = tmp_path / "sprung", tmp_path / "target"
    target.mkdir()
    trap = f"open({str(sprung)!r}, 'a').write(__file__)\nraise SystemExit('sprung')\n"
    write(project, {f"{name}.py": trap for name in TRAPS})
    traps = {
        "PIP_TARGET": str(target),
        "PIP_PREFIX": str(target),
        "PIP_USER": "1",
        "PYTHONSTARTUP": str(project / "pip.py"),
        "GIT_DIR": str(tmp_path / "nowhere"),
        "VIRTUAL_ENV": str(target),
        "UV_PROJECT_ENVIRONMENT": str(target),
    }
    before = picture(project)
    ended = run("quickstart.py", "-y", "--backend", backend, cwd=project, env=traps)
    assert ended.status == 0, ended.said
    assert not sprung.exists(), sprung.read_text()
    assert list(target.iterdir()) == []
    assert version(project, "six") == "1.16.0"
    back = run("manage.py", "rollback", "--all", "--yes", cwd=project, env=traps)
    assert back.status == 0, back.said
    assert differences(before, picture(project)) == []


def test_modules_on_pythonpath_are_not_ours(project: Path, tmp_path: Path) -> None:
    sprung = tmp_path / "sprung"
    trap = f"open({str(sprung)!r}, 'a').write(__file__)\nraise SystemExit('sprung')\n"
    write(tmp_path / "path", {f"{name}.py": trap for name in ("click", "filelock", "pydantic", "pip", "uv", "six")})
    ended = run("quickstart.py", "-y", cwd=project, env={"PYTHONPATH": str(tmp_path / "path")})
    assert ended.status == 0, ended.said
    assert not sprung.exists(), sprung.read_text()


@pytest.mark.parametrize(
    ("through", "env"),
    [
        pytest.param(("env", "-u", "HOME"), {}, id="no HOME"),
        pytest.param(("sh", "-c", 'umask 000; exec "$@"', "sh"), {}, id="umask 000"),
        pytest.param(("sh", "-c", 'umask 077; exec "$@"', "sh"), {}, id="umask 077"),
        pytest.param((), {"LC_ALL": "C", "LANG": "C", "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0"}, id="locale C"),
        pytest.param((), {"NO_COLOR": "1", "TERM": "xterm-256color", "CLICOLOR_FORCE": "1"}, id="NO_COLOR"),
        pytest.param((), {"TERM": "dumb", "COLUMNS": "1"}, id="a terminal of one column"),
    ],
)
def test_a_bare_shell_is_enough(tmp_path: Path, through: tuple[str, ...], env: dict[str, str]) -> None:
    root = tmp_path / "projekt ü"
    write(root, {"requirements.txt": "six==1.16.0\n"})
    before = picture(root)
    ended = run("quickstart.py", "-y", cwd=root, env=env, through=through)
    assert ended.status == 0, ended.said
    assert "\x1b" not in ended.said
    assert version(root, "six") == "1.16.0"
    state = root / ".surefoot"
    assert stat.S_IMODE(state.stat().st_mode) == 0o700
    open_to_others = [
        path
        for folder in ("checkpoints", "runs", "logs", "stash")
        for path in (state / folder).rglob("*")
        if not path.is_symlink() and path.stat().st_mode & 0o077
    ]
    assert open_to_others == []
    back = run("manage.py", "rollback", "--all", "--yes", cwd=root, env=env, through=through)
    assert back.status == 0, back.said
    assert differences(before, picture(root)) == []
