"""What the import of modules depends on outside of their environment: system, processor, interpreter, variables."""

from __future__ import annotations

import ctypes
import json
import os
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from installer import identity
from installer.environment import child_environment
from phases.python import memory
from phases.python.environments import imports, places

if TYPE_CHECKING:
    from collections.abc import Iterator

_MOST = 1 << 20  # bytes that are read of a file
_FROM_CPUINFO = 16 << 10  # one core's lines
_CONFIGURED = ("home", "implementation", "version", "version_info", "include-system-site-packages")
_EACH_TIME = frozenset(  # differ from one terminal to the next
    "PATH VIRTUAL_ENV TERM SSH_AUTH_SOCK SSH_AGENT_PID XDG_SESSION_ID XDG_RUNTIME_DIR XDG_VTNR XDG_SEAT".split()
)


class Unknown(Exception):
    """What the import depends on is not all known."""


def surroundings(env: Path) -> tuple[bytes, ...]:
    """All of it, for `env`. Raises `Unknown` where that cannot be said."""
    return (imports.PROBE.read_bytes(), *_machine(), *_variables(), *_interpreter(env))


def start() -> bytes:
    """What changes when the machine starts anew; empty where the system does not tell."""
    if sys.platform != "darwin":
        return _read("/proc/sys/kernel/random/boot_id")
    answer, size = ctypes.create_string_buffer(64), ctypes.c_size_t(64)
    failed = ctypes.CDLL(None).sysctlbyname(b"kern.bootsessionuuid", answer, ctypes.byref(size), None, 0)
    return b"" if failed else answer.value


def _machine() -> Iterator[bytes]:
    """What lies outside of the environment: the system, its libraries, the processor, and who asks."""
    system = os.uname() if hasattr(os, "uname") else None
    yield identity.machine().encode()
    yield repr((system.sysname, system.release, system.version, system.machine) if system else os.name).encode()
    yield repr(os.geteuid() if hasattr(os, "geteuid") else "").encode()
    for path in ("/etc/os-release", "/System/Library/CoreServices/SystemVersion.plist"):
        yield _read(path)
    for path in ("/etc/ld.so.cache", "/etc/ld.so.preload"):  # rewritten whenever a system library comes or goes
        yield memory.stamp(path)
    features = re.findall(rb"(?m)^(?:flags|Features|model name)\s*:.*", _read("/proc/cpuinfo", _FROM_CPUINFO))
    yield b"\n".join(sorted(set(features)))


def _variables() -> Iterator[bytes]:
    """What the probe is told by its environment."""
    told = child_environment()
    yield json.dumps(sorted((name, value) for name, value in told.items() if name not in _EACH_TIME)).encode()
    yield os.fsencode(os.environ.get("PATH", ""))


def _interpreter(env: Path) -> Iterator[bytes]:
    told = places.configuration(env)
    if told.get("include-system-site-packages", "false").lower() != "false":
        raise Unknown
    yield repr([told.get(name) for name in _CONFIGURED]).encode()
    base = places.interpreter(env)
    library = Path(base).parent.parent / "lib" / f"python{'.'.join(places.version(env).split('.')[:2])}"
    if not memory.stamp(base):
        raise Unknown
    yield memory.stamp(base)
    for path in (library, library / "lib-dynload", library / "os.py", library / "encodings"):
        yield memory.stamp(path)


def _read(path: str, most: int = _MOST) -> bytes:
    """The beginning of a file; empty where there is none."""
    try:
        with open(path, "rb") as stream:
            return stream.read(most)
    except OSError:
        return b""
