"""Counts every change of the disk that this process makes below one folder, and stops it cold at a chosen one.

It sees changes through Python's audit hooks, and through its own stand-ins for what raises no audit event (`os.write`,
the exchange of two names). Only a selftest's child installs it: a normal run never pays for it. What it stops stays
stopped (SIGSTOP, which nobody can catch) until the selftest kills it with all its children.
"""

from __future__ import annotations

import builtins
import io
import json
import os
import signal
import stat
import subprocess
import sys
import threading
import time
from typing import TYPE_CHECKING, Any, TypeVar

from installer.frozen import dataclass
from installer.selftest.descriptors import name_of

if TYPE_CHECKING:
    from installer.pins import Spot

_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC
# The audit events that change the disk: which argument is the path, and which the descriptor of the folder it is in.
_CHANGES = {
    "os.rename": (1, 3),
    "os.remove": (0, 1),
    "os.rmdir": (0, 1),
    "os.mkdir": (0, 2),
    "os.link": (1, 3),
    "os.symlink": (1, 2),
    "os.truncate": (0, None),
    "os.chmod": (0, 2),
    "os.chown": (0, 3),
    "os.utime": (0, 3),
}
S = TypeVar("S")
_PLAN = "plan"  # where a program runs that belongs to no step


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """Where to stop: at the change of this number, or so many seconds after the child of this name began."""

    number: int = 0
    child: str = ""
    after: float = 0.0


class Counter:
    """Numbers the changes below `root`, notes them on the descriptor `notes`, stops at `target`."""

    def __init__(self, root: str, notes: int, target: Target) -> None:
        self._below = os.path.join(root, "")
        self._notes = notes
        self._target = target
        self._lock = threading.RLock()
        self._number = 0
        self._phase = "begin"
        self._steps = threading.local()
        self._last = ""  # the step that was begun last, for threads that a step starts
        self._children: dict[str, int] = {}
        self._folders = threading.local()
        self._write = os.write
        self._path = os.fsdecode(root)

    def install(self) -> None:
        """From now on, count."""
        sys.addaudithook(self._hear)
        os.write = self._counted_write
        self._name_folders()
        self._count_opened()
        self._note_children()

    def wrap_tool(self) -> None:
        """Follow the journal for where the run is, and count exchanges. Imports the tool: after `install`."""
        from installer import files
        from installer.journal import Journal

        append, exchange = Journal.append, files._exchange  # noqa: SLF001 -- it raises no audit event of its own

        def followed(journal: Journal, record: Any) -> Any:  # noqa: ANN401 -- the journal's own types pass through
            self._before(record)
            entry = append(journal, record)
            self._after(record)
            return entry

        def counted(first: Spot, second: Spot) -> None:
            if place := self._place(second.name, second.folder):
                self._count("exchange", place)
            exchange(first, second)

        Journal.append = followed  # type: ignore[method-assign, assignment]
        files._exchange = counted  # noqa: SLF001 -- as above

    # -- where the run is -------------------------------------------------------------------------------------------

    def _before(self, record: Any) -> None:  # noqa: ANN401 -- a `Record`; its module is not imported for its name
        match type(record).__name__:
            case "PhaseStarted":
                self._phase = record.phase
            case "Intent":
                self._steps.name = self._last = record.step.id
            case "Closed":
                self._phase = "end"

    def _after(self, record: Any) -> None:  # noqa: ANN401 -- as above
        if type(record).__name__ in {"Done", "Failed"}:
            self._steps.name = self._last = ""

    def _step(self) -> str:
        return getattr(self._steps, "name", "") or self._last

    # -- changes of the disk ----------------------------------------------------------------------------------------

    def _hear(self, event: str, args: tuple[Any, ...]) -> None:
        if event == "open":
            path, _mode, flags = args
            if flags & _WRITING and (place := self._place(path, getattr(self._folders, "now", None))):
                self._count("open", place)
        elif event in _CHANGES:
            path, folder = _CHANGES[event]
            if place := self._place(args[path], None if folder is None else args[folder]):
                self._count(event.partition(".")[2], place)

    def _counted_write(self, descriptor: int, data: Any) -> int:  # noqa: ANN401 -- whatever has bytes
        """As `os.write`; a kill before it, and one after half of it, are two points."""
        if descriptor == self._notes or not (place := self._regular(descriptor)):
            return self._write(descriptor, data)
        self._count("write", place)
        view = memoryview(data)
        if len(view) > 1:
            with self._lock:
                if self._number + 1 == self._target.number:
                    self._write(descriptor, view[: len(view) // 2])
                self._count("half of write", place)
        return self._write(descriptor, data)

    def _name_folders(self) -> None:
        """The audit event of `os.open` does not tell the folder that a name is in."""
        real, folders = os.open, self._folders

        def named(path: Any, flags: int, mode: int = 0o777, *, dir_fd: int | None = None) -> int:  # noqa: ANN401
            folders.now = dir_fd
            try:
                return real(path, flags, mode, dir_fd=dir_fd)
            finally:
                folders.now = None

        os.open = named

    def _count_opened(self) -> None:
        """A file that Python opened to write: it is there, and empty, until what was written is flushed."""
        opened = io.open

        def counted(file: Any, mode: str = "r", *rest: Any, **named: Any) -> Any:  # noqa: ANN401 -- as `open`
            stream = opened(file, mode, *rest, **named)
            if not isinstance(file, int) and set(mode) & set("wax+") and (place := self._place(file, None)):
                self._count("opened", place)
            return stream

        io.open = builtins.open = counted

    def _count(self, what: str, place: str) -> None:
        with self._lock:
            self._number += 1
            if self._target.number in {0, self._number}:
                self.note(number=self._number, phase=self._phase, step=self._step(), what=what, path=place)
            if self._number == self._target.number:
                self._stop()

    def _place(self, path: Any, folder: int | None) -> str:  # noqa: ANN401 -- text, bytes, a path or a descriptor
        """The path below the root; empty for one that is elsewhere."""
        if isinstance(path, int):
            return self._regular(path)
        name = os.fsdecode(path)
        if folder is not None and folder >= 0 and not os.path.isabs(name):
            within = name_of(folder)
            name = os.path.join(within, name) if within else os.path.join(self._path, name)
        name = os.path.abspath(name)
        return name[len(self._below) :] if name.startswith(self._below) else ""

    def _regular(self, descriptor: int) -> str:
        """The path of an open file below the root."""
        try:
            if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                return ""
        except OSError:
            return ""
        name = name_of(descriptor)
        return name[len(self._below) :] if name.startswith(self._below) else ""

    # -- other programs ---------------------------------------------------------------------------------------------

    def _note_children(self) -> None:
        """Note the life of every program that is started."""
        counter = self

        class Noted(subprocess.Popen[Any]):
            """A child whose beginning and end are noted."""

            def __init__(self, *args: Any, **named: Any) -> None:  # noqa: ANN401 -- as `Popen`
                self._ended = False
                super().__init__(*args, **named)
                counter.child_began(self.pid, os.path.basename(os.fsdecode(_program(self.args))))

            def poll(self) -> int | None:
                return self._told(super().poll())

            def wait(self, timeout: float | None = None) -> int:
                return self._told(super().wait(timeout))

            def _told(self, status: S) -> S:
                if status is not None and not self._ended:
                    self._ended = True
                    counter.note(ended=self.pid, at=time.monotonic())
                return status

        subprocess.Popen = Noted  # type: ignore[misc]

    def child_began(self, pid: int, program: str) -> None:
        """Note it; if it is the one to be cut short, the clock starts."""
        with self._lock:
            step = self._step() or f"{self._phase}.{_PLAN}"
            self._children[step] = self._children.get(step, 0) + 1
            name = step if self._children[step] == 1 else f"{step}#{self._children[step]}"
        self.note(child=name, pid=pid, phase=self._phase, program=program, at=time.monotonic())
        if name == self._target.child:
            clock = threading.Timer(self._target.after, self._stop)
            clock.daemon = True
            clock.start()

    # -- telling ----------------------------------------------------------------------------------------------------

    def note(self, **facts: Any) -> None:  # noqa: ANN401 -- JSON
        """One line for the selftest to read."""
        self._write(self._notes, (json.dumps(facts) + "\n").encode())

    def _stop(self) -> None:
        """Everything of this process stands still; the selftest does the rest."""
        os.kill(os.getpid(), signal.SIGSTOP)
        while True:  # another thread may have taken the signal first
            time.sleep(1)


def _program(args: Any) -> Any:  # noqa: ANN401 -- as `Popen.args`
    return args if isinstance(args, str | bytes | os.PathLike) else args[0]
