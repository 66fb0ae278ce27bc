"""The loop: looks after one app until it ends for good."""

from __future__ import annotations

import os
import select
import signal
import stat
import time
from typing import TYPE_CHECKING

from . import child, identity, record
from .checks import Check
from .logs import Log

if TYPE_CHECKING:
    from collections.abc import Callable

_LONGEST_WAIT = 60.0  # seconds between two starts at most
_STEADY = 60.0  # seconds after which an end is no longer counted among the ones before
_LOOK = 0.05  # seconds between two looks at what sends no signal


class Keeper:
    """Works in the app's folder, and holds its lock. `report` is told once: "" when the app is up, or why not."""

    def __init__(self, spec: dict[str, object], found: dict[str, object], report: Callable[[str], None]) -> None:
        self._spec = spec
        self._tell, self._reported = report, False
        self._unwritten = False
        log = _table(spec, "log")
        self._log = Log(str(log["path"]), int(str(log["max_size"])), int(str(log["files"])))
        health = _table(spec, "health")
        self._check = Check(health, str(spec["folder"]), _texts(spec, "variables")) if health else None
        self._child: child.Child | None = None
        self._asked = False  # to end
        self._until = 0.0  # when KILL follows TERM
        self._again = 0.0  # when it is started again
        self._wait = float(str(spec["back_off"]))
        self._status: dict[str, object] = {
            **{name: spec[name] for name in ("name", "deed", "digest", "version", "stop_timeout")},
            "place": record.here("."),
            "shim": os.getpid(),
            "shim_since": identity.started(os.getpid()),
            "restarts": 0,
        }
        if found:  # it runs, and its shim is gone
            self._child = child.Child(int(str(found["pid"])), str(found["since"]), adopted=True)
            kept = ("pid", "since", "started", "restarts", "exit_code", "ended")
            self._status |= {name: found[name] for name in kept if name in found}

    def run(self) -> None:
        """Until the end."""
        reading, writing = os.pipe()
        for each in (reading, writing):
            os.set_blocking(each, False)
        signal.set_wakeup_fd(writing, warn_on_full_buffer=False)
        signal.signal(signal.SIGTERM, self._note)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        for number in (signal.SIGINT, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)
        output = _pipe()
        if self._child is None:
            self._start(first=True)
        else:
            self._is("running")
            self._report("")
            if self._check is not None:
                self._check.begin()
        poll = select.poll()
        watched = self._child.watched() if self._child else -1
        for descriptor in (reading, output, *((watched,) if watched >= 0 else ())):
            poll.register(descriptor, select.POLLIN)
        while self._step():
            for descriptor, _event in poll.poll(self._pause() * 1000):
                if descriptor == reading:
                    os.read(reading, 4096)
                elif descriptor == watched:
                    poll.unregister(watched)
            self._log.drain(output)
        self._log.drain(output)

    def _note(self, *_: object) -> None:
        self._asked = True

    def _report(self, why: str) -> None:
        """Tell the starter, who waits for it, how the first start went."""
        self._tell(why)
        self._reported = True

    def _pause(self) -> float:
        """Seconds until there is something to do that nobody tells us of."""
        now = time.monotonic()
        times = [self._until, self._again, self._check.due() if self._check else 0.0]
        rest = min((each - now for each in times if each), default=3600.0)
        if self._until or (self._child is not None and self._child.adopted):
            rest = min(rest, _LOOK if self._until else 1.0)
        if self._unwritten:
            rest = min(rest, 1.0)
        return max(0.0, rest) + 0.001

    def _step(self) -> bool:
        """Do what is to be done now. False when nothing is left to look after."""
        if self._unwritten:
            self._write()
        if self._child is not None and self._child.ended() and not self._is_ending():
            return self._ended(self._child)
        if self._asked or record.read(record.STOPPED).get("deed") == self._spec["deed"]:
            self._asked = True
            if self._child is None:
                return self._is(self._end_state())
            self._end(self._child)
            return True
        if self._child is None and self._again and time.monotonic() >= self._again:
            self._start()
            return self._is_kept()
        if self._check is not None and self._child is not None:
            before = self._check.health
            self._check.step()
            if self._check.health != before:
                self._is("running")
        return self._is_kept()

    def _is_kept(self) -> bool:
        """Is there an app, or is there to be one?"""
        return self._child is not None or self._again > 0

    # -- beginnings and ends ----------------------------------------------------------------------------------------

    def _start(self, *, first: bool = False) -> None:
        self._again = 0.0
        self._is("starting")
        if record.read(record.STOPPED).get("deed") == self._spec["deed"]:
            self._report("stopped")
            return
        try:
            self._child = child.spawn(self._spec)
        except OSError as error:
            self._status["exit_code"], self._status["why"] = 127, str(error)
            if first:
                self._is("failed")
            else:
                self._after_end(127)
            self._report(str(error))
            return
        self._status.pop("why", None)
        self._status |= {"pid": self._child.pid, "since": self._child.since, "started": time.time()}
        if self._check is not None:
            self._check.begin()
        self._is("running")
        self._report("")

    def _is_ending(self) -> bool:
        """It was told to end, and others of its group still may."""
        return bool(self._until and time.monotonic() < self._until and self._child and self._child.others())

    def _end(self, one: child.Child) -> None:
        if not self._until:
            self._until = time.monotonic() + float(str(self._spec["stop_timeout"]))
            if self._check is not None:
                self._check.end()
            self._is("stopping")
            one.send(signal.SIGTERM)
        elif time.monotonic() >= self._until:
            one.send(signal.SIGKILL)

    def _ended(self, one: child.Child) -> bool:
        code = one.reap()
        self._child = None
        if self._check is not None:
            self._check.end()
        self._until = 0.0
        self._status |= {"exit_code": code, "ended": time.time(), "pid": 0, "since": ""}
        return self._is(self._end_state()) if self._asked else self._after_end(code)

    def _end_state(self) -> str:
        """Ended because somebody stopped it, or because the system did: then it is to run again some time."""
        return "stopped" if record.read(record.STOPPED).get("deed") == self._spec["deed"] else "lost"

    def _after_end(self, code: int | None) -> bool:
        """It ended by itself: again after a while, or never."""
        policy = self._spec["restart"]
        if policy == "no" or (policy == "on-failure" and code == 0):
            return self._is("lost" if code is None else "exited" if code == 0 else "failed")
        lived = time.time() - float(str(self._status.get("started", 0.0)))
        if lived > _STEADY:
            self._wait = float(str(self._spec["back_off"]))
        self._again = time.monotonic() + self._wait
        self._wait = min(max(self._wait, 0.01) * 2, _LONGEST_WAIT)
        self._status["restarts"] = int(str(self._status["restarts"])) + 1
        self._is("waiting")
        return True

    def _is(self, state: str) -> bool:
        """Note how it is. Returns whether there is something left to look after."""
        up = state in {"starting", "running", "waiting", "stopping"}
        health = self._check.health if self._check is not None and state == "running" else ""
        self._status |= {"state": state, "health": health}
        self._write()
        return up

    def _write(self) -> None:
        """Note the status. Once the app is up, a full disk is no reason to let it go."""
        try:
            record.write(record.STATUS, self._status)
            self._unwritten = False
        except OSError:
            self._unwritten = True
            if not self._reported:
                raise


def _pipe() -> int:
    """The pipe of the app's output, held open at both ends, so that it never seems to end."""
    if not os.path.lexists(record.OUTPUT):
        os.mkfifo(record.OUTPUT, 0o600)
    descriptor = os.open(record.OUTPUT, os.O_RDWR | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_CLOEXEC)
    if not stat.S_ISFIFO(os.fstat(descriptor).st_mode):
        raise OSError(f"{record.OUTPUT} is no pipe")
    return descriptor


def _table(spec: dict[str, object], name: str) -> dict[str, object]:
    found = spec.get(name)
    return found if isinstance(found, dict) else {}


def _texts(spec: dict[str, object], name: str) -> dict[str, str]:
    return {key: str(value) for key, value in _table(spec, name).items()}
