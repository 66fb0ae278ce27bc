"""Have the inputs changed? The first thing `quickstart.py` asks. Standard library only, and little of it.

The file is plain lines that need no parser: a header with version, platform and place, the words to say and their
language (nothing where the project has one of its own), what a build server is told (nothing where none ran the
command), then one line for every watched path with its size, times, inode and mode, or `absent`; `$NAME` stands for a
variable, `$0` for the interpreter. If all agree, nothing can have changed: a changed content changes at least the
ctime, which no program can set back.
"""

from __future__ import annotations

import os
import sys

from installer import __version__

TYPE_CHECKING = False  # as in typing, whose import would cost more than all of this
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

NAME = "fingerprint"
_STATE = ".surefoot"
_HEADER = f"surefoot {__version__} fingerprint 3 {sys.platform}"
_QUIET = frozenset(("-q", "--quiet"))
_PLAIN = frozenset(("-y", "--yes")) | _QUIET
_HARMLESS = frozenset(
    f"SUREFOOT_{name}"
    for name in ("CACHE_DIR", "DOTENV", "LAUNCHED_BY", "PASS_ENV", "TOOL")  # change no environment
)


def nothing_to_do(argv: list[str]) -> str | None:
    """What to say if the environment is as `argv` asks for ("" for -q), or None: then the full path must look."""
    server, words = _server(argv)
    directory, rest = _directory(words)
    modes = [word[2:] for word in rest if word not in _PLAIN]
    if directory is None or len(modes) > 1 or any(_matters(name) for name in os.environ):
        return None
    folder, state = _find(os.path.realpath(directory))
    if not state:
        return None
    with open(os.path.join(folder, state, NAME), encoding="utf-8", errors="surrogateescape") as stream:
        header, mode, language, text, told, *lines = stream.read().split("\0\n")
    meant = mode.lstrip("=") in modes if modes else mode.startswith("=")
    if header != f"{_HEADER} {folder}" or not meant or (server and not told) or language not in {"", _language()}:
        return None
    os.chdir(folder)
    if any(line and line != _line(line.rsplit("\t", 1)[-1], sys.executable) for line in lines):
        return None
    if server:
        from installer import ci

        ci.give(server, dict(each.partition("=")[::2] for each in told.split("\0")))
        ci.summarise(server, f"## Surefoot\n\n{text}\n")
    return "" if _QUIET.intersection(rest) else text


def look(root: Path, paths: Iterable[str]) -> list[str]:
    """How every one of `paths` (relative to `root`, links followed) and variables (`$NAME`, `$0`) stands now."""
    here = os.getcwd()
    os.chdir(root)
    started = os.environ.get("SUREFOOT_LAUNCHED_BY") or sys.executable
    try:
        return [_line(path, started) for path in dict.fromkeys(paths)]
    finally:
        os.chdir(here)


def write(
    root: Path,
    state: Path,
    lines: list[str],
    *,
    mode: str,
    default: bool,
    said: tuple[str, str],
    told: Mapping[str, str],
) -> None:
    """Note how things stood (`lines`, from `look`) when there was nothing to do, and what to say if they still do.

    `state` is the state folder of the project at `root`, for which alone it holds; `default`: `mode` is also what is
    meant when none is named; `said`: the words and their language, "" where that does not go by the system's; `told`:
    what a build server is to be told, by name, if one runs us.
    """
    from installer import files

    text, language = said
    parts = [f"{_HEADER} {root}", ("=" if default else "") + mode, language, text, _line_of(told), *lines]
    files.replace(state / NAME, "\0\n".join(parts).encode("utf-8", "surrogateescape"))


def is_plain(root: Path, state: str) -> bool:
    """Say whether the fast path applies: it finds the state folder, and no variable of ours changes a run."""
    return _state(str(root)) in {"", state} and _named(str(root)) in {"", state} and not any(map(_matters, os.environ))


def _line_of(told: Mapping[str, str]) -> str:
    return "\0".join(f"{name}={value}" for name, value in told.items())


def _server(argv: list[str]) -> tuple[str, list[str]]:
    """The build server that is to be told, and the words without what they say of it."""
    if "GITHUB_ACTIONS" not in os.environ and "GITLAB_CI" not in os.environ and "--ci" not in " ".join(argv):
        return "", argv
    from installer import ci

    asked, rest = ci.split(argv)
    return ci.server(asked), rest if asked in ci.NAMES else [*rest, "--ci"]


def _directory(argv: list[str]) -> tuple[str | None, list[str]]:
    """The folder that `argv` names, and its other words; None for the folder if a word is none of the plain ones."""
    directory, rest, words = ".", [], iter(argv)
    for word in words:
        if word == "-C":
            directory = next(words, "")
        elif word in _PLAIN or word in {"--minimal", "--standard", "--dev", "--full"}:
            rest.append(word)
        else:
            return None, rest
    return directory or None, rest


def _language() -> str:
    """What the system's locale asks for, as `i18n.choose` has it."""
    spoken = os.environ.get("LC_ALL") or os.environ.get("LC_MESSAGES") or os.environ.get("LANG") or ""
    return "zh" if spoken.lower().startswith("zh") else "en"


def _matters(name: str) -> bool:
    return name.startswith("SUREFOOT_") and name not in _HARMLESS


def _find(folder: str) -> tuple[str, str]:
    """The nearest folder with a fingerprint and its state folder, "" if a project without one lies nearer."""
    while True:
        state = _state(folder)
        if state:
            return folder, state
        if any(
            os.path.lexists(os.path.join(folder, name)) for name in (".git", _STATE, "surefoot.toml", "pyproject.toml")
        ):
            return folder, ""
        parent = os.path.dirname(folder)
        if parent in {os.path.dirname(parent), os.path.realpath(os.path.expanduser("~"))}:  # as `project.find_root`
            return folder, ""
        folder = parent


def _state(folder: str) -> str:
    """The state folder with a fingerprint in it, "" if there is none. A manifest that changed is itself watched."""
    if os.path.exists(os.path.join(folder, _STATE, NAME)):
        return _STATE
    named = _named(folder)
    return named if named and os.path.exists(os.path.join(folder, named, NAME)) else ""


def _named(folder: str) -> str:
    """The state folder that a manifest names, by a look for the one line; "" if it is written in another way."""
    for name in ("surefoot.toml", "pyproject.toml"):
        try:
            with open(os.path.join(folder, name), encoding="utf-8", errors="replace") as stream:
                for line in stream:
                    key, _, value = line.partition("=")
                    if key.strip().rpartition(".")[2] == "state-dir":
                        return _plain(value.strip())
        except OSError:
            continue
    return ""


def _plain(value: str) -> str:
    """The path in a quoted TOML string without escapes, below the project."""
    quote = value[:1]
    path = value[1:].partition(quote)[0] if quote in {'"', "'"} else ""
    return "" if "\\" in path or os.path.isabs(path) or ".." in path.split("/") else path


def _line(path: str, started: str) -> str:
    if path.startswith("$"):
        return f"{started if path == '$0' else os.environ.get(path[1:], '')}\t{path}"
    try:
        status = os.stat(path)
    except OSError:
        return f"absent\t{path}"
    numbers = (status.st_size, status.st_mtime_ns, status.st_ctime_ns, status.st_ino, status.st_mode)
    return " ".join(map(str, numbers)) + f"\t{path}"
