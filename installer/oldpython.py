"""What to tell the user of a Python that is too old: which newer one is here, or how to get one.

It must parse and run on every Python since 2.7.
"""

import glob
import os
import subprocess
import sys

try:
    from shlex import quote
except ImportError:
    from pipes import quote

NEWEST = 20  # a minor version that no release has reached yet: the search counts down from it
ASK = "import sys; print('%d.%d.%d' % sys.version_info[:3])"


def advice(needed, script, arguments):
    # type: (tuple[int, int], str, list[str]) -> str
    """One sentence that names what was found and what is needed, and the command that mends it."""
    found = "%d.%d.%d" % sys.version_info[:3]
    again = " ".join(quote(word) for word in [script] + arguments)
    newer = newer_python(needed)
    hint = "run `%s %s`" % (quote(newer), again) if newer else "%s, then run `python3.12 %s`" % (remedy(), again)
    sentence = "error: Surefoot needs Python %d.%d or newer, this is Python %s (%s)\n\nhint: %s\n"
    return sentence % (needed + (found, sys.executable, hint))


def newer_python(needed):
    # type: (tuple[int, int]) -> str | None
    """An interpreter on this machine that is new enough and starts, or None."""
    for path in candidates(needed):
        if version_of(path) >= needed:
            return path
    return None


def candidates(needed):
    # type: (tuple[int, int]) -> list[str]
    """Where newer interpreters are usually found, the newest first: PATH, pyenv, uv."""
    home = os.path.expanduser("~")
    pyenv = os.environ.get("PYENV_ROOT") or os.path.join(home, ".pyenv")
    data = os.environ.get("XDG_DATA_HOME") or os.path.join(home, ".local", "share")
    uv = os.environ.get("UV_PYTHON_INSTALL_DIR") or os.path.join(data, "uv", "python")
    names = ["python3.%d" % minor for minor in range(NEWEST, needed[1] - 1, -1)] + ["python3"]
    found = [which(name) for name in names]
    for minor in range(NEWEST, needed[1] - 1, -1):
        found += glob.glob(os.path.join(pyenv, "versions", "3.%d.*" % minor, "bin", "python"))
        found += glob.glob(os.path.join(uv, "cpython-3.%d.*" % minor, "bin", "python3"))
    return [path for path in found if path]


def which(name):
    # type: (str) -> str | None
    """The program `name` on PATH, shims left out: a shim is there for versions that are not."""
    suffix = ".exe" if sys.platform == "win32" else ""
    for folder in os.environ.get("PATH", os.defpath).split(os.pathsep):
        path = os.path.join(folder, name + suffix)
        if os.path.basename(folder) != "shims" and os.path.isfile(path) and os.access(path, os.X_OK):
            return path
    return None


def version_of(path):
    # type: (str) -> tuple[int, ...]
    """Its version as it says itself; empty when it does not start."""
    try:
        child = subprocess.Popen([path, "-E", "-c", ASK], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        answer = child.communicate()[0].decode("ascii").strip()
        return tuple(int(part) for part in answer.split("."))
    except (OSError, ValueError):
        return ()


def remedy():
    # type: () -> str
    """The command that brings a newer Python to this machine."""
    if which("uv"):
        return "get one by `uv python install 3.12`"
    if which("apt-get"):
        return "get one by `sudo apt install python3.12 python3.12-venv`"
    if which("brew"):
        return "get one by `brew install python@3.12`"
    if sys.platform == "win32":
        return "get one by `winget install Python.Python.3.12`"
    return "get one by `%s -m pip install --user uv` and `uv python install 3.12`" % quote(sys.executable)
