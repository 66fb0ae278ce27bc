"""The app's own process: started in a group of its own, ended with all of that group."""

from __future__ import annotations

import os
import signal
import time

from . import identity, record

_EXEC_FAILED = 127
_POLL = 0.02  # seconds between two looks at what is left of a group


class Child:
    """A process that we started, or (`adopted`) one that we found: then nobody tells us its exit code."""

    def __init__(self, pid: int, since: str, *, adopted: bool = False) -> None:
        self.pid = pid
        self.since = since
        self.adopted = adopted

    def watched(self) -> int:
        """A descriptor that can be read from when an adopted one has ended; -1 where there is no such thing."""
        try:
            return os.pidfd_open(self.pid) if self.adopted else -1
        except (AttributeError, OSError):
            return -1

    def ended(self) -> bool:
        """Has it ended? It is not reaped by this, so that its group keeps its name."""
        if self.adopted:
            return not identity.is_alive(self.pid, self.since)
        try:
            return os.waitid(os.P_PID, self.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None
        except AttributeError:  # macOS before Python 3.13
            return not identity.is_alive(self.pid, self.since)

    def reap(self) -> int | None:
        """End what is left of its group; its exit code (negative: the signal), None where nobody knows."""
        if not self.adopted or self.others():
            self.send(signal.SIGKILL)
        return None if self.adopted else os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])

    def others(self) -> list[int]:
        """What else lives in its group."""
        return [pid for pid in identity.members(self.pid) if pid != self.pid]

    def send(self, number: int) -> None:
        """Send a signal to the whole group."""
        try:
            os.killpg(self.pid, number)
        except OSError:
            return

    def is_gone(self) -> bool:
        """Are it and its group at their end?"""
        return self.ended() and not self.others()


def spawn(spec: dict[str, object]) -> Child:
    """Start the command. Raises `OSError` where that cannot be done."""
    command, variables = spec["command"], spec["variables"]
    if not isinstance(command, list) or not isinstance(variables, dict):
        raise OSError("the spec is damaged")
    reading, writing = os.pipe()
    pid = os.fork()
    if pid == 0:
        _become(command, str(spec["folder"]), variables, writing)
    os.close(writing)
    since = identity.started(pid)
    with os.fdopen(reading, "rb") as stream:
        failure = stream.read().decode()
    if failure:
        os.waitpid(pid, 0)
        raise OSError(failure)
    return Child(pid, since)


def _become(command: list[str], folder: str, variables: dict[str, str], writing: int) -> None:
    """In the new process: what the app is to find, then the app. Never returns."""
    try:
        os.setsid()
        signal.set_wakeup_fd(-1)
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGCHLD, signal.SIGPIPE):
            signal.signal(number, signal.SIG_DFL)
        output = os.open(record.OUTPUT, os.O_RDWR | os.O_NOFOLLOW)
        for target in (1, 2):
            os.dup2(output, target)
        os.close(output)
        os.umask(0o022)
        os.chdir(folder)
        os.execvpe(command[0], command, variables)  # noqa: S606 -- the user's own command
    except BaseException as error:  # noqa: BLE001 -- told to the shim, whatever it is
        os.write(writing, f"{command[0]}: {getattr(error, 'strerror', '') or error}".encode())
    os._exit(_EXEC_FAILED)


def end(pid: int, since: str, timeout: float) -> None:
    """End the group of a process that nobody looks after: TERM, and KILL after `timeout` seconds."""
    child = Child(pid, since, adopted=True)
    if child.ended():
        return
    child.send(signal.SIGTERM)
    until = time.monotonic() + timeout
    while not child.is_gone() and time.monotonic() < until:
        time.sleep(_POLL)
    if not child.is_gone():
        child.send(signal.SIGKILL)
    while not child.is_gone():
        time.sleep(_POLL)
