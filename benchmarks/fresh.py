"""Nothing to do, and a new environment: warm, cold, and how much memory that takes."""

from __future__ import annotations

import os
import shutil
import sys
from typing import TYPE_CHECKING

from benchmarks.figures import Goal, Row
from benchmarks.timing import Took, peak, run

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from benchmarks.room import Room

_SYNC = "`uv sync --frozen`"


def idle(room: Room) -> Iterator[Row]:
    """The same command again; and how much of that is the start of the interpreter itself."""
    made = room.subject("application")
    ours, theirs = made.put(made.new, room.clean("idle-ours")), made.put(made.new, room.clean("idle-theirs"))
    run(room.ours("quickstart", "-y"), ours)
    run(room.sync, theirs)
    again, bare = room.ours("quickstart"), [room.python, "-c", "pass"]
    yield room.compare("nothing to do", lambda: run(again, ours), _SYNC, lambda: run(room.sync, theirs), Goal(1.0))
    start = "the same interpreter, doing nothing at all"
    yield room.compare("nothing to do", lambda: run(again, ours), start, lambda: run(bare, ours))


def fresh(room: Room) -> Iterator[Row]:
    """From nothing to an environment, the cache warm; the second comparison gives uv's environment the same proof."""
    for name in ("application",) if room.quick else ("application", "small", "big"):
        yield _fresh(room, name)
    yield _called(room)
    yield _proven(room)


def _fresh(room: Room, name: str) -> Row:
    made = room.subject(name)
    what = f"a new environment, {made.packages} packages, warm cache"
    goal = Goal(1.25) if name == "application" else None
    ours, theirs = room.ours("quickstart", "-y"), room.sync
    return room.compare(
        what,
        lambda: run(ours, made.put(made.new, room.clean("fresh-ours"))),
        _SYNC,
        lambda: run(theirs, made.put(made.new, room.clean("fresh-theirs"))),
        goal,
    )


def _called(room: Room) -> Row:
    """What we have uv do, and nothing of ours: the packages of a lock into an empty environment. A floor."""
    made = room.subject("application")
    lock = room.clean("fresh-called") / "pylock.toml"
    words = ("--frozen", "--quiet", "--no-emit-project", "--format", "pylock.toml", "--output-file", str(lock))
    run([room.uv, "export", "--project", str(made.new), *words], made.new)
    install = (room.uv, "pip", "install", "--no-deps", "--preview-features", "pylock", "--requirements", str(lock))

    def ours() -> Took:
        project = room.clean("fresh-ours")
        run([room.uv, "venv", "--relocatable", "--quiet", "--python", room.python, ".venv"], project)
        return run([*install, "--python", str(interpreter(project))], project)

    return room.compare(
        f"`uv pip install`, as Surefoot calls it once of all that it does: {made.packages} packages, warm cache",
        ours,
        _SYNC,
        lambda: run(room.sync, made.put(made.new, room.clean("fresh-theirs"))),
    )


def _proven(room: Room) -> Row:
    """Ours is imported from before it is switched in; here uv's is, too."""
    made = room.subject("application")
    imports = f"import {', '.join(made.modules)}"

    def theirs() -> Took:
        project = made.put(made.new, room.clean("fresh-theirs"))
        synced = run(room.sync, project)
        proven = run([str(interpreter(project)), "-I", "-B", "-c", imports], project)
        return Took(synced.seconds + proven.seconds, synced.cpu + proven.cpu)

    return room.compare(
        f"a new environment, {made.packages} packages, warm cache",
        lambda: run(room.ours("quickstart", "-y"), made.put(made.new, room.clean("fresh-ours"))),
        f"{_SYNC}, then an import of what was asked for",
        theirs,
    )


def pip(room: Room) -> Iterator[Row]:
    """The same packages by virtualenv and pip, from wheels that lie ready: what many projects do today."""
    made, tools = room.subject("application"), [sys.executable, "-I", "-m", "virtualenv", "--quiet"]
    pinned, wheels = room.clean("pip") / "requirements.txt", room.folder / "pip" / "wheels"
    words = ("--frozen", "--no-hashes", "--no-emit-project", "--quiet", "--output-file", str(pinned))
    run([room.uv, "export", "--project", str(made.new), *words], made.new)
    run([*tools, "--python", room.python, ".venv"], room.folder / "pip")
    fetching = ("-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", str(wheels), "-r", str(pinned))
    run([str(interpreter(room.folder / "pip")), *fetching], room.folder / "pip")

    def theirs() -> Took:
        project = room.clean("pip-theirs")
        virtual = run([*tools, "--python", room.python, ".venv"], project)
        install = ("-m", "pip", "install", "--quiet", "--no-deps", "--no-index", "--find-links", str(wheels))
        filled = run([str(interpreter(project)), *install, "-r", str(pinned)], project)
        return Took(virtual.seconds + filled.seconds, virtual.cpu + filled.cpu)

    yield room.compare(
        f"a new environment, {made.packages} packages, warm cache",
        lambda: run(room.ours("quickstart", "-y"), made.put(made.new, room.clean("pip-ours"))),
        "`virtualenv` and `pip install -r`, wheels at hand",
        theirs,
    )


def cold(room: Room) -> Iterator[Row]:
    """The same with an empty cache of uv's on both sides: the only row with a network in it."""
    made = room.subject("application")

    def side(name: str, command: list[str]) -> Took:
        project, cache = made.put(made.new, room.clean(f"cold-{name}")), room.clean(f"cold-{name}-cache")
        took = run(command, project, extra={"UV_CACHE_DIR": str(cache)})
        shutil.rmtree(cache)
        return took

    yield room.compare(
        f"a new environment, {made.packages} packages, empty cache",
        lambda: side("ours", room.ours("quickstart", "-y")),
        _SYNC,
        lambda: side("theirs", room.sync),
        Goal(1.05),
    )


def memory(room: Room) -> Iterator[Row]:
    """The most memory that the process itself, not its children, holds while it makes a new environment."""
    made = room.subject("application")
    ours, theirs = [], []
    for _ in range(1 if room.quick else 3):
        ours.append(peak(room.ours("quickstart", "-y"), made.put(made.new, room.clean("memory-ours"))).mib)
        theirs.append(peak(room.sync, made.put(made.new, room.clean("memory-theirs"))).mib)
    if not all((*ours, *theirs)):
        return  # only Linux tells
    what = f"memory of the process itself, a new environment, {made.packages} packages"
    yield Row(what=what, ours=tuple(ours), against=_SYNC, theirs=tuple(theirs), goal=Goal(60, "MiB"), unit="MiB")


def interpreter(project: Path) -> Path:
    """The interpreter of the environment in `project`."""
    return project / ".venv" / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
