"""Stories of one step that nothing comes after: no later sync makes up for one that is missing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.model.judging import Setup, Story, tell

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.model.bench import Plan


def single(name: str, plan: Plan) -> tuple[Callable[[Setup], Story], Callable[[Setup], Story]]:
    """A run of `plan`, and its rollback."""

    def done(setup: Setup) -> Story:
        bench = setup.bench
        bench.put(setup.before)
        bench.run(plan)
        end = bench.picture()
        return tell(
            setup,
            f"only {name}",
            setup.before,
            lambda: bench.run(plan),
            ways={"resume": lambda: bench.resume(plan), "rollback": bench.back, "script": bench.by_script},
            wanted={"done": end, "rolled back": setup.pictures["before"]},
            holds=lambda: bench.outcome() == "done",
        )

    def undone(setup: Setup) -> Story:
        bench, story = setup.bench, done(setup)
        return tell(
            setup,
            f"{name} taken back",
            bench.read(),
            bench.back,
            ways=story.ways,
            wanted=story.wanted,
            holds=lambda: bench.outcome() == "rolled back",
        )

    return done, undone
