"""Patterns that are compiled when they are first used."""

from __future__ import annotations

import platform
import re
import subprocess
import sys
from pathlib import Path

import pytest

from installer import lazily, system

_COMPILED = """
import re, sys
from re import _compiler
told = []
compiling = _compiler.compile
def compile(pattern, flags=0):
    frame = sys._getframe(1)
    while frame.f_globals.get("__name__", "").startswith(("re", "functools", "installer.lazily")):
        frame = frame.f_back
    told.append(frame.f_globals.get("__name__", ""))
    return compiling(pattern, flags)
_compiler.compile = compile
import phases.verification, phases.python_deps, phases.environment_setup, installer.engine
"""


def test_a_pattern_is_what_re_compiles() -> None:
    made = lazily.pattern(r"(?P<word>\w+)-(\d+)", re.IGNORECASE)
    found = made.fullmatch("Ab-12")
    assert found is not None
    assert (found["word"], found[2], made.sub("x", "a-1 b-2"), made.flags & re.IGNORECASE) == ("Ab", "12", "x x", 2)
    assert lazily.pattern(rb"\d+").findall(b"1 22") == [b"1", b"22"]


def test_a_wrong_pattern_is_told_at_its_first_use() -> None:
    made = lazily.pattern("(")
    with pytest.raises(re.error):
        made.match("x")


def test_no_module_compiles_a_pattern_when_it_is_imported_but_what_reads_the_journal() -> None:
    probe = _COMPILED + "print(*[name for name in told if name.split('.')[0] in {'installer', 'phases'}])"
    root = Path(__file__).parents[2]
    done = subprocess.run([sys.executable, "-c", probe], cwd=root, capture_output=True, text=True, check=True)
    assert set(done.stdout.split()) <= {"installer.codec"}  # every record is looked at with it


def test_the_system_calls_itself_what_platform_says() -> None:
    assert system.name() == platform.platform()
