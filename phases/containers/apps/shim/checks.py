"""Asking an app whether it is well: by a command, a url or a port. Each question is a process of its own."""

from __future__ import annotations

import os
import signal
import time

_BEST, _WORST = 200, 399  # what HTTP counts as an answer that will do


class Check:
    """One kind of question, asked again and again. `spec`: see `section.Health`, times in seconds."""

    def __init__(self, spec: dict[str, object], folder: str, variables: dict[str, str]) -> None:
        self._spec = spec
        self._folder = folder
        self._variables = variables
        self._interval = float(str(spec["interval"]))
        self._timeout = float(str(spec["timeout"]))
        self._pid = 0
        self._until = 0.0
        self._next = 0.0
        self._calm = 0.0  # until then a refusal does not count
        self._refusals = 0
        self.health = "starting"

    def begin(self) -> None:
        """The app was started: it has a start period again."""
        self.end()
        now = time.monotonic()
        self.health, self._refusals = "starting", 0
        self._calm = now + float(str(self._spec["start_period"]))
        self._next = now

    def end(self) -> None:
        """The app ended: nothing is asked any more."""
        self._next = 0.0
        if self._pid:
            _kill(self._pid)
            os.waitpid(self._pid, 0)
            self._pid = 0

    def due(self) -> float:
        """When there is something to do, by the monotonic clock; 0: nothing."""
        return self._until if self._pid else self._next

    def step(self) -> None:
        """Ask if it is time; hear the answer if there is one."""
        now = time.monotonic()
        if self._pid:
            ended, status = os.waitpid(self._pid, os.WNOHANG)
            if ended:
                _kill(self._pid)  # what the question left behind
                self._heard(well=os.waitstatus_to_exitcode(status) == 0)
            elif now >= self._until:
                _kill(self._pid)
                os.waitpid(self._pid, 0)
                self._heard(well=False)
        elif self._next and now >= self._next:
            self._until = now + self._timeout
            self._pid = self._ask()

    def _heard(self, *, well: bool) -> None:
        self._pid = 0
        now = time.monotonic()
        self._next = now + self._interval
        if well:
            self.health, self._refusals = "healthy", 0
        elif self.health == "healthy" or now >= self._calm:
            self._refusals += 1
            if self._refusals >= int(str(self._spec["retries"])):
                self.health = "unhealthy"

    def _ask(self) -> int:
        pid = os.fork()
        if pid:
            return pid
        status = 1
        try:
            os.setsid()
            signal.set_wakeup_fd(-1)
            for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGPIPE):
                signal.signal(number, signal.SIG_DFL)
            status = self._answer()
        except BaseException:  # noqa: BLE001 -- whatever it is, it is no "well"
            status = 1
        finally:
            os._exit(status)

    def _answer(self) -> int:
        command = self._spec["command"]
        if isinstance(command, list) and command:
            os.chdir(self._folder)
            os.execvpe(command[0], command, self._variables)  # noqa: S606 -- the user's own command
        address = str(self._spec["http"] or self._spec["tcp"])
        return 0 if (_http if self._spec["http"] else _tcp)(address, self._timeout) else 1


def _kill(pid: int) -> None:
    """End a question with all that it started; it may not have its own group yet."""
    for send in (os.killpg, os.kill):
        try:
            send(pid, signal.SIGKILL)
        except OSError:
            continue


def _tcp(address: str, timeout: float) -> bool:
    import socket

    host, _, port = address.rpartition(":")
    with socket.create_connection((host.strip("[]") or "127.0.0.1", int(port)), timeout):
        return True


def _http(address: str, timeout: float) -> bool:
    import socket

    place, _, path = address.partition("://")[2].partition("/")
    host, _, port = place.rpartition(":") if ":" in place.rpartition("]")[2] else (place, "", "80")
    with socket.create_connection((host.strip("[]"), int(port)), timeout) as line:
        line.sendall(f"GET /{path} HTTP/1.0\r\nHost: {place}\r\nUser-Agent: surefoot\r\n\r\n".encode())
        words = line.makefile("rb").readline(1024).split()
    return len(words) > 1 and words[0].startswith(b"HTTP/") and _BEST <= int(words[1]) <= _WORST
