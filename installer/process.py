"""The only door to other programs: argument lists, a built environment, streamed output, and no orphans.

A child runs in a session of its own, holds the run's lock (so that a second run waits for it even if we die), and is
killed with its whole group when we are asked to stop. On Linux it dies with its parent (PR_SET_PDEATHSIG).
"""

from __future__ import annotations

import ctypes
import itertools
import os
import signal
import sys
import threading
from collections import deque
from contextlib import ExitStack, suppress
from typing import IO, TYPE_CHECKING, Any

from installer import bounds
from installer.environment import child_environment
from installer.errors import Precondition, StepFailed
from installer.i18n import tr
from installer.model import Finished
from installer.redact import redact_output

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

_KEEP = 4 << 20  # characters of each stream kept in memory; the log has all of it
_GRACE = 3.0  # seconds between TERM and KILL
_PR_SET_PDEATHSIG = 1

_living: set[subprocess.Popen[bytes]] = set()
_guard = threading.Lock()
_stopping = threading.Event()
_waiting_work: list[Callable[[], None]] = []
_numbers = itertools.count(1)
_number = [0]


def run(
    argv: Sequence[str],
    *,
    cwd: Path,
    env: Mapping[str, str] | None = None,
    timeout: float | None = None,
    check: bool = True,
    on_line: Callable[[str], None] | None = None,
    keep_open: Sequence[int] = (),
) -> Finished:
    """Run `argv` to its end in `cwd` and return its output, redacted line by line for `on_line`.

    `env` is added to the allow-listed environment; `keep_open` are descriptors that the child inherits.
    Raises `Precondition` if the program is not there, `StepFailed` ("process.failed", "process.timeout") if it fails
    and `check` is set, `Refused` if it uses more than `bounds` allow. Output beyond 4 MiB a stream keeps its end only.
    """
    import subprocess  # 4 ms with what it imports; taking a run back mostly starts nothing

    words = [os.fspath(word) for word in argv]
    if _stopping.is_set():
        raise StepFailed("process.stopping", tr("not started, as the run is stopping: {program}", program=words[0]))
    watch = bounds.Watch(words[0], _filled(cwd), os.environ)
    signals = _Signals()
    _number[0] = next(_numbers)
    try:
        child = subprocess.Popen(
            words,
            cwd=cwd,
            env=child_environment(env),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            pass_fds=tuple(keep_open) if os.name == "posix" else (),
            start_new_session=True,
            preexec_fn=_die_with_parent() if sys.platform == "linux" else None,  # noqa: PLW1509 -- two system calls
        )
    except FileNotFoundError as error:
        signals.deliver()
        if not os.path.isdir(cwd):
            raise StepFailed("process.folder", tr("the folder {path} is gone", path=cwd)) from error
        raise Precondition(
            "program.missing", tr("`{program}` was not found", program=words[0]), program=words[0]
        ) from error
    except PermissionError as error:
        signals.deliver()
        raise Precondition(
            "program.denied", tr("`{program}` may not be run: {reason}", program=words[0], reason=error.strerror)
        ) from error
    except BaseException:
        signals.deliver()
        raise
    with _guard:
        _living.add(child)
    try:
        with ExitStack() as unread:
            unread.callback(_close, child)
            signals.deliver()
            unread.pop_all()
        with watch.over(lambda: _end(child)):
            finished = _collect(child, words, timeout, on_line)
    finally:
        _end(child)
        _number[0] = next(_numbers)
        with _guard:
            _living.discard(child)
    if check and finished.status != 0:
        raise _failure(finished)
    return finished


class _Signals:
    """Holds back what asks us to stop, while a child is started by the main thread; `deliver` lets it come.

    Raised within the hooks that Python runs around a fork, it would be swallowed, and leave their locks held for good.
    """

    def __init__(self) -> None:
        self._came: list[int] = []
        self._handlers: dict[int, Any] = {}
        if threading.current_thread() is threading.main_thread():
            numbers = [getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)]
            for number in numbers:
                if callable(signal.getsignal(number)):  # what is ignored stays so, in the child, too
                    self._handlers[number] = signal.signal(number, self._note)

    def deliver(self) -> None:
        """Put the handlers back; the first signal that came meanwhile is raised now."""
        for number, handler in self._handlers.items():
            signal.signal(number, handler)
        self._handlers.clear()
        if self._came:
            signal.raise_signal(self._came.pop(0))

    def _note(self, number: int, _frame: object) -> None:
        self._came.append(number)


def while_waiting(work: Callable[[], None]) -> None:
    """Have `work` done once, while the main thread has nothing to do but to wait for the next child.

    It changes nothing, and takes some hundredths of a second at most: a `timeout` begins after it.
    """
    _waiting_work[:] = [work]


def number() -> int:
    """Another one after a program was begun or has ended: while it is the same, none of ours changed anything."""
    return _number[0]


def stop_all() -> None:
    """End every running child and its group: TERM, then KILL. No new child starts until `allow`."""
    _stopping.set()
    with _guard:
        children = list(_living)
    for child in children:
        _end(child)


def allow() -> None:
    """Children may be started again (a rollback after an interruption)."""
    _stopping.clear()


def _filled(cwd: Path) -> tuple[str, ...]:
    """Where programs that we start put what they fetch and unpack."""
    caches = os.environ.get("UV_CACHE_DIR") or os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
    return (os.fspath(cwd), caches, os.environ.get("TMPDIR", "/tmp"))  # noqa: S108 -- looked at, not written to


def _collect(
    child: subprocess.Popen[bytes], words: list[str], timeout: float | None, on_line: Callable[[str], None] | None
) -> Finished:
    import subprocess

    outputs = (_Stream(child.stdout, on_line), _Stream(child.stderr, on_line))
    if _waiting_work and threading.current_thread() is threading.main_thread():
        _waiting_work.pop()()
    try:
        child.wait(timeout)
    except subprocess.TimeoutExpired as error:
        _end(child)
        raise StepFailed(
            "process.timeout",
            tr("`{program}` did not end within {seconds} seconds", program=words[0], seconds=round(timeout or 0)),
            details=tuple(outputs[1].tail()),
        ) from error
    for output in outputs:
        output.join()
    return Finished(argv=tuple(words), status=child.returncode, stdout=outputs[0].text(), stderr=outputs[1].text())


class _Stream:
    """Reads one pipe in a thread of its own, line by line."""

    def __init__(self, pipe: IO[bytes] | None, on_line: Callable[[str], None] | None) -> None:
        self._lines: deque[str] = deque()
        self._size = 0
        self._on_line = on_line
        self._thread = threading.Thread(target=self._read, args=(pipe,), daemon=True)
        self._thread.start()

    def _read(self, pipe: IO[bytes] | None) -> None:
        if pipe is None:
            return
        with pipe:
            for raw in pipe:
                line = raw.decode("utf-8", "replace")
                self._lines.append(line)
                self._size += len(line)
                while self._size > _KEEP and len(self._lines) > 1:
                    self._size -= len(self._lines.popleft())
                if self._on_line is not None:
                    self._on_line(redact_output(line.rstrip("\r\n")))

    def join(self) -> None:
        # A grandchild that left the group may hold the pipe: what it says later is not ours to wait for.
        self._thread.join(_GRACE)

    def text(self) -> str:
        return "".join(list(self._lines))

    def tail(self) -> list[str]:
        return [redact_output(line.rstrip()) for line in list(self._lines)[-20:]]


def _failure(finished: Finished) -> StepFailed:
    program = os.path.basename(finished.argv[0])
    if finished.status < 0:
        name = signal.Signals(-finished.status).name
        if name == "SIGKILL":
            message = tr("`{program}` was ended by SIGKILL; the system may have run out of memory", program=program)
        else:
            message = tr("`{program}` was ended by {signal}", program=program, signal=name)
    else:
        message = tr("`{program}` ended with status {status}", program=program, status=finished.status)
    return StepFailed(
        "process.failed",
        message,
        details=tuple(redact_output(line) for line in finished.tail),
        status=finished.status,
        program=program,
    )


def _end(child: subprocess.Popen[bytes]) -> None:
    """Nothing of the child's group is left when this returns."""
    import subprocess

    if child.poll() is None:
        _signal_group(child, signal.SIGTERM)
        with suppress(subprocess.TimeoutExpired):
            child.wait(_GRACE)
    if os.name == "posix":
        _signal_group(child, signal.SIGKILL)
    else:
        child.kill()
    with suppress(subprocess.TimeoutExpired):
        child.wait(_GRACE)


def _close(child: subprocess.Popen[bytes]) -> None:
    for pipe in (child.stdout, child.stderr):
        if pipe is not None:
            pipe.close()


def _signal_group(child: subprocess.Popen[bytes], number: int) -> None:
    with suppress(ProcessLookupError, PermissionError):
        if os.name == "posix":
            os.killpg(child.pid, number)
        else:
            child.send_signal(number)


def _die_with_parent() -> Callable[[], None]:
    library = ctypes.CDLL(None)
    parent = os.getpid()

    def prepare() -> None:
        library.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
        if os.getppid() != parent:  # it died between fork and prctl
            os._exit(137)

    return prepare
