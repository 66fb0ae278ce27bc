"""Which folder, on which machine, a journal tells of: one that was copied to another place is not believed there.

Two things are told apart. The folder itself is known by its inode and the time of its birth, wherever it is moved to on
its disk; device numbers change when a machine starts anew and count only where no time of birth is known. A folder that
was brought back (from a backup, by a continuous integration's cache) is another inode under the same path of the same
machine. Everything else is another project, or a copy: see docs/architecture.md, "Whose state is it?".
"""

from __future__ import annotations

import ctypes
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from installer.hashing import sha256

if TYPE_CHECKING:
    from installer.model import Json

_AT_FDCWD = -100
_STATX_BTIME = 0x800  # linux/stat.h
_STATX_SIZE = 256
_BTIME = 80  # where `stx_btime` begins: seconds (8 bytes), nanoseconds (4 bytes)


def of(folder: Path) -> Json:
    """What `folder` is known by: its path, device, inode, time of birth (0: unknown), and the machine."""
    status = folder.stat()
    return {
        "path": os.fspath(folder),
        "device": status.st_dev,
        "inode": status.st_ino,
        "born": _born(folder, status),
        "machine": machine(),
    }


def agrees(noted: object, folder: Path) -> bool:
    """Say whether what was `noted` is `folder`: the same one, or one in its place on the same machine."""
    if not isinstance(noted, dict) or not folder.is_dir():
        return False
    now = of(folder)
    same_birth = noted.get("born") == now["born"] if now["born"] else noted.get("device") == now["device"]
    if noted.get("inode") == now["inode"] and same_birth:
        return True
    return bool(now["machine"]) and all(noted.get(key) == now[key] for key in ("path", "machine"))


def told(noted: object) -> str:
    """The path that was noted, for people."""
    return str(noted.get("path", "?")) if isinstance(noted, dict) else "?"


def machine() -> str:
    """What tells this machine from others, hashed: the id itself is nobody's to spread (man 5 machine-id)."""
    try:
        name = Path("/etc/machine-id").read_bytes().decode("ascii").strip()
    except (OSError, ValueError):
        name = ""
    if not name:
        import platform

        name = platform.node()
    return sha256(f"surefoot {name}".encode("utf-8", "surrogateescape")).hexdigest()[:16] if name else ""


def _born(folder: Path, status: os.stat_result) -> int:
    """When the folder came to be, in nanoseconds; 0 where the system does not tell."""
    if sys.platform != "linux":
        born = getattr(status, "st_birthtime_ns", 0) or int(getattr(status, "st_birthtime", 0.0) * 1_000_000_000)
        return int(born)
    answer = ctypes.create_string_buffer(_STATX_SIZE)
    try:  # Python tells it on Linux only since 3.15
        failed = ctypes.CDLL(None).statx(_AT_FDCWD, os.fsencode(folder), 0, _STATX_BTIME, answer)
    except AttributeError:  # an old C library
        return 0
    if failed or not int.from_bytes(answer.raw[:4], sys.byteorder) & _STATX_BTIME:
        return 0
    seconds = int.from_bytes(answer.raw[_BTIME : _BTIME + 8], sys.byteorder, signed=True)
    return seconds * 1_000_000_000 + int.from_bytes(answer.raw[_BTIME + 8 : _BTIME + 12], sys.byteorder)
