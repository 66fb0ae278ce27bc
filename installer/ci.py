"""Build servers: which one runs us, and the files through which later jobs learn how it went.

Standard library only, and little of it: a start with nothing to do comes by here, too.
"""

from __future__ import annotations

import os

TYPE_CHECKING = False  # as in typing, whose import would cost more than the rest
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

FLAG = "--ci"
NAMES = ("auto", "github", "gitlab", "none")
OUTPUTS = ("environment", "python-path", "install-id", "state", "cache-key", "report")
DOTENV = "SUREFOOT_DOTENV"  # names the file that GitLab is to read; without it none is written
_VARIABLES = (("github", "GITHUB_ACTIONS"), ("gitlab", "GITLAB_CI"))
_NO = frozenset(("", "0", "false", "no"))

_in_use = ""
_root = ""
_told = False


def server(asked: str = "auto", environ: Mapping[str, str] = os.environ) -> str:
    """`github`, `gitlab`, or nothing: as `--ci` has it, else by the variable that each of them sets."""
    if asked != "auto":
        return asked if asked in {"github", "gitlab"} else ""
    found = (name for name, variable in _VARIABLES if environ.get(variable, "").lower() not in _NO)
    return next(found, "")


def split(argv: Sequence[str]) -> tuple[str, list[str]]:
    """What `--ci` says in `argv` (the last one counts, as anywhere), and the other words."""
    asked, rest, words = "auto", [], iter(argv)
    for word in words:
        if word == "--":
            rest += [word, *words]
        elif word == FLAG:
            asked = next(words, "")
        elif word.startswith(FLAG + "="):
            asked = word[len(FLAG) + 1 :]
        else:
            rest.append(word)
    return asked, rest


def use(name: str) -> str:
    """Speak to the server `name` from now on, in this process; returns the one before."""
    global _in_use, _told
    before, _in_use, _told = _in_use, name, False
    return before


def in_use() -> str:
    """The server that is spoken to; nothing where a person reads."""
    return _in_use


def point_from(root: str) -> None:
    """The project that this process works on: files that are pointed at are below it."""
    global _root  # noqa: PLW0603 -- as above
    _root = root


def root() -> str:
    """The project, nothing before it is known."""
    return _root


def give(name: str, outputs: Mapping[str, str], environ: Mapping[str, str] = os.environ) -> None:
    """Hand `outputs` to the later steps or jobs of the server `name`; nothing where it named no file for it."""
    global _told  # noqa: PLW0603 -- as above
    _told = True
    if name == "github" and (path := environ.get("GITHUB_OUTPUT")):
        _append(path, "".join(_with_delimiter(key, value) for key, value in outputs.items()))
    elif name == "gitlab" and (path := environ.get(DOTENV)):
        with open(path, "w", encoding="utf-8", errors="surrogateescape") as stream:
            stream.write("".join(_as_variable(key, value) for key, value in outputs.items()))


def has_told() -> bool:
    """Was the server told already, by this command, how it ended?"""
    return _told


def summarise(name: str, markdown: str, environ: Mapping[str, str] = os.environ) -> None:
    """Put `markdown` on the page of the job, where the server has one."""
    if name == "github" and (path := environ.get("GITHUB_STEP_SUMMARY")):
        _append(path, markdown)


def _append(path: str, text: str) -> None:
    with open(path, "a", encoding="utf-8", errors="surrogateescape") as stream:
        stream.write(text)


def _with_delimiter(key: str, value: str) -> str:
    """An output of any number of lines: none of them can end it, as nobody knows its last line beforehand."""
    delimiter = f"surefoot_{os.urandom(16).hex()}"
    return f"{key}<<{delimiter}\n{value}\n{delimiter}\n"


def _as_variable(key: str, value: str) -> str:
    """A line of a dotenv report, which knows no quotes and no second line: a value that has one is left out.

    Nor is it sure of blanks: a state has none there. Not `SUREFOOT_…`: in later jobs these would be settings of ours.
    """
    name = f"BOOTSTRAP_{key.upper().replace('-', '_')}"
    value = value.replace(" ", "-") if key == "state" else value
    return f"{name}={value}\n" if value.isprintable() else f"{name}=\n"
