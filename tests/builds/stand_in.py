"""A provider of the test's own, for what only the tool decides: no server, no library, no npm."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from installer.errors import Precondition
from installer.frozen import replace
from phases.builds.model import BuildRun, BuildState, Tip

if TYPE_CHECKING:
    from collections.abc import Iterator

    from phases.builds.model import Strategy, Wish


class Provider:
    """Has `held`, the newest run first. `looks`: what the next looks at a run meet: a failure, or its new state."""

    def __init__(self) -> None:
        self.held: list[BuildRun] = []
        self.commit = "c" * 40
        self.asked: list[Wish] = []
        self.refusal: BaseException | None = None
        self.looks: list[Exception | BuildState | None] = []
        self.retries: list[int] = []

    @contextmanager
    def connected(self, *_: object, retries: int = -1, **__: object) -> Iterator[Provider]:
        """In the place of `providers.connected`."""
        self.retries.append(retries)
        yield self

    def add(self, state: BuildState = BuildState.RUNNING, **about: str) -> BuildRun:
        """A run, the newest."""
        number = str(100 + len(self.held))
        made = BuildRun(
            id=number,
            url=f"https://x.test/{number}",
            state=state,
            commit=about.get("commit", self.commit),
            ref="main",
            created=about.get("created", f"2026-11-23T05:00:{len(self.held):02}Z"),
            title=about.get("title", ""),
        )
        self.held.insert(0, made)
        return made

    def default_branch(self) -> str:
        return "main"

    def tip(self, wish: Wish) -> Tip:
        return Tip(commit=self.commit if wish.ref in {"main", ""} else wish.commit)

    def runs(self, wish: Wish) -> list[BuildRun]:
        return [each for each in self.held if each.commit == wish.commit]

    def find(self, wish: Wish, *, last: bool = True) -> BuildRun | None:
        return next((each for each in self.held if wish.key and each.title == wish.key), None)

    def trigger(self, wish: Wish, strategy: Strategy) -> BuildRun | None:
        self.asked.append(wish)
        if self.refusal is not None:
            raise self.refusal
        return self.add(BuildState.QUEUED, title=wish.key)

    def run(self, run_id: str) -> BuildRun:
        met = self.looks.pop(0) if self.looks else None
        if isinstance(met, Exception):
            raise met
        if met is not None:
            self.held = [replace(each, state=met) if each.id == run_id else each for each in self.held]
        if found := next((each for each in self.held if each.id == run_id), None):
            return found
        raise Precondition("build.unknown", f"no run {run_id}", status=404)
