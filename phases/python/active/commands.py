"""The first lines of commands: those of a staged environment are made to start the interpreter of the active one."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING

from installer import lazily

if TYPE_CHECKING:
    from pathlib import Path

_LONGEST = 127  # characters that a kernel reads of a first line
_BY_SHELL = lazily.pattern(rb"#!/bin/sh\n'''exec' [^\n]*python[^\n]*\n' '''\n")


def rewritten(content: bytes, staging: Path, python: str) -> bytes:
    """`content`, with a first line that starts `python`, where it began by starting the Python of `staging`."""
    inside = re.escape(os.fsencode(staging / "bin")) + rb"/python"
    found = _BY_SHELL.match(content) or re.match(rb"#![^\n]*" + inside + rb"[^\n]*\n", content)
    return first_line(python) + content[found.end() :] if found else content


def first_line(python: str) -> bytes:
    """As pip and uv write it: by the shell where the path is too long, or has spaces."""
    name = os.fsencode(python)
    if len(name) + 3 <= _LONGEST and not re.search(rb"\s", name):
        return b"#!" + name + b"\n"
    quoted = re.sub(rb'(["\\$`])', rb"\\\1", name)
    return b"#!/bin/sh\n'''exec' \"" + quoted + b'" "$0" "$@"\n\' \'\'\'\n'
