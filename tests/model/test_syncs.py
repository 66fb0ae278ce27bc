"""Every single sync is needed: without it there is a power cut that is not recovered from."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

import pytest

from tests.model.crashes import different, missing
from tests.model.disk import SYNCING
from tests.model.judging import judge
from tests.model.stories import STORIES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.model.bench import Bench
    from tests.model.judging import Setup, Story

NOT_NEEDED_HERE = (  # and why they stay all the same
    # the toy script writes in place; one that renames needs it, as "rollback._settle: settle+9" shows
    "points._note_what_was_left: settle+9",
)
_TRIED = 60  # states a story at first
_ALL = 3_000  # where they show nothing: all of the telling ones, and
_MORE = 20  # others of each point


@pytest.mark.slow
def test_without_any_single_sync_a_cut_is_not_recovered_from(setup: Setup, capsys: pytest.CaptureFixture[str]) -> None:
    stories = [story(setup) for story in STORIES]
    found = {
        site: missed(setup.bench, stories, site, _TRIED) or missed(setup.bench, stories, site, _ALL, _MORE)
        for site in sites(stories)
    }
    needless = [site for site, wrong in found.items() if not wrong]
    with capsys.disabled():
        print(f"\nmodel: {len(found)} sites that sync, each left out in turn: {len(found) - len(needless)} missed")  # noqa: T201
    assert tuple(needless) == NOT_NEEDED_HERE


def sites(stories: Sequence[Story]) -> list[str]:
    """Everything that asks for a sync in any of the stories."""
    return sorted({op.site for story in stories for op in story.trace.ops if op.kind in SYNCING})


def missed(bench: Bench, stories: Sequence[Story], site: str, limit: int, many: int = 0) -> str:
    """What goes wrong when the syncs of `site` never happened; empty if nothing does in `limit` states a story.

    `many` more of each point than the telling ones are among them.
    """
    chance = random.Random(site)  # noqa: S311 -- a sample, no secret
    for story in sorted(stories, key=lambda each: len(each.trace.ops)):
        if not any(op.site == site for op in story.trace.ops):
            continue
        found = list(different(missing(story.trace, site, chance, many), set()))
        for crash in found if len(found) <= limit else [*chance.sample(found, limit - 1), found[-1]]:
            for way in story.ways:
                bench.boot = "one"
                if wrong := judge(bench, story, crash, way):
                    return wrong
    return ""
