"""The power is cut at every point of every story, and again in the recovery: it resumes, or it reverts."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from tests.model.stories import STORIES
from tests.model.trial import QUICK, WHOLE, attempt

if TYPE_CHECKING:
    from tests.model.judging import Setup

SEED = int(os.environ.get("SUREFOOT_MODEL_SEED", "20261122"))
MEASURE = WHOLE if os.environ.get("SUREFOOT_MODEL") == "all" else QUICK


@pytest.mark.slow
def test_whatever_a_cut_leaves_is_recovered_from(setup: Setup, capsys: pytest.CaptureFixture[str]) -> None:
    report = attempt(setup.bench, [story(setup) for story in STORIES], MEASURE, SEED)
    with capsys.disabled():
        print(f"\nmodel: {report}")  # noqa: T201 -- the denominators are the result
    assert "\n".join(report.violations) == ""
    assert report.states > 2000
    assert report.twice > 200
