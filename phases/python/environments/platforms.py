"""What a compiled package was made for, in one word: an environment works on no other kind of machine."""

from __future__ import annotations

import os
import sys


def here() -> str:
    """System, processor and C library of this machine, as "linux-x86_64-glibc2.36"."""
    if sys.platform == "win32":
        processor = os.environ.get("PROCESSOR_ARCHITECTURE", "").lower()
    else:
        processor = os.uname().machine.lower()
    return "-".join(filter(None, (sys.platform, processor, _library())))


def _library() -> str:
    """The C library, where more than one is in use; on macOS the generation of the kernel, which is the system's."""
    if sys.platform == "darwin":
        return os.uname().release.partition(".")[0]
    if not sys.platform.startswith("linux"):
        return ""
    try:
        return (os.confstr("CS_GNU_LIBC_VERSION") or "").replace(" ", "")
    except (ValueError, OSError):
        return "musl"  # it does not know the name
