#!/usr/bin/env python3
"""Install this project: `python3 quickstart.py --help`. It needs Python 3.11 or newer and nothing else.

It gets the one wheel of Surefoot that is named here, from SUREFOOT_TOOL (the wheel, or a folder that holds it), from
beside this file, or from the index that pip is set to, refuses any other bytes before one of them is run, and has it
unpacked into the user's cache, where it is from then on, also without a network. Its locks have hashes.
"""

import os
import sys

VERSION = "0.0.0"
SHA256 = "0000000000000000000000000000000000000000000000000000000000000000"

WHEEL = "surefoot-%s-py3-none-any.whl" % VERSION
HERE = os.path.dirname(os.path.realpath(__file__))
RUN_PIP = "import runpy, sys; sys.path.insert(0, sys.argv.pop(1)); runpy.run_module('pip', run_name='__main__')"
KEEP = "import sys; sys.path.insert(0, sys.argv.pop(1)); from installer.pinned import keep; sys.exit(keep(sys.argv))"


class Problem(Exception):
    """Why it cannot go on: a code, the exit code, what is wrong, what to do about it, further lines."""


def main(door):
    # type: (str) -> int
    """Become Surefoot's `door` ("quickstart" or "manage"); returns the exit code."""
    if sys.version_info < (3, 11):
        said = "error: this project is installed by Python 3.11 or newer, this is Python %d.%d.%d (%s)\n\nhint: %s\n"
        quote = __import__("pipes" if sys.version_info < (3, 3) else "shlex").quote
        words = [getattr(sys.modules["__main__"], "__file__", sys.argv[0])] + sys.argv[1:]  # runpy changes argv[0]
        hint = "run it with a newer one, such as `python3.12 %s`" % " ".join(map(quote, words))
        sys.stderr.write(said % (sys.version_info[:3] + (sys.executable, hint)))
        return 6
    sys.path[:] = [folder for folder in sys.path if os.path.realpath(folder) != HERE]  # a `json.py` of the project's
    try:
        place = os.path.join(cache(), "wheels", SHA256)
        code = 0 if is_whole(place) else fetch(place)
    except KeyboardInterrupt:
        return 130
    except Problem as problem:
        return complain(*problem.args)
    if code:
        return code
    sys.path.insert(0, place)
    from installer.door import open_door

    if is_elsewhere():
        at = 4 if sys.argv[3:4] == ["--plain"] else 1  # a call that needs no package is told by its first words
        sys.argv[at:at] = ["-C", HERE]
    sys.path.append(sys.path.pop(0))
    return open_door(door, os.path.join(place, door + ".py"))


def is_elsewhere():
    # type: () -> bool
    """Would a start in this folder, maybe a submodule, be about another project than that of this file?"""
    try:
        cwd = os.path.realpath(os.getcwd())
    except OSError:  # deleted; Surefoot says so
        return False
    if cwd == HERE:
        return False
    from pathlib import Path

    from installer.project import find_root

    return find_root(Path(cwd)) != find_root(Path(HERE))


def cache():
    # type: () -> str
    """Surefoot's folder for what can be made again, by the platform's convention."""
    home, mac = os.path.expanduser("~"), sys.platform == "darwin"
    chosen, xdg = os.environ.get("SUREFOOT_CACHE_DIR"), os.environ.get("XDG_CACHE_HOME", "")
    if chosen:
        return os.path.abspath(chosen)
    if sys.platform == "win32":
        local = os.environ.get("LOCALAPPDATA") or os.path.join(home, "AppData", "Local")
        return os.path.join(local, "surefoot", "Cache")
    usual = os.path.join(home, "Library", "Caches") if mac else os.path.join(home, ".cache")
    folder = os.path.join(xdg if os.path.isabs(xdg) and not mac else usual, "surefoot")
    if not os.path.isabs(folder):
        hint = "`export SUREFOOT_CACHE_DIR=...` with a folder of your own"
        raise Problem("tools.home", 6, "there is no home folder to keep Surefoot in", hint)
    return folder


def is_whole(place):
    # type: (str) -> bool
    """Was it unpacked to its end, is every file there with its size, and is it no stranger's?"""
    try:
        with open(os.path.join(place, "surefoot-wheel"), encoding="utf-8") as file:
            lines = file.read().split("\n")
            owner = os.fstat(file.fileno()).st_uid
        sizes = [line.split(" ", 1) for line in lines[:-1]]
        whole = lines[-1] == "end" and all(os.stat(os.path.join(place, name)).st_size == int(n) for n, name in sizes)
    except (OSError, ValueError):
        return False
    return whole and (sys.platform == "win32" or owner in (0, os.geteuid()))


def fetch(place):
    # type: (str) -> int
    """Get the wheel and, once its hash is right, let the code in it put it at `place`; returns the exit code."""
    import hashlib
    import shutil
    import subprocess
    import tempfile

    scratch = tempfile.mkdtemp(prefix="surefoot-")  # private
    try:
        given, beside = os.environ.get("SUREFOOT_TOOL", ""), os.path.join(HERE, WHEEL)
        given = given or (beside if os.path.isfile(beside) else "")
        path = os.path.join(given, WHEEL) if os.path.isdir(given) else given or download(scratch)
        with open(path, "rb") as file:
            data = file.read()
        if hashlib.sha256(data).hexdigest() != SHA256:
            raise other(path, "found: sha256 " + hashlib.sha256(data).hexdigest())
        proved = os.path.join(scratch, "proved.whl")
        with open(proved, "wb") as file:
            file.write(data)
        return subprocess.call([sys.executable, "-I", "-c", KEEP, proved, proved, place] + sys.argv[1:])
    except OSError as error:
        raise Problem("tools.folder", 6, "cannot get Surefoot: %s" % error, "mend that, then run it again")  # noqa: B904 -- 2.7
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def download(scratch):
    # type: (str) -> str
    """The path of the wheel as pip got it from wherever the user's settings say, its hash checked by pip as well."""
    import re
    import subprocess

    pin, pip = os.path.join(scratch, "pin.txt"), find_pip()
    with open(pin, "w", encoding="utf-8") as file:
        file.write("surefoot==%s --hash=sha256:%s\n" % (VERSION, SHA256))
    words = "download --require-hashes --no-deps --only-binary :all: --no-input --disable-pip-version-check --dest"
    command = [sys.executable, "-I", "-c", RUN_PIP, pip] + words.split() + [scratch, "-r", pin]
    sys.stderr.write("Getting Surefoot %s (once) ...\n" % VERSION)
    variables = dict(os.environ, PIP_REQUIRE_VIRTUALENV="0", PIP_PROGRESS_BAR="off")
    child = subprocess.run(
        command, cwd=scratch, env=variables, stdin=subprocess.DEVNULL, stdout=-1, stderr=subprocess.STDOUT, check=False
    )
    said = re.sub(r"(?<=://)[^/@\s]+@", "****@", child.stdout.decode("utf-8", "replace"))
    if "DO NOT MATCH THE HASHES" in said:
        raise other("what the package index has", *re.findall(r"Got +\w+", said))
    if child.returncode:
        hint = "go online, or name an index (`export PIP_INDEX_URL=...`) or the wheel (`export SUREFOOT_TOOL=...`)"
        hint += "; if `init` brought the wheel along, it belongs beside `%s`" % os.path.abspath(__file__)
        lines = [line.strip()[:300] for line in said.splitlines() if line.strip()][-3:]
        raise Problem("tools.network", 6, "pip cannot get %s, which is not on this machine yet" % WHEEL, hint, *lines)
    return os.path.join(scratch, WHEEL)


def find_pip():
    # type: () -> str
    """What to put on sys.path to import pip: the wheel that came with Python, or the pip installed beside it."""
    import glob
    import sysconfig
    from importlib.util import find_spec

    bundled, built_in = os.path.join(os.path.dirname(os.__file__), "ensurepip", "_bundled"), find_spec("pip")
    folders = [bundled, sysconfig.get_config_var("WHEEL_PKG_DIR") or bundled]
    found = [path for folder in folders for path in glob.glob(os.path.join(glob.escape(folder), "pip-*.whl"))]
    if built_in and built_in.origin:
        found.append(os.path.dirname(os.path.dirname(built_in.origin)))
    if not found:
        hint = "install it (Debian: `apt install python3-venv`), or use another Python (`uv python install 3.12`)"
        raise Problem("tools.no-ensurepip", 6, "this Python (%s) has neither pip nor ensurepip" % sys.executable, hint)
    return found[0]


def other(place, *found):
    # type: (str, str) -> Problem
    """The error for a wheel that is not the one."""
    said = "%s is not the Surefoot %s that this project pins: its hash differs; nothing of it was run"
    hint = "find out who changed it: the index, a proxy on the way, or the line SHA256 in `%s`"
    pinned, at = "pinned: sha256 " + SHA256, os.path.abspath(__file__)
    return Problem("tools.hash", 9, said % (place, VERSION), hint % at, pinned, *found)


def complain(code, exit_code, said, hint, *details):
    # type: (str, int, str, str, str) -> int
    """Say it, for people or for scripts; returns the exit code."""
    if "--json" in sys.argv:
        import json

        error = {"code": code, "exit_code": exit_code, "message": said, "details": details, "hint": hint}
        sys.stdout.write(json.dumps({"schema": 1, "event": "error", "error": error}) + "\n")
    else:
        sys.stderr.write("error: %s\n%s\nhint: %s\n" % (said, "".join("  %s\n" % each for each in details), hint))
    return exit_code


if __name__ in ("__main__", "manage"):  # `manage.py` beside it runs this file under that name
    sys.exit(main("manage" if __name__ == "manage" else "quickstart"))
