"""The step of a build in this process: what is planned, done and noted, with a provider of the test's own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from installer import manifest as manifests
from installer import process
from installer.frozen import replace
from installer.model import Context, Facts, Options, RelPath, Step
from phases.builds import memory, planning
from phases.builds.model import BuildRun, BuildState, Tip
from phases.builds.section import BuildSection

if TYPE_CHECKING:
    from pathlib import Path

    from installer.manifest import Manifest
    from installer.model import Json
    from phases.builds.model import Strategy, Wish

RUN = BuildRun(id="7", url="https://x.test/7", state=BuildState.QUEUED, commit="c" * 40, ref="main", created="")
STATE = RelPath(".surefoot")


class Provider:
    """Shows `seen`; answers a request with `answer`, or raises it."""

    def __init__(self) -> None:
        self.seen: BuildRun | None = None
        self.answer: BuildRun | Exception | None = RUN
        self.asked: list[Wish] = []
        self.known = Tip(commit="")
        self.late = 0  # looks that do not show it yet
        self.commits: list[str] = []
        self.looks: list[tuple[str, bool]] = []  # since when, and is it the last one?

    def default_branch(self) -> str:
        return "main"

    def tip(self, wish: Wish) -> Tip:
        return replace(self.known, commit=self.known.commit or wish.commit)

    def runs(self, wish: Wish) -> list[BuildRun]:
        self.commits.append(wish.commit)
        if len(self.commits) <= self.late:
            return []
        return [self.seen] if self.seen else []

    def find(self, wish: Wish, *, last: bool = True) -> BuildRun | None:
        self.looks.append((wish.since, last))
        return self.seen

    def trigger(self, wish: Wish, strategy: Strategy) -> BuildRun | None:
        self.asked.append(wish)
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


def manifest(root: Path, text: str = "") -> Manifest:
    (root / "surefoot.toml").write_text("[build]\n" + text)
    return manifests.load(root, (BuildSection,))


def facts(root: Path, run: str) -> Facts:
    return Facts(root=root, state=STATE, install_id=run, options=Options())


def planned(root: Path, run: str, text: str = "") -> Json:
    (step,) = planning.plan({}, manifest(root, text), facts(root, run))
    assert isinstance(step, Step)
    return dict(step.args)


def act(root: Path, args: Json, run: str) -> Json:
    def say(_: str) -> None: ...

    context = Context(
        root=root,
        state=STATE,
        install_id=run,
        options=Options(),
        scratch=root,
        run=cast("Any", process.run),
        report=lambda _done, _all: None,
        note=say,
        warn=say,
    )
    return planning.trigger(args, context)


def note(root: Path) -> memory.Note:
    found = memory.read(root / STATE)
    assert found is not None
    return found
