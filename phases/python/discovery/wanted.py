"""One wish for a Python, as people spell it: `3.12`, `>=3.10`, `pypy3.10`, `cpython@3.12`, `3.13t`, a path."""

from __future__ import annotations

import os
import re
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from installer import lazily
from installer.errors import UsageError
from installer.frozen import dataclass
from installer.i18n import tr
from phases.python.discovery import specifiers

if TYPE_CHECKING:
    from phases.python.needs import Interpreter

_SPELLING = lazily.pattern(
    r"(?:(?P<implementation>cpython|python|pypy|graalpy)[-@]?)?(?P<version>\d+(?:\.\d+)*)?(?P<pre>(?:a|b|rc)\d+|-dev)?(?P<free>t|\+freethreaded)?"
    r"(?:-[\w.+-]+)?",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """A wish. `path`: an executable; otherwise versions, by their first numbers or by specifiers."""

    text: str = ""
    path: str = ""
    implementation: str = ""
    version: tuple[int, ...] = ()
    specifiers: str = ""
    prerelease: bool = False
    free_threaded: bool = False

    @property
    def is_exact(self) -> bool:
        """Does it name a version, so that what is odd about it is asked for?"""
        return bool(self.version or self.path or self.implementation)

    def admits(self, python: Interpreter) -> bool:
        """Is `python` what is wished for?"""
        if self.path:
            return os.path.realpath(self.path) == os.path.realpath(python.executable)
        implementation, _, variety = python.implementation.partition("+")
        if self.is_exact and (bool(variety) != self.free_threaded or (python.prerelease and not self.prerelease)):
            return False
        return implementation == (self.implementation or "cpython") and self.admits_version(python.version)

    def admits_version(self, version: tuple[int, ...]) -> bool:
        """Does `version` fit, whatever the implementation?"""
        return version[: len(self.version)] == self.version and specifiers.admits(self.specifiers, version)

    def is_near(self, python: Interpreter) -> bool:
        """Is it another patch release of what is wished for?"""
        same = python.implementation.partition("+")[0] == (self.implementation or "cpython")
        major_minor, patch = self.version[:2], self.version[2:]
        return same and bool(patch) and not python.prerelease and python.version[:2] == major_minor


def parse(text: str, folder: Path | None = None) -> Wanted:
    """`text` as a wish; a relative path is one from `folder`. Raises `UsageError` for what is none."""
    text = text.strip()
    if not text:
        return Wanted()
    if os.sep in text or text.startswith(("~", ".")) or (os.altsep and os.altsep in text):
        return Wanted(text=text, path=_executable((folder or Path()) / Path(text).expanduser()))
    found = _SPELLING.fullmatch(text)
    if found:
        implementation = (found["implementation"] or "").lower().replace("cpython", "").replace("python", "")
        version = specifiers.numbers(found["version"] or "")
        if len(version) == 1 and len(text_of := str(version[0])) > 1:  # `python312`
            version = (int(text_of[0]), int(text_of[1:]))
        return Wanted(
            text=text,
            implementation=implementation,
            version=version,
            prerelease=bool(found["pre"]),
            free_threaded=bool(found["free"]),
        )
    if re.match(r"[<>=!~]", text) and specifiers.is_valid(text):
        return Wanted(text=text, specifiers=text)
    if path := shutil.which(text):
        return Wanted(text=text, path=path)
    raise UsageError(
        "python.request",
        tr("{text} names no Python", text=text),
        hint=tr("a version (3.12), specifiers (>=3.10), a name (pypy3.10) or a path (/usr/bin/python3.11)"),
    )


def _executable(path: Path) -> str:
    """A folder stands for the Python in it: an environment, an installation."""
    if path.is_dir():
        inside = (path / name for name in ("bin/python3", "bin/python", "python.exe", "Scripts/python.exe"))
        path = next((each for each in inside if each.exists()), path)
    return str(path)
