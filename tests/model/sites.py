"""Which line of the tool asks for a sync: so that a test can leave out just that one."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from types import FrameType

_SYNCS = frozenset({"sync", "append"})  # of the door: whoever calls these is meant
_BETWEEN = frozenset({"_note_names", "move_aside", "_trying"})  # whoever calls these is


def asked_by() -> str:
    """Who asks for a sync: the function of `files` with the line in it, and the function that called that."""
    door, caller, purpose = "", "", ""
    frame: FrameType | None = sys._getframe(2)  # noqa: SLF001 -- the only way to know who calls
    while frame is not None and not caller:
        code, module = frame.f_code, frame.f_globals.get("__name__", "")
        if module == "installer.files":
            if code.co_name not in _SYNCS:
                door = f"{code.co_name}+{frame.f_lineno - code.co_firstlineno}"
        elif module.startswith("installer"):
            if code.co_qualname == "Journal.append":
                purpose = f"({type(frame.f_locals['record']).__name__})"
            if code.co_name not in _BETWEEN and code.co_qualname != "Journal._write":
                caller = f"{module.rpartition('.')[2]}.{code.co_name}"
        frame = frame.f_back
    return f"{caller}{purpose}: {door}"
