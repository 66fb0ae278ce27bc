"""ci/gitlab.yml: a template that GitLab can read, whose script does, run as a runner runs it, what action.yml does."""

from __future__ import annotations

import importlib
import os
import re
import subprocess
from typing import TYPE_CHECKING, Any

import pytest

from tests.ci.reports import cases
from tests.whole import kit

if TYPE_CHECKING:
    from pathlib import Path

yaml: Any = importlib.import_module("yaml")  # of a library that we test with; it has no types
KEYWORDS = frozenset({"variables", "cache", "before_script", "artifacts"})


def template() -> dict[str, Any]:
    """The hidden job, as GitLab reads it."""
    read = yaml.safe_load((kit.ROOT / "ci" / "gitlab.yml").read_text())
    assert list(read) == [".surefoot"]
    job: dict[str, Any] = read[".surefoot"]
    return job


def test_the_template_has_only_what_a_job_may_have() -> None:
    job = template()
    assert job.keys() == KEYWORDS
    assert all(isinstance(value, str) for value in job["variables"].values())
    assert all(isinstance(line, str) for line in job["before_script"])
    assert job["cache"]["when"] == "on_success"
    # GitLab's own rule for keys; of the variables that it offers as a slug the value has no `/`
    assert set(re.findall(r"\$(\w+)", job["cache"]["key"])) == {"CI_COMMIT_REF_SLUG"}
    assert "/" not in job["cache"]["key"]
    assert job["artifacts"]["reports"] == {"dotenv": "surefoot.env", "junit": "surefoot.xml"}


def job(project: Path, **more: str) -> tuple[int, str]:
    """Run the script of a job in `project`: as the runner does, with variables that name variables filled in."""
    given = {"CI": "true", "GITLAB_CI": "true", "CI_PROJECT_DIR": str(project), "BOOTSTRAP_TOOL": str(kit.ROOT)}
    own = {name: value.replace("$CI_PROJECT_DIR", str(project)) for name, value in template()["variables"].items()}
    done = subprocess.run(
        ["bash", "-eo", "pipefail", "-c", "\n".join(template()["before_script"])],
        cwd=project,
        env=kit.environment() | own | given | more,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        timeout=kit.SECONDS,
        check=False,
    )
    return done.returncode, done.stdout.decode()


def told(project: Path) -> dict[str, str]:
    """What the later jobs are told."""
    return dict(line.split("=", 1) for line in (project / "surefoot.env").read_text().splitlines())


def test_a_tool_that_cannot_start_leaves_word_of_a_failure(tmp_path: Path) -> None:
    code, _ = job(tmp_path, BOOTSTRAP_TOOL=str(tmp_path / "nowhere"))
    assert code != 0
    assert told(tmp_path) == {"BOOTSTRAP_STATE": "failed"}


@pytest.mark.slow
def test_a_job_installs_folds_its_log_and_tells_the_later_ones(tmp_path: Path) -> None:
    project = tmp_path / "a project"
    kit.write(project, {"surefoot.toml": "", "requirements.txt": "idna==3.6\n"})
    code, said = job(project, BOOTSTRAP_MODE="minimal")
    assert code == 0, said
    assert "\x1b[0Ksection_start:" in said
    assert told(project)["BOOTSTRAP_STATE"] == "done"
    assert os.path.samefile(told(project)["BOOTSTRAP_ENVIRONMENT"], project / ".venv")
    assert ("environment", "idna 3.6") in cases(project / "surefoot.xml")

    (project / "requirements.txt").write_text("idna==999\n")
    code, said = job(project)
    assert code == 1
    assert "(requirements.txt:1)" in said
    assert (told(project)["BOOTSTRAP_STATE"], told(project)["BOOTSTRAP_CACHE_KEY"]) == ("failed", "")
    assert any(cases(project / "surefoot.xml").values())

    evil = f'"; touch {tmp_path}/one; $(touch {tmp_path}/two)'
    code, _ = job(project, BOOTSTRAP_MODE=evil)
    assert code == 2
    assert [each.name for each in tmp_path.iterdir()] == ["a project"]
