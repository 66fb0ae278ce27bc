"""What lies beside the scripts, on the path or in the environment is not run in place of what we import."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.whole.kit import PYTHON, ROOT, environment, run, version, write

pytestmark = pytest.mark.slow

# Every module that a start, a plan and an installation import under their bare names, and some that Python itself does.
NAMES = """
abc argparse ast base64 bisect bz2 click codecs collections configparser contextlib copy ctypes dataclasses datetime
email encodings enum errno fcntl filelock fnmatch functools glob gzip hashlib heapq importlib inspect io ipaddress
itertools json locale logging lzma operator os packaging pathlib pip platform platformdirs posixpath pydantic random re
rich secrets select selectors shlex shutil signal sitecustomize site six socket ssl stat string struct subprocess
tempfile textwrap threading time token tokenize tomllib traceback types typing urllib usercustomize uuid uv venv
virtualenv warnings weakref zipfile zlib
""".split()


def _trap(sprung: Path) -> str:
    return f"open({str(sprung)!r}, 'a').write(__file__ + chr(10))\nraise SystemExit('sprung')\n"


@pytest.fixture
def vendored(tmp_path: Path) -> Path:
    """A project that brings Surefoot along in its root, beside modules with the names of Python's own."""
    root = tmp_path / "project"
    root.mkdir()
    for name in ("installer", "phases", "locks"):
        shutil.copytree(ROOT / name, root / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("quickstart.py", "manage.py"):
        shutil.copy(ROOT / name, root)
    write(root, {"requirements.txt": "six==1.16.0\n"})
    write(root, {f"{name}.py": _trap(tmp_path / "sprung") for name in NAMES})
    return root


def _start(root: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(PYTHON), *words], cwd=root, env=environment(), capture_output=True, text=True, timeout=120, check=False
    )


def test_modules_beside_the_scripts_are_not_ours(vendored: Path, tmp_path: Path) -> None:
    for words in (
        ("quickstart.py", "-y"),
        ("quickstart.py", "-y"),
        ("manage.py", "status"),
        ("manage.py", "verify"),
        ("manage.py", "--help"),
        ("manage.py", "rollback", "--yes"),
        ("quickstart.py", "-y", "--backend", "pip"),
    ):
        done = _start(vendored, *words)
        assert not (tmp_path / "sprung").exists(), (words, (tmp_path / "sprung").read_text())
        assert done.returncode == 0, done.stdout + done.stderr
    assert version(vendored, "six") == "1.16.0"


@pytest.mark.parametrize("words", [("quickstart.py", "--dry-run", "-y"), ("manage.py", "status")])
def test_an_isolated_interpreter_changes_nothing_of_that(
    vendored: Path, tmp_path: Path, words: tuple[str, ...]
) -> None:
    done = _start(vendored, "-I", *words)
    assert not (tmp_path / "sprung").exists(), (tmp_path / "sprung").read_text()
    assert done.returncode == 0, done.stdout + done.stderr


def test_what_lies_in_the_folder_that_it_is_started_in_is_not_run(tmp_path: Path) -> None:
    root = tmp_path / "project"
    write(root, {"requirements.txt": "six==1.16.0\n", **{f"{name}.py": _trap(tmp_path / "sprung") for name in NAMES}})
    for name in ("git", "uv", "pip", "python", "python3", "sh", "virtualenv", "uname", "ldconfig", "gcc"):
        write(root, {name: f"#!/bin/sh\necho {name} >> {tmp_path}/sprung\n"})
        (root / name).chmod(0o755)
    path = {"PATH": f":.:{os.environ['PATH']}"}
    for words in (("quickstart.py", "-y"), ("manage.py", "verify", "--deep"), ("manage.py", "doctor")):
        ended = run(words[0], *words[1:], cwd=root, env=path)
        assert not (tmp_path / "sprung").exists(), (words, (tmp_path / "sprung").read_text())
        assert ended.status == 0, ended.said


def test_no_variable_makes_children_run_anothers_code(tmp_path: Path) -> None:
    sprung, root = tmp_path / "sprung", tmp_path / "project"
    write(root, {"requirements.txt": "six==1.16.0\n"})
    write(tmp_path / "path", {f"{name}.py": _trap(sprung) for name in ("json", "pip", "uv", "click", "venv", "six")})
    write(tmp_path / "path", {"sitecustomize.py": f"open({str(tmp_path / 'starts')!r}, 'a').write('one\\n')\n"})
    write(tmp_path, {"env.sh": f"echo sprung >> {sprung}\n", "cc.c": _preload(sprung), "startup.py": _trap(sprung)})
    library = tmp_path / "evil.so"
    subprocess.run(["gcc", "-shared", "-fPIC", "-o", str(library), str(tmp_path / "cc.c")], check=True)
    hostile = {
        "PYTHONPATH": str(tmp_path / "path"),
        "PYTHONHOME": "",
        "PYTHONSTARTUP": str(tmp_path / "startup.py"),
        "PYTHONINSPECT": "",
        "PYTHONUSERBASE": str(tmp_path / "path"),
        "PIP_TARGET": str(tmp_path / "target"),
        "PIP_PREFIX": str(tmp_path / "target"),
        "PIP_ROOT": str(tmp_path / "target"),
        "PIP_REQUIRE_VIRTUALENV": "1",
        "UV_PYTHON": "/nonexistent",
        "UV_TARGET": str(tmp_path / "target"),
        "UV_PROJECT": str(tmp_path / "target"),
        "UV_SYSTEM_PYTHON": "1",
        "UV_BREAK_SYSTEM_PACKAGES": "1",
        "BASH_ENV": str(tmp_path / "env.sh"),
        "ENV": str(tmp_path / "env.sh"),
        "IFS": "/",
        "GIT_EXEC_PATH": str(tmp_path),
        "NODE_OPTIONS": f"--require {tmp_path}/x.js",
        "PERL5OPT": "-Mevil",
    }
    for backend in ("uv", "pip"):
        ended = run("quickstart.py", "-y", "--backend", backend, cwd=root, env=hostile)
        assert ended.status == 0, ended.said
        assert not sprung.exists(), sprung.read_text()
        starts = (tmp_path / "starts").read_text()
        (tmp_path / "starts").unlink()
        assert starts == "one\n", "the interpreter that the user starts reads it; none of ours does"
    assert not (tmp_path / "target").exists()
    # LD_PRELOAD reaches the process that the user starts, and what the standard library asks (uname); no child of ours
    ended = run("quickstart.py", "-y", "--backend", "uv", cwd=root, env={"LD_PRELOAD": str(library)})
    assert ended.status == 0, ended.said
    names = {Path(line.split()[0]).name for line in sprung.read_text().splitlines()}
    assert {name for name in names if not name.startswith("python")} <= {"uname"}, names


def _preload(sprung: Path) -> str:
    """A library that notes which program it was loaded into."""
    return f"""
#include <stdio.h>
#include <string.h>
#include <unistd.h>
__attribute__((constructor)) static void noted(void) {{
    char name[4096];
    ssize_t size = readlink("/proc/self/exe", name, sizeof name - 1);
    FILE *file = fopen("{sprung}", "a");
    if (size > 0 && file) {{ name[size] = 0; fprintf(file, "%s\\n", name); }}
    if (file) fclose(file);
}}
"""
