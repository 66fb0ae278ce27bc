"""The two entry points. Errors, signals and broken pipes end here, each with its exit code."""

from __future__ import annotations

import errno
import os
import signal
import sys
from contextlib import contextmanager, suppress
from functools import partial
from typing import TYPE_CHECKING

from installer import __version__, ci, i18n
from installer.errors import InstallerError, Interrupted, StopRequested

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from types import FrameType
    from typing import TextIO

_DISK = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS, errno.EIO})
_DESCRIPTORS = frozenset({errno.EMFILE, errno.ENFILE})
_RIGHTS = frozenset({errno.EACCES, errno.EPERM})
_SIGNALS = ("SIGTERM", "SIGHUP")  # Ctrl-C is Python's own KeyboardInterrupt


def quickstart(argv: Sequence[str]) -> int:
    """Install the project; returns the exit code. Never raises."""
    return _open("quickstart", argv)


def manage(argv: Sequence[str]) -> int:
    """Run a verb of `manage.py`; returns the exit code. Never raises."""
    return _open("manage", argv)


def at_once(argv: Sequence[str]) -> int:
    """What needs no package: a way back that `quick` takes, a plain call of the checkpoint API. Never raises.

    Returns the exit code, or -1 for a call that is for the full command line after all.
    """
    return _open("at once", argv)


def _open(door: str, argv: Sequence[str]) -> int:
    if list(argv) == ["--version"]:
        return _say(f"surefoot {__version__}")
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):  # a name that the terminal cannot spell must not stop the run
            stream.reconfigure(errors="backslashreplace")
    i18n.use(i18n.choose(_early(argv, "--lang")))
    if server := ci.server(ci.split(argv)[0]):
        from installer.cli.served import serve

        with serve(server):
            return _opened(door, argv)
    return _opened(door, argv)


def _opened(door: str, argv: Sequence[str]) -> int:
    if os.path.basename(sys.argv[0]).startswith("surefoot"):
        i18n.installed()
    return _guarded(partial(_plain_or_command, door, argv), argv)


def _plain_or_command(door: str, argv: Sequence[str]) -> int:
    """Calls from `shell-api`'s functions skip the parser for people: a script makes many. So does a plain way back."""
    if door == "at once" and argv[0] in {"rollback", "restore"}:
        from installer.cli import quick

        return quick.go(argv)
    if door != "quickstart" and "--plain" in argv[2:3]:
        from installer.checkpoint_door import open_door

        code = open_door(argv)
        if code is not None:
            return code
    if door == "at once":
        return -1
    return _command(door, argv)


def _command(door: str, argv: Sequence[str]) -> int:
    """Parse and run. click comes in here, and only the module of the verb that is asked for."""
    variable = f"_{door.upper()}_PY_COMPLETE"
    if door == "quickstart" and variable not in os.environ:
        from installer.cli import quick

        if quick.installs(argv):
            return quick.install(argv)
    import click

    from installer.cli.tree import command

    program = f"{door}.py"
    if variable in os.environ:
        from click.shell_completion import shell_complete

        return shell_complete(command(door), {}, program, variable, os.environ[variable])
    try:
        made = command(door)
        with made.make_context(program, list(argv)) as context:
            return int(made.invoke(context) or 0)
    except click.exceptions.Exit as ended:  # --help, --version
        return ended.exit_code
    except click.exceptions.NoArgsIsHelpError as error:
        sys.stdout.write(error.format_message() + "\n")
        return error.exit_code
    except click.ClickException as error:
        from installer.cli.failure import show_usage

        return show_usage(error, as_json="--json" in argv, junit=_early(argv, "--junit"))


def _guarded(work: Callable[[], int], argv: Sequence[str]) -> int:
    """`work()`, whatever happens as an exit code."""
    try:
        return _caught(work, argv)
    finally:
        _let_go()


def _caught(work: Callable[[], int], argv: Sequence[str]) -> int:
    try:
        with _signals():
            code = work()
            sys.stdout.flush()
            return code
    except InstallerError as error:
        from installer.cli.failure import show

        return _quietly(partial(show, error, as_json="--json" in argv), error.exit_code)
    except KeyboardInterrupt as stop:
        from installer.cli.failure import show

        interrupted = _stopped(getattr(stop, "signal_number", signal.SIGINT))
        return _quietly(partial(show, interrupted, as_json="--json" in argv), interrupted.exit_code)
    except BrokenPipeError:
        return _pipe_closed()
    except OSError as error:
        return _disk_failed(error, argv)
    except Exception as error:  # noqa: BLE001 -- the door: what nobody expected becomes a log and exit 70
        from installer.cli.failure import show_bug

        return _quietly(partial(show_bug, error, argv), 70)


def _disk_failed(error: OSError, argv: Sequence[str]) -> int:
    """A disk that is full, failing or read-only, a missing right, a limit reached: no bug of ours, as others are."""
    from installer.cli.failure import show, show_bug
    from installer.i18n import tr

    if error.errno == errno.EIO and not (_takes(sys.stdout) and _takes(sys.stderr)):
        return _pipe_closed()
    details = (str(error.filename),) if error.filename else ()
    hint = tr("make room, or mend it; then run the same command again: it goes on where it stopped")
    if error.errno in _DISK:
        message = tr("the disk refuses to be written: {reason}", reason=error.strerror)
    elif error.errno in _RIGHTS:
        message = tr("the system does not let it be written: {reason}", reason=error.strerror)
    elif error.errno in _DESCRIPTORS:
        message = tr("the system allows too few open files: {reason}", reason=error.strerror)
        hint = tr("raise the limit (`ulimit -n 1024`), then run the same command again: it goes on where it stopped")
    else:
        return _quietly(partial(show_bug, error, argv), 70)
    known = InstallerError("disk", message, details=details, hint=hint)
    return _quietly(partial(show, known, as_json="--json" in argv), known.exit_code)


def _stopped(number: int) -> Interrupted:
    """The error for having been asked to stop, in the user's language."""
    from installer.i18n import tr

    error = Interrupted(number)
    error.message = tr("interrupted by signal {number}", number=int(number))
    error.hint = tr("run the same command again: it goes on where it stopped")
    return error


def _quietly(show: Callable[[], int], code: int) -> int:
    """Show an error; if nobody can hear, the exit code still says it."""
    try:
        return show()
    except BrokenPipeError:
        _pipe_closed()
        return code


def _pipe_closed() -> int:
    """The reader went away (`| head`): nothing is wrong, nothing more is to be said. 141 is what `cat` ends with."""
    _let_go()
    return 128 + 13


def _let_go() -> None:
    """What a stream still holds and nobody takes must not become the exit code, as Python has it (120)."""
    for stream in (sys.stdout, sys.stderr):
        if not _takes(stream):
            with suppress(OSError, ValueError):
                os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def _takes(stream: TextIO) -> bool:
    """Does anybody take what `stream` holds? A terminal that vanished does not (EIO), nor a closed pipe."""
    try:
        stream.flush()
    except (OSError, ValueError):
        return False
    return True


def _say(text: str) -> int:
    try:
        sys.stdout.write(text + "\n")
        sys.stdout.flush()
    except BrokenPipeError:
        return _pipe_closed()
    return 0


@contextmanager
def _signals() -> Iterator[None]:
    """A signal that asks us to stop becomes a `StopRequested` in the main thread. The old handlers come back."""
    before = {}
    for name in _SIGNALS:
        number = getattr(signal, name, None)
        if number is not None and signal.getsignal(number) is not signal.SIG_IGN:  # nohup stays nohup
            with suppress(ValueError):  # not in the main thread
                before[number] = signal.signal(number, _interrupt)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _interrupt(number: int, _frame: FrameType | None) -> None:
    raise StopRequested(number)


def _early(argv: Sequence[str], flag: str) -> str:
    """The value of a flag that is needed before the command line is parsed."""
    for position, word in enumerate(argv):
        if word == "--":
            break
        if word == flag and position + 1 < len(argv):
            return argv[position + 1]
        if word.startswith(flag + "="):
            return word.partition("=")[2]
    return ""
