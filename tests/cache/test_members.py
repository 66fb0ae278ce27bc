"""A local package of which something was built: what a cache brings of it may be stale, or half of it is not there."""

from __future__ import annotations

import json
import subprocess
from typing import TYPE_CHECKING

import pytest

from tests.whole import kit

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cache.conftest import Server

pytestmark = pytest.mark.slow

_PROJECT = """\
[project]
name = "mine"
version = "1"
dependencies = ["idna==3.6"]

[build-system]
requires = []
build-backend = "backend"
backend-path = ["."]
"""
_WHEEL = '''\
"""A build backend for the one package here."""

import os
import zipfile

ABOUT = "mine-1.dist-info"


def build_wheel(folder, settings=None, metadata=None):
    with open("src/mine/__init__.py") as stream:
        return wheel(folder, {"mine/__init__.py": stream.read()})


def wheel(folder, files):
    inside = files | {
        f"{ABOUT}/METADATA": "Metadata-Version: 2.1\\nName: mine\\nVersion: 1\\nRequires-Dist: idna==3.6\\n",
        f"{ABOUT}/WHEEL": "Wheel-Version: 1.0\\nGenerator: x\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n",
    }
    record = "".join(f"{name},,\\n" for name in [*inside, f"{ABOUT}/RECORD"])
    with zipfile.ZipFile(os.path.join(folder, "mine-1-py3-none-any.whl"), "w") as archive:
        for name, text in (inside | {f"{ABOUT}/RECORD": record}).items():
            archive.writestr(name, text)
    return "mine-1-py3-none-any.whl"
'''
_EDITABLE = """

def build_editable(folder, settings=None, metadata=None):
    return wheel(folder, {"mine.pth": os.path.abspath("src") + "\\n"})
"""
_GENERATING = _EDITABLE.replace(
    "    return", '    with open("src/mine/made.py", "w") as stream:\n        stream.write("made = 1\\n")\n    return'
)


def clone(server: Server, backend: str, code: str) -> None:
    server.clone()
    sources = {"pyproject.toml": _PROJECT, "backend.py": _WHEEL + backend, "src/mine/__init__.py": code}
    kit.write(server.project, sources)
    (server.project / "requirements.txt").unlink()


def quickstart(server: Server) -> str:
    ended = kit.run("quickstart.py", "-y", cwd=server.project, env=server.variables)
    assert ended.status == 0, ended.said
    again = kit.run("quickstart.py", "-y", cwd=server.project, env=server.variables)
    assert (again.status, again.said) == (0, "Nothing to do.\n")
    return ended.said


def restored(server: Server, saved: Path, backend: str, before: str, now: str) -> str:
    """What is said in the next job, which has other sources, and the environment of the job before."""
    clone(server, backend, before)
    quickstart(server)
    server.env.rename(saved / ".venv")
    clone(server, backend, now)
    (saved / ".venv").rename(server.env)
    (server.env / "surefoot-generation").touch()
    return quickstart(server)


def imported(server: Server, code: str) -> str:
    argv = [str(server.env / "bin" / "python"), "-I", "-B", "-c", code]
    return subprocess.run(argv, capture_output=True, text=True, check=True).stdout


def test_a_copy_of_a_local_package_is_never_used_for_later_sources(server: Server, tmp_path: Path) -> None:
    said = restored(server, tmp_path, "", "version = 'old'\n", "version = 'new'\n")
    assert "Repair the restored `.venv`: what was built of the project's own packages may be stale: mine;" in said
    assert "taken over from the restored environment: 1\n" in said
    assert imported(server, "import mine; print(mine.version)") == "new\n"


def test_what_a_build_left_in_the_tree_is_made_again_in_a_fresh_clone(server: Server, tmp_path: Path) -> None:
    said = restored(server, tmp_path, _GENERATING, "", "")
    assert "may be stale: mine;" in said
    assert imported(server, "import mine.made; print(mine.made.made)") == "1\n"


def test_an_editable_package_of_which_nothing_was_built_is_used(server: Server, tmp_path: Path) -> None:
    said = restored(server, tmp_path, _EDITABLE, "version = 'old'\n", "version = 'new'\n")
    assert "Use the restored `.venv` as it is" in said
    assert imported(server, "import mine; print(mine.version)") == "new\n"


def test_where_the_seal_does_not_say_so_nothing_is_believed(server: Server, tmp_path: Path) -> None:
    restored(server, tmp_path, _EDITABLE, "", "")
    (server.project / ".surefoot" / "proven").unlink()
    seal = server.env / "surefoot-contents"
    told = json.loads(seal.read_bytes())
    assert told.pop("stale") == []
    seal.write_text(json.dumps(told))
    assert "may be stale: mine;" in quickstart(server)
