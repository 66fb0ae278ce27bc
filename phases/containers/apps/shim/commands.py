"""What the shim's file can be asked to do: `start FOLDER SPEC`, `stop FOLDER DEED`. Both may be repeated.

Ends with 0; 1 with a sentence on standard error; 10 where another start of the same app is in the way.
"""

from __future__ import annotations

import os
import signal
import sys
import time

from . import child, identity, record
from .keeper import Keeper

CONFLICT = 10
_POLL = 0.02
_PATIENCE = 2.0  # seconds for whoever looks at the lock to let go of it
_SPARE = 15.0  # seconds beyond the app's own time to end


def main(words: list[str]) -> int:
    """Do it. `words`: the verb and its arguments."""
    try:
        match words:
            case ["start", folder, name]:
                return start(folder, name)
            case ["stop", folder, deed]:
                return stop(folder, deed)
    except OSError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    sys.stderr.write("shim.pyz start FOLDER SPEC | stop FOLDER DEED\n")
    return 2


def start(folder: str, name: str) -> int:
    """Have a shim look after the app in `folder`, as the spec at `name` (from there) says; returns when it is up.

    An app that runs without a shim, and was started by this very deed, is adopted.
    """
    os.chdir(folder)
    spec = record.read(name)
    if not spec:
        sys.stderr.write(f"{name} is not there\n")
        return 1
    if record.read(record.STOPPED).get("deed") == spec["deed"]:
        os.unlink(record.STOPPED)
    reading, writing = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(reading)
        _leave(spec, writing)
    os.close(writing)
    os.waitpid(pid, 0)
    with os.fdopen(reading, "rb") as stream:
        said = stream.read().decode()
    if said in {"up", "up already"}:
        return 0
    sys.stderr.write((said or "the shim ended before the app was up") + "\n")
    return CONFLICT if said.startswith("taken") else 1


def _leave(spec: dict[str, object], writing: int) -> None:
    """In a child of the starter: become nobody's child, with nothing open of whoever started us. Never returns."""
    try:
        os.setsid()
        if os.fork():
            os._exit(0)
        _close_all_but(writing)
        _keep(spec, writing)
    except BaseException as error:  # noqa: BLE001 -- told to the starter, whatever it is
        os.write(writing, str(error).encode() or b"interrupted")
    os._exit(0)


def _close_all_but(kept: int) -> None:
    """Also the lock of the project, which the tool's children hold: an app must not keep a run from beginning."""
    nothing = os.open(os.devnull, os.O_RDWR)
    for number in (0, 1, 2):
        os.dup2(nothing, number)
    most = min(os.sysconf("SC_OPEN_MAX"), 1 << 16)
    try:
        numbers = [int(each) for each in os.listdir("/dev/fd")]
    except OSError:
        numbers = list(range(3, most))
    for number in numbers:
        if number not in {0, 1, 2, kept}:
            try:
                os.close(number)
            except OSError:
                continue
    os.set_inheritable(kept, False)  # noqa: FBT003 -- it takes it so only


def _keep(spec: dict[str, object], writing: int) -> None:
    lock = _held()
    if lock < 0:
        same = record.read(record.STATUS).get("deed") == spec["deed"]
        os.write(writing, b"up already" if same else b"taken: another start of the same app is running")
        return
    found = record.read(record.STATUS)
    alive = found.get("place") == record.here(".") and identity.is_alive(
        int(str(found.get("pid", 0))), str(found.get("since", ""))
    )
    if alive and found.get("deed") != spec["deed"]:
        os.write(writing, b"taken: the app runs without a shim, by another start")
        return

    def report(why: str) -> None:
        nonlocal writing
        if writing >= 0:
            os.write(writing, why.encode() or b"up")
            os.close(writing)
            writing = -1

    Keeper(spec, found if alive else {}, report).run()


def _held() -> int:
    until = time.monotonic() + _PATIENCE
    while (lock := record.hold(".")) < 0 and time.monotonic() < until:
        if record.read(record.STATUS).get("state") in {"running", "waiting", "stopping"} and record.is_held("."):
            break
        time.sleep(_POLL)
    return lock


def stop(folder: str, deed: str) -> int:
    """End what the start called `deed` left running ("-": whatever runs), and whatever of it has yet to begin."""
    if not os.path.isdir(folder):
        return 0
    os.chdir(folder)
    found = record.read(record.STATUS)
    wanted = str(found.get("deed", "")) if deed == "-" else deed
    record.write(record.STOPPED, {"deed": wanted})
    until = time.monotonic() + _SPARE + float(str(found.get("stop_timeout", 0.0)))
    while record.is_held("."):
        found = record.read(record.STATUS)
        if found.get("deed") not in {None, wanted} and found.get("state") in {"running", "waiting"}:
            return 0  # what runs is another's
        shim = int(str(found.get("shim", 0)))
        if found.get("deed") == wanted and identity.is_alive(shim, str(found.get("shim_since", ""))):
            if time.monotonic() > until:
                os.kill(shim, signal.SIGKILL)
            elif found.get("state") != "stopping":
                os.kill(shim, signal.SIGTERM)
        elif time.monotonic() > until:
            sys.stderr.write("the shim does not answer\n")
            return 1
        time.sleep(_POLL)
    return _end_unwatched(wanted)


def _end_unwatched(deed: str) -> int:
    """The shim is gone: so must be the app, if it is the very one."""
    found = record.read(record.STATUS)
    if found.get("deed") != deed or found.get("place") != record.here("."):
        return 0
    pid, since = int(str(found.get("pid", 0))), str(found.get("since", ""))
    if identity.is_alive(pid, since):
        child.end(pid, since, float(str(found.get("stop_timeout", 0.0))))
    if found.get("state") not in {"stopped", "exited", "failed"}:
        ended = {"state": "stopped", "health": "", "pid": 0, "since": "", "ended": time.time()}
        record.write(record.STATUS, {**found, **ended})
    return 0
