"""The verbs that need a real environment, on a real one."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.conftest import Ended

ROOT = Path(__file__).parents[2]
KEPT = ("PATH", "PIP_INDEX_URL", "UV_INDEX_URL", "UV_DEFAULT_INDEX", "UV_INDEX", "UV_FIND_LINKS", "UV_CACHE_DIR")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    project = tmp_path / "project"
    (project / ".git").mkdir(parents=True)
    (project / "requirements.txt").write_text("six==1.16.0\n")
    return project


def call(root: Path, door: str, *words: str) -> Ended:
    script = f"import sys; from installer.cli.main import {door}; sys.exit({door}(sys.argv[1:]))"
    home = root.parent / "home"
    home.mkdir(exist_ok=True)
    environment = {name: os.environ[name] for name in KEPT if name in os.environ}
    finished = subprocess.run(
        [sys.executable, "-B", "-c", script, "-C", str(root), *words]
        if door == "quickstart"
        else [sys.executable, "-B", "-c", script, *words, "-C", str(root)],
        cwd=ROOT,
        env={**environment, "HOME": str(home), "LC_ALL": "C.UTF-8"},
        capture_output=True,
        text=True,
        check=False,
    )
    return Ended(finished.returncode, finished.stdout, finished.stderr)


def version(root: Path) -> str:
    python = root / ".venv" / "bin" / "python"
    finished = subprocess.run(
        [python, "-I", "-c", "import six; print(six.__version__)"], capture_output=True, text=True, check=True
    )
    return finished.stdout.strip()


def test_environments_are_restored_repaired_and_taken_out_of_use(root: Path) -> None:
    assert call(root, "quickstart", "-q").code == 0
    assert call(root, "manage", "verify", "--deep").out == "`.venv` is whole.\n"
    (root / "requirements.txt").write_text("six==1.17.0\n")
    assert call(root, "quickstart", "-q").code == 0
    assert version(root) == "1.17.0"

    _, listed, used = call(root, "manage", "restore").out.splitlines()
    earlier = listed.split()[0]
    assert "in use" in used
    assert "in use" not in listed
    assert call(root, "manage", "history", "diff", earlier).out == "~  six  1.16.0 -> 1.17.0\n"
    assert call(root, "manage", "restore", earlier, "-q").code == 0
    assert version(root) == "1.16.0"
    assert call(root, "manage", "history", "diff", earlier).out == "The packages are the same.\n"
    assert call(root, "manage", "restore", "20010101_000000").code == 6
    journal = root / ".surefoot" / "checkpoints" / "journal.jsonl"
    whole = journal.read_bytes()
    journal.write_bytes(b"no record\n" + whole)
    assert call(root, "manage", "restore").code == 0
    journal.write_bytes(whole)
    assert call(root, "manage", "rollback", "-q").code == 0
    assert version(root) == "1.17.0"

    (site,) = (root / ".venv" / "lib").glob("python*/site-packages")
    with (site / "six.py").open("a") as stream:
        stream.write("# a change\n")
    broken = call(root, "manage", "verify")
    assert (broken.code, "✗ six: six.py (size)" in broken.out) == (1, True)
    assert "journal" in call(root, "manage", "doctor").out
    assert call(root, "manage", "verify", "--repair", "-q").code == 0
    assert call(root, "manage", "verify", "--deep").code == 0

    assert call(root, "manage", "clean-env", "-q").code == 0
    assert not (root / ".venv").exists()
    assert call(root, "manage", "clean-env", "--all", "--yes", "-q").code == 0
    assert sorted(path.name for path in root.iterdir()) == [".git", ".surefoot", "requirements.txt"]
    (kept,) = (path for path in (root / ".surefoot").rglob("*") if path.is_file() and path.name != ".gitignore")
    assert (kept.name, kept.read_text().endswith("# a change\n")) == ("six.py", True), "what was edited by hand stays"


def test_doctor_names_what_is_wrong_with_its_remedy(root: Path) -> None:
    ended = call(root, "manage", "doctor")
    assert ended.code == 0
    assert "! environment: none yet\n    hint: run `quickstart.py`\n" in ended.out
    call(root, "quickstart", "-q")
    (root / ".surefoot" / "checkpoints" / "install_progress.json").write_text("{")
    (root / ".surefoot").chmod(0o755)
    ended = call(root, "manage", "doctor")
    assert "! progress file: missing or damaged: " in ended.out
    assert "! project folder: others may read " in ended.out
    ended = call(root, "manage", "doctor", "--fix")
    assert ended.out.endswith("mended: project folder\nmended: progress file\n")
    assert "! " not in ended.out
    (root / "requirements.txt").unlink()
    ended = call(root, "manage", "doctor")
    assert ended.code == 6
    assert "✗ interpreter: nothing in " in ended.out
