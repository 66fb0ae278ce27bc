"""Ask an executable which Python it is; remembered in the user's cache folder until the file changes."""

from __future__ import annotations

import contextlib
import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from installer import files, process
from installer.errors import Precondition, StepFailed
from installer.toolenv import cache_folder
from phases.python import memory
from phases.python.needs import Interpreter

if TYPE_CHECKING:
    from collections.abc import Iterable

# Runs on every Python since 2.7, and imports nothing that would not be there without `site`.
_ASK = (
    "import sys,json\n"
    "i=getattr(sys,'implementation',None)\n"
    "g=getattr(sys,'_is_gil_enabled',None)\n"
    "print(json.dumps({'version':list(sys.version_info[:3]),'level':sys.version_info[3],"
    "'implementation':i.name if i else 'cpython',"
    "'free':'t' in getattr(sys,'abiflags','') or bool(g and not g()),"
    "'base':getattr(sys,'_base_executable','') or sys.executable,'prefix':sys.prefix,"
    "'base_prefix':getattr(sys,'base_prefix',sys.prefix)}))\n"
)
_PATIENCE = 20  # seconds; a Python that has not started by then is not one to work with
_MOST = 500  # entries of the cache
Answer = dict[str, Any]  # what `_ASK` prints; `_interpreter` checks it


def probe(executable: str) -> Interpreter | None:
    """Which Python `executable` is; that behind it for one of a virtual environment. Nothing if it does not start."""
    return probe_all([executable]).get(executable)


def probe_all(executables: Iterable[str]) -> dict[str, Interpreter]:
    """Those of `executables` that start, each with what it is. Asked side by side, known ones not at all."""
    known = _load()
    keys = {path: key for path in dict.fromkeys(executables) if (key := _key(path))}
    unknown = {path: key for path, key in keys.items() if _interpreter(known.get(key, {}), path) is None}
    if unknown:
        known |= {unknown[path]: answer for path, answer in _ask_all(list(unknown)).items()}
        _save(known)
    found = {path: _interpreter(known[key], path) for path, key in keys.items()}
    return {path: python for path, python in found.items() if python is not None}


def _ask_all(executables: list[str]) -> dict[str, Answer]:
    if len(executables) == 1:
        return {executables[0]: _ask(executables[0])}
    from concurrent.futures import ThreadPoolExecutor  # only on a machine that is new to us

    with ThreadPoolExecutor(max_workers=4) as pool:
        return dict(zip(executables, pool.map(_ask, executables), strict=True))


def _ask(executable: str) -> Answer:
    """What it says of itself; `{}` if it says nothing of use."""
    # Python 2 knows no -I.
    isolated = ["-E", "-s"] if Path(executable).resolve().name.startswith("python2") else ["-I"]
    argv = [executable, *isolated, "-S", "-c", _ASK]
    try:
        done = process.run(argv, cwd=Path(executable).parent, timeout=_PATIENCE, check=False)
        answer = json.loads(done.stdout)
    except (OSError, ValueError, Precondition):
        return {}
    except StepFailed as error:
        if error.code == "process.stopping":
            raise
        return {}
    return answer if isinstance(answer, dict) else {}


def _interpreter(answer: Answer, path: str) -> Interpreter | None:
    try:
        major, minor, micro = (int(part) for part in answer["version"])
        is_virtual = answer["prefix"] != answer["base_prefix"]
        return Interpreter(
            executable=os.path.realpath(str(answer["base"]) if is_virtual else path),
            version=(major, minor, micro),
            implementation=str(answer["implementation"]).lower() + ("+freethreaded" if answer["free"] else ""),
            prerelease=answer["level"] != "final",
            origin=path,
        )
    except (KeyError, TypeError, ValueError):
        return None


# -- the cache: only ever a shortcut; whatever is wrong with it is ignored ---------------------------------------------


def _key(path: str) -> str:
    """The file as it is now, so that another one in its place is asked again; empty where there is none."""
    try:
        about = Path(path).stat()
    except (OSError, ValueError):
        return ""
    return f"{path}|{os.path.realpath(path)}|{about.st_mtime_ns}|{about.st_size}|{about.st_ino}"


def _place() -> Path:
    return Path(cache_folder(), "interpreters.json")


def _load() -> dict[str, Answer]:
    if os.environ.get(memory.OFF):
        return {}
    try:
        known = json.loads(_place().read_bytes())
    except (OSError, ValueError, RecursionError):
        return {}
    if not isinstance(known, dict):
        return {}
    return {key: answer for key, answer in known.items() if isinstance(answer, dict)}


def _save(known: dict[str, Answer]) -> None:
    """Keep what answered; one that did not start may do so once what it lacks is there."""
    if os.environ.get(memory.OFF):
        return
    kept = dict([item for item in known.items() if _interpreter(item[1], item[0])][-_MOST:])
    place = _place()
    with contextlib.suppress(OSError):  # a home that is read-only or full: it is asked again next time
        files.make_folder(place.parent)
        files.replace(place, json.dumps(kept).encode())
