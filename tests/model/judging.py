"""A story: what was done to a project while the plug was pulled. Its judge: what must be there after a recovery."""

from __future__ import annotations

import json
import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tests.model.disk import Disk, Trace, tree

if TYPE_CHECKING:
    from tests.engine.toys import Picture
    from tests.model.bench import Bench
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
