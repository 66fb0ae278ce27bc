"""Which process is meant: a pid says it only together with the time at which it began, and the machine's start."""

from __future__ import annotations

import os
import sys

_STAT_STARTED = 19  # field 22 of /proc/PID/stat, counted behind the name (man 5 proc)
_STAT_STATE = 0
_STAT_GROUP = 2
_PROC_PIDTBSDINFO = 3  # <sys/proc_info.h>
_INFO_SIZE = 136
_INFO_STATUS = 4
_INFO_STARTED = 120
_ZOMBIE = 5  # SZOMB


def started(pid: int) -> str:
    """When `pid` began, as a text that no later process of this pid has; "" where there is none, or it is dead."""
    if pid <= 0:
        return ""
    return _of_linux(pid) if sys.platform == "linux" else _of_macos(pid)


def is_alive(pid: int, since: str) -> bool:
    """Does the very process run that began as `pid` at `since`?"""
    return bool(since) and started(pid) == since


def stat(pid: int) -> list[str]:
    """What Linux says of a process, behind its name; nothing of one that is not there."""
    try:
        with open(f"/proc/{pid}/stat", "rb") as stream:
            return stream.read().rpartition(b")")[2].decode("ascii", "replace").split()
    except OSError:
        return []


def members(group: int) -> list[int]:
    """The living processes of a group, on Linux; elsewhere its leader, if it lives."""
    if sys.platform != "linux":
        return [group] if started(group) else []
    found = []
    for name in os.listdir("/proc"):
        if name.isdigit():
            words = stat(int(name))
            if len(words) > _STAT_STARTED and words[_STAT_GROUP] == str(group) and words[_STAT_STATE] not in "ZX":
                found.append(int(name))
    return found


def boot() -> str:
    """This start of the machine, as far as it can be told."""
    try:
        with open("/proc/sys/kernel/random/boot_id", encoding="ascii") as stream:
            return stream.read().strip()
    except OSError:
        return ""


def _of_linux(pid: int) -> str:
    words = stat(pid)
    if len(words) <= _STAT_STARTED or words[_STAT_STATE] in "ZX":
        return ""
    return f"{words[_STAT_STARTED]}@{boot()}"


def _of_macos(pid: int) -> str:
    import ctypes  # a tenth of what a shim needs to start

    try:
        library = ctypes.CDLL("/usr/lib/libproc.dylib")
    except OSError:
        return ""
    info = ctypes.create_string_buffer(_INFO_SIZE)
    if library.proc_pidinfo(pid, _PROC_PIDTBSDINFO, ctypes.c_uint64(0), info, _INFO_SIZE) != _INFO_SIZE:
        return ""
    if int.from_bytes(info.raw[_INFO_STATUS : _INFO_STATUS + 4], sys.byteorder) == _ZOMBIE:
        return ""
    seconds = int.from_bytes(info.raw[_INFO_STARTED : _INFO_STARTED + 8], sys.byteorder)
    rest = int.from_bytes(info.raw[_INFO_STARTED + 8 : _INFO_STARTED + 16], sys.byteorder)
    return f"{seconds}.{rest:06}"
