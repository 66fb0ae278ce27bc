"""The examples do what they show."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

import phases
from installer.manifest import load
from tests.checkpoint.conftest import REPOSITORY

if TYPE_CHECKING:
    from pathlib import Path

Install = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def demo(tmp_path: Path) -> Path:
    """The example, elsewhere; it calls the real `manage.py`."""
    shutil.copytree(REPOSITORY / "examples" / "bash-installer", tmp_path / "a demo")
    return tmp_path / "a demo"


@pytest.fixture
def install(demo: Path) -> Install:
    def run(*, fail_at: str = "", stdin: str = "") -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [str(demo / "install.sh")],
            cwd="/",
            env=dict(os.environ) | {"SUREFOOT_HOME": str(REPOSITORY), "FAIL_AT": fail_at},
            input=stdin,
            capture_output=True,
            text=True,
            check=False,
        )

    return run


def shown(root: Path) -> dict[str, Any]:
    data: dict[str, Any] = json.loads((root / ".surefoot" / "checkpoints" / "install_progress.json").read_text())
    return data


def test_the_bash_installer_installs(install: Install, demo: Path) -> None:
    done = install()
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == "✓ environment\n✓ configuration\n✓ verify\n安装完成\n"
    assert shown(demo)["state"] == "done"


def test_a_failure_is_recorded_with_its_line_and_the_rollback_is_not_the_default(install: Install, demo: Path) -> None:
    done = install(fail_at="verify", stdin="\n")
    line = 1 + (demo / "install.sh").read_text().splitlines().index("        false")
    assert done.returncode == 1
    assert done.stderr == f"❌ 安装失败于第 {line} 行\n是否回滚到上一个检查点？[y/N] "
    assert shown(demo)["phases"][2]["error"] == f"Error at line {line}"
    assert "installed = yes" in (demo / "settings.ini").read_text()


@pytest.mark.parametrize("answer", ["y\n", "Y\n"])
def test_a_yes_returns_to_the_last_checkpoint(install: Install, demo: Path, answer: str) -> None:
    done = install(fail_at="configuration", stdin=answer)
    assert done.returncode == 1
    assert "installed = no" in (demo / "settings.ini").read_text()
    assert shown(demo)["completed_phases"] == ["environment"]


def test_the_same_command_goes_on_and_skips_what_is_completed(install: Install, demo: Path) -> None:
    install(fail_at="configuration", stdin="y\n")
    done = install()
    assert done.returncode == 0
    assert done.stdout == "✓ environment (已完成)\n✓ configuration\n✓ verify\n安装完成\n"
    assert (shown(demo)["state"], shown(demo)["failed_phases"]) == ("done", [])


def test_the_sage_manifest_has_the_names_of_the_source_design() -> None:
    manifest = load(REPOSITORY / "examples" / "sage", phases.SECTIONS, phases.ORDER)
    assert (manifest.name, manifest.env_prefix, manifest.state_dir) == ("SAGE", "SAGE", ".sage")
    assert (manifest.environment, manifest.mode, manifest.language) == (".sage/venv", "standard", "zh")
    assert [manifest.phase_name(each) for each in phases.ORDER] == [
        "environment_setup",
        "submodule_sync",
        "python_deps",
        "sage_packages",
        "verification",
        "cleanup",
    ]
    assert list(manifest.modes) == ["minimal", "standard", "dev", "full"]


@pytest.mark.parametrize("name", ["sage/quickstart.sh", "sage/manage.sh", "bash-installer/install.sh"])
def test_an_example_script_parses(name: str) -> None:
    path = REPOSITORY / "examples" / name
    assert os.access(path, os.X_OK)
    subprocess.run(["bash", "-n", str(path)], check=True)


def test_the_python_examples_of_the_guide_run(tmp_path: Path) -> None:
    """Every ```python block, in the order of the guide, in one program."""
    text = (REPOSITORY / "docs" / "checkpoint-api.md").read_text(encoding="utf-8")
    blocks = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
    (tmp_path / "requirements.txt").write_text("six\n")
    program = f"import sys\nsys.path.insert(0, {str(REPOSITORY)!r})\n" + "\n".join(blocks)
    done = subprocess.run([sys.executable, "-c", program], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert len(blocks) > 3
