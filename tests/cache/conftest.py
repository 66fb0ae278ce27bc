"""A project as a build server sees it: a fresh clone at one path, into which a cache puts what an earlier job saved."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from phases.python import records
from tests.whole import kit

if TYPE_CHECKING:
    from pathlib import Path

collect_ignore_glob = [] if sys.platform == "linux" else ["test_killed_sync.py"]
REQUIREMENTS = "idna==3.6\nsix==1.16.0\nattrs==23.1.0\n"
_PROVE = "import attr, idna, six; assert six.PY3; print(idna.encode('ok').decode())"


@dataclass(frozen=True)
class Server:
    """`project` is where every job has its clone; `saved` holds what the first job left behind."""

    project: Path
    saved: Path
    variables: dict[str, str]

    @property
    def env(self) -> Path:
        return self.project / ".venv"

    @property
    def site(self) -> Path:
        return next(self.env.glob("lib/python3*/site-packages"))

    def clone(self, requirements: str = REQUIREMENTS, *, at: Path | None = None, **more: str) -> None:
        """A new job's clone, nothing restored yet."""
        place = at or self.project
        shutil.rmtree(place, ignore_errors=True)
        kit.write(place, {"requirements.txt": requirements, **more})

    def restore(self, *names: str, at: Path | None = None) -> None:
        """Put what was saved into the clone, as `tar` would: times and modes are kept, inodes are new."""
        for name in names:
            shutil.copytree(self.saved / name, (at or self.project) / name, symlinks=True)

    def quickstart(self, *words: str, at: Path | None = None, **variables: str) -> str:
        """What it says; it must end well, leave an environment that works and is whole, and have nothing more to do."""
        place = at or self.project
        env = self.variables | variables
        ended = kit.run("quickstart.py", "-y", *words, cwd=place, env=env)
        assert ended.status == 0, ended.said
        self.must_be_sound(place / ".venv")
        again = kit.run("quickstart.py", "-y", *words, cwd=place, env=env)
        assert (again.status, again.said) == (0, "Nothing to do.\n")
        return ended.said

    def must_be_sound(self, env: Path) -> None:
        argv = [str(env / "bin" / "python"), "-I", "-B", "-c", _PROVE]
        assert subprocess.run(argv, capture_output=True, text=True, check=True).stdout == "ok\n"
        assert [
            each for site in env.glob("lib/python3*/site-packages") for each in records.check(site, deep=True)
        ] == []

    def key(self, *words: str) -> tuple[int, list[str]]:
        """Exit code and lines of `manage.py cache-key`."""
        ended = kit.run("manage.py", "cache-key", *words, cwd=self.project, env=self.variables)
        return ended.status, ended.said.splitlines()


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Server:
    """One job that installed, and whose environment and state were saved."""
    place = tmp_path_factory.mktemp("cache").resolve()
    variables = {"UV_CACHE_DIR": str(place / "uv"), "SUREFOOT_PYTHON": str(kit.PYTHON)}
    made = Server(place / "project", place / "saved", variables)
    made.clone()
    ended = kit.run("quickstart.py", "-y", cwd=made.project, env=variables)
    assert ended.status == 0, ended.said
    for name in (".venv", ".surefoot"):
        shutil.copytree(made.project / name, made.saved / name, symlinks=True)
    return made


@pytest.fixture
def job(server: Server) -> Server:
    """The next job, with a fresh clone into which the environment was restored, without the state folder."""
    server.clone()
    server.restore(".venv")
    return server


def flip(path: Path) -> None:
    """Another byte in the middle of a file, its size and times as before. A hard link to it is not harmed."""
    status = path.stat()
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.unlink()
    path.write_bytes(data)
    path.chmod(status.st_mode)
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))
