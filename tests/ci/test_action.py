"""action.yml, run for real: what it installs, what it tells, what it points at, and what it does not run."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import jsonschema
import pytest

from tests.ci.runner import OUTPUTS, ROOT, Workshop, workshop

if TYPE_CHECKING:
    from pathlib import Path

    from tests.ci.runner import Job

pytestmark = pytest.mark.slow

SCHEMA = json.loads((ROOT / "docs" / "schemas" / "events.schema.json").read_text())


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Workshop:
    return workshop(tmp_path_factory.mktemp("action"))


@pytest.fixture(scope="module")
def done(place: Workshop) -> Job:
    """A job that went well."""
    return place.run(mode="minimal")


def test_the_action_installs_and_tells_what(done: Job) -> None:
    assert (done.outcome, done.outputs["state"], done.idna) == ("success", "done", "3.6")
    assert set(done.outputs) == set(OUTPUTS)
    assert done.outputs["environment"].endswith("/a project/.venv")
    assert re.fullmatch(r"\d{8}_\d{6}", done.outputs["install-id"])
    jsonschema.validate(done.report, SCHEMA)
    assert done.report["packages"]["added"] == {"idna": "3.6"}


def test_the_page_of_the_job_has_the_phases_and_what_changed(done: Job) -> None:
    page = done.said.partition("## Surefoot: done")[2]
    assert "| python\\_deps | ✅ |" in page
    assert "\n+ idna 3.6\n" in page


def test_a_requirement_that_nobody_has_is_pointed_at(place: Workshop) -> None:
    requirements = place.project / "requirements.txt"
    kept = requirements.read_text()
    requirements.write_text("# what it needs\n\nidna==999\n")
    try:
        failed = place.run()
    finally:
        requirements.write_text(kept)
    assert (failed.outcome, failed.outputs["state"], failed.outputs["cache-key"]) == ("failure", "failed", "")
    assert "::error file=a project/requirements.txt,line=3::" in failed.said
    assert failed.report["error"]["facts"]["line"] == 3
    assert "## Surefoot: failed" in failed.said


def test_no_input_is_ever_a_script(place: Workshop, tmp_path: Path) -> None:
    evil = (
        f"\"; touch {tmp_path}/one; $(touch {tmp_path}/two) `touch {tmp_path}/three` '\n::set-output name=state::done"
    )
    refused = place.run(mode=evil, cache="false")
    assert (refused.outcome, refused.outputs["state"]) == ("failure", "failed")
    assert list(tmp_path.iterdir()) == []


def test_a_job_may_go_on_where_it_said_so(place: Workshop) -> None:
    assert place.run(mode="nonsense", cache="false", fail_on="never").outcome == "success"


def test_no_input_is_written_into_a_script() -> None:
    text = (ROOT / "action.yml").read_text()
    scripts = re.findall(r"(?m)^      run: (\|\n(?:        .*\n)+|.*\n)", text)
    assert len(scripts) == 3
    assert not any("${{" in script for script in scripts)
