"""The child that fills Surefoot's own environment: `python -I toolpip.py FOLDER LOCK…`.

Started by the base interpreter, it makes the environment without pip and goes on as that environment's interpreter,
where it runs the pip that came with Python: old perhaps, but it only unpacks wheels whose hashes we locked. Of the
user's pip settings those that say where packages come from are kept; those that say where they go are not.
"""

from __future__ import annotations

import os
import re
import sys
import tomllib
from contextlib import suppress
from glob import escape, glob
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

NO_PIP, NO_VENV = 66, 67  # exit codes that pip does not use
KEPT = (
    "index-url extra-index-url no-index find-links proxy cert client-cert trusted-host keyring-provider"
    " timeout default-timeout retries resume-retries cache-dir no-cache-dir use-feature use-deprecated"
).split()
OPTIONS = (
    "install --require-hashes --only-binary :all: --no-deps --no-input --disable-pip-version-check --progress-bar off"
    " --no-warn-script-location"
    " --ignore-installed"  # when the pip of the base interpreter is used, its neighbours are in sight
    " --no-compile"  # two seconds of seven; what is imported is compiled then
).split()


def main(folder: str, *locks: str) -> int:
    """Make the environment and go on as its interpreter; or, called as that with `--pip PIP LOCK…`, fill it."""
    die_with_parent()
    if folder == "--pip":
        return install(locks[0], locks[1:])
    pip = find_pip()
    if not pip:
        return NO_PIP
    try:
        from venv import EnvBuilder
    except ImportError:
        return NO_VENV
    EnvBuilder(symlinks=os.name != "nt").create(folder)
    python = os.path.join(folder, *(("Scripts", "python.exe") if os.name == "nt" else ("bin", "python")))
    command = [python, "-I", os.path.abspath(__file__), "--pip", pip, *locks]
    if os.name == "nt":
        import subprocess

        return subprocess.call(command)
    return os.execv(python, command)  # noqa: S606 - going on as that interpreter is the point


def find_pip() -> str:
    """What to put on sys.path to import pip: the wheel that came with Python, or the pip installed beside it."""
    import sysconfig
    from importlib.util import find_spec

    bundled = find_spec("ensurepip")
    if bundled and bundled.origin:
        folders = [os.path.join(os.path.dirname(bundled.origin), "_bundled"), sysconfig.get_config_var("WHEEL_PKG_DIR")]
        wheels = [wheel for folder in folders if folder for wheel in glob(os.path.join(escape(folder), "pip-*.whl"))]
        if wheels:
            return wheels[0]
    installed = find_spec("pip")
    return os.path.dirname(os.path.dirname(installed.origin)) if installed and installed.origin else ""


def install(pip: str, locks: tuple[str, ...]) -> int:
    """Run pip in this process with the settings that are kept."""
    sys.path.append(pip)
    from pip._internal.cli.main import main as run
    from pip._internal.configuration import Configuration

    configuration = Configuration(isolated=False)
    configuration.load()
    settings = kept(flat(configuration.items()))
    if not settings.keys() & {"PIP_INDEX_URL", "PIP_NO_INDEX"} and (index := uv_index()):
        settings["PIP_INDEX_URL"] = index
    for name in [name for name in os.environ if name.startswith("PIP_")]:
        del os.environ[name]
    os.environ.update(settings, PIP_CONFIG_FILE=os.devnull)
    hear_the_index()
    code: int = run([*OPTIONS, *(word for lock in locks for word in ("-r", lock))])
    return code


def hear_the_index() -> None:
    """Have pip say why an index gave nothing; on its own it says only that it found no version."""
    import logging

    voice = logging.StreamHandler(sys.stdout)
    voice.addFilter(lambda record: str(record.msg).startswith("Could not fetch URL"))
    logger = logging.getLogger("pip._internal.index.collector")
    logger.setLevel(logging.DEBUG)
    logger.addHandler(voice)


def flat(items: Iterable[tuple[str, object]]) -> Iterator[tuple[str, str]]:
    """The settings in the order in which later ones win; newer pips give them file by file."""
    for name, value in items:
        if isinstance(value, dict):
            yield from value.items()
        else:
            yield name, str(value)


def kept(items: Iterable[tuple[str, str]]) -> dict[str, str]:
    """The settings of `KEPT`, as variables: a command's own section outranks [global], a variable outranks both."""
    settings: dict[str, str] = {}
    given = list(items)
    for section in ("global", "install", ":env:"):
        for name, value in given:
            where, _, option = name.partition(".")
            if where == section and option in KEPT and value:
                settings["PIP_" + option.upper().replace("-", "_")] = value
    return settings


def uv_index() -> str:
    """The index of a user who has told only uv about it."""
    given = os.environ.get("UV_DEFAULT_INDEX") or os.environ.get("UV_INDEX_URL")
    if given:
        return re.sub(r"^[\w.-]+=(?=\w+://)", "", given)  # uv's indexes may have a name
    home = os.environ.get("XDG_CONFIG_HOME") or os.path.join(os.path.expanduser("~"), ".config")
    try:
        with open(os.path.join(home, "uv", "uv.toml"), "rb") as file:
            settings = tomllib.load(file)
        default = [str(index["url"]) for index in settings.get("index", []) if index.get("default")]
        return default[0] if default else str(settings.get("index-url", ""))
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return ""  # uv itself will say what is wrong with it


def die_with_parent() -> None:
    """Where the system can: when the launcher is killed, this child is, too."""
    if sys.platform == "linux":
        with suppress(ImportError, AttributeError):  # a Python built without ctypes, another C library
            import ctypes
            import signal

            ctypes.CDLL(None).prctl(1, signal.SIGKILL)  # 1 is PR_SET_PDEATHSIG


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
