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


def test_what_was_saved_is_restored_proven_and_put_right(place: Workshop, done: Job) -> None:
    key = done.outputs["cache-key"]
    assert [each.name for each in place.caches.iterdir()] == [key]
    next((place.caches / key).glob("lib/*/site-packages/idna/core.py")).write_text("poison = True\n")
    again = place.run(mode="minimal")
    assert (again.outcome, again.idna) == ("success", "3.6")
    assert "restored `.venv`" in again.said
    assert again.outputs["cache-key"] not in {"", key}  # act gives each job another folder, GitHub the same
    core = next((place.caches / again.outputs["cache-key"]).glob("lib/*/site-packages/idna/core.py"))
    assert "poison" not in core.read_text()


def test_a_requirement_that_nobody_has_is_pointed_at(place: Workshop, done: Job) -> None:
    requirements = place.project / "requirements.txt"
    kept, kept_before = requirements.read_text(), {each.name for each in place.caches.iterdir()}
    requirements.write_text("# what it needs\n\nidna==999\n")
    try:
        failed = place.run()
    finally:
        requirements.write_text(kept)
    assert (failed.outcome, failed.outputs["state"], failed.outputs["cache-key"]) == ("failure", "failed", "")
    assert {each.name for each in place.caches.iterdir()} == kept_before
    assert "::error file=a project/requirements.txt,line=3::" in failed.said
    assert failed.report["error"]["facts"]["line"] == 3
    assert "## Surefoot: failed" in failed.said


def test_no_input_is_ever_a_script(place: Workshop, tmp_path: Path) -> None:
    evil = (
        f"\"; touch {tmp_path}/one; $(touch {tmp_path}/two) `touch {tmp_path}/three` '\n::set-output name=state::done"
    )
    refused = place.run(mode=evil, cache="false", fail_on="never")  # so that the job goes on, as it says
    assert (refused.outcome, refused.outputs["state"]) == ("success", "failed")
    assert list(tmp_path.iterdir()) == []
