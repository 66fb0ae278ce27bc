"""The test of the tests: every engine that is broken on purpose is noticed."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

import pytest

from tests.model.crashes import crashes, different
from tests.model.judging import Setup, Story, judge
from tests.model.mutants import MUTANTS, Mutant, archived_after_it_was_removed, guards_that_trust_size_and_time
from tests.model.single import single
from tests.model.stories import STORIES, second_run
from tests.model.toys import SINGLE

if TYPE_CHECKING:
    from collections.abc import Callable

SEED = "20261122"
_TRIED = 80  # states a story
# only few of the states show these: every one of the story that has such is tried, and every way back
_RARE: dict[Mutant, tuple[Callable[[Setup], Story], ...]] = {
    archived_after_it_was_removed: (second_run,),
    guards_that_trust_size_and_time: single("an overwrite", SINGLE["an overwrite"])[:1],
}


@pytest.mark.slow
@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda each: each.__name__)
def test_an_engine_that_is_broken_on_purpose_is_noticed(setup: Setup, mutant: Mutant) -> None:
    assert noticed(setup, mutant)


def noticed(setup: Setup, mutant: Mutant) -> str:
    """What the model says of an engine that is broken so; empty if it says nothing."""
    chance = random.Random(SEED)  # noqa: S311 -- a sample, no secret
    rare = mutant in _RARE
    for tell_it in _RARE.get(mutant, STORIES):
        with pytest.MonkeyPatch.context() as patch:
            mutant(patch)
            try:
                story = tell_it(setup)
            except AssertionError as error:
                return f"{tell_it.__name__}: not even undisturbed: {error}"
            found = list(different(crashes(story.trace, bound=4, chance=chance), set()))
            for number, crash in enumerate(found if rare else chance.sample(found, min(_TRIED, len(found)))):
                ways = list(story.ways)
                for way in ways if rare or len(found) < _TRIED else (ways[number % len(ways)],):
                    setup.bench.boot = "one"
                    if wrong := judge(setup.bench, story, crash, way):
                        return wrong
    return ""
