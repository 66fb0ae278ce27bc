"""The checkpoint API as shell functions: the template beside this file, with what is known here quoted into it."""

from __future__ import annotations

import os
import re
import shlex
from pathlib import Path

from installer.errors import UsageError
from installer.i18n import language, tr
from installer.project import find_root

_TEMPLATE = Path(__file__).with_suffix(".sh")


def render(python: str, manage_path: str, prefix: str = "SUREFOOT", *, root: str = "") -> str:
    """The functions, which call `manage_path` by `python` for the project at `root` (default: the one around here).

    They work from any folder, with any string as argument. Write the text with `os.fsencode`: a path may be no UTF-8.
    Raises `UsageError` for a prefix that cannot begin a variable.
    """
    if not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", prefix):
        raise UsageError("shell.prefix", f"`{prefix}` cannot begin the name of a variable")
    project = os.path.abspath(root) if root else str(find_root(Path.cwd()))
    known = {
        "PYTHON": shlex.quote(os.path.abspath(python)),
        "MANAGE": shlex.quote(os.path.realpath(manage_path)),
        "COMMON": shlex.join(("-C", project, "--lang", language())),
        "PREFIX": prefix,
        "RESUME": shlex.quote(tr("⚡ Continue from the checkpoint? [Y/n]")),
        "ROLLBACK": shlex.quote(tr("Roll back to the last checkpoint? [y/N]")),
    }
    template = _TEMPLATE.read_text(encoding="utf-8")
    return re.sub(r"@([A-Z]+)@", lambda found: known[found[1]], template)
