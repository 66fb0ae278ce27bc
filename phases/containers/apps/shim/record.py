"""The files of a running app, all in one folder, and how they are read and written.

status.json  how the app is: renewed by rename, so that it is always whole
lock         held by the shim as long as it lives: who holds it is the shim, whatever a pid says
stopped      the deed of a start that is to end: a shim that finds its own there starts nothing any more
output       the pipe (a FIFO) between the app and the log: the app holds both ends, so that it outlives its shim
specs/       what the app was started with, one file a deed; 0600, as secrets are in there
"""

from __future__ import annotations

import json
import os

STATUS = "status.json"
LOCK = "lock"
STOPPED = "stopped"
OUTPUT = "output"
SPECS = "specs"
_MOST = 1 << 20


def write(name: str, data: dict[str, object]) -> None:
    """Put `data` there as JSON, at once; 0600. Not synced: a machine that went down took the app along."""
    unfinished, left = f"{name}.{os.getpid()}.tmp", json.dumps(data).encode() + b"\n"
    descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    try:
        while left:
            left = left[os.write(descriptor, left) :]
        os.replace(unfinished, name)
    except OSError:
        os.unlink(unfinished)
        raise
    finally:
        os.close(descriptor)


def read(name: str) -> dict[str, object]:
    """What is there; {} for what is missing, or no such file."""
    try:
        descriptor = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
        with os.fdopen(descriptor, "rb") as stream:
            found = json.loads(stream.read(_MOST))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def spec_name(deed: str) -> str:
    """Where the spec of a deed lies, from the app's folder."""
    import hashlib  # the shim is told the name

    return f"{SPECS}/{hashlib.sha256(deed.encode()).hexdigest()[:16]}.json"


def hold(folder: str) -> int:
    """A descriptor that holds the lock until it is closed; -1 if somebody else holds it."""
    import fcntl  # not on Windows, where everything else here can be imported

    descriptor = os.open(os.path.join(folder, LOCK), os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(descriptor)
        return -1
    return descriptor


def is_held(folder: str) -> bool:
    """Does a shim live there? Making nothing, and holding nothing that a shim could stumble over."""
    import fcntl

    try:
        descriptor = os.open(os.path.join(folder, LOCK), os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    except OSError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except OSError:
        return True
    finally:
        os.close(descriptor)
    return False


def here(folder: str) -> str:
    """Stands for this very folder: a copy of it elsewhere is another, and its processes are none of that one's."""
    found = os.stat(folder)
    return f"{found.st_ino}"
