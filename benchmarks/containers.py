"""Apps and containers beside what people use instead: how long an update takes one away, what a start and a look cost.

Where there is no engine, one sentence says so, and there are no rows.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from typing import TYPE_CHECKING

from benchmarks.figures import Goal, Row
from benchmarks.harbour import Missing, compose, harbour
from benchmarks.timing import Took, by_turns, environment

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from benchmarks.harbour import Harbour
    from benchmarks.room import Room

_APPS, _MANY, _FEW = 3, 100, 3
_MEGABYTES = 64


def updates(room: Room) -> Iterator[Row]:
    """An image that three containers with data use is another one by now."""
    yield from _with_engine(room, _updates)


def starts(room: Room) -> Iterator[Row]:
    """An app that is started, as a process and as a container."""
    yield from _processes(room)
    yield from _with_engine(room, _containers)


def looks(room: Room) -> Iterator[Row]:
    """How a hundred apps are, in one call."""
    yield from _with_engine(room, _looks)


def _with_engine(room: Room, rows: Callable[[Room, Harbour], Iterator[Row]]) -> Iterator[Row]:
    try:
        with harbour() as engine:
            yield from rows(room, engine)
    except Missing as problem:
        sys.stderr.write(f"left out: {problem}\n")


# -- updates -----------------------------------------------------------------------------------------------------------


def _updates(room: Room, engine: Harbour) -> Iterator[Row]:
    yield _update(room, engine, 1, 0, "--rolling")
    if not room.quick:
        yield _update(room, engine, _APPS, 0, "--rolling")
        yield _update(room, engine, _APPS, 0, "--all")
        yield _update(room, engine, _APPS, _MEGABYTES, "--rolling")


def _update(room: Room, engine: Harbour, count: int, size: int, way: str) -> Row:
    names = [f"{engine.word}-{number}" for number in range(count)]
    move = ["images", "update", engine.tag, "--recreate", "--local", way, "--steady", "0.5", "-y"]
    data = f"{size} MB of data each" if size else "a little data each"
    what = f"an image update, how long a container is away: {count} with {data}, `{way}`"

    def ours() -> Took:
        folder = room.clean("update-ours")
        engine.image(1)
        for name in names:
            _filled(engine, name, size)
            mounts = {name: {"bind": "/data"}}
            engine.client.containers.run(engine.tag, name=name, detach=True, labels=engine.labels, volumes=mounts)
        return _away(engine, engine.manage(*move), names, folder)

    def theirs() -> Took:
        folder = room.clean("update-theirs")
        services = {
            name: {
                "image": engine.tag,
                "container_name": name,
                "labels": engine.labels,
                "volumes": [f"{name}:/data"],
                "network_mode": "bridge",
            }
            for name in names
        }
        command = compose(folder, services, names)
        engine.image(1)
        for name in names:
            _filled(engine, name, size)
        engine.run(command, folder)
        return _away(engine, command, names, folder)

    turns = by_turns(room.pairs, ours, theirs, warm=not room.quick)
    return Row(
        what=what,
        ours=tuple(each.seconds for each in turns.ours),
        against="`docker-compose up -d`, all of them at once, no copy of the data",
        theirs=tuple(each.seconds for each in turns.theirs),
        goal=Goal(1.0),
    )


def _away(engine: Harbour, command: list[str], names: list[str], folder: Path) -> Took:
    """The mean of their times away, while the tag is moved to a new version by `command`."""
    engine.image(2)
    found = engine.away(names, lambda: engine.run(command, folder))
    engine.clear()
    return Took(sum(found) / len(found))


def _filled(engine: Harbour, name: str, size: int) -> None:
    """A volume with some files in it."""
    engine.client.volumes.create(name, labels=engine.labels)
    count, each = max(1, size), 1 << 20 if size else 100
    script = f"i=0; while [ $i -lt {count} ]; do head -c {each} /dev/urandom >/data/$i; i=$((i+1)); done"
    engine.client.containers.run(
        f"{engine.word}:base",
        ["/bin/busybox", "sh", "-c", script],
        remove=True,
        labels=engine.labels,
        volumes={name: {"bind": "/data"}},
    )


# -- starts ------------------------------------------------------------------------------------------------------------


def _processes(room: Room) -> Iterator[Row]:
    folder = room.clean("start-process")
    (folder / "surefoot.toml").write_text('[apps.one]\ncommand = ["sleep", "100000"]\nstop-timeout = "0s"\n')

    def ours() -> Took:
        began = time.perf_counter()
        _must(room.ours("manage", "apps", "start", "-y"), folder)
        took = Took(time.perf_counter() - began)
        _must(room.ours("manage", "apps", "stop", "-y"), folder)
        return took

    def theirs() -> Took:
        began = time.perf_counter()
        with subprocess.Popen(["sleep", "100000"], cwd=folder, start_new_session=True) as process:
            took = Took(time.perf_counter() - began)
            process.kill()
        return took

    if os.name == "posix":
        yield _row(
            room, "`apps start` of a process, well for 0.3 s", ours, "the process, started and nothing more", theirs
        )


def _containers(room: Room, engine: Harbour) -> Iterator[Row]:
    program = shutil.which("docker")
    if program is None:
        raise Missing("there is no `docker` here to compare with")
    folder, name = room.clean("start-container"), f"b{os.getpid()}"
    engine.image(1)
    (folder / "surefoot.toml").write_text(
        f'[apps.{name}]\nmode = "docker"\nimage = "{engine.tag}"\nnetwork = "none"\nstop-timeout = "0s"\n'
    )

    def ours() -> Took:
        took = Took(engine.run(engine.manage("apps", "start", "-y"), folder))
        engine.run(engine.manage("rollback", "-y"), folder)
        return took

    def theirs() -> Took:
        words = [
            "run",
            "-d",
            "--network",
            "none",
            "--name",
            name,
            *(f"--label={key}={value}" for key, value in engine.labels.items()),
        ]
        took = Took(engine.run([program, *words, engine.tag], folder))
        engine.clear()
        return took

    yield _row(room, "`apps start` of a container, well for 0.3 s", ours, "`docker run -d`", theirs)


# -- looks -------------------------------------------------------------------------------------------------------------


def _looks(room: Room, engine: Harbour) -> Iterator[Row]:
    from phases.containers import labels

    program = shutil.which("docker")
    if program is None:
        raise Missing("there is no `docker` here to compare with")
    count = _FEW if room.quick else _MANY
    folder, words = room.clean("looks"), [f"b{os.getpid()}-{number}" for number in range(count)]
    engine.image(1)
    (folder / "surefoot.toml").write_text(
        "".join(f'[apps.{name}]\nmode = "docker"\nimage = "{engine.tag}"\n' for name in words)
    )
    names = [f"surefoot-app-{name}" for name in words]
    for app, name in zip(words, names, strict=True):
        marks = {**engine.labels, **labels.of(folder, "", ""), labels.APP: app}
        engine.client.containers.run(engine.tag, name=name, detach=True, labels=marks, network_mode="none")
    ours, theirs = engine.manage("apps", "status"), [program, "inspect", *names]
    yield _row(
        room,
        f"`apps status` of {count} running containers",
        lambda: Took(engine.run(ours, folder)),
        "`docker inspect` of them",
        lambda: Took(engine.run(theirs, folder)),
    )


def _row(room: Room, what: str, ours: Callable[[], Took], against: str, theirs: Callable[[], Took]) -> Row:
    turns = by_turns(room.pairs, ours, theirs, warm=not room.quick)
    mine, others = (tuple(each.seconds for each in side) for side in turns)
    return Row(what=what, ours=mine, against=against, theirs=others)


def _must(command: list[str], folder: Path) -> None:
    done = subprocess.run(command, cwd=folder, env=environment(), capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"{' '.join(command)} exited {done.returncode}: {done.stdout[-1500:]}{done.stderr[-1500:]}")
