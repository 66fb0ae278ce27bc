"""From any interpreter to the command line running on the tool's own packages. Standard library only.

The ways, in this order: what needs no package (done here); nothing to do (say so, done); already among
the tool's packages (run in place); else find or make the tool's own environment and become its interpreter. Imports
are late: nothing to do must cost nothing.
"""

from __future__ import annotations

import os
import sys

TYPE_CHECKING = False  # as in typing, whose import would cost more than the whole first way
if TYPE_CHECKING:
    from typing import NoReturn

    from installer.errors import InstallerError

MARKER = "surefoot-tools"  # as in toolenv, which the first way must not import
LAUNCHED_BY = "SUREFOOT_LAUNCHED_BY"  # the interpreter that the user chose, for the command line to know
REBUILT = "SUREFOOT_TOOLS_REBUILT"  # set on the second try, so that there is never a third
GARBAGE = 50_000  # new objects between two searches: with Python's 700 they take a tenth of a run's processor time
DIVERTING = ("PYTHON", "__PYVENV_LAUNCHER__")  # variables that would change what our interpreter imports


def launch(door: str, script: str) -> int:
    """Run `installer.cli.main.<door>`, now or in the tool's own environment; return the exit code."""
    try:
        if sys.stdin is None or sys.stdout is None or sys.stderr is None:
            _open_missing_streams()
        return _launch(door, script)
    except KeyboardInterrupt:
        return 130


def _launch(door: str, script: str) -> int:
    _forget_python_path()
    _forget_relative_programs()
    argv = sys.argv[1:]
    root = os.path.dirname(script)
    if door == "manage" and _needs_no_package(argv):
        import gc

        from installer.cli import main

        gc.disable()  # what is made here is needed to the end, and looking for garbage takes a tenth of the time
        if (code := main.at_once(argv)) >= 0:
            return _leave(code)
        gc.enable()
    if os.path.isfile(os.path.join(sys.prefix, MARKER)):
        return _run(door, script, argv)
    if door == "quickstart" and (text := _nothing_to_do(argv)) is not None:
        if text:
            sys.stdout.write(text if text.endswith("\n") else text + "\n")
        return _leave_if_heard()
    if _is_installed(root):
        return _run(door, script, argv)
    return _hand_over(script, argv)


def _leave_if_heard() -> int:
    """End with 0 once what was said is out; that it cannot be said is for the interpreter to complain of."""
    try:
        sys.stdout.flush()
    except (OSError, ValueError):
        return 0
    return _leave(0)


def _leave(code: int) -> NoReturn:
    """End here: all is written and said. To take the interpreter apart, module by module, takes 2 to 10 ms."""
    os._exit(code)


def _open_missing_streams() -> None:
    """A stream that was closed by whoever started us leads nowhere: else the next file opened takes its number.

    What a program says on its standard error would then be written into the journal.
    """
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        if getattr(sys, name) is not None:
            continue
        nowhere = os.open(os.devnull, os.O_RDWR)
        if nowhere != number:
            os.dup2(nowhere, number)
            os.close(nowhere)
        os.set_inheritable(number, True)  # noqa: FBT003 - the function takes no names
        mode = "w" if number else "r"
        setattr(sys, name, os.fdopen(number, mode, encoding="utf-8", errors="backslashreplace", closefd=False))


def _forget_python_path() -> None:
    """From here on no module comes from PYTHONPATH: what is there may be called `json` or `click`."""
    given = os.environ.get("PYTHONPATH", "")
    if given and not sys.flags.ignore_environment:
        theirs = {os.path.abspath(folder) for folder in given.split(os.pathsep)} - {os.path.dirname(os.__file__)}
        theirs.discard(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
        sys.path[:] = [folder for folder in sys.path if os.path.abspath(folder) not in theirs]


def _forget_relative_programs() -> None:
    """From here on no program comes from the folder that we happen to stand in: it may hold a `git` or a `uname`."""
    entries = os.environ.get("PATH", os.defpath).split(os.pathsep)
    kept = [entry for entry in entries if os.path.isabs(entry)]
    if kept != entries:
        os.environ["PATH"] = os.pathsep.join(kept) or os.defpath
    if sys.platform == "win32":
        os.environ["NoDefaultCurrentDirectoryInExePath"] = "1"  # noqa: SIM112 -- so it is spelt there


def _nothing_to_do(argv: list[str]) -> str | None:
    """Ask the fast path. What it cannot read is the full path's to report."""
    from installer.fingerprint import nothing_to_do

    try:
        return nothing_to_do(argv)
    except (OSError, ValueError):
        return None


def _needs_no_package(argv: list[str]) -> bool:
    """Say whether this interpreter will do, also where our tools are gone: for a script's calls, and a way back."""
    if argv[:1] == ["checkpoint"]:
        return argv[2:3] == ["--plain"]
    if argv[:1] not in (["rollback"], ["restore"]):
        return False
    from installer.cli import quick

    return quick.takes(argv)


def _is_installed(root: str) -> bool:
    """Is this file part of an installed wheel? Then the packages it needs are its neighbours."""
    from installer import DISTRIBUTION, __version__

    return os.path.isdir(os.path.join(root, f"{DISTRIBUTION}-{__version__}.dist-info"))


def _run(door: str, script: str, argv: list[str]) -> int:
    """Call the command line in this process. A package missing from our own environment has it made anew."""
    import gc

    gc.set_threshold(GARBAGE)
    try:
        _find_first(door, argv)
        from installer.cli import main
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] in {"installer", "phases"}:
            raise
        return _without(error.name or "", script, argv)
    os.environ.pop(REBUILT, None)
    code: int = getattr(main, door)(argv)
    return code


def _find_first(door: str, argv: list[str]) -> None:
    """The package that most verbs need first stands for all. Raises `ModuleNotFoundError`."""
    from installer.cli import quick

    if door != "quickstart" or not quick.installs(argv):
        import click  # noqa: F401 - it is there, and all that it needs

        return
    from importlib.util import find_spec

    if find_spec("click") is None:  # this call does without, and to import it would take a twentieth of a run
        raise ModuleNotFoundError(name="click")


def _without(module: str, script: str, argv: list[str]) -> int:
    """A package of ours is missing here: make the environment again, once, or say what to do."""
    from installer.errors import Precondition
    from installer.i18n import tr
    from installer.toolfail import speak

    speak()
    marker = os.path.join(sys.prefix, MARKER)
    facts = {"module": module, "prefix": sys.prefix}
    if not os.path.isfile(marker):
        sentence = tr("the environment that Surefoot is installed in lacks the package `{module}`: {prefix}", **facts)
        hint = tr("install it again with all it needs: `uv tool install --reinstall surefoot`")
        return _complain(Precondition("tools.incomplete", sentence, hint=hint), argv)
    if REBUILT in os.environ:
        sentence = tr("Surefoot's own tools lack the package `{module}`, also after they were made anew", **facts)
        hint = tr("remove `{prefix}`, then run the same command again", **facts)
        return _complain(Precondition("tools.damaged", sentence, hint=hint), argv)
    os.unlink(marker)
    from installer.toolenv import base_interpreter

    return _become(base_interpreter(), script, argv, {REBUILT: "1"})


def _hand_over(script: str, argv: list[str]) -> int:
    """Find or make the tool's own environment and go on as its interpreter."""
    from installer.errors import InstallerError
    from installer.toolenv import tool_python

    try:
        python = tool_python(os.path.dirname(script))
    except InstallerError as error:
        return _complain(error, argv)
    chosen = os.environ.get(LAUNCHED_BY, "") if REBUILT in os.environ else ""  # this one was only to make it again
    return _become(python, script, argv, {LAUNCHED_BY: chosen or sys.executable})


def _become(python: str, script: str, argv: list[str], extra: dict[str, str]) -> int:
    """Replace this process by `python` running `script`, isolated; on Windows be its parent."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith(DIVERTING)}
    command = [python, "-I", script, *argv]
    sys.stdout.flush()
    sys.stderr.flush()
    if sys.platform != "win32":
        os.execve(python, command, environment | extra)  # noqa: S606 - becoming the interpreter is the point
    import subprocess

    return subprocess.call(command, env=environment | extra)


def _complain(error: InstallerError, argv: list[str]) -> int:
    """Show it, and tell a build server of it, as the command line would; return its exit code."""
    from installer import ci
    from installer.cli.failure import show
    from installer.cli.served import serve

    as_json, server = "--json" in argv, ci.server(ci.split(argv)[0])
    if not server:
        return show(error, as_json=as_json)
    with serve(server):
        return show(error, as_json=as_json)
