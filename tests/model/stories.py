"""What is done to a project while the plug is pulled, and what it must be after a recovery."""

from __future__ import annotations

from installer.engine import Setting
from installer.model import Delete, RelPath
from installer.rollback_manager import RollbackManager
from tests.model import toys
from tests.model.judging import Setup, Story, tell
from tests.model.single import single


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
    *(story for name, plan in toys.SINGLE.items() for story in single(name, plan)),
)
