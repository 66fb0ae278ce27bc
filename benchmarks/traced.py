"""Run a command line of ours in this process, and note where the time goes: `traced.py REPORT DOOR WORDS…`.

REPORT gets JSON: the seconds in all, the processor time of this process, and of every child, sync and import its
begin and end, by a clock that started with this script. Nothing of ours is patched by name: what is watched are doors
of the standard library.
"""

from __future__ import annotations

import builtins
import json
import os
import subprocess
import sys
import threading
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

BEGAN = time.perf_counter()
_spans: dict[str, list[tuple[str, float, float]]] = {"child": [], "sync": [], "import": []}
_importing = threading.local()


class _Child(subprocess.Popen[Any]):
    """Notes when it began and when it was known to have ended."""

    def __init__(self, args: Any, *rest: Any, **named: Any) -> None:  # noqa: ANN401 -- those of Popen
        self.began, self.noted = _now(), False
        super().__init__(args, *rest, **named)

    def poll(self) -> int | None:
        return self._noted(super().poll())

    def wait(self, timeout: float | None = None) -> int:
        code = super().wait(timeout)
        self._noted(code)
        return code

    def _noted(self, code: int | None) -> int | None:
        if code is not None and not self.noted:
            self.noted = True
            _spans["child"].append((_name(self.args), self.began, _now()))
        return code


def _now() -> float:
    return time.perf_counter() - BEGAN


def _name(args: Any) -> str:  # noqa: ANN401 -- as above
    """`uv pip sync`, `git ls-files`, `python -c`: the program and the words that say what it does."""
    words = [os.fspath(word) for word in args]
    program, rest = os.path.basename(words[0]), words[1:]
    if program.startswith("python"):
        told = next((word for word in rest if word in {"-c", "-m"} or not word.startswith("-")), "")
        after = rest[rest.index(told) + 1] if told == "-m" else ""
        return f"python {os.path.basename(told)} {after}".strip()
    plain, skip = [], False
    for word in rest:
        if skip or word.startswith("-"):
            skip = word == "-c"
            continue
        if "/" in word or "=" in word:
            break
        plain.append(word)
    return " ".join((program, *plain[:2]))


def _timed(kind: str, function: Callable[..., Any]) -> Callable[..., Any]:
    def call(*args: Any, **named: Any) -> Any:  # noqa: ANN401 -- of any function
        began = _now()
        try:
            return function(*args, **named)
        finally:
            _spans[kind].append((kind, began, _now()))

    return call


def _import(name: str, *args: Any, **named: Any) -> Any:  # noqa: ANN401 -- those of __import__
    """Only the outermost import counts, and only where there is something to import."""
    level = args[3] if len(args) > 3 else named.get("level", 0)  # noqa: PLR2004 -- its fifth parameter
    if getattr(_importing, "now", False) or (level == 0 and name in sys.modules):
        return _plain_import(name, *args, **named)
    _importing.now, began = True, _now()
    try:
        return _plain_import(name, *args, **named)
    finally:
        _importing.now = False
        _spans["import"].append((name, began, _now()))


_plain_import = builtins.__import__


def main(report: str, door: str, words: list[str]) -> int:
    """Run it; the exit code is its own."""
    setattr(subprocess, "Popen", _Child)  # noqa: B010 -- a class is not assigned to, says mypy
    for name in ("fsync", "fdatasync", "sync"):
        if hasattr(os, name):
            setattr(os, name, _timed("sync", getattr(os, name)))
    builtins.__import__ = _import
    from installer.cli import main as command_line

    code: int = getattr(command_line, door)(words)
    Path(report).write_text(
        json.dumps({"seconds": _now(), "cpu": time.process_time(), "spans": _spans}), encoding="utf-8"
    )
    return code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2], sys.argv[3:]))
