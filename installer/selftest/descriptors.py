"""Which file an open descriptor is of."""

from __future__ import annotations

import os
import sys


def name_of(descriptor: int) -> str:
    """The path of an open file or folder; empty where the system does not tell."""
    try:
        if sys.platform == "darwin":
            import fcntl

            return os.fsdecode(fcntl.fcntl(descriptor, fcntl.F_GETPATH, bytes(1024)).rstrip(b"\0"))
        return os.readlink(f"/proc/self/fd/{descriptor}")
    except OSError:
        return ""
