"""Running the tool as a user does, and pictures of what it left."""

from __future__ import annotations

import hashlib
import os
import shutil
import signal
import stat
import subprocess
import sys
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parents[2]
PYTHON = Path(sys.base_prefix, "bin", "python3")
SECONDS = 300
_GIT_LEFT_OUT = ("objects", "logs")


@dataclass(frozen=True)
class Ended:
    """How a command ended and what it said."""

    status: int
    said: str


def run(door: str, *words: str, cwd: Path, env: dict[str, str] | None = None, through: tuple[str, ...] = ()) -> Ended:
    """Run `quickstart.py` or `manage.py` to its end, without a terminal; `through` another program if need be."""
    done = subprocess.run(
        [*through, str(PYTHON), str(ROOT / door), *words],
        cwd=cwd,
        env=environment(env),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        timeout=SECONDS,
        check=False,
    )
    return Ended(done.returncode, done.stdout.decode(errors="replace"))


@contextmanager
def start(door: str, *words: str, cwd: Path, env: dict[str, str] | None = None) -> Iterator[subprocess.Popen[bytes]]:
    """Run it beside the test in a group of its own; whatever is left of it at the end is killed."""
    process = subprocess.Popen(
        [str(PYTHON), str(ROOT / door), *words],
        cwd=cwd,
        env=environment(env),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )
    with process:
        try:
            yield process
            process.wait(SECONDS)
        finally:
            kill(process)


def kill(process: subprocess.Popen[bytes]) -> None:
    """Kill the whole group, as a power switch would; one that ended is none."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def environment(extra: dict[str, str] | None = None) -> dict[str, str]:
    """The tester's own environment, less what belongs to the test run; English, so that words can be looked for."""
    left_out = ("PYTEST", "VIRTUAL_ENV", "SUREFOOT_", "GIT_", "PYTHON", "LC_", "LANG")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(left_out)}
    cache = {name: value for name, value in os.environ.items() if name == "SUREFOOT_CACHE_DIR"}
    return kept | cache | {"LC_ALL": "C.UTF-8", "SUREFOOT_LANG": "en"} | (extra or {})


def picture(root: Path, *, without: tuple[str, ...] = ()) -> dict[str, str]:
    """Every path below `root` (git's objects and logs apart) with its kind, mode and the sha256 of its content."""
    found = {}
    for folder, names, leaves in os.walk(root):
        here = Path(folder)
        inside_git = ".git" in here.relative_to(root).parts
        names[:] = [n for n in names if str((here / n).relative_to(root)) not in without]
        if inside_git:
            names[:] = [n for n in names if n not in _GIT_LEFT_OUT]
        for name in (*names, *leaves):
            path = here / name
            found[str(path.relative_to(root))] = _word(path)
    return found


def _word(path: Path) -> str:
    status = path.lstat()
    mode = oct(stat.S_IMODE(status.st_mode))
    if stat.S_ISLNK(status.st_mode):
        return f"link {os.readlink(path)}"
    if stat.S_ISDIR(status.st_mode):
        return f"folder {mode}"
    return f"file {mode} {hashlib.sha256(path.read_bytes()).hexdigest()}"


def differences(before: dict[str, str], after: dict[str, str]) -> list[str]:
    """What is not the same, one line each."""
    names = sorted(before.keys() | after.keys())
    return [f"{n}: {before.get(n)} → {after.get(n)}" for n in names if before.get(n) != after.get(n)]


def versions(environment_folder: Path) -> dict[str, str]:
    """Every distribution in an environment with its version, as its own interpreter sees them."""
    code = (
        "import importlib.metadata as m; "
        "print('\\n'.join(sorted(f'{d.name.lower()}=={d.version}' for d in m.distributions())))"
    )
    done = subprocess.run(
        [str(environment_folder / "bin" / "python"), "-I", "-c", code], capture_output=True, text=True, check=True
    )
    return dict(line.split("==") for line in done.stdout.split())


def version(project: Path, package: str = "idna") -> str:
    """The version of a package in the project's environment."""
    return versions(project / ".venv")[package]


def write(folder: Path, contents: dict[str, str]) -> None:
    """Write files below `folder`."""
    for name, text in contents.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def again(pristine: Path, project: Path) -> Path:
    """Put `project` at its place once more, as it was when `pristine` was copied from it."""
    if project.exists():
        shutil.rmtree(project)
    shutil.copytree(pristine, project, symlinks=True)
    return project
