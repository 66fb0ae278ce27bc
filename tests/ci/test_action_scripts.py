"""The scripts of action.yml, by themselves: nothing that comes from outside is in them, and all ways out are told."""

from __future__ import annotations

import importlib
import re
import subprocess
from typing import TYPE_CHECKING, Any

from tests.whole import kit

if TYPE_CHECKING:
    from pathlib import Path

yaml: Any = importlib.import_module("yaml")  # of a library that we test with; it has no types


def test_no_input_is_written_into_a_script() -> None:
    text = (kit.ROOT / "action.yml").read_text()
    scripts = re.findall(r"(?m)^      run: (\|\n(?:        .*\n)+|.*\n)", text)
    assert len(scripts) == 3
    assert not any("${{" in script for script in scripts)


def test_a_tool_that_cannot_start_leaves_word_of_a_failure(tmp_path: Path) -> None:
    steps = yaml.safe_load((kit.ROOT / "action.yml").read_text())["runs"]["steps"]
    script = next(each["run"] for each in steps if each.get("id") == "install")
    output = tmp_path / "output"
    given = {"GITHUB_OUTPUT": str(output), "GITHUB_ACTION_PATH": str(tmp_path / "nowhere"), "INPUT_PROJECT": "."}
    given |= dict.fromkeys(("INPUT_MODE", "INPUT_PYTHON", "INPUT_BACKEND"), "")
    subprocess.run(["bash", "-eo", "pipefail", "-c", script], env=kit.environment() | given, cwd=tmp_path, check=True)
    assert output.read_text().splitlines() == ["state=failed", "exit-code=2"]
