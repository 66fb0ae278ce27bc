"""What is done to a project while the plug is pulled, and what must be there after a recovery."""

from __future__ import annotations

import json
import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from installer.engine import Setting
from installer.model import Delete, RelPath
from installer.rollback_manager import RollbackManager
from tests.model import toys
from tests.model.disk import Disk, Trace, tree

if TYPE_CHECKING:
    from tests.engine.toys import Picture
    from tests.model.bench import Bench, Plan
    from tests.model.crashes import Crash

Way = Callable[[], str]  # recovers; says how the run stands then


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """A recording. `ways` recover from a cut in it; `wanted` says what the project must be, by how the run stands then.

    `end` is the project at the end of it; `holds` asks whether the run is still what the user was told then. Both must
    survive a cut.
    """

    name: str
    trace: Trace
    end: Picture
    ways: Mapping[str, Way]
    wanted: Mapping[str, Picture]
    holds: Callable[[], bool]


@dataclass(frozen=True, slots=True, kw_only=True)
class Setup:
    """What the stories begin with: the bench, the disk before anything, and the disk after the whole plan."""

    bench: Bench
    before: Disk
    after: Disk
    pictures: dict[str, Picture] = field(default_factory=dict)


def set_up(bench: Bench) -> Setup:
    """Run the whole plan once."""
    before, was = bench.read(), bench.picture()
    bench.run()
    return Setup(bench=bench, before=before, after=bench.read(), pictures={"before": was, "after": bench.picture()})


def tell(setup: Setup, name: str, before: Disk, deed: Callable[[], object], **more: Any) -> Story:
    """Record `deed` from the disk `before`; every operation must have been seen."""
    bench = setup.bench
    bench.put(before)
    bench.boot = "one"
    with bench.recorder.recording(bench.read()) as trace:
        deed()
    told, real = trace.at(["kept"] * len(trace.ops)), bench.read()
    assert _plain(told) == _plain(real), "something was written that the model did not see"
    return Story(name=name, trace=trace, end=bench.picture(), **more)


def _plain(disk: Disk) -> dict[str, tuple[str, int, bytes]]:
    nodes = ((path, disk[inode]) for path, inode in tree(disk))
    return {path: (node.kind, node.mode if node.kind != "link" else 0, node.data) for path, node in nodes}


def judge(bench: Bench, story: Story, crash: Crash, way: str, *, times: int = 1, boot: str = "two") -> str:
    """Put the disk there and recover so many times; what is wrong then, empty if nothing is."""
    bench.put(crash.disk)
    bench.boot = boot if crash.power else bench.boot
    try:
        if wrong := _as_left(bench, story, crash):
            return wrong
        for _ in range(times):
            if wrong := verdict(bench, story, way, story.ways[way]()):
                return wrong
    except (Exception, SystemExit) as error:  # noqa: BLE001 -- whatever it is, it is no recovery
        return f"{story.name}, {way}: {type(error).__name__}: {error}\n{traceback.format_exc()}"
    return ""


def _as_left(bench: Bench, story: Story, crash: Crash) -> str:
    """What must be so without any recovery: views that can be read, and at the end what the user was told."""
    state = bench.store.folder
    for view in (bench.store.progress, *state.glob("runs/*/report.json"), *state.glob("checkpoints/backups/*.json")):
        if view.exists():
            json.loads(view.read_bytes())  # old or new, never empty
    ignore = state / ".gitignore"
    if ignore.exists() and ignore.read_bytes() != b"*\n":
        return f"{story.name}: the state folder would be seen by git"
    script = bench.store.script
    if script.exists() and not script.read_bytes().endswith(b"}\n"):
        return f"{story.name}: half a script"
    if crash.last and not story.holds():
        return f"{story.name}: the run was said to be over and is {bench.outcome()!r}"
    if crash.last and bench.picture() != story.end:
        return f"{story.name}: lost at the end: {sorted(set(bench.picture().items()) ^ set(story.end.items()))}"
    return ""


def verdict(bench: Bench, story: Story, way: str, ended: str) -> str:
    """Is the project what it must be when the run stands so?"""
    wanted = story.wanted.get(ended)
    if wanted is None:
        return f"{story.name}, {way}: the run ended as {ended!r}"
    found = bench.picture()
    if found != wanted:
        return f"{story.name}, {way}: {sorted(set(found.items()) ^ set(wanted.items()))}"
    return ""


# -- the stories ----------------------------------------------------------------------------------------------------


def forward(setup: Setup) -> Story:
    """The whole plan is run."""
    bench = setup.bench
    return tell(
        setup,
        "a run",
        setup.before,
        bench.run,
        ways={"resume": bench.resume, "rollback": bench.back, "script": bench.by_script},
        wanted={"done": setup.pictures["after"], "rolled back": setup.pictures["before"]},
        holds=lambda: bench.outcome() == "done",
    )


def rollback(setup: Setup) -> Story:
    """A finished run is taken back."""
    bench = setup.bench
    return tell(
        setup,
        "a rollback",
        setup.after,
        bench.back,
        ways={"resume": bench.resume, "rollback": bench.back, "script": bench.by_script},
        wanted={"done": setup.pictures["after"], "rolled back": setup.pictures["before"]},
        holds=lambda: bench.outcome() == "rolled back",
    )


def failing(setup: Setup) -> Story:
    """A step fails that the run can do without, then one that it cannot: its phase is taken back."""
    bench = setup.bench
    bench.put(setup.before)
    bench.run(toys.mended_plan)
    done = bench.picture()
    return tell(
        setup,
        "a failing phase",
        setup.before,
        lambda: bench.run(toys.failing_plan, wanted="failed"),
        ways={
            "resume": lambda: bench.resume(toys.mended_plan),
            "rollback": bench.back,
            "script": bench.by_script,
        },
        wanted={"done": done, "degraded": done, "rolled back": setup.pictures["before"]},
        holds=lambda: bench.outcome() == "" and "first" in bench.store.current().phases,
    )


def failing_whole(setup: Setup) -> Story:
    """A step fails, and the whole run is taken back for it."""
    bench, story = setup.bench, failing(setup)
    return tell(
        setup,
        "a failing run",
        setup.before,
        lambda: bench.run(toys.failing_plan, wanted="rolled back", setting=Setting(on_failure="run")),
        ways=story.ways,
        wanted=story.wanted,
        holds=lambda: bench.outcome() == "rolled back",
    )


def second_run(setup: Setup) -> Story:
    """Another run after a finished one, which is put away; both are taken back."""
    bench = setup.bench
    bench.put(setup.after)
    first = bench.store.current().install_id
    bench.run(toys.second_plan)
    done = bench.picture()

    def resume() -> str:
        if bench.store.current().install_id in {"", first} or not bench.outcome():
            bench.run(toys.second_plan)
        return "second done"

    return tell(
        setup,
        "a second run",
        setup.after,
        lambda: bench.run(toys.second_plan),
        ways={"resume": resume, "rollback": bench.back_all},
        wanted={"second done": done, "rolled back": setup.pictures["before"]},
        holds=lambda: bench.outcome() == "done" and bench.store.current().install_id != first,
    )


def both_back(setup: Setup) -> Story:
    """Two runs are taken back, the older one out of the archive, and the state folder is dissolved."""
    bench = setup.bench
    bench.put(setup.after)
    bench.run(toys.second_plan)
    both = bench.read()
    first_done, second_done = setup.pictures["after"], bench.picture()

    def deed() -> None:
        bench.back_all()
        bench.dissolve()

    return tell(
        setup,
        "both runs taken back",
        both,
        deed,
        ways={"rollback": bench.back_all, "dissolve": lambda: bench.back_all() + bench.dissolve(), "anew": bench.anew},
        wanted={
            "rolled back": setup.pictures["before"],
            "rolled back and dissolved": setup.pictures["before"],
            "done": first_done,
            "second done": second_done,
        },
        holds=bench.is_dissolved,
    )


def after_the_script(setup: Setup) -> Story:
    """rollback.sh took the run back; the tool takes note of it."""
    bench = setup.bench
    bench.put(setup.after)
    bench.by_script()
    return tell(
        setup,
        "a note of the script",
        bench.read(),
        bench.back,
        ways={"rollback": bench.back, "script": bench.by_script},
        wanted={"rolled back": setup.pictures["before"]},
        holds=lambda: bench.outcome() == "rolled back",
    )


def script_of_somebody(setup: Setup) -> Story:
    """Somebody else's installer, by the checkpoint API, to its end."""
    bench = setup.bench
    bench.put(setup.before)
    bench.somebodys_installer()
    done = bench.picture()
    return tell(
        setup,
        "the checkpoint API",
        setup.before,
        bench.somebodys_installer,
        ways={
            "resume": bench.somebodys_installer,
            "rollback": bench.back_to_start,
            "again": bench.through_and_back,
            "script": bench.by_script,
        },
        wanted={"done": done, "rolled back": setup.pictures["before"]},
        holds=lambda: bench.outcome() == "done",
    )


def a_point_is_returned_to(setup: Setup) -> Story:
    """A rollback point is returned to, files come back."""
    bench = setup.bench
    bench.put(setup.before)
    bench.somebodys_installer()
    done = bench.picture()
    return tell(
        setup,
        "a return",
        bench.read(),
        bench.back_to_start,
        ways={"rollback": bench.back_to_start, "again": bench.through_and_back, "script": bench.by_script},
        wanted={"done": done, "rolled back": setup.pictures["before"]},
        holds=lambda: bench.picture() == setup.pictures["before"],
    )


def resources(setup: Setup) -> Story:
    """Two resources are registered with a `RollbackManager`, and taken back."""
    bench = setup.bench
    bench.put(setup.before)
    names = ("one", "two")
    wanted = {}
    for name in ("", *names):
        toys.put(bench.root / f"resource {name}", name) if name else None
    there = bench.read()
    for count, name in enumerate(("", *names)):
        (bench.root / f"resource {name}").unlink() if name else None
        wanted[f"{count} taken back"] = bench.picture()

    def recover() -> str:
        with_them = RollbackManager.recover(bench.store, root=bench.root)
        count = with_them.count()
        with_them.rollback()
        return f"{count} taken back"

    def deed() -> None:
        manager = RollbackManager(journal=bench.store, root=bench.root)
        for name in names:
            manager.add_action("custom", name, "Make it", Delete(path=RelPath(f"resource {name}")))

    return tell(
        setup,
        "resources",
        there,
        deed,
        ways={"recover": recover},
        wanted=wanted,
        holds=lambda: RollbackManager.recover(bench.store, root=bench.root).count() == len(names),
    )


def _single(name: str, plan: Plan) -> tuple[Callable[[Setup], Story], Callable[[Setup], Story]]:
    """A run of one step that nothing comes after, and its rollback: no later sync makes up for one that is missing."""

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


STORIES = (
    forward,
    rollback,
    failing,
    failing_whole,
    second_run,
    both_back,
    after_the_script,
    script_of_somebody,
    a_point_is_returned_to,
    resources,
    *(story for name, plan in toys.SINGLE.items() for story in _single(name, plan)),
)
